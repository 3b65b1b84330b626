//! Numbers with how sure they are: shares, middle values, averages of stars, each with an interval of 95 %.

use serde::{Deserialize, Serialize};

/// Of the normal distribution: 95 % lie within so many standard deviations.
const Z: f64 = 1.959_964;
/// What may lie beyond each end of an interval.
const BEYOND: f64 = 0.025;

/// A number that was found, and between what the true one lies (95 %).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Of how many it was found.
    pub n: u64,
    pub value: f64,
    /// `None`: so few say nothing about this end.
    pub low: Option<f64>,
    pub high: Option<f64>,
}

/// What share of `of` the `hits` are, from 0 to 1 (Wilson 1927: true also near 0 and 1, and for few).
pub fn share(hits: u64, of: u64) -> Option<Estimate> {
    (of > 0).then(|| wilson(real(hits.min(of)) / real(of), of))
}

/// The average of marks from one to five; `counts[0]` is how often one was given.
pub fn stars(counts: [u64; 5]) -> Option<Estimate> {
    let n: u64 = counts.iter().sum();
    let sum: u64 = counts.iter().zip(1..).map(|(count, stars)| count * stars).sum();
    // Whatever lies between two ends varies no more than what lies at these ends alone: the interval of a share is wide
    // enough. That of a normal distribution would be a point when all gave five.
    let scaled = wilson((real(sum) / real(n) - 1.0) / 4.0, n);
    let unscaled = |scaled: f64| 1.0 + 4.0 * scaled;
    (n > 0).then(|| Estimate {
        value: unscaled(scaled.value),
        low: scaled.low.map(unscaled),
        high: scaled.high.map(unscaled),
        ..scaled
    })
}

fn wilson(share: f64, of: u64) -> Estimate {
    let n = real(of);
    let centre = share + Z * Z / (2.0 * n);
    let reach = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let end = |end: f64| (end / (1.0 + Z * Z / n)).clamp(0.0, 1.0);
    // Rounding must not put the number itself outside.
    Estimate {
        n: of,
        value: share,
        low: Some(end(centre - reach).min(share)),
        high: Some(end(centre + reach).max(share)),
    }
}

/// The value below which a share `q` of all lies. Nothing is assumed of how they are spread: the ends are two of the values
/// themselves, chosen by their places in the order.
pub fn quantile(values: &mut [u32], q: f64) -> Option<Estimate> {
    values.sort_unstable();
    let n = values.len();
    let at = |place: usize| f64::from(values[place - 1]);
    let (low, high) = places(n, q);
    (n > 0).then(|| Estimate {
        n: n as u64,
        // The smallest that at least this share does not exceed.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and n")]
        value: at(((q * real(n as u64)).ceil() as usize).clamp(1, n)),
        low: low.map(at),
        high: high.map(at),
    })
}

/// The places (from 1) of the two values between which the true quantile lies. How many of `n` values lie below it is
/// binomially distributed.
fn places(n: usize, q: f64) -> (Option<usize>, Option<usize>) {
    let (mut low, mut high) = (None, None);
    let mut below = 0.0;
    let odds = (q / (1.0 - q)).ln();
    // The logarithm of the probability that exactly `count` lie below: the probability itself may be too small to write.
    let mut log = real(n as u64) * (1.0 - q).ln();
    for count in 0..n {
        below += log.exp();
        // The true quantile is below the value at the place `count + 1` when no more than `count` values are below it.
        if below <= BEYOND {
            low = Some(count + 1);
        }
        if below >= 1.0 - BEYOND && high.is_none() {
            high = Some(count + 1);
        }
        log += (real((n - count) as u64) / real(count as u64 + 1)).ln() + odds;
    }
    (low, high)
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
const fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(found: Option<f64>, expected: f64) -> bool {
        found.is_some_and(|found| (found - expected).abs() < 0.000_5)
    }

    #[test]
    fn shares_are_as_in_the_tables() {
        // Newcombe 1998, table I, method 3.
        for (hits, of, low, high) in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)] {
            let found = share(hits, of).unwrap();
            assert!(close(found.low, low) && close(found.high, high), "{found:?}");
        }
        assert_eq!(share(0, 0), None);
    }

    #[test]
    fn places_are_as_in_the_tables() {
        // 2 · 0.5⁶ is the first below 5 %, and 0.95⁷² the first below 2.5 %.
        assert_eq!(places(5, 0.5), (None, None));
        assert_eq!(places(6, 0.5), (Some(1), Some(6)));
        assert_eq!(places(10, 0.5), (Some(2), Some(9)));
        assert_eq!((places(71, 0.95).1, places(72, 0.95).1), (None, Some(72)));
    }

    #[test]
    fn all_five_stars_of_few_are_not_certain() {
        let few = stars([0, 0, 0, 0, 2]).unwrap();
        assert!(few.value == 5.0 && few.high == Some(5.0) && few.low.unwrap() < 3.0, "{few:?}");
        assert!(stars([0, 0, 0, 0, 200]).unwrap().low.unwrap() > 4.9);
        assert_eq!(stars([0; 5]), None);
        assert!((stars([1, 0, 0, 0, 1]).unwrap().value - 3.0).abs() < 1e-9);
    }

    #[test]
    fn middle_and_slowest() {
        let mut values: Vec<u32> = (1..=100).rev().collect();
        let median = quantile(&mut values, 0.5).unwrap();
        assert_eq!((median.value, median.low, median.high), (50.0, Some(40.0), Some(61.0)));
        let slow = quantile(&mut values, 0.95).unwrap();
        assert_eq!((slow.value, slow.n), (95.0, 100));
        assert_eq!(quantile(&mut [], 0.5), None);
        let one = quantile(&mut [7], 0.95).unwrap();
        assert_eq!((one.value, one.low, one.high), (7.0, None, None));
    }

    proptest! {
        #[test]
        fn what_was_found_lies_within(hits in 0u64..5_000, more in 0u64..5_000) {
            if let Some(found) = share(hits, hits + more) {
                let (low, high) = (found.low.unwrap(), found.high.unwrap());
                prop_assert!(0.0 <= low && low <= found.value && found.value <= high && high <= 1.0);
            }
        }

        /// Ten times as many, of which the same share: surer.
        #[test]
        fn many_are_surer_than_few(hits in 0u64..500, of in 1u64..500) {
            prop_assume!(hits <= of);
            let width = |found: Estimate| found.high.unwrap() - found.low.unwrap();
            prop_assert!(width(share(hits * 10, of * 10).unwrap()) < width(share(hits, of).unwrap()));
        }

        #[test]
        fn stars_stay_stars(counts: [u8; 5]) {
            if let Some(found) = stars(counts.map(u64::from)) {
                let (low, high) = (found.low.unwrap(), found.high.unwrap());
                prop_assert!(1.0 <= low && low <= found.value + 1e-9 && found.value <= high + 1e-9 && high <= 5.0);
            }
        }

        #[test]
        fn quantiles_are_values_in_order(mut values in proptest::collection::vec(0u32..120_000, 1..400), q in 0.05f64..0.99) {
            let found = quantile(&mut values, q).unwrap();
            prop_assert!(found.low.is_none_or(|low| low <= found.value));
            prop_assert!(found.high.is_none_or(|high| found.value <= high));
            let below = values.iter().filter(|value| f64::from(**value) <= found.value).count();
            prop_assert!(below as f64 + 1e-6 >= q * values.len() as f64);
        }

        /// The interval that is promised: with probability 95 % or more the true quantile is in it.
        #[test]
        fn the_places_hold_what_they_promise(n in 1usize..600, q in 0.05f64..0.99) {
            let (low, high) = places(n, q);
            // The probability that fewer than `count` of n lie below the true quantile.
            let fewer = |count: usize| -> f64 {
                let mut log = n as f64 * (1.0 - q).ln();
                let mut sum = 0.0;
                for below in 0..count {
                    sum += log.exp();
                    log += ((n - below) as f64 / (below + 1) as f64).ln() + (q / (1.0 - q)).ln();
                }
                sum
            };
            prop_assert!(low.is_none_or(|low| fewer(low) <= 0.025 + 1e-9));
            prop_assert!(high.is_none_or(|high| 1.0 - fewer(high) <= 0.025 + 1e-9));
        }
    }
}
