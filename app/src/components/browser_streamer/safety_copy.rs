//! How it stands with the copy that the phone keeps while it films.

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
    /// This browser cannot make one, or does not keep up.
    Impossible,
}

impl SafetyCopy {
    /// What to tell while on air; `None` while all is well.
    pub const fn warning(self) -> Option<&'static str> {
        match self {
            Self::Wanted | Self::Keeping { .. } => None,
            Self::Off => Some("No safety copy is kept on this phone."),
            Self::Full => Some("This phone is full: the safety copy ends here. The service goes on."),
            Self::Impossible => Some("This browser cannot keep a safety copy. The service goes on."),
        }
    }
}

/// Hours and minutes for which there is room, in words.
pub fn room_for(free: u64) -> String {
    let minutes = free.saturating_sub(MIN_FREE) / (BYTES_AN_HOUR / 60);
    match (minutes / 60, minutes) {
        (0, minutes) => format!("{minutes} minutes"),
        (1, _) => "1 hour".to_owned(),
        (hours, _) if hours >= 10 => "more than 10 hours".to_owned(),
        (hours, _) => format!("{hours} hours"),
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
