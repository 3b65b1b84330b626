//! How it stands with the copy that the phone keeps while it films.

use super::words::{Word, fill, say};

/// So many bytes stay free on the phone.
pub const MIN_FREE: u64 = 300_000_000;
/// What an hour takes, at the bit rates that are recorded.
pub const BYTES_AN_HOUR: u64 = 1_200_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SafetyCopy {
    /// Not begun.
    #[default]
    Wanted,
    /// The person does not want it.
    Off,
    Keeping {
        bytes: u64,
    },
    /// The phone has no more room; what was kept is kept.
    Full,
    /// The phone does not store it any more, or too slowly; what was kept is kept.
    Broken,
    /// This browser cannot make one.
    Impossible,
}

impl SafetyCopy {
    /// What to tell while on air; `None` while all is well.
    pub const fn warning(self) -> Option<Word> {
        match self {
            Self::Wanted | Self::Keeping { .. } => None,
            Self::Off => Some(Word::NoCopyIsKept),
            Self::Full => Some(Word::PhoneIsFull),
            Self::Broken => Some(Word::CopyEndsHere),
            Self::Impossible => Some(Word::CopyCannotBeKept),
        }
    }
}

/// Hours and minutes for which there is room, in words.
pub fn room_for(free: u64) -> String {
    let minutes = free.saturating_sub(MIN_FREE) / (BYTES_AN_HOUR / 60);
    match (minutes / 60, minutes) {
        (0, minutes) => fill(Word::Minutes, &[&minutes.to_string()]),
        (1, _) => say(Word::OneHour).to_owned(),
        (hours, _) if hours >= 10 => say(Word::ManyHours).to_owned(),
        (hours, _) => fill(Word::Hours, &[&hours.to_string()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_said_in_hours() {
        let gigabyte = 1_000_000_000;
        assert_eq!(
            [0, gigabyte, 2 * gigabyte, 4 * gigabyte, 64 * gigabyte].map(room_for),
            ["0 minutes", "35 minutes", "1 hour", "3 hours", "more than 10 hours"]
        );
    }
}
