//! After the service: whether the page may be closed, and if not, why and what to do. From the server's truth about the
//! copies, and from what this phone still holds.

use domain::{
    progress::{CopyProgress, Progress},
    recording::{RecordingSource, RecordingStatus},
};

use super::state::State;
use super::words::{Word, fill, say, tenths};

/// How far this phone is with delivering its safety copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    /// Not looked for yet.
    #[default]
    Unknown,
    /// This phone holds nothing.
    Nothing,
    Sending {
        sent: u64,
        total: u64,
        /// As long as the delivery takes still, where that can be told.
        left_ms: Option<u64>,
        /// The last attempt failed; it is tried again.
        failing: Option<Failing>,
    },
    /// The server has every byte.
    Done,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failing {
    NoConnection,
    DiskFull,
    Server,
    /// The service was deleted: nobody takes it.
    Gone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headline {
    /// "Please keep this page open."
    Saving,
    /// So many copies, of so many milliseconds; `checked`: each decoded, with sound and picture.
    Safe {
        copies: usize,
        duration_ms: u64,
        checked: bool,
    },
    NotSafe(Reason),
}

/// Why it is not safe and will not become so by waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// One copy is good, and nothing makes a second.
    OneCopy,
    /// There are copies, but each lacks something: its end, its picture or its sound.
    Short,
    /// None plays.
    Missing,
    /// The phone's copy cannot get through.
    Undelivered(Failing),
}

impl Headline {
    /// Whether leaving is to be warned of: only while this phone can still do something.
    pub fn needs_this_page(self, delivery: Delivery) -> bool {
        match self {
            Self::Safe { .. } => false,
            Self::Saving | Self::NotSafe(Reason::Undelivered(_)) => true,
            Self::NotSafe(_) => matches!(delivery, Delivery::Sending { .. } | Delivery::Unknown),
        }
    }
}

/// Whether this phone has something to do still: leaving is warned of, and the screen is kept on.
pub fn is_needed(state: State, progress: Option<&Progress>, delivery: Delivery) -> bool {
    match state {
        State::OnAir { .. } | State::Ending { .. } => true,
        State::Ended { .. } => headline(progress, delivery).needs_this_page(delivery),
        _ => false,
    }
}

/// What to say. `None` of the server yet means that it is not known: the page stays.
pub fn headline(progress: Option<&Progress>, delivery: Delivery) -> Headline {
    let Some(progress) = progress else { return Headline::Saving };
    let of = |status: RecordingStatus| progress.copies.iter().filter(move |copy| copy.status == status);
    if progress.safe {
        let ready = of(RecordingStatus::Ready);
        return Headline::Safe {
            copies: ready.clone().count(),
            duration_ms: ready.clone().filter_map(|copy| copy.duration_ms).min().unwrap_or(0),
            checked: ready.clone().all(|copy| copy.checked),
        };
    }
    match delivery {
        Delivery::Sending { failing: Some(failing @ (Failing::DiskFull | Failing::NoConnection)), .. } => {
            return Headline::NotSafe(Reason::Undelivered(failing));
        }
        Delivery::Unknown | Delivery::Sending { .. } => return Headline::Saving,
        Delivery::Nothing | Delivery::Done => {}
    }
    // Being uploaded by another phone is not something that this page can wait for.
    let waited_for = |copy: &&CopyProgress| {
        use RecordingStatus::{Capturing, Expected, Processing};
        let by_phone = copy.source == RecordingSource::Phone && delivery == Delivery::Nothing;
        matches!(copy.status, Processing) || (matches!(copy.status, Expected | Capturing) && !by_phone)
    };
    if progress.copies.iter().any(|copy| waited_for(&copy)) || progress.copies.is_empty() {
        return Headline::Saving;
    }
    if of(RecordingStatus::Ready).next().is_some() {
        Headline::NotSafe(Reason::OneCopy)
    } else if of(RecordingStatus::Short).next().is_some() {
        Headline::NotSafe(Reason::Short)
    } else {
        Headline::NotSafe(Reason::Missing)
    }
}

/// What happened and what to do, in words.
pub const fn words(reason: Reason) -> (Word, Word) {
    match reason {
        Reason::OneCopy => (Word::OneCopy, Word::OneCopyWhat),
        Reason::Short => (Word::AllShort, Word::AllShortWhat),
        Reason::Missing => (Word::NonePlays, Word::NonePlaysWhat),
        Reason::Undelivered(Failing::DiskFull) => (Word::NotDelivered, Word::NotDeliveredWhat),
        Reason::Undelivered(Failing::NoConnection | Failing::Server | Failing::Gone) => (Word::NoWay, Word::NoWayWhat),
    }
}

/// `840 MB`, `1.2 GB`.
pub fn size(bytes: u64) -> String {
    let megabytes = bytes / 1_000_000;
    if megabytes < 1000 {
        fill(Word::Megabytes, &[&megabytes.max(u64::from(bytes > 0)).to_string()])
    } else {
        fill(Word::Gigabytes, &[&tenths(megabytes / 1000, megabytes % 1000 / 100)])
    }
}

/// `about 4 minutes left`.
pub fn left(ms: u64) -> String {
    match (ms + 30_000) / 60_000 {
        0 | 1 => say(Word::MinuteLeft).to_owned(),
        minutes => fill(Word::MinutesLeft, &[&minutes.to_string()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::stream::StreamState;

    fn after(copies: &[(RecordingSource, RecordingStatus)], safe: bool, delivery: Delivery) -> Headline {
        headline(Some(&progress(copies, safe)), delivery)
    }

    fn progress(copies: &[(RecordingSource, RecordingStatus)], safe: bool) -> Progress {
        let copies = copies.iter().map(|(source, status)| CopyProgress {
            source: *source,
            status: *status,
            duration_ms: Some(60_000),
            checked: true,
        });
        Progress {
            server_started: None,
            now: domain::Timestamp(0),
            status: StreamState::Ended,
            trouble: None,
            through_server: true,
            picture_ago_ms: None,
            sound_ago_ms: None,
            heard_ago_ms: None,
            bytes: 0,
            watching: 0,
            saved_ms: 0,
            on_air_ms: 0,
            copies: copies.collect(),
            copies_needed: 2,
            safe,
        }
    }

    use RecordingSource::{Phone, Server};
    use RecordingStatus::{Capturing, Missing, Processing, Ready, Short};

    const SENDING: Delivery = Delivery::Sending { sent: 1, total: 2, left_ms: None, failing: None };

    #[test]
    fn only_the_server_says_that_it_is_safe() {
        let safe = Headline::Safe { copies: 2, duration_ms: 60_000, checked: true };
        assert_eq!(after(&[(Server, Ready), (Phone, Ready)], true, Delivery::Done), safe);
        assert_eq!(after(&[(Server, Ready), (Phone, Processing)], false, Delivery::Done), Headline::Saving);
        assert_eq!(headline(None, Delivery::Done), Headline::Saving);
    }

    #[test]
    fn while_something_is_under_way_the_page_stays_open() {
        for (copies, delivery) in [
            (vec![(Server, Processing)], Delivery::Nothing),
            (vec![(Server, Ready), (Phone, Capturing)], SENDING),
            (vec![(Server, Ready)], Delivery::Unknown),
            (vec![], Delivery::Nothing),
        ] {
            let headline = after(&copies, false, delivery);
            assert_eq!(headline, Headline::Saving, "{copies:?}");
            assert!(headline.needs_this_page(delivery));
        }
    }

    #[test]
    fn what_waiting_does_not_mend_is_said_with_its_reason() {
        for (copies, delivery, reason) in [
            (vec![(Server, Ready)], Delivery::Nothing, Reason::OneCopy),
            (vec![(Server, Ready), (Phone, Missing)], Delivery::Done, Reason::OneCopy),
            (vec![(Server, Ready), (Phone, Capturing)], Delivery::Nothing, Reason::OneCopy),
            (vec![(Server, Short), (Phone, Short)], Delivery::Done, Reason::Short),
            (vec![(Server, Missing)], Delivery::Nothing, Reason::Missing),
        ] {
            let headline = after(&copies, false, delivery);
            assert_eq!(headline, Headline::NotSafe(reason), "{copies:?}");
            assert!(!headline.needs_this_page(delivery));
        }
        let full = Delivery::Sending { sent: 0, total: 9, left_ms: None, failing: Some(Failing::DiskFull) };
        let headline = after(&[(Server, Ready)], false, full);
        assert_eq!(headline, Headline::NotSafe(Reason::Undelivered(Failing::DiskFull)));
        assert!(headline.needs_this_page(full));
    }

    #[test]
    fn from_the_first_picture_until_it_is_safe_the_phone_is_needed() {
        use super::super::state::Link;
        let on_air = State::OnAir { since: 0, link: Link::Steady, confirming_end: false };
        let ending = State::Ending { since: 0, until: 1, failing: true };
        let ended = State::Ended { since: 0, until: 1 };
        let (under_way, safe) =
            (progress(&[(Server, Ready)], false), progress(&[(Server, Ready), (Phone, Ready)], true));
        for state in [State::Idle, State::Preview, State::Rehearsing, State::Connecting { problem: None }] {
            assert!(!is_needed(state, None, Delivery::Unknown), "{state:?}");
        }
        for state in [on_air, ending] {
            assert!(is_needed(state, Some(&safe), Delivery::Done), "{state:?}");
        }
        assert!(is_needed(ended, None, Delivery::Unknown), "nothing is known yet");
        assert!(is_needed(ended, Some(&under_way), SENDING));
        assert!(!is_needed(ended, Some(&under_way), Delivery::Nothing), "it can do nothing more");
        assert!(!is_needed(ended, Some(&safe), Delivery::Done));
    }

    #[test]
    fn sizes_are_said() {
        assert_eq!([0, 1, 840_000_000, 1_250_000_000].map(size), ["0 MB", "1 MB", "840 MB", "1.2 GB"]);
    }

    #[test]
    fn what_is_left_is_said_in_minutes() {
        assert_eq!(
            [0, 89_000, 91_000, 1_800_000].map(left),
            ["about a minute left", "about a minute left", "about 2 minutes left", "about 30 minutes left"]
        );
    }
}
