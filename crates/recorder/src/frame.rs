//! What comes in: one encoded frame of one track.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

/// Units per second of every video track written here (RFC 6184 and RFC 7741 use the same clock).
pub const VIDEO_TIMESCALE: u32 = 90_000;
/// Units per second of every audio track written here (RFC 7587: Opus always counts in 48 kHz).
pub const AUDIO_TIMESCALE: u32 = 48_000;

/// A video codec that can be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VideoCodec {
    H264,
    Vp8,
    Vp9,
}

impl fmt::Display for VideoCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::H264 => "H.264",
            Self::Vp8 => "VP8",
            Self::Vp9 => "VP9",
        })
    }
}

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// One access unit. `key` says whether decoding can start here; it steers what the queue drops, and nothing else:
    /// the recorder reads the bytes.
    Video { codec: VideoCodec, key: bool },
    /// One Opus packet.
    Audio,
}

/// One encoded frame.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Since the recording's origin ([`crate::Recorder::origin_unix_ms`]); grows within a track, and is the same clock
    /// for audio and video.
    pub time: Duration,
    pub payload: Payload,
    /// H.264: an access unit in Annex B form. VP8, VP9: the frame. Opus: the packet.
    pub data: Bytes,
}

/// `time` in units of 1/`timescale` s.
pub(crate) fn ticks(time: Duration, timescale: u32) -> u64 {
    let ticks = (time.as_nanos() * u128::from(timescale) + 500_000_000) / 1_000_000_000;
    u64::try_from(ticks).unwrap_or(u64::MAX)
}

/// The reverse of [`ticks`].
pub(crate) fn duration(ticks: u64, timescale: u32) -> Duration {
    let nanos = u128::from(ticks) * 1_000_000_000 / u128::from(timescale);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}
