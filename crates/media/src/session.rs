//! Names, answers, events: what the gateway says to the rest of the server.

use std::fmt;
use std::str::FromStr;
use std::time::Instant;

use domain::StreamId;
use rand::Rng as _;
use recorder::VideoCodec;

use crate::ice::IceCredentials;
use crate::offer::OfferError;

/// Names one WHIP or WHEP session in its URL: 128 random bits (RFC 9725 §5), written as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(u128);

impl SessionId {
    /// A new name.
    pub fn random() -> Self {
        Self(rand::rng().random())
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({self})")
    }
}

/// Not a session id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid session id")]
pub struct InvalidSessionId;

impl FromStr for SessionId {
    type Err = InvalidSessionId;

    fn from_str(text: &str) -> Result<Self, InvalidSessionId> {
        let well_formed = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        well_formed.then(|| u128::from_str_radix(text, 16).ok().map(Self)).flatten().ok_or(InvalidSessionId)
    }
}

/// What films. It decides which DTLS answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publisher {
    /// A browser: its certificate is an ECDSA one (RFC 8827 §6.5).
    Browser,
    /// OBS, FFmpeg, GStreamer or whatever else: its certificate may be an RSA one.
    Encoder,
}

/// The answer to an offer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub session: SessionId,
    /// `application/sdp`, with every candidate the gateway has.
    pub sdp: String,
    /// Our end of the ICE session; changes with every restart, so an entity tag can be made of it.
    pub ice: IceCredentials,
}

/// Our half of an ICE restart (RFC 9725 §4.3.3).
#[derive(Debug, Clone)]
pub struct IceRestart {
    pub ice: IceCredentials,
    /// Values of `a=candidate` lines, with the word `candidate:` in front.
    pub candidates: Vec<String>,
}

/// Why nothing can be published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error(transparent)]
    BadOffer(#[from] OfferError),
    /// HTTP: 422.
    #[error(
        "none of the offered codecs can be taken: send video as H.264 (packetization mode 1), VP8 or VP9, and audio as Opus"
    )]
    UnsupportedCodecs,
    /// HTTP: 503 with `Retry-After`.
    #[error("this server carries as many streams as it was set up for")]
    Full,
    /// HTTP: 503.
    #[error("the media gateway is not running")]
    Stopped,
}

/// Why a stream cannot be watched over WebRTC.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// HTTP: 409 with `Retry-After` (draft-ietf-wish-whep).
    #[error("nobody is live on this stream at the moment")]
    NotLive,
    #[error(transparent)]
    BadOffer(#[from] OfferError),
    /// HTTP: 406.
    #[error("the stream is sent in a codec that this viewer does not offer")]
    NoCommonCodec,
    /// HTTP: 503 with `Retry-After`.
    #[error("this stream has as many viewers as it was set up for")]
    Full,
    /// HTTP: 503.
    #[error("the media gateway is not running")]
    Stopped,
}

/// Why a session cannot be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// HTTP: 404.
    #[error("there is no such session, or it is over")]
    Unknown,
    /// HTTP: 503.
    #[error("the media gateway is not running")]
    Stopped,
}

/// What happens in the gateway, in the order in which it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaEvent {
    /// A publisher's ICE and DTLS are up; from here on it is the one that is recorded and watched.
    Connected {
        stream: StreamId,
        session: SessionId,
    },
    /// Frames arrive: the first ones of a publisher, or the first after [`Lost`](Self::Lost).
    Flowing {
        stream: StreamId,
        /// The publisher's network lets no UDP through: it comes by TCP.
        over_tcp: bool,
    },
    /// No frames any more. The publisher may come back in the same session or in a new one.
    Lost {
        stream: StreamId,
        reason: LostReason,
    },
    /// The session of a publisher is over, or of somebody who would have watched and never connected.
    SessionClosed {
        stream: StreamId,
        session: SessionId,
        reason: CloseReason,
    },
    ViewerJoined {
        stream: StreamId,
        session: SessionId,
        viewers: usize,
    },
    ViewerLeft {
        stream: StreamId,
        session: SessionId,
        viewers: usize,
    },
}

/// Why frames stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LostReason {
    /// Nothing has come for two seconds, the session still stands.
    Silent,
    /// The session is over.
    Closed,
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The client closed the connection, or broke its protocol.
    Peer,
    /// [`hang_up`](crate::Gateway::hang_up): the client's DELETE.
    HungUp,
    /// [`end_stream`](crate::Gateway::end_stream), or the gateway stops.
    StreamEnded,
    /// Another session of the same stream took its place.
    Replaced,
    /// Nothing was heard of it for half a minute.
    TimedOut,
    /// The publisher's codec is no longer the one this viewer agreed to.
    CodecChanged,
}

/// A stream's numbers, at most 100 ms old.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StreamStats {
    /// Whether a publisher is connected (it may still be silent).
    pub connected: bool,
    /// `None`: audio only.
    pub codec: Option<VideoCodec>,
    /// Whole video frames received, over all sessions of the stream.
    pub video_frames: u64,
    pub key_frames: u64,
    pub audio_frames: u64,
    /// Of frames, without headers and retransmissions.
    pub bytes: u64,
    pub last_video_at: Option<Instant>,
    pub last_audio_at: Option<Instant>,
    /// When sound came last that can be heard (a microphone that is muted sends silence), or else the first of all.
    pub last_heard_at: Option<Instant>,
    /// Connected ones.
    pub viewers: usize,
    /// Frames that the recorder had no room for.
    pub dropped: u64,
    /// RTP packets of video that never came, in spite of retransmission.
    pub packets_lost: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_ids_read_what_they_write() {
        let id = SessionId::random();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("+0000000000000000000000000000000".parse::<SessionId>(), Err(InvalidSessionId));
        assert_eq!("".parse::<SessionId>(), Err(InvalidSessionId));
    }
}
