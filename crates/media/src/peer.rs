//! One WebRTC connection, of a publisher or a viewer: negotiation, ICE restart, polling.

use std::net::SocketAddr;
use std::time::Instant;

use domain::StreamId;
use recorder::VideoCodec;
use str0m::change::SdpOffer;
use str0m::config::DtlsCert;
use str0m::format::{Codec, FormatParams};
use str0m::media::{Frequency, Mid};
use str0m::net::{Protocol, Transmit};
use str0m::rtp::{Extension, ExtensionMap};
use str0m::{Candidate, Event, IceCreds, Output, Rtc, RtcConfig};

use crate::dtls;
use crate::ice::IceCredentials;
use crate::ingest::Ingest;
use crate::offer::{Choice, Format, Kind, Offer, OfferError};
use crate::session::{CloseReason, Publisher, SessionId};
use crate::viewer::Viewer;

/// Video packets kept for retransmission to one viewer: a second of 2.5 Mbit/s.
const RETRANSMISSION_BUFFER: usize = 300;
/// Whole frames a publisher's buffer holds while an earlier one is being retransmitted.
const REORDERING: usize = 60;

/// What every connection of this process shares.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) certificate: DtlsCert,
    pub(crate) candidates: Vec<Candidate>,
}

pub(crate) struct Peer {
    pub(crate) session: SessionId,
    pub(crate) stream: StreamId,
    pub(crate) rtc: Rtc,
    pub(crate) role: Role,
    offer: Offer,
    choice: Choice,
    /// Our ICE user name: how its first packet is recognised.
    pub(crate) ufrag: String,
    /// An ICE restart that the client asked for and has not begun yet.
    pub(crate) restart: Option<Restart>,
    /// Those that proved to be this peer's.
    pub(crate) ways: Vec<Way>,
    /// When anything came last; before that, when it was created.
    pub(crate) heard: Instant,
    pub(crate) connected: bool,
    /// Set once it is being closed.
    pub(crate) closing: Option<CloseReason>,
}

/// How packets come: the address at the other end, which may be one thing by UDP and another by TCP.
pub(crate) type Way = (Protocol, SocketAddr);

pub(crate) enum Role {
    Publisher(Box<Ingest>),
    Viewer(Viewer),
}

pub(crate) struct Restart {
    pub(crate) ours: IceCredentials,
    theirs: IceCredentials,
}

/// A connection about to become a [`Peer`].
pub(crate) struct Negotiated {
    pub(crate) rtc: Rtc,
    pub(crate) sdp: String,
    pub(crate) ice: IceCredentials,
}

/// `publisher`: none is a viewer.
pub(crate) fn negotiate(
    identity: &Identity,
    publisher: Option<Publisher>,
    offer: &Offer,
    choice: &Choice,
    now: Instant,
) -> Result<Negotiated, OfferError> {
    let ice = IceCredentials::random();
    // Payload numbers, codec parameters and extensions are those of the offer: the answer is the offer's other half.
    let mut extensions = ExtensionMap::empty();
    extensions.set(4, Extension::RtpMid);
    let mut config = RtcConfig::new()
        .set_ice_lite(true)
        .set_local_ice_credentials(IceCreds::from(&ice))
        .set_dtls_cert(identity.certificate.clone())
        .clear_codecs();
    match publisher {
        Some(publisher) => {
            extensions.set(3, Extension::TransportSequenceNumber);
            extensions.set(1, Extension::AudioLevel);
            config = config.set_reordering_size_video(REORDERING);
            if publisher == Publisher::Encoder {
                config = config.set_crypto_provider(dtls::any_certificate());
            }
        }
        None => {
            // Packets are made once and sent to all; str0m can only cut VP9 itself, so those viewers get frames.
            let packets = !matches!(choice.video, Some((VideoCodec::Vp9, _)));
            config = config.set_rtp_mode(packets).set_send_buffer_video(RETRANSMISSION_BUFFER);
        }
    }
    config = config.set_extension_map(extensions);
    if let Some((codec, format)) = &choice.video {
        add_codec(
            &mut config,
            format,
            match codec {
                VideoCodec::H264 => Codec::H264,
                VideoCodec::Vp8 => Codec::Vp8,
                VideoCodec::Vp9 => Codec::Vp9,
            },
        );
    }
    if let Some(format) = &choice.audio {
        add_codec(&mut config, format, Codec::Opus);
    }

    let mut rtc = config.build(now);
    for candidate in &identity.candidates {
        rtc.add_local_candidate(candidate.clone());
    }
    let sdp = answer(&mut rtc, offer, choice)?;
    Ok(Negotiated { rtc, sdp, ice })
}

fn add_codec(config: &mut RtcConfig, format: &Format, codec: Codec) {
    let clock = Frequency::new(format.clock).unwrap_or(Frequency::NINETY_KHZ);
    let retransmission = format.retransmission.map(Into::into);
    let parameters = FormatParams::parse_line(&format.parameters);
    config.codec_config().add_config(
        format.payload_type.into(),
        retransmission,
        codec,
        clock,
        format.channels,
        parameters,
    );
}

fn answer(rtc: &mut Rtc, offer: &Offer, choice: &Choice) -> Result<String, OfferError> {
    let refused = |error: &dyn std::fmt::Display| {
        tracing::debug!(%error, "an offer was refused");
        OfferError::Unacceptable("the offer cannot be answered")
    };
    let offer = SdpOffer::from_sdp_string(&offer.render(choice)?).map_err(|error| refused(&error))?;
    let answer = rtc.sdp_api().accept_offer(offer).map_err(|error| refused(&error))?;
    Ok(in_one_stream(&answer.to_sdp_string()))
}

/// Puts all tracks of an answer into one MediaStream: str0m gives each its own, and browsers keep only the tracks of
/// one stream in step.
fn in_one_stream(sdp: &str) -> String {
    let mut streams = sdp.lines().filter_map(|line| line.strip_prefix("a=msid:")?.split(' ').next());
    let Some(first) = streams.next() else { return sdp.to_owned() };
    streams.fold(sdp.to_owned(), |sdp, other| sdp.replace(&format!(" {other}"), "").replace(other, first))
}

impl Peer {
    pub(crate) fn new(
        stream: StreamId,
        role: Role,
        offer: Offer,
        choice: Choice,
        negotiated: Negotiated,
        now: Instant,
    ) -> Self {
        Self {
            session: SessionId::random(),
            stream,
            rtc: negotiated.rtc,
            role,
            offer,
            choice,
            ufrag: negotiated.ice.ufrag,
            restart: None,
            ways: Vec::new(),
            heard: now,
            connected: false,
            closing: None,
        }
    }

    pub(crate) fn is_publisher(&self) -> bool {
        matches!(self.role, Role::Publisher(_))
    }

    pub(crate) fn video_codec(&self) -> Option<VideoCodec> {
        self.choice.video.as_ref().map(|(codec, _)| *codec)
    }

    /// Prepares an ICE restart and gives our new credentials.
    ///
    /// Nothing changes until the client's first check with them arrives: if the restart fails, the old ICE session
    /// stands until its consent expires (RFC 9725 §4.3.3, S13), and media flows on in the meantime.
    pub(crate) fn prepare_restart(&mut self, theirs: IceCredentials) -> IceCredentials {
        let ours = IceCredentials::random();
        self.restart = Some(Restart { ours: ours.clone(), theirs });
        ours
    }

    /// Begins the prepared restart: the client has.
    pub(crate) fn begin_restart(&mut self) {
        let Some(Restart { ours, theirs }) = self.restart.take() else { return };
        self.offer = self.offer.restarted(theirs);
        // The same offer with new credentials is what str0m understands as a restart. It then makes credentials of its
        // own, which are replaced by those that the client has been told.
        match answer(&mut self.rtc, &self.offer, &self.choice) {
            Ok(_) => {
                self.rtc.direct_api().set_local_ice_credentials(IceCreds::from(&ours));
                self.ufrag = ours.ufrag;
            }
            Err(error) => tracing::warn!(session = %self.session, %error, "an ICE restart failed"),
        }
    }

    /// Takes out everything that is ready. `None`: the connection is over.
    pub(crate) fn poll(&mut self, transmits: &mut Vec<Transmit>, events: &mut Vec<Event>) -> Option<Instant> {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(transmit)) => transmits.push(transmit),
                Ok(Output::Event(event)) => events.push(event),
                Ok(Output::Timeout(at)) => return self.rtc.is_alive().then_some(at),
                Err(error) => {
                    tracing::debug!(session = %self.session, %error, "a connection broke");
                    self.rtc.disconnect();
                    return None;
                }
            }
        }
    }

    /// Says goodbye (RTCP BYE, DTLS close_notify); [`poll`](Self::poll) sends it and then reports the end.
    pub(crate) fn close(&mut self, reason: CloseReason) {
        if self.closing.is_none() {
            self.closing = Some(reason);
            if self.rtc.close().is_err() || !self.connected {
                self.rtc.disconnect();
            }
        }
    }
}

/// str0m's name of the offered track.
pub(crate) fn mid(offer: &Offer, kind: Kind) -> Option<Mid> {
    offer.mid(kind).map(Mid::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_tracks_are_in_one_stream() {
        let sdp = "a=msid-semantic: WMS one two\r\na=msid:one a\r\na=msid:two b\r\na=ssrc:1 msid:two b\r\n";
        let expected = "a=msid-semantic: WMS one\r\na=msid:one a\r\na=msid:one b\r\na=ssrc:1 msid:one b\r\n";
        assert_eq!(in_one_stream(sdp), expected);
        assert_eq!(in_one_stream("v=0\r\n"), "v=0\r\n");
    }
}
