//! How long a delivery takes still, from how it went so far.

/// Before that much time has passed, nothing is said.
const LEAST_MS: u64 = 3_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Estimate {
    /// So much was there already, at this moment.
    began: Option<(u64, u64)>,
}

impl Estimate {
    /// With the news that so many bytes of so many have arrived: the milliseconds that are left, where that can be told.
    #[must_use]
    pub fn after(self, sent: u64, total: u64, now: u64) -> (Self, Option<u64>) {
        let (before, at) = self.began.unwrap_or((sent, now));
        let (passed, done) = (now.saturating_sub(at), sent.saturating_sub(before));
        let left = (passed >= LEAST_MS && done > 0).then(|| total.saturating_sub(sent).saturating_mul(passed) / done);
        (Self { began: Some((before, at)) }, left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_goes_as_what_went_before() {
        let (estimate, left) = Estimate::default().after(1_000, 61_000, 0);
        assert_eq!(left, None, "nothing went yet, in this page");
        assert_eq!(estimate.after(2_000, 61_000, 1_000).1, None, "too early");
        assert_eq!(estimate.after(11_000, 61_000, 10_000).1, Some(50_000));
        assert_eq!(estimate.after(61_000, 61_000, 60_000).1, Some(0));
        assert_eq!(estimate.after(1_000, 61_000, 60_000).1, None, "nothing goes");
    }
}
