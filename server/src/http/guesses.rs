//! How often a secret that people type may be said wrongly. Pure: the moment comes from outside.

use std::{
    collections::HashMap,
    hash::Hash,
    time::{Duration, Instant},
};

/// How many wrong attempts there may be.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// So many at once …
    pub at_once: u32,
    /// … and one more each.
    pub every: Duration,
}

/// Whoever has been quiet is forgotten when there are so many.
const MANY: usize = 10_000;

/// Attempts by whose they are. Those that were right are given back, so that only wrong ones count.
#[derive(Debug)]
pub struct Guesses<K> {
    allowance: Allowance,
    /// The moment at which each one's attempts are all forgotten.
    clear_at: HashMap<K, Instant>,
}

impl<K: Eq + Hash> Guesses<K> {
    pub fn new(allowance: Allowance) -> Self {
        Self { allowance, clear_at: HashMap::new() }
    }

    /// Whether one more attempt may be made. Counts it.
    pub fn begin(&mut self, who: K, now: Instant) -> bool {
        if self.clear_at.len() >= MANY {
            self.clear_at.retain(|_, clear_at| *clear_at > now);
            // Nobody new until somebody is forgotten: the limit holds rather than memory growing without one.
            if self.clear_at.len() >= MANY && !self.clear_at.contains_key(&who) {
                return false;
            }
        }
        let clear_at = self.clear_at.entry(who).or_insert(now);
        let Allowance { at_once, every } = self.allowance;
        let after = (*clear_at).max(now) + every;
        if after.duration_since(now) > every * at_once {
            return false;
        }
        *clear_at = after;
        true
    }

    /// The attempt was right.
    pub fn forgive(&mut self, who: &K) {
        if let Some(clear_at) = self.clear_at.get_mut(who)
            && let Some(before) = clear_at.checked_sub(self.allowance.every)
        {
            *clear_at = before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_ONCE: u32 = 20;
    const EVERY: Duration = Duration::from_secs(10);

    fn guesses<K: Eq + Hash>() -> Guesses<K> {
        Guesses::new(Allowance { at_once: AT_ONCE, every: EVERY })
    }

    fn tried(guesses: &mut Guesses<u8>, who: u8, now: Instant, times: u32) -> u32 {
        (0..times).map(|_| u32::from(guesses.begin(who, now))).sum()
    }

    #[test]
    fn wrong_attempts_run_out_and_come_back_slowly_and_others_are_not_kept() {
        let (mut guesses, now) = (guesses(), Instant::now());
        assert_eq!(tried(&mut guesses, 1, now, 100), AT_ONCE);
        assert_eq!(tried(&mut guesses, 2, now, 1), 1);
        assert_eq!(tried(&mut guesses, 1, now + EVERY * 3, 100), 3);
        assert_eq!(tried(&mut guesses, 1, now + EVERY * 100, 100), AT_ONCE);
    }

    #[test]
    fn a_congregation_behind_one_address_is_let_in() {
        let (mut guesses, now) = (guesses(), Instant::now());
        for _ in 0..500 {
            assert!(guesses.begin(1, now));
            guesses.forgive(&1);
        }
        assert_eq!(tried(&mut guesses, 1, now, 100), AT_ONCE, "and guessing is not made easier by it");
    }

    #[test]
    fn a_flood_of_strangers_is_refused_rather_than_remembered() {
        let (mut guesses, now) = (guesses(), Instant::now());
        let let_in = (0..2 * MANY).filter(|who| guesses.begin(*who, now)).count();
        assert_eq!(let_in, MANY);
        assert!(guesses.begin(2 * MANY, now + EVERY * 2), "they are forgotten");
    }
}
