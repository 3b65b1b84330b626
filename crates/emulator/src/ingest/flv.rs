//! FLV as RTMP carries it (Adobe, "Video File Format Specification" version 10): tags, and what their first bytes say.

use bytes::Bytes;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Audio,
    Video,
}

/// One audio or video message.
#[derive(Debug, Clone)]
pub(crate) struct Tag {
    pub(crate) kind: Kind,
    /// Milliseconds.
    pub(crate) time: u32,
    pub(crate) data: Bytes,
}

/// The beginning of a file with audio and video.
pub(crate) const HEADER: [u8; 13] = [b'F', b'L', b'V', 1, 0b101, 0, 0, 0, 9, 0, 0, 0, 0];

const AVC: u8 = 7;
const AAC: u8 = 10;

impl Tag {
    /// The tag and the size that follows it.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let size = u32::try_from(self.data.len()).unwrap_or(u32::MAX) & 0xff_ffff;
        out.push(match self.kind {
            Kind::Audio => 8,
            Kind::Video => 9,
        });
        out.extend(&size.to_be_bytes()[1..]);
        out.extend(&self.time.to_be_bytes()[1..]);
        out.push(self.time.to_be_bytes()[0]);
        out.extend([0, 0, 0]);
        out.extend_from_slice(&self.data);
        out.extend((size + 11).to_be_bytes());
    }

    fn byte(&self, at: usize) -> u8 {
        self.data.get(at).copied().unwrap_or(0)
    }

    /// Whether a decoder needs this before anything else.
    pub(crate) fn is_sequence_header(&self) -> bool {
        match self.kind {
            Kind::Audio => self.byte(0) >> 4 == AAC && self.byte(1) == 0,
            Kind::Video => self.byte(0) & 0x0f == AVC && self.byte(1) == 0,
        }
    }

    /// Whether a decoder can begin here.
    pub(crate) fn is_key_frame(&self) -> bool {
        self.kind == Kind::Video && self.byte(0) >> 4 == 1 && !self.is_sequence_header()
    }

    /// Whether the codec is one that both providers take: H.264, AAC.
    pub(crate) fn is_supported(&self) -> bool {
        match self.kind {
            Kind::Audio => self.byte(0) >> 4 == AAC,
            // The highest bit marks Enhanced RTMP, which is for other codecs.
            Kind::Video => self.byte(0) & 0x8f == AVC,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(kind: Kind, data: &'static [u8]) -> Tag {
        Tag { kind, time: 0x0102_0304, data: Bytes::from_static(data) }
    }

    #[test]
    fn a_tag_is_written_with_its_extended_time_and_size() {
        let mut out = Vec::new();
        tag(Kind::Video, &[0x17, 1, 0]).write(&mut out);
        assert_eq!(out, [9, 0, 0, 3, 2, 3, 4, 1, 0, 0, 0, 0x17, 1, 0, 0, 0, 0, 14]);
    }

    #[test]
    fn first_bytes_tell_headers_and_key_frames() {
        assert!(tag(Kind::Video, &[0x17, 0]).is_sequence_header());
        assert!(!tag(Kind::Video, &[0x17, 0]).is_key_frame());
        assert!(tag(Kind::Video, &[0x17, 1]).is_key_frame());
        assert!(!tag(Kind::Video, &[0x27, 1]).is_key_frame());
        assert!(tag(Kind::Audio, &[0xaf, 0]).is_sequence_header());
        assert!(!tag(Kind::Audio, &[0xaf, 1]).is_sequence_header());
        assert!(tag(Kind::Audio, &[0xaf, 1]).is_supported());
        assert!(!tag(Kind::Audio, &[0x2f, 1]).is_supported(), "MP3");
        assert!(!tag(Kind::Video, &[0x97, b'h', b'v', b'c', b'1']).is_supported(), "Enhanced RTMP");
    }
}
