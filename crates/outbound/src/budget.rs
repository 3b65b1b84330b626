//! A token bucket of calls: the providers' limits are kept by us, so that they need not enforce them. (Cloudflare
//! blocks *all* calls of the account for five minutes once its limit is passed.) Written as GCRA: one instant is the
//! whole state. Sans I/O.

use std::time::{Duration, Instant};

#[derive(Debug, Clone)]
pub struct Budget {
    interval: Duration,
    /// How far ahead of the steady rate a burst may run.
    ahead: Duration,
    /// When the bucket will be full again.
    full_at: Option<Instant>,
}

impl Budget {
    /// One call each `interval` in the long run, and `burst` at once after a pause.
    #[must_use]
    pub fn new(interval: Duration, burst: u32) -> Self {
        Self { interval, ahead: interval.saturating_mul(burst.max(1) - 1), full_at: None }
    }

    /// Reserves a call: how long to wait before sending it.
    ///
    /// # Errors
    /// How long it would be, if that is more than `patience`; then nothing is reserved.
    pub fn reserve(&mut self, now: Instant, patience: Duration) -> Result<Duration, Duration> {
        let full_at = self.full_at.map_or(now, |at| at.max(now));
        let wait = (full_at - now).saturating_sub(self.ahead);
        if wait > patience {
            return Err(wait);
        }
        self.full_at = Some(full_at + self.interval);
        Ok(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_burst_goes_at_once_and_what_follows_waits() {
        let now = Instant::now();
        let mut budget = Budget::new(SECOND, 3);
        let waits: Vec<_> = (0..5).map(|_| budget.reserve(now, SECOND * 60).map(|wait| wait.as_secs())).collect();
        assert_eq!(waits, [Ok(0), Ok(0), Ok(0), Ok(1), Ok(2)]);
    }

    #[test]
    fn a_call_that_would_not_wait_reserves_nothing() {
        let now = Instant::now();
        let mut budget = Budget::new(SECOND, 1);
        assert_eq!(budget.reserve(now, Duration::ZERO), Ok(Duration::ZERO));
        for _ in 0..100 {
            assert_eq!(budget.reserve(now, Duration::ZERO), Err(SECOND));
        }
        assert_eq!(budget.reserve(now + SECOND, Duration::ZERO), Ok(Duration::ZERO));
    }

    proptest! {
        /// In no window are there more calls than the burst and the steady rate allow.
        #[test]
        fn the_rate_is_kept_in_every_window(gaps in proptest::collection::vec(0u64..3_000, 1..60), burst in 1u32..6) {
            let mut now = Instant::now();
            let mut budget = Budget::new(SECOND, burst);
            let mut sent = Vec::new();
            for gap in gaps {
                now += Duration::from_millis(gap);
                if let Ok(wait) = budget.reserve(now, SECOND * 5) {
                    sent.push(now + wait);
                }
            }
            for (i, from) in sent.iter().enumerate() {
                for (j, to) in sent.iter().enumerate().skip(i) {
                    let allowed = u128::from(burst) + (*to - *from).as_millis() / SECOND.as_millis();
                    prop_assert!((j - i + 1) as u128 <= allowed);
                }
            }
        }
    }
}
