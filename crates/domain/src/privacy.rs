//! Who may watch a service, and until when. The link alone opens it unless staff say otherwise.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{Timestamp, stream::StreamFacts};

/// A recording is shown for so long after the end of its service, unless staff choose another day.
pub const SHOWN_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What is at a provider is opened to whoever watches for so long at a time: longer than a service, shorter than a day.
pub const OPENED_FOR: Duration = Duration::from_secs(6 * 60 * 60);
/// So often the time until which it is opened moves on: in between an address stays the same.
const OPENED_ANEW: Duration = Duration::from_secs(30 * 60);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Privacy {
    /// The passcode's hash, as it is stored. Changing the passcode changes it, also to the same one.
    pub passcode: Option<PasscodeHash>,
    /// The recording waits until it is approved.
    pub needs_approval: bool,
    pub approved_at: Option<Timestamp>,
    /// Chosen by staff; `None` means [`SHOWN_FOR`] after the end.
    pub available_until: Option<Timestamp>,
    /// Those who watch may keep the recording.
    pub downloads: bool,
    /// The pages of the memorial's other services lead here.
    pub listed: bool,
}

impl Privacy {
    /// The last moment at which it can be watched, as far as that is known: a service that is not over has no end yet.
    pub fn until(&self, facts: &StreamFacts) -> Option<Timestamp> {
        self.available_until.or_else(|| facts.ended_at.map(|ended| ended.plus(SHOWN_FOR)))
    }

    pub fn is_over(&self, facts: &StreamFacts, now: Timestamp) -> bool {
        self.until(facts).is_some_and(|until| now > until)
    }

    /// When a service that is over is deleted for good, where an installation does so `after` the last day. Never while it
    /// is not over, and never sooner after its end than after the last day.
    pub fn deleted_at(&self, facts: &StreamFacts, after: Duration) -> Option<Timestamp> {
        let (ended, until) = (facts.ended_at?, self.until(facts)?);
        Some(ended.max(until).plus(after))
    }

    /// Until when somebody who watches now may be let in elsewhere: some hours, and never past the last day.
    pub fn opened_until(&self, facts: &StreamFacts, now: Timestamp) -> Timestamp {
        let step = i64::try_from(OPENED_ANEW.as_millis()).unwrap_or(i64::MAX);
        let opened = Timestamp(now.millis().div_euclid(step) * step).plus(OPENED_FOR);
        self.until(facts).map_or(opened, |until| until.min(opened))
    }

    /// Whether the recording, once there is one, may be shown to those who watch.
    pub const fn shows_recording(&self) -> bool {
        !self.needs_approval || self.approved_at.is_some()
    }

    /// Whether more than the link stands between a stranger and the picture.
    pub const fn is_private(&self) -> bool {
        self.passcode.is_some() || self.needs_approval
    }
}

/// Opaque here: made and compared on the server. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasscodeHash(pub String);

impl fmt::Debug for PasscodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasscodeHash([redacted])")
    }
}

/// What mourners are asked for, in the form in which it is compared: without spaces and hyphens, in lower case. People
/// read it aloud, write it down, and paste it with a space at the end.
#[derive(Clone, PartialEq, Eq)]
pub struct Passcode(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Please choose a passcode of {} to {} letters or digits, for example two words.", Passcode::MIN, Passcode::MAX)]
pub struct InvalidPasscode;

impl Passcode {
    /// In letters and digits. The number of attempts is limited besides.
    pub const MIN: usize = 6;
    pub const MAX: usize = 64;

    pub fn parse(text: &str) -> Result<Self, InvalidPasscode> {
        // Nothing that long becomes short: it need not be read.
        if text.len() > 8 * Self::MAX {
            return Err(InvalidPasscode);
        }
        let plain: String = text
            .chars()
            .filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | '\u{2010}'..='\u{2015}'))
            .flat_map(char::to_lowercase)
            .collect();
        let fits = (Self::MIN..=Self::MAX).contains(&plain.chars().count()) && !plain.chars().any(char::is_control);
        if fits { Ok(Self(plain)) } else { Err(InvalidPasscode) }
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passcode([redacted])")
    }
}

/// What staff are shown of a service's privacy. The passcode is not in it: only its hash is known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PrivacyDocument {
    /// Whether a passcode is asked for.
    pub passcode: bool,
    pub needs_approval: bool,
    pub approved: bool,
    pub downloads: bool,
    pub listed: bool,
    /// The last day, in the time zone of the service: for `<input type="date">`, empty where none was chosen.
    pub until_date: String,
    /// The last day, for people; empty while it is not known.
    pub until: String,
    pub over: bool,
    /// The day on which the service is deleted for good, for people; empty where that does not happen by itself.
    pub deleted: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::StreamEvent;
    use proptest::prelude::*;

    fn passcode(text: &str) -> String {
        Passcode::parse(text).unwrap().expose().to_owned()
    }

    #[test]
    fn a_passcode_is_the_same_however_it_was_written_down() {
        for text in ["white rose", " White-Rose ", "WHITEROSE", "white\u{2011}rose", "white\u{a0}rose\n"] {
            assert_eq!(passcode(text), "whiterose", "{text:?}");
        }
        for text in ["", "12345", "- - - - - - -", "a\0bcdef", &"x".repeat(65), &" ".repeat(100_000)] {
            assert_eq!(Passcode::parse(text), Err(InvalidPasscode), "{text:?}");
        }
    }

    #[test]
    fn nothing_secret_is_printed() {
        let hash = PasscodeHash("$argon2id$secret".into());
        let printed =
            format!("{:?} {:?}", Passcode::parse("white rose"), Privacy { passcode: Some(hash), ..Privacy::default() });
        assert!(!printed.contains("rose") && !printed.contains("secret"), "{printed}");
    }

    #[test]
    fn a_recording_is_shown_for_thirty_days_unless_a_day_was_chosen() {
        let day = 24 * 60 * 60 * 1000;
        let ended = StreamFacts::default().apply(StreamEvent::Ended { at: Timestamp(1_000) });
        let privacy = Privacy::default();
        assert!(!privacy.is_over(&StreamFacts::default(), Timestamp(i64::MAX)), "it has not been yet");
        assert!(!privacy.is_over(&ended, Timestamp(1_000 + 30 * day)));
        assert!(privacy.is_over(&ended, Timestamp(1_001 + 30 * day)));
        let longer = Privacy { available_until: Some(Timestamp(90 * day)), ..Privacy::default() };
        assert!(!longer.is_over(&ended, Timestamp(90 * day)) && longer.is_over(&ended, Timestamp(90 * day + 1)));
    }

    #[test]
    fn it_is_deleted_some_time_after_the_last_day_and_never_before_it_is_over() {
        let day = 24 * 60 * 60 * 1000;
        let after = Duration::from_secs(60 * 24 * 60 * 60);
        let ended = StreamFacts::default().apply(StreamEvent::Ended { at: Timestamp(1_000) });
        let chosen = |at| Privacy { available_until: Some(Timestamp(at)), ..Privacy::default() };
        assert_eq!(chosen(5).deleted_at(&StreamFacts::default(), after), None, "it has not been yet");
        assert_eq!(Privacy::default().deleted_at(&ended, after), Some(Timestamp(1_000 + 90 * day)));
        assert_eq!(chosen(9 * day).deleted_at(&ended, after), Some(Timestamp(69 * day)));
        assert_eq!(
            chosen(5).deleted_at(&ended, after),
            Some(Timestamp(1_000 + 60 * day)),
            "the day was before the end"
        );
    }

    #[test]
    fn it_is_opened_for_some_hours_and_never_past_the_last_day() {
        let hours = |hours: i64| Timestamp(hours * 60 * 60 * 1000);
        let (privacy, facts) = (Privacy::default(), StreamFacts::default());
        assert_eq!(privacy.opened_until(&facts, hours(10)), hours(16));
        let later = Timestamp(hours(10).millis() + 29 * 60 * 1000);
        assert_eq!(privacy.opened_until(&facts, later), hours(16), "the address does not change all the time");
        let short = Privacy { available_until: Some(hours(12)), ..Privacy::default() };
        assert_eq!(short.opened_until(&facts, hours(10)), hours(12));
        let ended = facts.apply(StreamEvent::Ended { at: hours(0) });
        assert_eq!(privacy.opened_until(&ended, hours(30 * 24 - 1)), hours(30 * 24));
    }

    #[test]
    fn what_waits_for_approval_is_hidden_until_then() {
        let waiting = Privacy { needs_approval: true, ..Privacy::default() };
        assert!(!waiting.shows_recording() && Privacy::default().shows_recording());
        assert!(Privacy { approved_at: Some(Timestamp(1)), ..waiting }.shows_recording());
    }

    proptest! {
        #[test]
        fn parsing_is_stable(text in "\\PC{0,80}") {
            if let Ok(parsed) = Passcode::parse(&text) {
                prop_assert_eq!(Passcode::parse(parsed.expose()), Ok(parsed));
            }
        }
    }
}
