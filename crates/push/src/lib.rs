//! A live recording on disk, pushed to a recording provider over RTMPS while it grows.
//!
//! The recording is read back from its parts, so that a fault of the uplink delays the provider's copy and makes no
//! hole in it, and nothing here can hold up what is live. An `ffmpeg` child makes FLV of it (H.264 is copied, sound
//! becomes AAC); the RTMP connection is ours: the stream key is in no process's arguments, a refusal has a reason, and
//! acknowledgements tell from where to go on after an outage.

mod backoff;
mod canvas;
mod connection;
mod encoder;
mod error;
mod flv;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod ingest;
mod ledger;
mod pacer;
mod position;
mod push;
mod rtmp;
mod session;
mod source;
mod status;
mod timestamps;
mod tls;

pub use encoder::EncoderError;
pub use error::PushError;
pub use ingest::{Ingest, IngestSource, IngestUrl, IngestUrlError};
pub use position::Position;
pub use push::{Push, PushConfig};
pub use status::{PushState, PushStatus};
pub use tls::{TlsRoots, TlsRootsError};
