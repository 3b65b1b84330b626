//! The success metrics of the plan: from what was measured to numbers with their intervals, targets, and whether they are met.

mod report;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::report::{Copies, Material, Report, Row, Times};
use crate::{Timestamp, software::Software, statistics::Estimate};

/// What was measured is kept for so long.
pub const KEPT: Duration = Duration::from_secs(366 * 24 * 60 * 60);

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How far back the numbers look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    #[default]
    Month,
    Year,
}

impl Period {
    /// As it stands in an address; whatever else stands there means the shorter one.
    pub fn named(name: &str) -> Self {
        if name == Self::Year.name() { Self::Year } else { Self::Month }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Month => "30-days",
            Self::Year => "12-months",
        }
    }

    pub const fn begin(self, now: Timestamp) -> Timestamp {
        let days = match self {
            Self::Month => 30,
            Self::Year => 365,
        };
        day(Timestamp(now.0.saturating_sub(days * DAY_MS)))
    }
}

/// The day of a moment (UTC): more exactly nothing that was measured is kept, so that it points at nobody's service.
pub const fn day(at: Timestamp) -> Timestamp {
    Timestamp(at.0 - at.0.rem_euclid(DAY_MS))
}

/// A time that somebody measured, at most two minutes: more is a clock that was set, or an invention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Millis(u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("that took too long to be true")]
pub struct TooLong;

impl Millis {
    pub const MAX: u32 = 120_000;

    /// Of a time that we measured ourselves.
    pub fn of(time: Duration) -> Self {
        Self(u32::try_from(time.as_millis()).map_or(Self::MAX, |ms| ms.min(Self::MAX)))
    }

    pub const fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u64> for Millis {
    type Error = TooLong;

    fn try_from(ms: u64) -> Result<Self, TooLong> {
        u32::try_from(ms).ok().filter(|ms| *ms <= Self::MAX).map(Self).ok_or(TooLong)
    }
}

impl From<Millis> for u64 {
    fn from(ms: Millis) -> Self {
        ms.0.into()
    }
}

/// What the phone's page says once it is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Connected {
    /// From the tap on “Go live” to the news that the picture arrives.
    pub after_ms: Millis,
}

/// One thing that was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// From the request for a service to its stored answer.
    Creation(Millis),
    /// See [`Connected`].
    Connection(Millis, Option<Software>),
    /// Whether somebody who went live got a minute of picture and sound across.
    Minute(bool, Software),
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    AtLeast(f64),
    Below(f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Met,
    Missed,
    /// The interval holds the target: it may be either.
    TooFew,
}

impl Target {
    pub fn is_reached_by(self, value: f64) -> bool {
        match self {
            Self::AtLeast(target) => value >= target,
            Self::Below(target) => value < target,
        }
    }

    /// By the whole interval, not by what happened to be found.
    pub fn judge(self, found: Option<&Estimate>) -> Verdict {
        let reached = |end: Option<f64>| end.map(|end| self.is_reached_by(end));
        let (low, high) = found.map_or((None, None), |found| (reached(found.low), reached(found.high)));
        let (worst, best) = match self {
            Self::AtLeast(_) => (low, high),
            Self::Below(_) => (high, low),
        };
        match (worst, best) {
            (Some(true), _) => Verdict::Met,
            (_, Some(false)) => Verdict::Missed,
            _ => Verdict::TooFew,
        }
    }
}

pub const CREATION: Target = Target::Below(3_000.0);
pub const CONNECTION: Target = Target::Below(2_000.0);
pub const RECORDING: Target = Target::AtLeast(0.999);
pub const COMPATIBILITY: Target = Target::AtLeast(0.95);
pub const SATISFACTION: Target = Target::AtLeast(4.5);

#[cfg(test)]
mod tests;
