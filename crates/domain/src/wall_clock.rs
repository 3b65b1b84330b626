//! Whether the clock on the wall may be believed for what cannot be undone.
//!
//! A machine whose battery is empty starts in another year, until the network tells it the time; one that was asleep, or whose
//! clock is set, jumps. By such a clock everything would be old, and would be deleted.

use std::time::Duration;

use crate::Timestamp;

/// What the two clocks may be apart between two looks: NTP slews, and whoever looks may be late.
const TOLERANCE: Duration = Duration::from_secs(60);
/// NTP has set a wrong clock after some minutes.
const BELIEVED_AFTER: Duration = Duration::from_secs(60 * 60);

/// Compares the wall clock with one that only counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct WallClock {
    before: Option<(Timestamp, Duration)>,
    /// By the clock that counts.
    steady_since: Duration,
}

impl WallClock {
    /// One more look at both. Answers whether the wall clock has gone on steadily for long enough to be believed.
    ///
    /// `running`: the time since some moment, by a clock that cannot be set.
    pub fn may_be_believed(&mut self, wall: Timestamp, running: Duration) -> bool {
        let steady = self.before.is_some_and(|(wall_before, running_before)| {
            let passed = running.saturating_sub(running_before);
            let (ahead, behind) = (wall.since(wall_before), wall_before.since(wall));
            behind <= TOLERANCE && ahead <= passed + TOLERANCE && ahead + TOLERANCE >= passed
        });
        self.before = Some((wall, running));
        if !steady {
            self.steady_since = running;
        }
        running.saturating_sub(self.steady_since) >= BELIEVED_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const YEAR: i64 = 365 * 24 * 60 * 60 * 1000;

    /// Looks once a minute until `until`, in seconds, with the wall clock set apart by so many milliseconds.
    fn look(clock: &mut WallClock, from: u64, until: u64, apart: i64) -> bool {
        let looks = (from..=until).step_by(MINUTE as usize);
        looks.fold(false, |_, at| clock.may_be_believed(Timestamp(at as i64 * 1000 + apart), Duration::from_secs(at)))
    }

    #[test]
    fn it_is_believed_after_an_hour() {
        let mut clock = WallClock::default();
        assert!(!look(&mut clock, 0, HOUR - MINUTE, 0));
        assert!(look(&mut clock, HOUR, HOUR, 0));
        assert!(look(&mut clock, HOUR + MINUTE, 40 * HOUR, 0));
    }

    #[test]
    fn after_a_jump_it_is_believed_after_another_hour() {
        for jump in [YEAR, -YEAR, 5 * 60 * 1000, -5 * 60 * 1000] {
            let mut clock = WallClock::default();
            assert!(look(&mut clock, 0, 2 * HOUR, 0));
            assert!(!look(&mut clock, 2 * HOUR + MINUTE, 3 * HOUR, jump), "{jump}");
            assert!(look(&mut clock, 3 * HOUR + MINUTE, 3 * HOUR + MINUTE, jump), "{jump}");
        }
    }

    #[test]
    fn one_that_starts_in_another_year_and_is_set_is_never_believed_before_it_is_right() {
        let mut clock = WallClock::default();
        assert!(!look(&mut clock, 0, 20 * MINUTE, 70 * YEAR));
        assert!(!look(&mut clock, 21 * MINUTE, 21 * MINUTE + HOUR - MINUTE, 0));
        assert!(look(&mut clock, 21 * MINUTE + HOUR, 21 * MINUTE + HOUR, 0));
    }

    #[test]
    fn a_slow_step_of_ntp_and_a_late_look_are_no_jump() {
        let mut clock = WallClock::default();
        assert!(look(&mut clock, 0, 2 * HOUR, 0));
        assert!(look(&mut clock, 2 * HOUR + MINUTE, 2 * HOUR + MINUTE, 900));
        assert!(look(&mut clock, 2 * HOUR + 30 * MINUTE, 2 * HOUR + 30 * MINUTE, 0));
    }
}
