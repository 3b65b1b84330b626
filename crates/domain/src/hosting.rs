//! Several instances of the program on one database: which of them has a stream. One at a time: it takes the phone's
//! picture, shows it, and does whatever else is to be done for that stream.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{InstanceId, Timestamp};

/// How often an instance says that it is there.
pub const BEAT: Duration = Duration::from_secs(1);
/// One that has said nothing for so long is taken for dead: some beats may be late, and a phone that lost its instance waits
/// no longer than people in front of a still picture do.
pub const ALIVE_FOR: Duration = Duration::from_secs(5);

/// Who has a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    pub instance: InstanceId,
    /// Since it last said that it is there, by the database's clock, which is one for all. `None`: it has left.
    pub silent_for: Option<Duration>,
}

impl Holder {
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.silent_for.is_some_and(is_alive)
    }
}

/// Whether an instance that was last heard of so long ago is there still.
#[must_use]
pub fn is_alive(silent_for: Duration) -> bool {
    silent_for < ALIVE_FOR
}

/// What becomes of somebody's wish to have a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is theirs already.
    Held,
    /// It becomes theirs. `after`: the dead instance that had it, and has left things half done.
    Taken { after: Option<InstanceId> },
    /// Another instance has it.
    Elsewhere(InstanceId),
}

/// Whether `me` may have a stream that `holder` has.
///
/// A holder may be taken for dead and live: its machine stood still, or the way to it is cut. No recording is lost by that,
/// for each recorder begins a part of its own, under a name that no other has, and only ever appends to it; the finished
/// file is made of all parts. The earlier holder lets go as soon as it sees that it is one no more.
#[must_use]
pub fn claim(me: InstanceId, holder: Option<Holder>) -> Claim {
    match holder {
        None => Claim::Taken { after: None },
        Some(holder) if holder.instance == me => Claim::Held,
        Some(holder) if holder.is_alive() => Claim::Elsewhere(holder.instance),
        Some(dead) => Claim::Taken { after: Some(dead.instance) },
    }
}

/// What the instance that has a stream tells the others of it, for pages that they show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pulse {
    pub at: Timestamp,
    pub watching: usize,
    pub saved_ms: u64,
    /// Of the last picture, where there was one.
    pub picture_at: Option<Timestamp>,
    /// Of the last sound that was not silence.
    pub heard_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(number: u8) -> InstanceId {
        InstanceId::from_parts(1, [number; 10])
    }

    fn holder(number: u8, silent_for: Option<Duration>) -> Option<Holder> {
        Some(Holder { instance: instance(number), silent_for })
    }

    #[test]
    fn a_stream_is_for_whoever_comes_first_until_they_die() {
        let me = instance(1);
        assert_eq!(claim(me, None), Claim::Taken { after: None });
        assert_eq!(claim(me, holder(2, Some(Duration::ZERO))), Claim::Elsewhere(instance(2)));
        assert_eq!(
            claim(me, holder(2, Some(ALIVE_FOR - BEAT))),
            Claim::Elsewhere(instance(2)),
            "some beats may be late"
        );
        assert_eq!(claim(me, holder(2, Some(ALIVE_FOR))), Claim::Taken { after: Some(instance(2)) });
        assert_eq!(claim(me, holder(2, None)), Claim::Taken { after: Some(instance(2)) }, "it has left");
    }

    #[test]
    fn whoever_has_it_keeps_it_however_late_its_beats_are() {
        for silent_for in [Some(Duration::ZERO), Some(10 * ALIVE_FOR), None] {
            assert_eq!(claim(instance(1), holder(1, silent_for)), Claim::Held);
        }
    }
}
