//! What Everlight is about, with no I/O: memorials, streams, recordings, and the rules of their lives.
//!
//! Everything here is a pure function of its arguments. Time, randomness and storage come from outside, so the same
//! code runs on the server, in the browser and in a property test.

pub mod access;
pub mod account;
pub mod attempt;
pub mod audit;
pub mod capabilities;
pub mod deletion;
pub mod document;
pub mod feedback;
pub mod hosting;
pub mod ids;
pub mod language;
pub mod memorial;
mod merge;
mod network;
pub mod privacy;
pub mod progress;
pub mod provision;
pub mod recording;
pub mod rehearsal;
pub mod software;
pub mod statistics;
pub mod storage;
pub mod stream;
pub mod success;
pub mod time;
pub mod today;
pub mod wall_clock;

pub use access::{Action, Grant, Role};
pub use account::{EmailAddress, HomeName, Password};
pub use capabilities::{Capabilities, Route, StreamingMethod};
pub use ids::{
    HomeId, InstanceId, InvitationId, MemorialId, PortraitId, RecordingId, Slug, StreamId, Token, UploadId, UserId,
};
pub use network::network;
pub use provision::Provider;
pub use time::{CivilDate, TimeZoneName, Timestamp};
