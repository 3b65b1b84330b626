//! When to ask the publisher for a key frame (a PLI, RFC 4585 §6.3.1).
//!
//! Browsers send none of themselves after the first. Segments of HLS and a viewer's first picture need them.

use std::time::{Duration, Instant};

/// Until the first key frame has come.
const EAGER: Duration = Duration::from_millis(100);
/// Always: makes groups of pictures of about this length.
const STEADY: Duration = Duration::from_secs(2);
/// Between two requests that somebody asked for: a viewer, or a recorder that had to drop.
const ON_DEMAND: Duration = Duration::from_millis(500);

/// The requests to one publisher.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct KeyFrameRequests {
    seen: bool,
    wanted: bool,
    last: Option<Instant>,
}

impl KeyFrameRequests {
    /// Somebody needs one.
    pub(crate) fn want(&mut self) {
        self.wanted = true;
    }

    /// One has come.
    pub(crate) fn arrived(&mut self) {
        self.seen = true;
        self.wanted = false;
    }

    /// Whether to ask now. A `true` counts as asked.
    pub(crate) fn due(&mut self, now: Instant) -> bool {
        let pause = match (self.seen, self.wanted) {
            (false, _) => EAGER,
            (true, true) => ON_DEMAND,
            (true, false) => STEADY,
        };
        let due = self.last.is_none_or(|last| now.saturating_duration_since(last) >= pause);
        if due {
            self.last = Some(now);
            self.wanted = false;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The moments, in ms, at which a request goes out when asked every 10 ms.
    fn requests(mut step: impl FnMut(u64, &mut KeyFrameRequests), until: u64) -> Vec<u64> {
        let start = Instant::now();
        let mut requests = KeyFrameRequests::default();
        (0..until)
            .step_by(10)
            .filter(|ms| {
                step(*ms, &mut requests);
                requests.due(start + Duration::from_millis(*ms))
            })
            .collect()
    }

    #[test]
    fn eager_until_the_first_then_every_two_seconds() {
        let sent = requests(
            |ms, requests| {
                if ms == 250 {
                    requests.arrived();
                }
            },
            6_300,
        );
        assert_eq!(sent, [0, 100, 200, 2_200, 4_200, 6_200]);
    }

    #[test]
    fn many_viewers_are_one_request_per_half_second() {
        let sent = requests(
            |ms, requests| match ms {
                0 => requests.arrived(),
                _ => requests.want(),
            },
            1_600,
        );
        assert_eq!(sent, [0, 500, 1_000, 1_500]);
    }
}
