//! Whether some of the safety copy may go while the service is on air. The service goes first: nothing is sent unless the
//! way out is known to have room to spare, and then in portions with rests in between.

/// How easily the picture goes out, as the browser counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Uplink {
    /// The browser sends a smaller picture than it was asked for, because more does not go through.
    pub limits_picture: bool,
    /// `None` where it does not tell, or has not heard yet.
    pub round_trip_ms: Option<u64>,
}

/// A way to the server that takes longer is filling up, or far from plenty anyway.
const SHORT_ROUND_TRIP_MS: u64 = 200;
/// After each portion it rests so many times as long as that took: three quarters of what is spare stay free.
const RESTS: u64 = 3;
const LEAST_REST_MS: u64 = 250;
/// A picture that comes up to its quality is limited for some seconds.
const WITHOUT_ROOM_MS: u64 = 10_000;
/// A way that is too narrow for both has the picture for itself, for twice as long each time.
const NARROW_MS: u64 = 5_000;
/// A portion did not get through: the service has the way for itself for a minute.
const AFTER_TROUBLE_MS: u64 = 60_000;

impl Uplink {
    /// On mobile data it waits for the end, and for Wi-Fi where the person finds one; likewise where data is to be saved.
    pub fn is_plenty(self, network: Option<&str>, save_data: bool) -> bool {
        let quick = self.round_trip_ms.is_some_and(|it| it <= SHORT_ROUND_TRIP_MS);
        quick && !self.limits_picture && !save_data && network != Some("cellular")
    }
}

/// When the next portion may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    not_before: u64,
    /// How often in a row the way was too narrow.
    narrow: u32,
    /// The shortest round trip that was heard of: that of an empty way.
    round_trip_ms: Option<u64>,
}

impl Pace {
    pub const fn may_go(self, now: u64) -> bool {
        now >= self.not_before
    }

    #[must_use]
    pub fn heard(self, round_trip_ms: u64) -> Self {
        let shortest = self.round_trip_ms.map_or(round_trip_ms, |known| known.min(round_trip_ms));
        Self { round_trip_ms: Some(shortest), ..self }
    }

    pub fn round_trip_ms(self) -> u64 {
        self.round_trip_ms.unwrap_or(0)
    }

    #[must_use]
    pub fn after_portion(self, began: u64, now: u64) -> Self {
        let rest = (now.saturating_sub(began) * RESTS).clamp(LEAST_REST_MS, AFTER_TROUBLE_MS);
        Self { not_before: now + rest, narrow: 0, ..self }
    }

    /// One was tried, and took too long.
    #[must_use]
    pub fn after_narrow(self, now: u64) -> Self {
        let rest = (NARROW_MS << self.narrow.min(8)).min(AFTER_TROUBLE_MS);
        Self { not_before: now + rest, narrow: self.narrow + 1, ..self }
    }

    #[must_use]
    pub const fn without_room(self, now: u64) -> Self {
        Self { not_before: now + WITHOUT_ROOM_MS, ..self }
    }

    #[must_use]
    pub const fn after_trouble(self, now: u64) -> Self {
        Self { not_before: now + AFTER_TROUBLE_MS, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: Uplink = Uplink { limits_picture: false, round_trip_ms: Some(40) };

    #[test]
    fn only_a_way_that_is_known_to_have_room_is_plenty() {
        assert!(FINE.is_plenty(None, false));
        assert!(FINE.is_plenty(Some("wifi"), false));
        assert!(!FINE.is_plenty(Some("cellular"), false));
        assert!(!FINE.is_plenty(Some("wifi"), true));
        assert!(!Uplink { limits_picture: true, ..FINE }.is_plenty(None, false));
        assert!(!Uplink { round_trip_ms: Some(400), ..FINE }.is_plenty(None, false));
        assert!(!Uplink::default().is_plenty(None, false), "nothing is known");
    }

    #[test]
    fn trouble_leaves_the_service_alone_for_a_minute() {
        let pace = Pace::default().after_trouble(5_000);
        assert!(!pace.may_go(64_999) && pace.may_go(65_000));
    }

    #[test]
    fn a_narrow_way_is_tried_less_and_less_often() {
        let (mut pace, mut waits) = (Pace::default(), Vec::new());
        for _ in 0..5 {
            pace = pace.after_narrow(1_000);
            waits.push(pace.not_before - 1_000);
        }
        assert_eq!(waits, [5_000, 10_000, 20_000, 40_000, 60_000]);
        assert_eq!(pace.after_portion(0, 100).after_narrow(1_000).not_before, 6_000, "it has become wide meanwhile");
    }

    #[test]
    fn at_most_a_quarter_of_the_time_is_used() {
        for took in [1, 50, 400, 3_000, 19_000] {
            let (mut pace, mut now, mut used) = (Pace::default(), 0, 0);
            for _ in 0..20 {
                pace = pace.after_portion(now, now + took);
                (now, used) = (now + took, used + took);
                while !pace.may_go(now) {
                    now += 1;
                }
            }
            assert!(used * 4 <= now, "{used} of {now}");
        }
    }
}
