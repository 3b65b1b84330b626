//! What a [`Client`](super::Client) answers.

use std::time::Duration;

use super::message::Request;
use crate::link::IceServer;

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Close the peer connection there may be, make a new one, add the tracks, create an offer, do not set it.
    OpenPeer,
    /// Create an offer with `iceRestart` on the same peer connection, do not set it.
    RestartIce,
    /// Before the local description is set: gathering starts then (RFC 9725 §4.6).
    SetIceServers(Vec<IceServer>),
    SetLocalDescription(String),
    SetRemoteDescription(String),
    ClosePeer,
    Send(Request),
    Report(Status),
}

/// What to tell the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Connecting,
    Connected,
    /// The connection was lost and is being mended right now.
    Reconnecting,
    /// An attempt failed; the next one comes after this time.
    Waiting {
        trouble: Trouble,
        wait: Duration,
    },
    /// The server does not want this session, and trying again would not change it. Carries the status code, which names a
    /// class of causes and not one cause (RFC 9725 §4.1).
    Refused(u16),
    Stopped,
}

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No response.
    Network,
    /// A response that asks for patience or shows a fault of the server; its status code.
    Server(u16),
    /// Signalling worked, but no media connection came about.
    Media,
    /// The browser's peer connection failed.
    Peer,
}
