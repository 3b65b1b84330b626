//! How many of something that there is not without end one network may hold at once. A congregation behind one address has
//! as many as it needs, and nobody takes all of them.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// Places for each network. Cloning it gives another handle to the same.
#[derive(Debug, Clone)]
pub struct Places {
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
    most: usize,
}

impl Places {
    pub fn new(most: usize) -> Self {
        Self { taken: Arc::default(), most }
    }

    /// One more for this network, if it may have it.
    pub fn take(&self, network: IpAddr) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.get(&network).copied().unwrap_or(0) >= self.most {
            return None;
        }
        *taken.entry(network).or_default() += 1;
        Some(Place { places: self.clone(), network })
    }
}

/// A place that is taken, until it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Places,
    network: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_has_so_many_and_the_others_have_theirs() {
        let places = Places::new(2);
        let [one, other]: [IpAddr; 2] = [[192, 0, 2, 1].into(), [192, 0, 2, 2].into()];
        let first = places.take(one).unwrap();
        let _second = places.take(one).unwrap();
        assert!(places.take(one).is_none());
        assert!(places.take(other).is_some());
        drop(first);
        assert!(places.take(one).is_some(), "who leaves makes room");
    }

    #[test]
    fn nothing_is_kept_of_who_has_gone_or_was_refused() {
        let places = Places::new(1);
        drop(places.take([192, 0, 2, 1].into()));
        assert!(Places::new(0).take([192, 0, 2, 1].into()).is_none());
        assert!(places.taken.lock().unwrap().is_empty());
    }
}
