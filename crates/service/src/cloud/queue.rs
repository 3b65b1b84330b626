//! When each stream is looked at next at its providers.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{StreamId, Timestamp};
use tokio::sync::Notify;

#[derive(Default)]
pub(super) struct Queue {
    due: Mutex<HashMap<StreamId, Due>>,
    woken: Notify,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// As soon as it is not worked on any more.
    Now,
    At(Timestamp),
    /// Nothing is left to be done until something happens.
    Settled,
}

impl Due {
    fn has_come(self, now: Timestamp) -> bool {
        match self {
            Self::Now => true,
            Self::At(at) => at <= now,
            Self::Settled => false,
        }
    }
}

impl Queue {
    pub(super) fn wake(&self, stream: StreamId) {
        self.lock().insert(stream, Due::Now);
        self.look();
    }

    /// Of these, those that were not known are due.
    pub(super) fn learn(&self, streams: Vec<StreamId>) {
        let mut due = self.lock();
        for stream in streams {
            due.entry(stream).or_insert(Due::Now);
        }
    }

    pub(super) fn put(&self, stream: StreamId, again: Option<Timestamp>) {
        self.lock().insert(stream, again.map_or(Due::Settled, Due::At));
    }

    /// No provider has anything to do with it, until it is heard of again.
    pub(super) fn forget(&self, stream: StreamId) {
        self.lock().remove(&stream);
    }

    pub(super) fn wake_waiting(&self) {
        for due in self.lock().values_mut().filter(|due| matches!(due, Due::At(_))) {
            *due = Due::Now;
        }
        self.look();
    }

    pub(super) fn is_due(&self, stream: StreamId, now: Timestamp) -> bool {
        self.lock().get(&stream).is_some_and(|due| due.has_come(now))
    }

    /// Those that wait for longest first.
    pub(super) fn due(&self, now: Timestamp) -> Vec<StreamId> {
        let mut due: Vec<_> =
            self.lock().iter().filter(|(_, due)| due.has_come(now)).map(|(stream, due)| (*due, *stream)).collect();
        due.sort_unstable();
        due.into_iter().map(|(_, stream)| stream).collect()
    }

    pub(super) fn next(&self) -> Option<Timestamp> {
        self.lock().values().filter_map(|due| if let Due::At(at) = due { Some(*at) } else { None }).min()
    }

    /// Something may have become due.
    pub(super) fn look(&self) {
        self.woken.notify_one();
    }

    /// Until something may have.
    pub(super) async fn woken(&self) {
        self.woken.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<StreamId, Due>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(43_200_000);

    fn stream(number: u8) -> StreamId {
        format!("01a227c1-7af7-7c4a-8314-{number:012}").parse().expect("a UUID")
    }

    #[test]
    fn a_stream_is_due_when_it_is_heard_of_and_when_its_time_has_come() {
        let queue = Queue::default();
        assert_eq!(queue.due(NOON), []);
        queue.learn(vec![stream(2), stream(1)]);
        assert_eq!(queue.due(NOON), [stream(1), stream(2)]);
        queue.put(stream(1), Some(NOON));
        queue.put(stream(2), None);
        assert_eq!(queue.next(), Some(NOON));
        assert_eq!((queue.due(Timestamp(0)), queue.due(NOON)), (vec![], vec![stream(1)]));
    }

    #[test]
    fn what_is_known_is_not_due_again_for_being_read_from_the_database() {
        let queue = Queue::default();
        queue.put(stream(1), None);
        queue.learn(vec![stream(1)]);
        assert_eq!(queue.due(NOON), []);
    }

    #[test]
    fn what_was_forgotten_is_due_when_it_is_heard_of_again() {
        let queue = Queue::default();
        queue.wake(stream(1));
        queue.forget(stream(1));
        assert_eq!(queue.due(NOON), []);
        queue.learn(vec![stream(1)]);
        assert_eq!(queue.due(NOON), [stream(1)]);
    }

    #[test]
    fn what_is_woken_is_due_until_it_is_put_off() {
        let queue = Queue::default();
        queue.put(stream(1), None);
        queue.wake(stream(1));
        assert!(queue.is_due(stream(1), NOON));
        assert_eq!(queue.next(), None, "it may be worked on: its end wakes whoever waits, not a clock");
    }

    #[test]
    fn news_of_nobody_knows_whom_wake_those_who_wait_and_not_those_who_are_done() {
        let queue = Queue::default();
        queue.put(stream(1), Some(NOON));
        queue.put(stream(2), None);
        queue.wake_waiting();
        assert_eq!(queue.due(Timestamp(0)), [stream(1)]);
    }
}
