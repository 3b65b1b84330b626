//! Who wants to be woken when.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::time::Instant;

/// At most one deadline per key.
#[derive(Debug)]
pub(crate) struct Timers<K> {
    order: BTreeSet<(Instant, K)>,
    deadlines: HashMap<K, Instant>,
}

impl<K: Copy + Ord + Hash> Timers<K> {
    pub(crate) fn new() -> Self {
        Self { order: BTreeSet::new(), deadlines: HashMap::new() }
    }

    /// Replaces the key's deadline.
    pub(crate) fn set(&mut self, key: K, at: Instant) {
        match self.deadlines.insert(key, at) {
            Some(old) if old == at => return,
            Some(old) => {
                self.order.remove(&(old, key));
            }
            None => {}
        }
        self.order.insert((at, key));
    }

    pub(crate) fn remove(&mut self, key: K) {
        if let Some(old) = self.deadlines.remove(&key) {
            self.order.remove(&(old, key));
        }
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.order.first().map(|(at, _)| *at)
    }

    /// Takes out one key that is due.
    pub(crate) fn expired(&mut self, now: Instant) -> Option<K> {
        let (at, key) = *self.order.first()?;
        if at > now {
            return None;
        }
        self.remove(key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_later_deadline_replaces_an_earlier_one() {
        let now = Instant::now();
        let mut timers = Timers::new();
        timers.set(1, now);
        timers.set(2, now + Duration::from_secs(1));
        timers.set(1, now + Duration::from_secs(2));
        assert_eq!(timers.expired(now), None);
        assert_eq!(timers.next(), Some(now + Duration::from_secs(1)));
        let later = now + Duration::from_secs(3);
        assert_eq!([timers.expired(later), timers.expired(later), timers.expired(later)], [Some(2), Some(1), None]);
    }
}
