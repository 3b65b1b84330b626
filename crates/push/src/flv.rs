//! Takes FLV apart (Video File Format Specification 10.1, annex E), as ffmpeg writes it to a pipe.

use bytes::{Buf, Bytes, BytesMut};

const FILE_HEADER: usize = 9;
const TAG_HEADER: usize = 11;
/// The length of the tag before, behind each tag.
const TRAILER: usize = 4;

/// The bytes are not FLV, or not the FLV that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FlvError {
    #[error("the stream does not begin as FLV does")]
    Header,
    #[error("a tag of unknown kind {0}")]
    Kind(u8),
    #[error("a tag's length is not what it is said to be")]
    Length,
    #[error("a tag without content")]
    Empty,
    #[error("a codec other than H.264 and AAC")]
    Codec,
}

/// What a tag carries. `data` of sound and picture is what an RTMP message of that kind carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlvData {
    Audio {
        configuration: bool,
        data: Bytes,
    },
    Video {
        configuration: bool,
        key: bool,
        data: Bytes,
    },
    /// `onMetaData` and its like, in AMF 0.
    Script(Bytes),
}

impl FlvData {
    /// Whether it is picture or sound, and not a description of them.
    pub fn is_media(&self) -> bool {
        matches!(self, Self::Audio { configuration: false, .. } | Self::Video { configuration: false, .. })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlvTag {
    /// In milliseconds; its 32 bits are a signed number (§E.4.1). Of no meaning where it is not media.
    pub time_ms: i32,
    pub data: FlvData,
}

/// Finds the tags in a stream of bytes. Holds at most one tag, which is at most 16 MiB.
#[derive(Debug, Default)]
pub struct FlvReader {
    buffer: BytesMut,
    begun: bool,
}

impl FlvReader {
    /// More of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next tag, once it is whole. Marks that carry no media are left out.
    ///
    /// # Errors
    /// When this is not FLV with H.264 and AAC.
    pub fn next_tag(&mut self) -> Result<Option<FlvTag>, FlvError> {
        if !self.begun {
            let Some(header) = self.buffer.first_chunk::<{ FILE_HEADER + TRAILER }>() else { return Ok(None) };
            // Signature, version, which tracks there are, the header's length, and the length of no tag.
            if !header.starts_with(b"FLV\x01") || header[5..] != [0, 0, 0, 9, 0, 0, 0, 0] {
                return Err(FlvError::Header);
            }
            self.buffer.advance(FILE_HEADER + TRAILER);
            self.begun = true;
        }
        loop {
            let Some(&[kind, a, b, c, t1, t2, t3, t0, ..]) = self.buffer.first_chunk::<TAG_HEADER>() else {
                return Ok(None);
            };
            let length = u32::from_be_bytes([0, a, b, c]);
            let time_ms = i32::from_be_bytes([t0, t1, t2, t3]);
            // Known at once, and not after 16 MiB of something else.
            if !matches!(kind, 8 | 9 | 18) {
                return Err(FlvError::Kind(kind));
            }
            let end = TAG_HEADER + length as usize;
            let Some(trailer) = self.buffer.get(end..end + TRAILER) else { return Ok(None) };
            if trailer != (length + TAG_HEADER as u32).to_be_bytes() {
                return Err(FlvError::Length);
            }
            let mut tag = self.buffer.split_to(end + TRAILER).freeze();
            tag.advance(TAG_HEADER);
            tag.truncate(length as usize);
            if let Some(data) = read(kind, tag)? {
                return Ok(Some(FlvTag { time_ms, data }));
            }
        }
    }
}

fn read(kind: u8, data: Bytes) -> Result<Option<FlvData>, FlvError> {
    let first = *data.first().ok_or(FlvError::Empty)?;
    let packet = data.get(1).copied();
    Ok(Some(match kind {
        // Sound format 10 is AAC; its packet 0 is the configuration (§E.4.2.1).
        8 if first >> 4 == 10 => FlvData::Audio { configuration: packet.ok_or(FlvError::Empty)? == 0, data },
        // Codec 7 is AVC; its packets are 0 configuration, 1 picture, 2 end of sequence (§E.4.3.1). What follows the
        // end in a part is the next part's configuration: a provider need not know.
        9 if first & 0x0f == 7 => match packet.ok_or(FlvError::Empty)? {
            2 => return Ok(None),
            packet => FlvData::Video { configuration: packet == 0, key: first >> 4 == 1, data },
        },
        18 => FlvData::Script(data),
        _ => return Err(FlvError::Codec),
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(tags: &[(u8, i32, &[u8])]) -> Vec<u8> {
        let mut out = b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec();
        for (kind, time, data) in tags {
            let (length, time) = (u32::try_from(data.len()).unwrap(), time.to_be_bytes());
            out.push(*kind);
            out.extend_from_slice(&length.to_be_bytes()[1..]);
            out.extend_from_slice(&[time[1], time[2], time[3], time[0], 0, 0, 0]);
            out.extend_from_slice(data);
            out.extend_from_slice(&(length + 11).to_be_bytes());
        }
        out
    }

    fn all(reader: &mut FlvReader) -> Vec<FlvTag> {
        std::iter::from_fn(|| reader.next_tag().unwrap()).collect()
    }

    #[test]
    fn tags() {
        let mut reader = FlvReader::default();
        reader.push(&file(&[
            (18, 0, b"\x02meta"),
            (9, 0, &[0x17, 0, 0, 0, 0, 1]),
            (8, 0, &[0xaf, 0, 0x11, 0x90]),
            (9, 10_000, &[0x17, 1, 0, 0, 0, 1]),
            (8, -21, &[0xaf, 1, 7]),
            (9, 0x0123_4567, &[0x27, 1, 0, 0, 0, 1]),
            (9, 20_000, &[0x17, 2, 0, 0, 0]),
        ]));
        let tags = all(&mut reader);
        let times: Vec<i32> = tags.iter().map(|tag| tag.time_ms).collect();
        assert_eq!(times, [0, 0, 0, 10_000, -21, 0x0123_4567]);
        let is = |data: &FlvData| match data {
            FlvData::Audio { configuration, .. } => (8, *configuration, false),
            FlvData::Video { configuration, key, .. } => (9, *configuration, *key),
            FlvData::Script(_) => (18, false, false),
        };
        let kinds: Vec<_> = tags.iter().map(|tag| is(&tag.data)).collect();
        let (config, key, other) = ((9, true, true), (9, false, true), (9, false, false));
        assert_eq!(kinds, [(18, false, false), config, (8, true, false), key, (8, false, false), other]);
    }

    #[test]
    fn what_is_not_flv() {
        let refused = |bytes: &[u8]| {
            let mut reader = FlvReader::default();
            reader.push(bytes);
            reader.next_tag()
        };
        assert_eq!(refused(b"\0\0\0\x20ftypiso6mp41"), Err(FlvError::Header));
        assert_eq!(refused(&file(&[(7, 0, b"x")])), Err(FlvError::Kind(7)));
        assert_eq!(refused(&file(&[(9, 0, b"")])), Err(FlvError::Empty));
        assert_eq!(refused(&file(&[(9, 0, &[0x12, 0, 0])])), Err(FlvError::Codec));
        assert_eq!(refused(&file(&[(8, 0, &[0x2f, 0, 0])])), Err(FlvError::Codec));
        let mut torn = file(&[(18, 0, b"x")]);
        *torn.last_mut().unwrap() = 99;
        assert_eq!(refused(&torn), Err(FlvError::Length));
    }

    proptest! {
        /// However the stream is cut into reads, the tags are the same.
        #[test]
        fn any_cut(
            tags in proptest::collection::vec(
                (any::<bool>(), any::<i32>(), proptest::collection::vec(any::<u8>(), 0..40)), 0..20),
            sizes in proptest::collection::vec(1usize..60, 1..20),
        ) {
            let tags: Vec<_> = tags.into_iter().map(|(audio, time, data)| {
                let head: &[u8] = if audio { &[0xaf, 1] } else { &[0x27, 1] };
                (if audio { 8 } else { 9 }, time, [head, &data].concat())
            }).collect();
            let borrowed: Vec<_> = tags.iter().map(|(kind, time, data)| (*kind, *time, data.as_slice())).collect();
            let bytes = file(&borrowed);
            let (mut reader, mut found, mut rest) = (FlvReader::default(), Vec::new(), bytes.as_slice());
            for size in sizes.iter().cycle() {
                let (now, later) = rest.split_at(rest.len().min(*size));
                reader.push(now);
                found.extend(all(&mut reader));
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(found.len(), tags.len());
            for (tag, (_, time, data)) in found.iter().zip(&tags) {
                let (FlvData::Audio { data: read, .. } | FlvData::Video { data: read, .. } | FlvData::Script(read)) =
                    &tag.data;
                prop_assert_eq!((tag.time_ms, &read[..]), (*time, &data[..]));
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), begun: bool) {
            let mut reader = FlvReader { begun, ..FlvReader::default() };
            reader.push(&bytes);
            while let Ok(Some(_)) = reader.next_tag() {}
        }
    }
}
