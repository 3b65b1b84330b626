//! The payload types of one offered track.

use recorder::VideoCodec;

use super::Kind;
use super::section::Section;

/// One payload type of the offer (RFC 8866 §6.6, §6.15).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) payload_type: u8,
    pub(crate) name: String,
    pub(crate) clock: u32,
    pub(crate) channels: Option<u8>,
    /// Restricted to printable ASCII.
    pub(crate) parameters: String,
    /// The payload type of its retransmissions (RFC 4588).
    pub(crate) retransmission: Option<u8>,
    pub(super) feedback: Vec<String>,
}

impl Format {
    pub(super) fn parameter(&self, key: &str) -> Option<&str> {
        self.parameters
            .split(';')
            .filter_map(|pair| pair.split_once('='))
            .find(|(k, _)| k.trim() == key)
            .map(|p| p.1.trim())
    }

    /// How well this suits the codec, smaller is better; `None`: not at all.
    pub(super) fn rank(&self, codec: VideoCodec) -> Option<u8> {
        match codec {
            // Mode 0 (no fragmentation) cannot carry a key frame of a useful size.
            VideoCodec::H264 if self.is("H264") && self.parameter("packetization-mode") == Some("1") => {
                let profile = self.parameter("profile-level-id").unwrap_or_default().to_ascii_lowercase();
                Some(match profile.get(..4) {
                    Some("42e0") => 0,
                    Some("42c0" | "4200") => 1,
                    _ => 2,
                })
            }
            VideoCodec::Vp8 if self.is("VP8") => Some(0),
            VideoCodec::Vp9 if self.is("VP9") && self.parameter("profile-id").unwrap_or("0") == "0" => Some(0),
            _ => None,
        }
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// RTCP feedback that the gateway gives (publisher) or takes (viewer).
const FEEDBACK: [&str; 4] = ["nack", "nack pli", "ccm fir", "transport-cc"];

impl Format {
    pub(super) fn parse_all<'a>(section: &Section<'_>, types: impl Iterator<Item = &'a str>, kind: Kind) -> Vec<Self> {
        // 64 to 95 would be taken for RTCP on a shared port (RFC 5761 §4).
        let usable = |pt: &u8| (35..64).contains(pt) || (96..128).contains(pt);
        let of = |name: &'static str, pt: u8| {
            section.values(name).filter_map(move |value| {
                let (number, rest) = value.split_once(' ')?;
                (number.parse() == Ok(pt)).then_some(rest.trim())
            })
        };
        let map = |pt: u8| {
            let mut parts = of("rtpmap", pt).next()?.split('/');
            Some((parts.next()?, parts.next()?.parse::<u32>().ok()?, parts.next().and_then(|n| n.parse::<u8>().ok())))
        };
        let types: Vec<u8> = types.filter_map(|pt| pt.parse().ok()).filter(usable).take(64).collect();

        let retransmission = |pt: u8| {
            let apt = format!("apt={pt}");
            types.iter().copied().find(|rtx| {
                map(*rtx).is_some_and(|(name, ..)| name.eq_ignore_ascii_case("rtx"))
                    && of("fmtp", *rtx).any(|line| line.split(';').any(|pair| pair.trim() == apt))
            })
        };
        let parse = |payload_type: u8| {
            let (name, clock, channels) = map(payload_type)?;
            let known = match kind {
                Kind::Audio => ["opus"].as_slice(),
                Kind::Video => &["H264", "VP8", "VP9"],
            };
            let name = known.iter().find(|known| known.eq_ignore_ascii_case(name))?;
            let clean = |line: &&str| line.len() <= 400 && line.bytes().all(|b| matches!(b, b' '..=b'~'));
            Some(Self {
                payload_type,
                name: (*name).to_owned(),
                clock,
                channels,
                parameters: of("fmtp", payload_type).find(clean).unwrap_or_default().to_owned(),
                retransmission: retransmission(payload_type),
                feedback: FEEDBACK
                    .into_iter()
                    .filter(|known| of("rtcp-fb", payload_type).any(|offered| offered == *known))
                    .map(str::to_owned)
                    .collect(),
            })
        };
        types.iter().copied().filter_map(parse).collect()
    }
}
