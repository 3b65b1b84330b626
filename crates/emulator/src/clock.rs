//! The one place that asks what time it is.

use jiff::Timestamp;

pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

pub(crate) fn unix() -> i64 {
    now().as_second()
}

/// As Cloudflare writes times in its API: microseconds, `Z`.
pub(crate) fn micros(at: Timestamp) -> String {
    format!("{at:.6}")
}

/// As Cloudflare writes `updated_at` in notifications: nanoseconds.
pub(crate) fn nanos(at: Timestamp) -> String {
    format!("{at:.9}")
}
