//! What a provider of recordings (Cloudflare Stream, Mux Video) holds for one stream, and the saga that makes and unmakes
//! it.
//!
//! The intent is stored before each call ([`ProvisionEvent::Asked`]), so that after a crash or a call whose outcome is
//! unknown the next worker looks at the provider before it asks again: there is one object of each stream in the end, or
//! none. Like a stream's, these facts only ever merge.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    merge::{earliest, latest},
    recording::RecordingSource,
};

/// Somebody else's service that holds recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    Cloudflare,
    Mux,
}

impl Provider {
    pub const ALL: [Self; 2] = [Self::Cloudflare, Self::Mux];

    /// As people know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cloudflare => "Cloudflare",
            Self::Mux => "Mux",
        }
    }

    /// The copy of the recording that lies there.
    pub const fn source(self) -> RecordingSource {
        match self {
            Self::Cloudflare => RecordingSource::Cloudflare,
            Self::Mux => RecordingSource::Mux,
        }
    }
}

/// A call that was sent may still arrive: after this long it has, or never will.
pub const SETTLING: Duration = Duration::from_secs(20);
/// Between attempts after a failure.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProvisionFacts {
    /// When the provider was last asked to make the object.
    pub asked: Option<Timestamp>,
    /// The first object that is known to exist, by the provider's id. Later ones are duplicates, to be removed.
    pub object: Option<(Timestamp, String)>,
    /// The latest failure in words for people, or that all is well again.
    pub trouble: Option<(Timestamp, Option<Trouble>)>,
    /// How far the recording has arrived there: the number of the part, and milliseconds on the recording's clock.
    pub arrived_until: (u32, u64),
    /// Everything that there was to send was sent.
    pub sent_all: Option<Timestamp>,
    /// Another provider sends on to it what arrives there.
    pub fed: Option<Timestamp>,
    /// The service is over: nothing can be sent there any more.
    pub retired: Option<Timestamp>,
    /// When a copy was last uploaded because the one that was there was missing or short, and its id there.
    pub repaired: Option<(Timestamp, String)>,
    /// The stream was deleted: nothing of it may stay there.
    pub unwanted: Option<Timestamp>,
    /// Nothing of it is there any more: seen, not assumed.
    pub gone: Option<Timestamp>,
}

/// A failure, and whether the call may have been carried out all the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trouble {
    /// In words for people; without secrets.
    pub reason: String,
    /// How many in a row.
    pub times: u32,
    /// Trying again will not help before a person has mended something.
    pub permanent: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProvisionEvent {
    Asked {
        at: Timestamp,
    },
    Exists {
        at: Timestamp,
        object: String,
    },
    Failed {
        at: Timestamp,
        reason: String,
        times: u32,
        permanent: bool,
    },
    /// A call succeeded, or a person asked for another attempt.
    Healed {
        at: Timestamp,
    },
    Arrived {
        part: u32,
        time_ms: u64,
    },
    SentAll {
        at: Timestamp,
    },
    Fed {
        at: Timestamp,
    },
    Retired {
        at: Timestamp,
    },
    Repaired {
        at: Timestamp,
        copy: String,
    },
    Unwanted {
        at: Timestamp,
    },
    Gone {
        at: Timestamp,
    },
}

/// What the next worker does about the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProvisionStep {
    /// Nobody has asked yet: store [`ProvisionEvent::Asked`], then create.
    Create,
    /// It was asked for and the outcome is unknown: look for objects with our mark, then create if there is none.
    LookUp,
    /// As before, but a call may still be on its way: an object that is there is taken, none is made yet.
    LookOnly,
    /// Delete everything with our mark, then look that it is gone.
    Remove,
    /// Not before this moment.
    Wait(Timestamp),
    Nothing,
}

/// What people are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum ProvisionState {
    Preparing,
    Ready,
    NotAvailable { reason: String },
}

impl ProvisionFacts {
    /// Takes an event in. Commutative, associative, idempotent.
    #[must_use]
    pub fn apply(mut self, event: ProvisionEvent) -> Self {
        match event {
            ProvisionEvent::Asked { at } => latest(&mut self.asked, at),
            ProvisionEvent::Exists { at, object } => {
                let known = self.object.take();
                let new = (at, object);
                self.object = Some(known.map_or(new.clone(), |known| known.min(new)));
            }
            ProvisionEvent::Failed { at, reason, times, permanent } => {
                latest(&mut self.trouble, (at, Some(Trouble { reason, times, permanent })));
            }
            ProvisionEvent::Healed { at } => latest(&mut self.trouble, (at, None)),
            ProvisionEvent::Arrived { part, time_ms } => self.arrived_until = self.arrived_until.max((part, time_ms)),
            ProvisionEvent::SentAll { at } => earliest(&mut self.sent_all, at),
            ProvisionEvent::Fed { at } => earliest(&mut self.fed, at),
            ProvisionEvent::Retired { at } => earliest(&mut self.retired, at),
            ProvisionEvent::Repaired { at, copy } => latest(&mut self.repaired, (at, copy)),
            ProvisionEvent::Unwanted { at } => earliest(&mut self.unwanted, at),
            ProvisionEvent::Gone { at } => latest(&mut self.gone, at),
        }
        self
    }

    /// The provider's id of the object, once it is known to exist.
    pub fn object(&self) -> Option<&str> {
        self.object.as_ref().map(|(_, object)| object.as_str())
    }

    pub fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref().and_then(|(_, trouble)| trouble.as_ref())
    }

    /// Whether nothing is left to be done, ever.
    pub fn is_gone(&self) -> bool {
        self.unwanted.is_some() && self.gone.is_some()
    }

    pub fn state(&self) -> ProvisionState {
        match (self.object(), self.trouble()) {
            (Some(_), _) => ProvisionState::Ready,
            (None, Some(trouble)) => ProvisionState::NotAvailable { reason: trouble.reason.clone() },
            (None, None) => ProvisionState::Preparing,
        }
    }

    /// When the next attempt may be made after a failure.
    fn pause_ends(&self) -> Option<Timestamp> {
        let (at, trouble) = self.trouble.as_ref()?;
        let trouble = trouble.as_ref()?;
        let pause = if trouble.permanent {
            LONGEST_PAUSE * 10
        } else {
            FIRST_PAUSE.saturating_mul(1 << trouble.times.min(6)).min(LONGEST_PAUSE)
        };
        Some(at.plus(pause))
    }

    pub fn next_step(&self, now: Timestamp) -> ProvisionStep {
        if self.is_gone() || (self.unwanted.is_none() && self.object.is_some()) {
            return ProvisionStep::Nothing;
        }
        if let Some(until) = self.pause_ends().filter(|until| *until > now) {
            return ProvisionStep::Wait(until);
        }
        match (self.unwanted, self.asked) {
            // What was never asked for is not there, but looking costs little and a second worker may have asked.
            (Some(_), Some(asked)) if now < asked.plus(SETTLING) && self.object.is_none() => {
                ProvisionStep::Wait(asked.plus(SETTLING))
            }
            (Some(_), _) => ProvisionStep::Remove,
            (None, None) => ProvisionStep::Create,
            (None, Some(asked)) if now < asked.plus(SETTLING) => ProvisionStep::LookOnly,
            (None, Some(_)) => ProvisionStep::LookUp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_event() -> impl Strategy<Value = ProvisionEvent> {
        let at = || (0i64..50).prop_map(Timestamp);
        prop_oneof![
            at().prop_map(|at| ProvisionEvent::Asked { at }),
            (at(), "[ab]").prop_map(|(at, object)| ProvisionEvent::Exists { at, object }),
            (at(), "[xy]", 0u32..3, any::<bool>()).prop_map(|(at, reason, times, permanent)| ProvisionEvent::Failed {
                at,
                reason,
                times,
                permanent
            }),
            at().prop_map(|at| ProvisionEvent::Healed { at }),
            (0u32..3, 0u64..9).prop_map(|(part, time_ms)| ProvisionEvent::Arrived { part, time_ms }),
            at().prop_map(|at| ProvisionEvent::SentAll { at }),
            at().prop_map(|at| ProvisionEvent::Fed { at }),
            at().prop_map(|at| ProvisionEvent::Retired { at }),
            (at(), "[cd]").prop_map(|(at, copy)| ProvisionEvent::Repaired { at, copy }),
            at().prop_map(|at| ProvisionEvent::Unwanted { at }),
            at().prop_map(|at| ProvisionEvent::Gone { at }),
        ]
    }

    fn run(events: &[ProvisionEvent]) -> ProvisionFacts {
        events.iter().cloned().fold(ProvisionFacts::default(), ProvisionFacts::apply)
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

        #[test]
        fn nothing_is_made_for_a_stream_that_was_deleted(events in proptest::collection::vec(any_event(), 0..12), now in 0i64..1_000_000) {
            let facts = run(&events).apply(ProvisionEvent::Unwanted { at: Timestamp(1) });
            let step = facts.next_step(Timestamp(now));
            prop_assert!(!matches!(step, ProvisionStep::Create | ProvisionStep::LookUp | ProvisionStep::LookOnly), "{:?}", step);
        }

        #[test]
        fn whoever_was_asked_is_looked_at_before_being_asked_again(events in proptest::collection::vec(any_event(), 0..12), now in 0i64..1_000_000) {
            let facts = run(&events).apply(ProvisionEvent::Asked { at: Timestamp(1) });
            prop_assert_ne!(facts.next_step(Timestamp(now)), ProvisionStep::Create);
        }
    }

    #[test]
    fn an_unknown_outcome_is_looked_up_and_settles_before_it_is_asked_again() {
        let facts = run(&[ProvisionEvent::Asked { at: Timestamp(0) }]);
        assert_eq!(facts.next_step(Timestamp(1)), ProvisionStep::LookOnly);
        assert_eq!(facts.next_step(Timestamp(0).plus(SETTLING)), ProvisionStep::LookUp);
        let facts = facts.apply(ProvisionEvent::Exists { at: Timestamp(2), object: "one".into() });
        assert_eq!(facts.next_step(Timestamp(3)), ProvisionStep::Nothing);
    }

    #[test]
    fn a_failure_pauses_longer_each_time_and_a_person_can_cut_it_short() {
        let failed = |times| {
            run(&[
                ProvisionEvent::Asked { at: Timestamp(0) },
                ProvisionEvent::Failed { at: Timestamp(1), reason: "away".into(), times, permanent: false },
            ])
        };
        let pause = |times| match failed(times).next_step(Timestamp(2)) {
            ProvisionStep::Wait(until) => until,
            step => panic!("{step:?}"),
        };
        assert!(pause(0) < pause(1) && pause(1) < pause(4));
        let healed = failed(4).apply(ProvisionEvent::Healed { at: Timestamp(2) });
        assert_eq!(healed.next_step(Timestamp(3)), ProvisionStep::LookOnly);
    }
}
