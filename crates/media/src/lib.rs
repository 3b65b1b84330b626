//! The media gateway: a publisher's WebRTC goes to the recorder and to every viewer.
//!
//! One thread owns the UDP port, the TCP port for networks without UDP, and all connections. It knows no HTTP (WHIP and WHEP hand it their parsed parts) and no
//! database. The connections themselves are [str0m](https://docs.rs/str0m)'s; the module `engine` says what happens between
//! them.

mod dtls;
mod engine;
mod fanout;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod gateway;
mod ice;
mod ingest;
mod keyframe;
mod limits;
mod offer;
mod peer;
mod session;
mod sink;
mod socket;
mod sync;
mod tcp;
mod timers;
mod viewer;

pub use gateway::{Gateway, StartError};
pub use ice::IceCredentials;
pub use limits::{GatewayConfig, Limits};
pub use offer::OfferError;
pub use session::{
    Answer, CloseReason, IceRestart, InvalidSessionId, LostReason, MediaEvent, PublishError, Publisher, SessionError,
    SessionId, StreamStats, ViewError,
};
pub use sink::{FrameSink, Recording};
