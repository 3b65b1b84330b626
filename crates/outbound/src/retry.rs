//! When a call is sent again. Sans I/O.
//!
//! Statuses and delays are those of both providers' own SDKs (`408`, `409`, `429`, `5xx`; three attempts; half a
//! second doubled up to eight, a quarter of it jitter; `retry-after-ms` before `retry-after`), with two differences:
//! a creation is not repeated when its outcome is unknown, and a wait that the provider asks for has a cap.

use crate::Repeat;
use http::HeaderMap;
use std::time::Duration;

#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// Attempts in all.
    pub attempts: u32,
    /// The wait before the second attempt; doubled for each further one.
    pub base: Duration,
    pub base_at_most: Duration,
    /// The longest wait inside a call. What takes longer is the caller's to schedule.
    pub longest_wait: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_millis(500),
            base_at_most: Duration::from_secs(8),
            longest_wait: Duration::from_secs(5),
        }
    }
}

/// What is known of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// No byte was sent.
    NotConnected,
    /// Sent, wholly or in part, and no complete answer came.
    Lost,
    Answered {
        status: u16,
        retry_after: Option<Duration>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The answer stands, whatever it says.
    Stands,
    Again {
        after: Duration,
    },
    /// No further attempt. `hold`: nobody should call this provider before that.
    GiveUp {
        hold: Option<Duration>,
    },
}

/// What follows from attempt number `attempt` (from 1). `jitter` is from 0 to 1.
#[must_use]
pub fn verdict(policy: &Policy, repeat: Repeat, attempt: u32, outcome: Outcome, jitter: f64) -> Verdict {
    let repeatable = repeat == Repeat::Safe;
    let (again, asked) = match outcome {
        Outcome::NotConnected => (true, None),
        Outcome::Lost => (repeatable, None),
        Outcome::Answered { status: 429, retry_after } => (true, retry_after),
        Outcome::Answered { status: 409, .. } if !repeatable => return Verdict::Stands,
        Outcome::Answered { status: 408 | 409 | 500.., retry_after } => (repeatable, retry_after),
        Outcome::Answered { .. } => return Verdict::Stands,
    };
    let wait = asked.unwrap_or_else(|| backoff(policy, attempt, jitter));
    if again && attempt < policy.attempts && wait <= policy.longest_wait {
        return Verdict::Again { after: wait };
    }
    let limited = matches!(outcome, Outcome::Answered { status: 429, .. });
    Verdict::GiveUp { hold: if limited { Some(wait) } else { asked } }
}

fn backoff(policy: &Policy, attempt: u32, jitter: f64) -> Duration {
    let whole = policy.base.saturating_mul(1 << (attempt.saturating_sub(1)).min(16)).min(policy.base_at_most);
    whole.mul_f64(1.0 - 0.25 * jitter.clamp(0.0, 1.0))
}

/// The wait that an answer asks for: milliseconds, seconds, or an HTTP date (RFC 9110 §10.2.3). A date is measured
/// against the answer's own `Date`, so that nobody's clock matters. Never more than an hour.
#[must_use]
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |text: &str, unit: f64| {
        let seconds = text.parse::<f64>().ok()? * unit;
        // Not from "nan", "inf" or "-1".
        (0.0..f64::MAX).contains(&seconds).then(|| Duration::from_secs_f64(seconds.min(3600.0)))
    };
    if let Some(wait) = text("retry-after-ms").and_then(|ms| number(ms, 0.001)) {
        return Some(wait);
    }
    let asked = text("retry-after")?;
    number(asked, 1.0).or_else(|| {
        let then = httpdate::parse_http_date(asked).ok()?;
        let date = httpdate::parse_http_date(text("date")?).ok()?;
        Some(then.duration_since(date).unwrap_or_default().min(Duration::from_secs(3600)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    const POLICY: Policy = Policy {
        attempts: 3,
        base: Duration::from_millis(500),
        base_at_most: Duration::from_secs(8),
        longest_wait: Duration::from_secs(5),
    };

    fn answered(status: u16) -> Outcome {
        Outcome::Answered { status, retry_after: None }
    }

    #[test]
    fn a_creation_is_repeated_only_when_it_has_not_happened() {
        let once = |outcome| verdict(&POLICY, Repeat::Once, 1, outcome, 0.0);
        let again = Verdict::Again { after: POLICY.base };
        assert_eq!(once(Outcome::NotConnected), again);
        assert_eq!(once(answered(429)), again);
        for outcome in [Outcome::Lost, answered(408), answered(500), answered(503)] {
            assert_eq!(once(outcome), Verdict::GiveUp { hold: None }, "{outcome:?}");
        }
        for status in [200, 400, 401, 403, 404, 409, 422] {
            assert_eq!(once(answered(status)), Verdict::Stands, "{status}");
        }
    }

    #[test]
    fn a_safe_call_has_three_attempts() {
        for outcome in
            [Outcome::NotConnected, Outcome::Lost, answered(408), answered(409), answered(429), answered(502)]
        {
            let waits: Vec<_> = (1..=3).map(|attempt| verdict(&POLICY, Repeat::Safe, attempt, outcome, 0.0)).collect();
            assert_eq!(waits[0], Verdict::Again { after: POLICY.base });
            assert_eq!(waits[1], Verdict::Again { after: POLICY.base * 2 });
            assert!(matches!(waits[2], Verdict::GiveUp { .. }), "{outcome:?}");
        }
    }

    #[test]
    fn a_wait_beyond_the_cap_is_for_everybody_and_not_slept() {
        let wait = Duration::from_secs(300);
        let outcome = Outcome::Answered { status: 429, retry_after: Some(wait) };
        assert_eq!(verdict(&POLICY, Repeat::Safe, 1, outcome, 0.0), Verdict::GiveUp { hold: Some(wait) });
    }

    #[test]
    fn retry_after_in_all_its_forms() {
        let wait = |fields: &[(&'static str, &str)]| {
            let fields = fields
                .iter()
                .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()));
            retry_after(&fields.collect())
        };
        assert_eq!(wait(&[("retry-after", "2")]), Some(Duration::from_secs(2)));
        assert_eq!(wait(&[("retry-after-ms", "250"), ("retry-after", "2")]), Some(Duration::from_millis(250)));
        let date = ("date", "Wed, 21 Oct 2026 07:28:00 GMT");
        assert_eq!(wait(&[("retry-after", "Wed, 21 Oct 2026 07:28:07 GMT"), date]), Some(Duration::from_secs(7)));
        assert_eq!(wait(&[("retry-after", "Wed, 21 Oct 2026 07:27:00 GMT"), date]), Some(Duration::ZERO));
        assert_eq!(wait(&[("retry-after", "99999999999999999999")]), Some(Duration::from_secs(3600)));
        for nonsense in ["", "-1", "nan", "inf", "soon", "Wed, 21 Oct 2026 07:28:07 GMT"] {
            assert_eq!(wait(&[("retry-after", nonsense)]), None, "{nonsense}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(ms in "\\PC{0,40}", after in "\\PC{0,40}", date in "\\PC{0,40}") {
            let mut headers = HeaderMap::new();
            for (name, value) in [("retry-after-ms", ms), ("retry-after", after), ("date", date)] {
                if let Ok(value) = HeaderValue::from_str(&value) {
                    headers.insert(name, value);
                }
            }
            prop_assert!(retry_after(&headers).is_none_or(|wait| wait <= Duration::from_secs(3600)));
        }

        #[test]
        fn no_wait_inside_a_call_is_beyond_the_cap(attempt in 0u32..100, status in 200u16..600, asked in proptest::option::of(0u64..1000), jitter in 0.0f64..1.0) {
            let outcome = Outcome::Answered { status, retry_after: asked.map(Duration::from_secs) };
            if let Verdict::Again { after } = verdict(&POLICY, Repeat::Safe, attempt, outcome, jitter) {
                prop_assert!(after <= POLICY.longest_wait && attempt < POLICY.attempts);
            }
        }
    }
}
