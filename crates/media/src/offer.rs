//! An SDP offer: parsed, judged, and rewritten to the one thing we answer.
//!
//! str0m never sees what the client wrote. It sees an offer rendered here from checked values, with exactly the codec
//! that will be used, so that (a) the answer names one codec and every client sends exactly that, (b) no text from the
//! network reaches code that would panic on it, (c) an extension that is not on our list, above all
//! `urn:3gpp:video-orientation`, cannot be accepted (a rotated phone must send rotated pixels: a recording has no
//! receiver that would turn them).
//!
//! The rules are those of RFC 9725 §4.2 and §4.4 (S2, S3, S14, S15, S16) and of draft-ietf-wish-whep.

mod format;
mod section;

use std::collections::BTreeMap;
use std::fmt;

use recorder::VideoCodec;

use self::section::Section;
use crate::ice::IceCredentials;

pub(crate) use self::format::Format;

/// No honest offer comes near this many bytes (Chromium's with every codec has about 7 000).
const MAX_OFFER: usize = 64 * 1024;

/// Why an offer cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// Not SDP, or SDP that contradicts itself. HTTP: 400.
    #[error("the offer is not valid SDP: {0}")]
    Malformed(&'static str),
    /// Valid SDP that asks for something this gateway does not do. HTTP: 422 (RFC 9725 §4.4.2 to §4.4.4).
    #[error("{0}")]
    Unacceptable(&'static str),
}

use OfferError::{Malformed, Unacceptable};

/// Who makes the offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// WHIP: offers to send.
    Publisher,
    /// WHEP: offers to receive.
    Viewer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Audio,
    Video,
}

/// What is left of an offer once it has been found acceptable.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    side: Side,
    ice: IceCredentials,
    fingerprint: String,
    /// `a=setup` (RFC 8842 §5): who begins the DTLS handshake.
    setup: &'static str,
    tracks: Vec<Track>,
}

#[derive(Debug, Clone)]
struct Track {
    kind: Kind,
    mid: String,
    formats: Vec<Format>,
    extensions: BTreeMap<u8, String>,
    ssrcs: Vec<u32>,
    /// Media source and its retransmissions (`a=ssrc-group:FID`).
    flow: Option<(u32, u32)>,
}

/// The codecs of an answer: what [`Offer::choose`] decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) video: Option<(VideoCodec, Format)>,
    pub(crate) audio: Option<Format>,
}

/// A track was offered, but in no codec that we have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoCommonCodec(pub(crate) Kind);

impl Offer {
    pub(crate) fn parse(text: &str, side: Side) -> Result<Self, OfferError> {
        if text.len() > MAX_OFFER {
            return Err(Malformed("it is too long"));
        }
        let sections = Section::split(text)?;
        let (session, media) = sections.split_first().ok_or(Malformed("it is empty"))?;
        let tracks = media.iter().map(|section| Track::parse(section, session, side)).collect::<Result<Vec<_>, _>>()?;

        for kind in [Kind::Audio, Kind::Video] {
            if tracks.iter().filter(|track| track.kind == kind).count() > 1 {
                return Err(Unacceptable("at most one audio and one video track can be taken"));
            }
        }
        let first = media.first().ok_or(Unacceptable("the offer has no audio and no video track"))?;
        if tracks.len() > 1 && !session.bundles(tracks.iter().map(|track| track.mid.as_str())) {
            return Err(Unacceptable("the tracks must be bundled (a=group:BUNDLE)"));
        }
        if tracks.iter().enumerate().any(|(i, track)| tracks[..i].iter().any(|other| other.mid == track.mid)) {
            return Err(Malformed("two tracks have the same a=mid"));
        }
        if session.has("ice-lite") {
            return Err(Unacceptable("a client that is ICE-lite cannot be reached by a server that is ICE-lite"));
        }

        let anywhere = |name| first.value(name).or_else(|| session.value(name));
        let ice = anywhere("ice-ufrag")
            .zip(anywhere("ice-pwd"))
            .and_then(|(ufrag, pwd)| IceCredentials::new(ufrag, pwd))
            .ok_or(Malformed("a=ice-ufrag or a=ice-pwd is missing or not valid"))?;
        let fingerprint = first
            .values("fingerprint")
            .chain(session.values("fingerprint"))
            .find_map(sha256_fingerprint)
            .ok_or(Malformed("there is no a=fingerprint with sha-256"))?;
        // `passive` is not for an offer (RFC 9725 §4.4.4), but ffmpeg's says so, and we can be the DTLS client.
        let known = ["actpass", "active", "passive"];
        let setup = anywhere("setup").unwrap_or("actpass");
        let setup = known.into_iter().find(|known| *known == setup).ok_or(Malformed("its a=setup is not known"))?;

        Ok(Self { side, ice, fingerprint, setup, tracks })
    }

    /// The `a=mid` of the track of this kind, if one is offered.
    pub(crate) fn mid(&self, kind: Kind) -> Option<&str> {
        self.tracks.iter().find(|track| track.kind == kind).map(|track| track.mid.as_str())
    }

    /// Takes the first codec of `wanted` that is offered, in the form that suits it best, and Opus.
    pub(crate) fn choose(&self, wanted: &[VideoCodec]) -> Result<Choice, NoCommonCodec> {
        let formats = |kind| self.tracks.iter().find(|track| track.kind == kind).map(|track| track.formats.as_slice());
        let video = match formats(Kind::Video) {
            None => None,
            Some(formats) => {
                let best = |codec: &VideoCodec| {
                    let ranked = formats.iter().filter_map(|format| Some((format.rank(*codec)?, format)));
                    ranked.min_by_key(|(rank, _)| *rank).map(|(_, format)| (*codec, format.clone()))
                };
                Some(wanted.iter().find_map(best).ok_or(NoCommonCodec(Kind::Video))?)
            }
        };
        let audio = match formats(Kind::Audio) {
            None => None,
            Some(formats) => {
                let opus = formats.iter().find(|f| f.is("opus") && f.clock == 48_000 && f.channels == Some(2));
                Some(opus.cloned().ok_or(NoCommonCodec(Kind::Audio))?)
            }
        };
        Ok(Choice { video, audio })
    }

    /// The same offer with other ICE credentials: an ICE restart (RFC 9725 §4.3.3 keeps everything else).
    pub(crate) fn restarted(&self, ice: IceCredentials) -> Self {
        Self { ice, ..self.clone() }
    }

    /// SDP with nothing in it but `choice`.
    ///
    /// `Err` if the payload types of the choice collide, which only a broken offer does.
    pub(crate) fn render(&self, choice: &Choice) -> Result<String, OfferError> {
        let mut types: Vec<u8> = choice
            .video
            .iter()
            .map(|(_, format)| format)
            .chain(&choice.audio)
            .flat_map(|format| [Some(format.payload_type), format.retransmission])
            .flatten()
            .collect();
        types.sort_unstable();
        if types.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Malformed("one payload type has two meanings"));
        }
        Ok(Rendered { offer: self, choice }.to_string())
    }
}

struct Rendered<'a> {
    offer: &'a Offer,
    choice: &'a Choice,
}

impl fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offer, choice } = self;
        let mut line = |text: fmt::Arguments<'_>| write!(f, "{text}\r\n");
        line(format_args!("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0"))?;
        let mids = offer.tracks.iter().fold(String::new(), |mids, track| mids + " " + &track.mid);
        line(format_args!("a=group:BUNDLE{mids}"))?;
        for track in &offer.tracks {
            let (kind, format) = match track.kind {
                Kind::Audio => ("audio", choice.audio.as_ref()),
                Kind::Video => ("video", choice.video.as_ref().map(|(_, format)| format)),
            };
            let Some(format) = format else { continue };
            let Format { payload_type, name, clock, .. } = format;
            let retransmission = format.retransmission.map(|pt| format!(" {pt}")).unwrap_or_default();
            line(format_args!("m={kind} 9 UDP/TLS/RTP/SAVPF {payload_type}{retransmission}"))?;
            line(format_args!("c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0"))?;
            line(format_args!("a=ice-ufrag:{}\r\na=ice-pwd:{}", offer.ice.ufrag, offer.ice.pwd))?;
            line(format_args!("a=fingerprint:sha-256 {}", offer.fingerprint))?;
            line(format_args!("a=setup:{}", offer.setup))?;
            line(format_args!("a=mid:{}", track.mid))?;
            for (id, uri) in &track.extensions {
                line(format_args!("a=extmap:{id} {uri}"))?;
            }
            line(format_args!("a={}", if offer.side == Side::Publisher { "sendonly" } else { "recvonly" }))?;
            line(format_args!("a=rtcp-mux\r\na=rtcp-rsize"))?;
            let channels = format.channels.map(|n| format!("/{n}")).unwrap_or_default();
            line(format_args!("a=rtpmap:{payload_type} {name}/{clock}{channels}"))?;
            for feedback in &format.feedback {
                line(format_args!("a=rtcp-fb:{payload_type} {feedback}"))?;
            }
            if !format.parameters.is_empty() {
                line(format_args!("a=fmtp:{payload_type} {}", format.parameters))?;
            }
            if let Some(pt) = format.retransmission {
                line(format_args!("a=rtpmap:{pt} rtx/{clock}\r\na=fmtp:{pt} apt={payload_type}"))?;
            }
            if let Some((media, retransmissions)) = track.flow {
                line(format_args!("a=ssrc-group:FID {media} {retransmissions}"))?;
            }
            for ssrc in &track.ssrcs {
                line(format_args!("a=ssrc:{ssrc} cname:-"))?;
            }
        }
        Ok(())
    }
}

/// Header extensions that the gateway understands; all others are left out of the answer.
const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
/// Lets the phone estimate its uplink from our feedback.
const TRANSPORT_CC: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/// How loud each packet of sound is, said by the phone beside it (RFC 6464): nothing is decoded here.
const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

impl Track {
    fn parse(section: &Section<'_>, session: &Section<'_>, side: Side) -> Result<Self, OfferError> {
        let mut words = section.head.split_ascii_whitespace();
        let kind = match words.next() {
            Some("audio") => Kind::Audio,
            Some("video") => Kind::Video,
            _ => return Err(Unacceptable("only audio and video tracks can be taken")),
        };
        let port = words.next().ok_or(Malformed("an m= line is too short"))?;
        // Port 0 is a rejected track unless it rides on another's transport (RFC 9143 §6).
        if port == "0" && !section.has("bundle-only") {
            return Err(Unacceptable("a track of the offer is switched off (port 0)"));
        }
        if !words.next().is_some_and(|protocol| protocol.ends_with("RTP/SAVPF")) {
            return Err(Unacceptable("a track does not use UDP/TLS/RTP/SAVPF"));
        }

        let directions = ["sendonly", "sendrecv", "recvonly", "inactive"];
        let direction = directions.into_iter().find(|d| section.has(d));
        let direction = direction.or_else(|| directions.into_iter().find(|d| session.has(d))).unwrap_or("sendrecv");
        match (side, direction) {
            (_, "sendrecv") | (Side::Publisher, "sendonly") | (Side::Viewer, "recvonly") => {}
            (Side::Publisher, _) => return Err(Unacceptable("a publisher must offer to send (a=sendonly)")),
            (Side::Viewer, _) => return Err(Unacceptable("a viewer must offer to receive (a=recvonly)")),
        }

        let mid = section.value("mid").ok_or(Malformed("a track has no a=mid"))?;
        if mid.is_empty() || mid.len() > 16 || !mid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        {
            return Err(Malformed("an a=mid is empty, too long or has odd characters"));
        }

        let allowed = match side {
            Side::Publisher => [MID, TRANSPORT_CC, AUDIO_LEVEL].as_slice(),
            Side::Viewer => &[MID],
        };
        let mut extensions = BTreeMap::new();
        for value in section.values("extmap") {
            let Some((id, uri)) = value.split_once(' ') else { continue };
            let id = id.split('/').next().and_then(|id| id.parse::<u8>().ok()).filter(|id| (1..=14).contains(id));
            let uri = uri.split_ascii_whitespace().next().unwrap_or_default();
            if let Some(id) = id.filter(|_| allowed.contains(&uri) && !extensions.values().any(|known| known == uri)) {
                extensions.entry(id).or_insert_with(|| uri.to_owned());
            }
        }

        let mut ssrcs: Vec<u32> = Vec::new();
        let mut flow = None;
        if side == Side::Publisher {
            for value in section.values("ssrc") {
                let ssrc = value.split(' ').next().and_then(|ssrc| ssrc.parse().ok());
                if let Some(ssrc) = ssrc.filter(|ssrc| *ssrc != 0 && ssrcs.len() < 2 && !ssrcs.contains(ssrc)) {
                    ssrcs.push(ssrc);
                }
            }
            // Which of them are the retransmissions is said by the group alone; without it only the first is sure.
            flow = section.values("ssrc-group").find_map(|value| {
                let (media, rtx) = value.strip_prefix("FID ")?.trim().split_once(' ')?;
                let (media, rtx) = (media.parse().ok()?, rtx.parse().ok()?);
                (ssrcs.contains(&media) && ssrcs.contains(&rtx) && media != rtx).then_some((media, rtx))
            });
            if flow.is_none() {
                ssrcs.truncate(1);
            }
        }

        Ok(Self {
            kind,
            mid: mid.to_owned(),
            formats: Format::parse_all(section, words, kind),
            extensions,
            ssrcs,
            flow,
        })
    }
}

/// The hexadecimal part of `sha-256 AB:CD:…` (RFC 8122 §5).
fn sha256_fingerprint(value: &str) -> Option<String> {
    let (hash, digest) = value.split_once(' ')?;
    let digest = digest.trim();
    let byte = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit());
    let whole = hash.eq_ignore_ascii_case("sha-256") && digest.split(':').count() == 32 && digest.split(':').all(byte);
    whole.then(|| digest.to_ascii_uppercase())
}

#[cfg(test)]
mod tests;
