//! How long somebody who guesses has to wait. Counted for each account *and* address together: whoever guesses from
//! elsewhere makes nobody wait but themselves, so that no outsider can keep anybody from signing in.
//!
//! Pure but for the map that it holds: the moment comes from outside.

use std::{collections::HashMap, hash::Hash, time::Duration};

use domain::Timestamp;

/// Typing errors that cost nothing.
const FREE: u32 = 4;
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// After this time of quiet all is forgotten.
const FORGET: Duration = Duration::from_secs(60 * 60);
/// How many are remembered; above, those that may be forgotten are looked for, and then the quietest go.
const MOST: usize = 10_000;

#[derive(Debug)]
pub struct Throttle<K> {
    attempts: HashMap<K, Attempts>,
}

#[derive(Debug, Clone, Copy)]
struct Attempts {
    count: u32,
    last: Timestamp,
}

impl<K> Default for Throttle<K> {
    fn default() -> Self {
        Self { attempts: HashMap::new() }
    }
}

impl Attempts {
    /// From the last attempt on: one second, then twice as long each time.
    fn delay(self) -> Duration {
        match self.count.checked_sub(FREE) {
            None | Some(0) => Duration::ZERO,
            Some(too_many) => Duration::from_secs(1 << (too_many - 1).min(20)).min(LONGEST),
        }
    }
}

impl<K: Hash + Eq> Throttle<K> {
    /// Counts an attempt before it is made: those that are made side by side are all counted. When it is too early the
    /// answer is how long to wait, and nothing is counted.
    pub fn attempt(&mut self, key: K, now: Timestamp) -> Result<(), Duration> {
        self.forget(now);
        let attempts = self.attempts.entry(key).or_insert(Attempts { count: 0, last: now });
        if now.since(attempts.last) > FORGET {
            attempts.count = 0;
        }
        let (delay, passed) = (attempts.delay(), now.since(attempts.last));
        if passed < delay {
            return Err(delay - passed);
        }
        *attempts = Attempts { count: attempts.count.saturating_add(1), last: now };
        Ok(())
    }

    /// It was the right person.
    pub fn succeeded(&mut self, key: &K) {
        self.attempts.remove(key);
    }

    fn forget(&mut self, now: Timestamp) {
        if self.attempts.len() < MOST {
            return;
        }
        self.attempts.retain(|_, attempts| now.since(attempts.last) <= FORGET);
        if self.attempts.len() >= MOST {
            let mut counts: Vec<u32> = self.attempts.values().map(|attempts| attempts.count).collect();
            counts.sort_unstable();
            let quiet = counts[counts.len() / 2];
            self.attempts.retain(|_, attempts| attempts.count > quiet);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_wait_grows_and_ends() {
        let mut throttle = Throttle::default();
        let mut now = Timestamp(0);
        let mut waits = Vec::new();
        for _ in 0..20 {
            match throttle.attempt("ada", now) {
                Ok(()) => {}
                Err(wait) => {
                    waits.push(wait.as_secs());
                    now = now.plus(wait);
                    throttle.attempt("ada", now).unwrap();
                }
            }
        }
        assert_eq!(waits[..5], [1, 2, 4, 8, 16]);
        assert_eq!(waits.last(), Some(&LONGEST.as_secs()));
    }

    #[test]
    fn nobody_else_waits_and_success_forgets() {
        let mut throttle = Throttle::default();
        for _ in 0..=FREE {
            throttle.attempt(("ada", 1), Timestamp(0)).unwrap();
        }
        assert!(throttle.attempt(("ada", 1), Timestamp(0)).is_err());
        assert!(throttle.attempt(("ada", 2), Timestamp(0)).is_ok(), "the same account from another address");
        throttle.succeeded(&("ada", 1));
        assert!(throttle.attempt(("ada", 1), Timestamp(0)).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let mut throttle = Throttle::default();
        for key in 0..3 * MOST {
            throttle.attempt(key, Timestamp(0)).unwrap();
        }
        assert!(throttle.attempts.len() <= MOST);
    }

    proptest! {
        /// However it is tried, in an hour no more than these attempts come through.
        #[test]
        fn guesses_are_few(gaps in proptest::collection::vec(0u64..5_000, 1..2_000)) {
            let mut throttle = Throttle::default();
            let (mut now, mut through) = (Timestamp(0), 0);
            for gap in gaps {
                now = now.plus(Duration::from_millis(gap));
                if now.millis() > 3_600_000 { break; }
                through += u32::from(throttle.attempt("ada", now).is_ok());
            }
            prop_assert!(through <= 20, "{through}");
        }
    }
}
