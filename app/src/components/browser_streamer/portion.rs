//! How much of the safety copy goes in one request. It arrives whole or not at all, so on a connection that breaks again
//! and again it has to be small enough to come through in between.

use super::after::Failing;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portion(u64);

const LEAST: u64 = 16 << 10;
/// With that much it is tried whether there is room beside a picture.
const TRIAL: u64 = 32 << 10;
/// Beside a picture a portion takes no longer, the round trips aside: for so long the picture has to share its way. A way on
/// which the trial does not pass in that time has less to spare than 2.6 Mbit/s, as much as a picture takes: that is not plenty.
const BESIDE_PICTURE_MS: u64 = 100;
/// The request and its answer, and one more until as much as the trial is let through at once (RFC 6928).
const ROUND_TRIPS: u64 = 2;
const MOST: u64 = 1 << 20;

impl Default for Portion {
    fn default() -> Self {
        Self(256 << 10)
    }
}

impl Portion {
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// The first beside a picture that goes out.
    pub const fn trial() -> Self {
        Self(TRIAL)
    }

    /// The next one beside a picture, after this one took so long. `round_trip_ms`: of the way when it is empty. `None`: the way
    /// is too narrow for both.
    pub fn beside_picture(self, took_ms: u64, round_trip_ms: u64) -> Option<Self> {
        let under_way = took_ms.saturating_sub(ROUND_TRIPS * round_trip_ms).max(1);
        let fits = self.0 * BESIDE_PICTURE_MS / under_way;
        if fits < TRIAL && self.0 <= TRIAL { None } else { Some(Self(fits.min(self.0 * 2).clamp(TRIAL, MOST))) }
    }

    /// The next one: half of it when the connection broke, twice as much when it came through. What the server says of
    /// itself has nothing to do with its size.
    #[must_use]
    pub fn after(self, failing: Option<Failing>) -> Self {
        match failing {
            None => Self((self.0 * 2).min(MOST)),
            Some(Failing::NoConnection) => Self((self.0 / 2).max(LEAST)),
            Some(Failing::DiskFull | Failing::Server | Failing::Gone) => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends so many bytes over connections that break after so many; how many requests it took.
    fn requests(total: u64, breaks_after: u64) -> Option<u32> {
        let (mut portion, mut sent) = (Portion::default(), 0);
        for request in 1..10_000 {
            let fits = portion.bytes() <= breaks_after;
            sent += if fits { portion.bytes() } else { 0 };
            if sent >= total {
                return Some(request);
            }
            portion = portion.after((!fits).then_some(Failing::NoConnection));
        }
        None
    }

    #[test]
    fn a_connection_that_breaks_again_and_again_delivers_still() {
        assert_eq!(requests(100 << 20, u64::MAX), Some(102));
        for breaks_after in [LEAST, 20_000, 100_000, 300_000] {
            let requests = requests(10 << 20, breaks_after);
            assert!(
                requests.is_some_and(|it| u64::from(it) <= 4 * (10 << 20) / breaks_after.min(MOST) + 10),
                "{requests:?}"
            );
        }
    }

    const ROUND_TRIP_MS: u64 = 60;

    /// What a way of so many spare bits a second carries in portions beside a picture, one after the other.
    fn beside(rate: u64) -> Vec<Option<u64>> {
        let mut portion = Some(Portion::trial());
        let mut all = Vec::new();
        for _ in 0..8 {
            let took = |portion: Portion| portion.bytes() * 8 * 1000 / rate + ROUND_TRIPS * ROUND_TRIP_MS;
            portion = portion.and_then(|portion| portion.beside_picture(took(portion), ROUND_TRIP_MS));
            all.push(portion.map(Portion::bytes));
        }
        all
    }

    #[test]
    fn beside_a_picture_a_portion_is_over_in_a_moment_or_none_goes() {
        for rate in [500_000, 2_000_000] {
            assert_eq!(beside(rate)[0], None, "{rate}");
        }
        for rate in [5_000_000, 20_000_000] {
            let last = beside(rate)[7].unwrap();
            assert!(last * 8 * 1000 / rate <= BESIDE_PICTURE_MS && last > TRIAL, "{last}");
        }
        assert_eq!(beside(1_000_000_000)[7], Some(MOST));
        let large = Portion(MOST);
        assert_eq!(
            large.beside_picture(60_000, 0),
            Some(Portion::trial()),
            "a way that has become narrow is tried once more"
        );
    }

    #[test]
    fn a_full_disk_makes_no_difference() {
        for failing in [Failing::DiskFull, Failing::Server] {
            assert_eq!(Portion::default().after(Some(failing)), Portion::default());
        }
    }
}
