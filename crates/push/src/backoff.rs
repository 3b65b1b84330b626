//! How long to wait before the next attempt.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(15);

/// Waits that double from half a second to fifteen, each shortened by chance by up to a half, so that pushes that
/// failed together do not come back together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Counts a failure. `random` is between 0 and 1.
    pub(crate) fn failed(&mut self, random: f64) -> Duration {
        let doubled = FIRST.saturating_mul(1 << self.failures.min(5));
        self.failures = self.failures.saturating_add(1);
        doubled.min(LONGEST).mul_f64(1.0 - random.clamp(0.0, 1.0) / 2.0)
    }

    /// Failures without progress between them.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// Something got through.
    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_begin_again() {
        let mut backoff = Backoff::default();
        let waits: Vec<u128> = (0..7).map(|_| backoff.failed(0.0).as_millis()).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
        assert_eq!(backoff.failures(), 7);
        backoff.succeeded();
        assert_eq!(backoff.failed(1.0), FIRST / 2);
    }

    proptest! {
        #[test]
        fn never_too_soon_and_never_too_late(randoms in proptest::collection::vec(0.0f64..=1.0, 1..200)) {
            let mut backoff = Backoff::default();
            for random in randoms {
                let wait = backoff.failed(random);
                prop_assert!(wait >= FIRST / 2 && wait <= LONGEST);
            }
        }
    }
}
