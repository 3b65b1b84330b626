//! The one place that asks what time it is.

use jiff::Timestamp;
use serde_json::{Value, json};

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

/// A length in seconds as both providers write it: `60`, not `60.0`.
pub(crate) fn seconds(length: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "only whole numbers, of days at most")]
    if length.fract() == 0.0 { json!(length as i64) } else { json!(length) }
}
