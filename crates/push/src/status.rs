//! What a push says about itself.

use crate::position::Position;

/// How a push stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushStatus {
    pub state: PushState,
    /// Handed to the connection until here.
    pub sent_until: Position,
    /// The provider has it until here, as far as it can be known: what to give to [`crate::PushConfig::resume_at`]
    /// after a restart. Repeats a little rather than leaves something out.
    pub arrived_until: Position,
    /// How much of what is on disk is not sent yet, in milliseconds of media.
    pub behind_ms: u64,
}

/// What a push is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushState {
    /// There is nothing to send yet, or nothing new since the connection was lost.
    Waiting,
    Connecting,
    /// Media may flow. A publisher who is away shows elsewhere.
    Sending,
    /// Until it works again: it did not work, and is tried again. `reason` is for people and holds no secret.
    Retrying {
        reason: String,
        attempt: u32,
    },
    /// All was sent, and the stream was ended properly.
    Done,
    /// It is over, and not all was sent.
    GaveUp {
        reason: String,
    },
}

impl PushState {
    /// Whether nothing will follow.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Done | Self::GaveUp { .. })
    }
}
