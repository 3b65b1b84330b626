//! How the service stands as the server sees it, in words.

use domain::{progress::Progress, stream::StreamState};

use super::words::{Word, fill, tenths};

/// Nothing has come for this long: it is not arriving.
const NOT_ARRIVING_MS: u64 = 3_000;
/// On air the server says every second how it stands. What it said this long ago is not the truth any more.
const UNHEARD_MS: u64 = 4_000;
/// Nothing could be heard for this long.
const SILENT_MS: u64 = 20_000;
/// A picture this old stutters.
const STUTTERING_MS: u64 = 1_000;
/// Of the bits that the chosen picture may take, less than one in so many is weak. What a picture takes depends on what is
/// in it: a lectern that stands still takes less than a procession, and is not weak for that.
const WEAK: u64 = 25;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It goes past the server, which therefore cannot say.
    Elsewhere,
    /// The first picture is on its way.
    Waiting,
    Arriving,
    Weak,
    NoSound,
    Silent,
    NotArriving,
    /// The server itself was not heard of.
    Unheard,
}

/// The latest news, and how much came since the news before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    pub progress: Progress,
    /// `None` until there are two to compare.
    pub bits_per_second: Option<u64>,
    /// The news before were of a server that was started at another time.
    another_server: bool,
    /// When they came, on this phone's clock.
    came_at: u64,
}

impl Truth {
    /// News that came at `now` and follow on `before`.
    pub fn after(before: Option<&Self>, progress: Progress, now: u64) -> Self {
        let bits_per_second = before.and_then(|before| {
            let passed =
                u64::try_from(progress.now.since(before.progress.now).as_millis()).ok().filter(|ms| *ms > 0)?;
            // Counted anew by a server that was started again.
            Some(progress.bytes.checked_sub(before.progress.bytes)? * 8_000 / passed)
        });
        let another_server = before.is_some_and(|before| {
            let started = before.progress.server_started.zip(progress.server_started);
            started.is_some_and(|(before, after)| before != after)
        });
        Self { progress, bits_per_second, another_server, came_at: now }
    }

    /// How long ago the latest picture came, with the time that has passed since the server said so.
    pub fn picture_ago_ms(&self, now: u64) -> Option<u64> {
        Some(self.progress.picture_ago_ms? + now.saturating_sub(self.came_at))
    }

    /// The server waits for whoever films, and nobody is connected to it. Whoever thinks that they are is connected to one
    /// that was started again, or that is dead and has left the service to another.
    pub fn has_nobody(&self) -> bool {
        let Progress { through_server, status, picture_ago_ms, sound_ago_ms, .. } = &self.progress;
        *through_server && *status == StreamState::Reconnecting && picture_ago_ms.is_none() && sound_ago_ms.is_none()
    }

    /// Nobody is connected to it, nor can anybody be: it has only just been heard of.
    pub fn cannot_have_us(&self) -> bool {
        self.has_nobody() && self.another_server
    }

    /// `bitrate`: what the chosen picture may take, in bits a second.
    pub fn arrival(&self, bitrate: u32, now: u64) -> Arrival {
        let fresh = |ago: Option<u64>| ago.is_some_and(|ago| ago < NOT_ARRIVING_MS);
        if !self.progress.through_server {
            Arrival::Elsewhere
        } else if !self.progress.comes_every_second() {
            Arrival::Waiting
        } else if now.saturating_sub(self.came_at) >= UNHEARD_MS {
            Arrival::Unheard
        } else if !fresh(self.progress.picture_ago_ms) {
            Arrival::NotArriving
        } else if !fresh(self.progress.sound_ago_ms) {
            Arrival::NoSound
        } else if self.progress.heard_ago_ms.is_some_and(|ago| ago >= SILENT_MS) {
            Arrival::Silent
        } else if self.bits_per_second.is_some_and(|bits| bits < u64::from(bitrate) / WEAK)
            || self.progress.picture_ago_ms.is_some_and(|ago| ago >= STUTTERING_MS)
        {
            Arrival::Weak
        } else {
            Arrival::Arriving
        }
    }
}

impl Arrival {
    pub const fn words(self) -> Word {
        match self {
            Self::Elsewhere => Word::ArrivesElsewhere,
            Self::Waiting => Word::ArrivalAwaited,
            Self::Arriving => Word::BothArrive,
            Self::Weak => Word::ArrivesWeakly,
            Self::NoSound => Word::NoSoundArrives,
            Self::Silent => Word::OnlySilence,
            Self::NotArriving => Word::NoPictureArrives,
            Self::Unheard => Word::ServerUnheard,
        }
    }

    /// For colours.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Elsewhere | Self::Waiting => "waiting",
            Self::Arriving => "good",
            Self::Weak => "weak",
            Self::NoSound | Self::Silent | Self::NotArriving | Self::Unheard => "bad",
        }
    }
}

/// `0.4 s ago`, `12 s ago`.
pub fn ago(ms: u64) -> String {
    let seconds = if ms < 10_000 { tenths(ms / 1000, ms % 1000 / 100) } else { (ms / 1000).to_string() };
    fill(Word::SecondsAgo, &[&seconds])
}

#[cfg(test)]
mod tests {
    use domain::{
        Timestamp,
        recording::{RecordingSource, RecordingStatus},
    };

    use super::*;

    /// The best picture, in bits a second.
    const GOOD: u32 = 2_500_000;

    fn progress(now: i64, picture: Option<u64>, sound: Option<u64>, bytes: u64) -> Progress {
        Progress {
            now: Timestamp(now),
            server_started: Some(Timestamp(-1)),
            status: StreamState::Live,
            trouble: None,
            through_server: true,
            picture_ago_ms: picture,
            sound_ago_ms: sound,
            heard_ago_ms: sound,
            bytes,
            watching: 0,
            saved_ms: 0,
            on_air_ms: 0,
            copies: Vec::new(),
            copies_needed: 2,
            safe: false,
        }
    }

    fn arrival(picture: Option<u64>, sound: Option<u64>, bytes_in_a_second: u64) -> Arrival {
        let before = Truth::after(None, progress(0, None, None, 1000), 0);
        Truth::after(Some(&before), progress(1000, picture, sound, 1000 + bytes_in_a_second), 1000).arrival(GOOD, 1000)
    }

    #[test]
    fn what_arrives_is_said_by_what_arrived() {
        assert_eq!(arrival(Some(40), Some(20), 200_000), Arrival::Arriving);
        assert_eq!(arrival(Some(40), Some(20), 10_000), Arrival::Weak);
        assert_eq!(arrival(Some(1200), Some(20), 200_000), Arrival::Weak);
        assert_eq!(arrival(Some(40), Some(9000), 200_000), Arrival::NoSound);
        assert_eq!(arrival(Some(9000), Some(20), 200_000), Arrival::NotArriving);
        assert_eq!(arrival(None, None, 0), Arrival::NotArriving);
    }

    #[test]
    fn a_server_that_waits_for_a_phone_has_nobody() {
        let truth = |status, picture| Truth::after(None, Progress { status, ..progress(0, picture, None, 0) }, 0);
        assert!(truth(StreamState::Reconnecting, None).has_nobody());
        assert!(
            !truth(StreamState::Reconnecting, Some(9000)).has_nobody(),
            "somebody is there, whose camera was taken away"
        );
        assert!(!truth(StreamState::Live, None).has_nobody());
        assert!(!truth(StreamState::Ended, None).has_nobody());
    }

    #[test]
    fn a_server_that_was_started_again_cannot_have_us() {
        let from = |started: Option<i64>, status| Progress {
            server_started: started.map(Timestamp),
            status,
            ..progress(1000, None, None, 0)
        };
        let waits = |before, after| {
            let before = Truth::after(None, from(before, StreamState::Live), 0);
            Truth::after(Some(&before), from(after, StreamState::Reconnecting), 1000).cannot_have_us()
        };
        assert!(waits(Some(1), Some(2)));
        assert!(!waits(Some(1), Some(1)), "the same one may be late with its news");
        assert!(!waits(None, Some(2)) && !waits(Some(1), None), "nothing is known of one of them");
        let first = Truth::after(None, from(Some(1), StreamState::Reconnecting), 0);
        assert!(!first.cannot_have_us(), "there is nothing to compare it with");
        let live = Truth::after(Some(&first), from(Some(2), StreamState::Live), 1000);
        assert!(!live.cannot_have_us(), "it is connected with somebody");
    }

    #[test]
    fn a_picture_that_is_to_save_data_is_not_weak_for_that() {
        let before = Truth::after(None, progress(0, None, None, 0), 0);
        let truth = Truth::after(Some(&before), progress(1000, Some(40), Some(20), 8_000), 1000);
        assert_eq!((truth.arrival(GOOD, 1000), truth.arrival(600_000, 1000)), (Arrival::Weak, Arrival::Arriving));
    }

    #[test]
    fn sound_that_nobody_can_hear_is_silence() {
        let heard = |ago| {
            let progress = Progress { heard_ago_ms: ago, ..progress(1000, Some(40), Some(20), 200_000) };
            Truth::after(None, progress, 0).arrival(GOOD, 0)
        };
        assert_eq!([Some(19_999), Some(20_000)].map(heard), [Arrival::Arriving, Arrival::Silent]);
    }

    #[test]
    fn before_the_first_picture_nothing_is_wrong() {
        let progress = Progress { status: StreamState::Ready, ..progress(0, None, None, 0) };
        assert_eq!(Truth::after(None, progress, 0).arrival(GOOD, 60_000), Arrival::Waiting);
    }

    #[test]
    fn news_that_are_old_are_not_the_truth() {
        let truth = Truth::after(None, progress(1000, Some(400), Some(20), 200_000), 5000);
        assert_eq!(truth.arrival(GOOD, 8999), Arrival::Arriving);
        assert_eq!(truth.arrival(GOOD, 9000), Arrival::Unheard);
        let failed = Progress { status: StreamState::Failed, ..progress(1000, Some(400), Some(20), 200_000) };
        assert!(failed.comes_every_second(), "the picture goes on while the disk refuses it");
        let over = Progress { status: StreamState::Ended, ..failed };
        assert_ne!(Truth::after(None, over, 5000).arrival(GOOD, 60_000), Arrival::Unheard);
        assert_eq!([4000, 5000, 7100].map(|now| truth.picture_ago_ms(now)), [Some(400), Some(400), Some(2500)]);
    }

    #[test]
    fn of_what_goes_past_the_server_nothing_is_claimed() {
        let progress = Progress { through_server: false, ..progress(0, None, None, 0) };
        assert_eq!(Truth::after(None, progress, 0).arrival(GOOD, 0), Arrival::Elsewhere);
    }

    #[test]
    fn a_server_that_counts_anew_is_no_weak_connection() {
        let before = Truth::after(None, progress(0, None, None, 50_000), 0);
        let after = Truth::after(Some(&before), progress(1000, Some(1), Some(1), 10), 1000);
        assert_eq!((after.bits_per_second, after.arrival(GOOD, 1000)), (None, Arrival::Arriving));
    }

    #[test]
    fn the_servers_words_are_read() {
        let text = r#"{"now":5,"status":"live","trouble":"disk-low","throughServer":true,"pictureAgoMs":12,"soundAgoMs":null,"heardAgoMs":null,"bytes":7,"watching":3,
            "savedMs":1,"onAirMs":2,"copies":[{"source":"phone","status":"ready","durationMs":9,"checked":true}],
            "copiesNeeded":2,"safe":false}"#;
        let progress: Progress = serde_json::from_str(text).unwrap();
        assert_eq!((progress.watching, progress.picture_ago_ms), (3, Some(12)));
        assert_eq!(progress.trouble, Some(domain::progress::Trouble::DiskLow));
        assert_eq!(progress.copy(RecordingSource::Phone).unwrap().status, RecordingStatus::Ready);
        assert_eq!(progress.copy(RecordingSource::Server), None);
    }

    #[test]
    fn moments_are_said() {
        assert_eq!([40, 400, 2360, 12_900].map(ago), ["0.0 s ago", "0.4 s ago", "2.3 s ago", "12 s ago"]);
    }
}
