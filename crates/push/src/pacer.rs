//! How fast to catch up.

use std::time::Duration;

/// Media sent for each second that passes, at most.
const RATE: u32 = 3;
/// Media that may be sent at once.
const BURST: Duration = Duration::from_secs(2);

/// Lets a backlog go out at [`RATE`] times real time: faster than it grows, and not all at once, which would take the
/// uplink from everybody else. What is live is never held back.
#[derive(Debug)]
pub(crate) struct Pacer {
    /// Media that may be sent at [`Self::at`].
    credit: Duration,
    at: Duration,
    /// The furthest that was sent.
    sent: Option<Duration>,
}

impl Pacer {
    /// `now` on any clock that only goes forward.
    pub(crate) fn new(now: Duration) -> Self {
        Self { credit: BURST, at: now, sent: None }
    }

    /// How long to wait until the media at `time` may be sent.
    pub(crate) fn wait(&self, time: Duration, now: Duration) -> Duration {
        let missing = self.advance(time).saturating_sub(self.credit_at(now));
        missing / RATE
    }

    /// The media at `time` is sent.
    pub(crate) fn sent(&mut self, time: Duration, now: Duration) {
        self.credit = self.credit_at(now).saturating_sub(self.advance(time));
        self.at = self.at.max(now);
        self.sent = self.sent.max(Some(time));
    }

    fn credit_at(&self, now: Duration) -> Duration {
        (self.credit + now.saturating_sub(self.at) * RATE).min(BURST)
    }

    /// What sending the media at `time` costs. A pause in the media costs nothing beyond the burst: nothing is sent
    /// for it.
    fn advance(&self, time: Duration) -> Duration {
        self.sent.map_or(Duration::ZERO, |sent| time.saturating_sub(sent)).min(BURST)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn what_is_live_is_not_held_back() {
        let mut pacer = Pacer::new(Duration::ZERO);
        for ms in (0..60_000).step_by(20) {
            // Fragments of half a second come at once.
            let now = (ms / 500 + 1) * 500 * MS;
            assert_eq!(pacer.wait(ms * MS, now), Duration::ZERO, "{ms}");
            pacer.sent(ms * MS, now);
        }
    }

    #[test]
    fn a_new_part_with_an_earlier_time_costs_nothing() {
        let mut pacer = Pacer::new(Duration::ZERO);
        pacer.sent(100_000 * MS, Duration::ZERO);
        assert_eq!(pacer.wait(50_000 * MS, Duration::ZERO), Duration::ZERO);
    }

    proptest! {
        /// A backlog goes out at the rate, within the burst, whatever its steps are.
        #[test]
        fn a_backlog_is_bounded(steps in proptest::collection::vec(1u32..500, 1..500)) {
            let mut pacer = Pacer::new(Duration::ZERO);
            let (mut now, mut time) = (Duration::ZERO, Duration::ZERO);
            pacer.sent(time, now);
            for step in steps {
                time += step * MS;
                now += pacer.wait(time, now);
                // Rounding may leave a nanosecond.
                prop_assert!(pacer.wait(time, now) <= Duration::from_nanos(3));
                pacer.sent(time, now);
                prop_assert!(time <= now * RATE + BURST + MS);
                prop_assert!(time + BURST + MS >= now * RATE);
            }
        }
    }
}
