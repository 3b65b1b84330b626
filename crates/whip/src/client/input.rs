//! What a [`Client`](super::Client) is told.

use super::message::{RequestId, Response};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The person may want to be live soon: what needs no server is done ahead, and nothing is sent.
    Prepare,
    /// The person wants to be live.
    Start,
    /// The offer that [`Action::OpenPeer`](super::Action::OpenPeer) or [`Action::RestartIce`](super::Action::RestartIce) asked for; not yet set as local description.
    LocalOffer(String),
    /// A gathered candidate, as `candidate:…`; the empty string says that there are no more.
    LocalCandidate {
        candidate: String,
        mid: Option<String>,
    },
    Response {
        id: RequestId,
        response: Response,
    },
    /// The request ended without a response.
    NoResponse {
        id: RequestId,
    },
    Connection(Connection),
    /// The peer connection could not be made, or refused a description.
    PeerError,
    /// The device says that it has a network again.
    Online,
    /// The device says that it has another network (from Wi-Fi to mobile data, say): the path of before is dead, though
    /// ICE takes seconds to notice.
    NetworkChanged,
    /// The server has answered something after a silence: the network is back. What was asked during the silence may
    /// have been lost with its connection.
    ServerBack,
    Timer,
    /// The person stops, or the page goes.
    Stop,
}

/// `RTCPeerConnection.connectionState`, as far as it matters. Consent freshness (RFC 7675) shows in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    Pending,
    Connected,
    Disconnected,
    Failed,
    Closed,
}
