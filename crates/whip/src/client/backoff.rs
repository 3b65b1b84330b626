//! How long to wait before the next attempt.

use std::time::Duration;

/// 1, 2, 4, 8, 10, 10 … seconds, each a fifth more or less, so that the phones of a venue do not come back in one moment.
#[derive(Debug)]
pub(super) struct Backoff {
    failures: u32,
    random: u32,
}

impl Backoff {
    pub(super) fn new(seed: u32) -> Self {
        // The generator stays at 0 for ever if it starts there.
        Self { failures: 1, random: seed.max(1) }
    }

    /// A new beginning: the first failure is followed by a wait.
    pub(super) fn start(&mut self) {
        self.failures = 1;
    }

    /// It went well for a while: the next failure is not followed by a wait.
    pub(super) fn succeed(&mut self) {
        self.failures = 0;
    }

    pub(super) fn next(&mut self) -> Duration {
        let failures = self.failures;
        self.failures = failures.saturating_add(1);
        if failures == 0 {
            return Duration::ZERO;
        }
        let seconds = 1_u32.checked_shl(failures - 1).unwrap_or(10).clamp(1, 10);
        // Marsaglia's xorshift: jitter needs no better generator.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        Duration::from_millis(u64::from(seconds) * u64::from(800 + self.random % 401))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_ten_seconds_and_stay_within_a_fifth() {
        for seed in [0, 1, 7, u32::MAX] {
            let mut backoff = Backoff::new(seed);
            for expected in [1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0] {
                let wait = backoff.next().as_secs_f64();
                assert!((expected * 0.8..=expected * 1.2).contains(&wait), "{wait} for {expected}");
            }
            for _ in 0..100 {
                assert!(backoff.next() <= Duration::from_secs(12));
            }
        }
    }

    #[test]
    fn the_first_loss_after_a_success_is_not_followed_by_a_wait() {
        let mut backoff = Backoff::new(3);
        backoff.next();
        backoff.succeed();
        assert_eq!(backoff.next(), Duration::ZERO);
        assert!(backoff.next() >= Duration::from_millis(800));
    }
}
