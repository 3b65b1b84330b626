//! The deletion of a service for good: which of its copies there were, and which were seen to be gone.
//!
//! A deletion is a thing of its own, which outlives the service: it is over when each copy was looked for and not found,
//! and then one line of the audit log is its receipt. Like a stream's, these facts only ever merge.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    merge::{earliest, latest},
    recording::RecordingSource,
};

/// Something that is to be gone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Thing {
    pub kind: ThingKind,
    /// The provider's id of it, or the name of a file below the folder of the recordings, or of an object.
    pub id: String,
}

/// A place that a copy may be at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    Server,
    /// What a phone has delivered, on this server.
    Phone,
    Cloudflare,
    Mux,
    /// Object storage, whosever copy it is.
    Storage,
}

impl From<RecordingSource> for Place {
    fn from(source: RecordingSource) -> Self {
        match source {
            RecordingSource::Server => Self::Server,
            RecordingSource::Phone => Self::Phone,
            RecordingSource::Cloudflare => Self::Cloudflare,
            RecordingSource::Mux => Self::Mux,
        }
    }
}

/// In the order in which they are removed: what takes a picture in goes first, so that nothing new is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThingKind {
    /// What takes a stream in at a provider: a live input at Cloudflare, a live stream at Mux.
    Object,
    /// A recording at a provider: a video at Cloudflare, an asset at Mux.
    Copy,
    /// A file or a folder on this server, or in object storage.
    File,
}

/// All that is known of a deletion.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeletionFacts {
    /// Every place that a copy may be at.
    pub places: BTreeMap<Place, PlaceFacts>,
}

/// What is known of one place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PlaceFacts {
    /// What was found there.
    pub things: BTreeSet<Thing>,
    /// On this server and in object storage: the beginnings of the names that files of it have.
    pub stems: BTreeSet<String>,
    /// The latest failure, in words for people.
    pub trouble: Option<(Timestamp, String)>,
    /// When it was looked for and not found any more.
    pub gone: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeletionEvent {
    Found {
        things: BTreeSet<Thing>,
    },
    Failed {
        at: Timestamp,
        reason: String,
    },
    /// Seen, not assumed.
    Gone {
        at: Timestamp,
    },
}

impl DeletionFacts {
    /// Takes in what happened at one place. Commutative, associative, idempotent.
    #[must_use]
    pub fn apply(mut self, place: Place, event: DeletionEvent) -> Self {
        let known = self.places.entry(place).or_default();
        match event {
            DeletionEvent::Found { things } => known.things.extend(things),
            DeletionEvent::Failed { at, reason } => latest(&mut known.trouble, (at, reason)),
            DeletionEvent::Gone { at } => earliest(&mut known.gone, at),
        }
        self
    }

    /// Where something may be left.
    pub fn left(&self) -> impl Iterator<Item = (Place, &PlaceFacts)> {
        self.places.iter().filter(|(_, known)| known.gone.is_none()).map(|(place, known)| (*place, known))
    }

    pub fn is_over(&self) -> bool {
        self.left().next().is_none()
    }
}

/// A deletion that is not over, for staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeingDeleted {
    /// The service in words.
    pub what: String,
    pub asked_at: Timestamp,
    /// What is still there and why, a sentence for each place.
    pub left: Vec<String>,
}

/// How people call a place.
pub const fn place_words(place: Place) -> &'static str {
    match place {
        Place::Server => "on this server",
        Place::Phone => "of what a phone delivered",
        Place::Cloudflare => "at Cloudflare",
        Place::Mux => "at Mux",
        Place::Storage => "in object storage",
    }
}

/// Things of one place, as people who look there find them.
#[derive(Debug)]
pub struct Named<'a>(pub Place, pub &'a BTreeSet<Thing>);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, thing) in self.1.iter().enumerate() {
            let kind = match (thing.kind, self.0) {
                (ThingKind::File, _) => "",
                (ThingKind::Object, Place::Cloudflare) => "live input ",
                (ThingKind::Object, _) => "live stream ",
                (ThingKind::Copy, Place::Cloudflare) => "video ",
                (ThingKind::Copy, _) => "asset ",
            };
            write!(f, "{}{kind}{}", if number == 0 { "" } else { ", " }, thing.id)?;
        }
        if self.1.is_empty() { f.write_str("nothing") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLACES: [Place; 5] = [Place::Server, Place::Phone, Place::Cloudflare, Place::Mux, Place::Storage];

    fn thing(kind: ThingKind, id: &str) -> Thing {
        Thing { kind, id: id.to_owned() }
    }

    fn any_event() -> impl Strategy<Value = (Place, DeletionEvent)> {
        let at = || (0i64..50).prop_map(Timestamp);
        let event = prop_oneof![
            "[abc]".prop_map(|id| DeletionEvent::Found { things: [thing(ThingKind::Copy, &id)].into() }),
            (at(), "[xy]").prop_map(|(at, reason)| DeletionEvent::Failed { at, reason }),
            at().prop_map(|at| DeletionEvent::Gone { at }),
        ];
        (proptest::sample::select(PLACES.to_vec()), event)
    }

    fn run(events: &[(Place, DeletionEvent)]) -> DeletionFacts {
        let begun = DeletionFacts::default();
        events.iter().cloned().fold(begun, |facts, (place, event)| facts.apply(place, event))
    }

    proptest! {
        #[test]
        fn any_order_and_any_repetition_end_the_same(
            (events, again) in proptest::collection::vec(any_event(), 0..12).prop_flat_map(|events| {
                let again = events.iter().chain(&events).cloned().collect::<Vec<_>>();
                (Just(events), Just(again).prop_shuffle())
            })
        ) {
            prop_assert_eq!(run(&events), run(&again));
        }

        /// Nothing but having looked makes a place count as gone.
        #[test]
        fn it_is_over_when_every_place_was_seen_to_be_empty(events in proptest::collection::vec(any_event(), 0..12)) {
            let facts = run(&events);
            let seen = |place: &Place| {
                events.iter().any(|(at, event)| at == place && matches!(event, DeletionEvent::Gone { .. }))
            };
            prop_assert_eq!(facts.is_over(), facts.places.keys().all(seen));
        }

        #[test]
        fn it_is_read_as_it_was_written(events in proptest::collection::vec(any_event(), 0..12)) {
            let facts = run(&events);
            let written = serde_json::to_string(&facts).unwrap();
            prop_assert_eq!(serde_json::from_str::<DeletionFacts>(&written).unwrap(), facts);
        }
    }

    #[test]
    fn things_are_named_as_the_provider_names_them() {
        let things = [thing(ThingKind::Copy, "c"), thing(ThingKind::Object, "o")].into();
        assert_eq!(Named(Place::Cloudflare, &things).to_string(), "live input o, video c");
        assert_eq!(Named(Place::Mux, &things).to_string(), "live stream o, asset c");
        assert_eq!(Named(Place::Server, &BTreeSet::new()).to_string(), "nothing");
    }
}
