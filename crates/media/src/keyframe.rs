//! When to ask the publisher for a key frame (a PLI, RFC 4585 §6.3.1).
//!
//! Browsers send none of themselves after the first. Segments of HLS and a viewer's first picture need them. But a key
//! frame has the bytes of many others, for which the encoder makes the picture worse, also in the recording: so viewers
//! get one soon, and never so often that everybody pays for the bad connection of one.

use std::time::{Duration, Instant};

/// Until the first key frame has come.
const EAGER: Duration = Duration::from_millis(100);
/// Always: makes groups of pictures of about this length.
const STEADY: Duration = Duration::from_secs(2);
/// Between two requests, where the recording needs one: the recorder had to drop, or packets did not come through.
const FOR_RECORDING: Duration = Duration::from_millis(500);
/// From a key frame to the next one for the sake of viewers, where many come: none that joins waits much longer.
const AFTER_KEY: Duration = Duration::from_secs(1);
/// Where few come they do not wait for that: each that joins costs so much,
const JOIN_COST: Duration = Duration::from_secs(2);
/// and so much may be owed. That is three in a row.
const JOIN_CREDIT: Duration = Duration::from_secs(4);
/// Between two key frames that were asked for early because a viewer had lost something.
const FOR_REPAIR: Duration = Duration::from_secs(2);

/// Who needs a key frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Recording,
    /// A viewer that has joined and sees nothing yet.
    Joined,
    /// A viewer that has lost something.
    Repair,
}

/// The requests to one publisher.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct KeyFrameRequests {
    for_recording: bool,
    joined: bool,
    repair: bool,
    /// When one came last.
    came: Option<Instant>,
    asked: Option<Instant>,
    asked_for_repair: Option<Instant>,
    /// When what viewers that joined have cost will be forgotten.
    owing_until: Option<Instant>,
}

impl KeyFrameRequests {
    /// Somebody needs one. It may have to wait until [`due`](Self::due) says so.
    pub(crate) fn want(&mut self, need: Need) {
        match need {
            Need::Recording => self.for_recording = true,
            Need::Joined => self.joined = true,
            Need::Repair => self.repair = true,
        }
    }

    /// One has come, for everybody.
    pub(crate) fn arrived(&mut self, now: Instant) {
        self.came = Some(now);
        self.forget();
    }

    /// Whether to ask now. A `true` counts as asked.
    pub(crate) fn due(&mut self, now: Instant) -> bool {
        let past =
            |since: Option<Instant>, pause| since.is_none_or(|since| now.saturating_duration_since(since) >= pause);
        let steady = past(self.asked, if self.came.is_some() { STEADY } else { EAGER });
        let recording = self.for_recording && past(self.asked, FOR_RECORDING);
        // One that was asked for may be on its way.
        let viewers = past(self.came, AFTER_KEY) && past(self.asked, FOR_RECORDING);
        let in_credit = self.owing_until.is_none_or(|until| until <= now + JOIN_CREDIT);
        let at_once = self.joined && in_credit && past(self.asked, FOR_RECORDING);
        let joined = self.joined && viewers;
        let repair = self.repair && viewers && past(self.asked_for_repair, FOR_REPAIR);
        let due = steady || recording || at_once || joined || repair;
        if due {
            self.asked = Some(now);
            if at_once {
                self.owing_until = Some(self.owing_until.map_or(now, |until| until.max(now)) + JOIN_COST);
            }
            if repair {
                self.asked_for_repair = Some(now);
            }
            self.forget();
        }
        due
    }

    fn forget(&mut self) {
        (self.for_recording, self.joined, self.repair) = (false, false, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The moments, in ms, at which a request goes out when asked every 10 ms. Each key frame comes 50 ms after, from the
    /// `first` on.
    fn requests(first: u64, until: u64, mut step: impl FnMut(u64, &mut KeyFrameRequests)) -> Vec<u64> {
        let start = Instant::now();
        let mut requests = KeyFrameRequests::default();
        let mut sent = Vec::new();
        for ms in (0..until).step_by(10) {
            let now = start + Duration::from_millis(ms);
            if ms >= first && sent.last().is_some_and(|sent| sent + 50 == ms) {
                requests.arrived(now);
            }
            step(ms, &mut requests);
            if requests.due(now) {
                sent.push(ms);
            }
        }
        sent
    }

    #[test]
    fn eager_until_the_first_then_every_two_seconds() {
        assert_eq!(requests(250, 6_300, |_, _| ()), [0, 100, 200, 2_200, 4_200, 6_200]);
    }

    #[test]
    fn the_recording_gets_one_every_half_second() {
        let sent = requests(0, 1_600, |_, requests| requests.want(Need::Recording));
        assert_eq!(sent, [0, 500, 1_000, 1_500]);
    }

    #[test]
    fn a_viewer_that_joins_waits_for_half_a_second_and_for_a_second_where_many_come() {
        let at = |joins: u64| {
            requests(0, 2_000, move |ms, requests| {
                if ms == joins {
                    requests.want(Need::Joined);
                }
            })
        };
        // Right after a key frame, and long after.
        assert_eq!(at(60), [0, 500]);
        assert_eq!(at(1_030), [0, 1_030]);
        assert_eq!(at(1_700), [0, 1_700]);
        // For those that join at the same time, one is enough.
        let sent = requests(0, 6_000, |_, requests| requests.want(Need::Joined));
        assert_eq!(sent, [0, 500, 1_000, 2_000, 3_050, 4_000, 5_050]);
    }

    /// As many as without them, but for the first.
    #[test]
    fn viewers_that_lose_everything_get_one_early_every_two_seconds() {
        let sent = requests(0, 9_000, |ms, requests| {
            if ms > 0 {
                requests.want(Need::Repair);
            }
        });
        assert_eq!(sent, [0, 1_050, 3_050, 5_050, 7_050]);
    }

    #[test]
    fn a_viewer_that_joins_does_not_wait_because_another_has_lost_something() {
        let sent = requests(0, 3_000, |ms, requests| match ms {
            1_500 => requests.want(Need::Repair),
            1_600 => requests.want(Need::Repair),
            1_700 => requests.want(Need::Joined),
            _ => (),
        });
        assert_eq!(sent, [0, 1_500, 2_000]);
    }

    /// A viewer's request does not hold up the recording's.
    #[test]
    fn the_recording_goes_first() {
        let sent = requests(0, 2_000, |ms, requests| match ms {
            100 => requests.want(Need::Repair),
            200 => requests.want(Need::Recording),
            _ => (),
        });
        assert_eq!(sent, [0, 500]);
    }
}
