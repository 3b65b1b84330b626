//! A place in a recording.

use std::fmt;
use std::time::Duration;

/// A place in a recording: everything before it is meant. Ordered as the recording is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Number of the part, which counts more than the time: a wall clock that was set back makes times that repeat.
    pub part: u32,
    /// On the recording's clock (`recorder::Frame::time`), in milliseconds.
    pub time_ms: u64,
}

impl Position {
    /// Where every recording begins.
    pub const START: Self = Self { part: 0, time_ms: 0 };

    /// The time on the recording's clock.
    pub fn time(self) -> Duration {
        Duration::from_millis(self.time_ms)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03} s (part {})", self.time_ms / 1000, self.time_ms % 1000, self.part)
    }
}
