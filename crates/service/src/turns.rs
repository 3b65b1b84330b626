//! Whose turn it is to film. Whoever goes live with another phone takes the service over, and the phone of before must not
//! take it back by itself, which it would: it never gives up. So the page gives each going live a name, and an earlier one
//! is refused while a later one is on air.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::StreamId;
use media::SessionId;

/// Names that are remembered of one service: so often does nobody change phones while both go on asking.
const MOST: usize = 32;

/// For services that have a session. Lost with the process: then whoever asks first films.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<StreamId, Order>>);

#[derive(Debug, Default)]
struct Order {
    next: u64,
    /// The latest at the end.
    names: Vec<(String, u64)>,
    sessions: HashMap<SessionId, u64>,
    on_air: Option<SessionId>,
}

/// A place in the order. Later ones are larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn(u64);

impl Turns {
    /// `None`: a later turn is on air. What publishes without a name has a turn of its own each time.
    pub(crate) fn ask(&self, stream: StreamId, name: Option<&str>) -> Option<Turn> {
        let mut map = self.map();
        let order = map.entry(stream).or_default();
        let known = name.and_then(|name| order.names.iter().find(|(known, _)| known == name));
        let turn = match known {
            Some((_, turn)) => *turn,
            None => {
                let turn = order.next;
                order.next += 1;
                if order.names.len() == MOST {
                    order.names.remove(0);
                }
                order.names.extend(name.map(|name| (name.to_owned(), turn)));
                turn
            }
        };
        let on_air = order.on_air.and_then(|session| order.sessions.get(&session));
        on_air.is_none_or(|on_air| *on_air <= turn).then_some(Turn(turn))
    }

    pub(crate) fn begin(&self, stream: StreamId, session: SessionId, Turn(turn): Turn) {
        self.map().entry(stream).or_default().sessions.insert(session, turn);
    }

    pub(crate) fn connected(&self, stream: StreamId, session: SessionId) {
        if let Some(order) = self.map().get_mut(&stream) {
            order.on_air = Some(session);
        }
    }

    pub(crate) fn closed(&self, stream: StreamId, session: SessionId) {
        let mut map = self.map();
        if let Some(order) = map.get_mut(&stream) {
            order.sessions.remove(&session);
            if order.sessions.is_empty() {
                map.remove(&stream);
            }
        }
    }

    fn map(&self) -> MutexGuard<'_, HashMap<StreamId, Order>> {
        // Consistent between any two statements: a panic elsewhere leaves it usable.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(number: u32) -> SessionId {
        format!("{number:032x}").parse().unwrap()
    }

    /// Goes on air, if it may.
    fn films(turns: &Turns, stream: StreamId, name: &str, number: u32) -> bool {
        let Some(turn) = turns.ask(stream, Some(name)) else { return false };
        turns.begin(stream, session(number), turn);
        turns.connected(stream, session(number));
        true
    }

    #[test]
    fn a_phone_that_was_taken_over_from_does_not_take_the_service_back() {
        let (turns, stream) = (Turns::default(), StreamId::from_parts(1, [1; 10]));
        assert!(films(&turns, stream, "first", 1));
        assert!(films(&turns, stream, "second", 2));
        turns.closed(stream, session(1));
        assert!(!films(&turns, stream, "first", 3), "by itself");
        assert!(films(&turns, stream, "second", 4), "after a dead spot of its own");
        turns.closed(stream, session(2));
        assert!(!films(&turns, stream, "first", 5));
        assert!(films(&turns, stream, "first, once more", 6), "when its person wants it");
        assert!(!films(&turns, stream, "second", 7));
        assert!(films(&turns, StreamId::from_parts(1, [2; 10]), "first", 8), "another service");
    }

    #[test]
    fn a_phone_that_never_came_on_air_takes_nothing_over() {
        let (turns, stream) = (Turns::default(), StreamId::from_parts(1, [1; 10]));
        assert!(films(&turns, stream, "first", 1));
        let turn = turns.ask(stream, Some("second")).unwrap();
        turns.begin(stream, session(2), turn);
        turns.closed(stream, session(1));
        assert!(films(&turns, stream, "first", 3), "the second is not connected");
    }

    #[test]
    fn once_nobody_films_anybody_may() {
        let (turns, stream) = (Turns::default(), StreamId::from_parts(1, [1; 10]));
        assert!(films(&turns, stream, "first", 1));
        assert!(films(&turns, stream, "second", 2));
        turns.closed(stream, session(1));
        turns.closed(stream, session(2));
        assert!(films(&turns, stream, "first", 3));
        assert!(turns.ask(stream, None).is_some(), "an encoder, which has no name");
        turns.closed(stream, session(3));
        assert!(turns.map().is_empty());
    }
}
