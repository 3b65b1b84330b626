//! A frame becomes RTP payloads, once for all viewers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use recorder::{Frame, Payload, VideoCodec};
use str0m::unversioned::{H264Packetizer, Packetizer as _, Vp8Packetizer};

/// Bytes of RTP payload in one packet. With IP, UDP, RTP, its extensions and SRTP it stays below the 1200 bytes that
/// pass everywhere.
const PAYLOAD: usize = 1120;
/// The moment that sender reports give to a frame lies this far back for both tracks, so that it is never in the
/// future, whatever the clock of [`sync`](crate::sync) corrects.
const REPORT_LAG: Duration = Duration::from_millis(300);

/// A frame on its way to the viewers.
pub(crate) struct Outgoing {
    pub(crate) payload: Payload,
    /// On the clock of the stream, which goes on when its publisher changes.
    pub(crate) time: Duration,
    /// For sender reports.
    pub(crate) wallclock: Instant,
    pub(crate) packets: Vec<Arc<[u8]>>,
    /// For viewers that take frames.
    pub(crate) whole: Arc<[u8]>,
}

/// Cuts the frames of one stream.
#[derive(Debug)]
pub(crate) struct FanOut {
    /// Zero of the viewers' clock.
    epoch: Instant,
    /// From the epoch to the recording's origin, before which it may lie; whole milliseconds, so that every RTP tick
    /// stays exact.
    offset_ms: i128,
    h264: H264Packetizer,
    vp8: Vp8Packetizer,
}

impl FanOut {
    pub(crate) fn new(now: Instant) -> Self {
        Self { epoch: now, offset_ms: 0, h264: H264Packetizer::default(), vp8: Vp8Packetizer::default() }
    }

    /// A publisher with another recording clock takes over.
    pub(crate) fn publisher_changed(&mut self, origin: Instant) {
        let (ahead, behind) =
            (origin.saturating_duration_since(self.epoch), self.epoch.saturating_duration_since(origin));
        self.offset_ms = i128::from(millis(ahead)) - i128::from(millis(behind));
        self.h264 = H264Packetizer::default();
        self.vp8 = Vp8Packetizer::default();
    }

    /// `None` for a frame that cannot be cut, which is then not sent.
    pub(crate) fn packetize(&mut self, frame: &Frame, whole: Arc<[u8]>, now: Instant) -> Option<Outgoing> {
        let cut = match frame.payload {
            Payload::Audio => Ok(Vec::new()),
            Payload::Video { codec: VideoCodec::H264, .. } => self.h264.packetize(PAYLOAD, &whole),
            Payload::Video { codec: VideoCodec::Vp8, .. } => self.vp8.packetize(PAYLOAD, &whole),
            Payload::Video { codec: VideoCodec::Vp9, .. } => Ok(Vec::new()),
        };
        let packets = match frame.payload {
            // An Opus packet is an RTP payload (RFC 7587 §4.2).
            Payload::Audio => vec![whole.clone()],
            Payload::Video { .. } => cut.ok()?.into_iter().map(Arc::from).collect(),
        };
        let nanos = i128::try_from(frame.time.as_nanos()).ok()? + self.offset_ms * 1_000_000;
        let time = Duration::from_nanos(u64::try_from(nanos).unwrap_or_default());
        let wallclock = (self.epoch + time).checked_sub(REPORT_LAG).unwrap_or(now).min(now);
        Some(Outgoing { payload: frame.payload, time, wallclock, packets, whole })
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Outgoing {
    /// On the RTP clock of its track.
    pub(crate) fn ticks(&self) -> u64 {
        let rate = match self.payload {
            Payload::Audio => recorder::AUDIO_TIMESCALE,
            Payload::Video { .. } => recorder::VIDEO_TIMESCALE,
        };
        let ticks = (self.time.as_nanos() * u128::from(rate) + 500_000_000) / 1_000_000_000;
        u64::try_from(ticks).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn time_goes_on_over_a_change_of_publisher_and_ticks_are_exact() {
        let start = Instant::now();
        let mut fan_out = FanOut::new(start);
        let audio = |ms| Frame { time: Duration::from_millis(ms), payload: Payload::Audio, data: Bytes::new() };
        let whole: Arc<[u8]> = Arc::from([0_u8; 3]);
        let ticks = |fan_out: &mut FanOut, ms| fan_out.packetize(&audio(ms), whole.clone(), start).unwrap().ticks();
        fan_out.publisher_changed(start - Duration::from_secs(60));
        assert_eq!(ticks(&mut fan_out, 60_020), 960);
        // A recording that began later: its time zero is 1 s after our epoch.
        fan_out.publisher_changed(start + Duration::from_secs(1));
        assert_eq!(ticks(&mut fan_out, 20), 48_960);
    }

    #[test]
    fn large_frames_are_cut() {
        let mut fan_out = FanOut::new(Instant::now());
        let mut data = vec![0, 0, 0, 1, 0x65];
        data.extend([7; 5000]);
        let payload = Payload::Video { codec: VideoCodec::H264, key: true };
        let frame = Frame { time: Duration::ZERO, payload, data: Bytes::from(data.clone()) };
        let outgoing = fan_out.packetize(&frame, Arc::from(data), Instant::now()).unwrap();
        assert_eq!(outgoing.packets.len(), 5);
        assert!(outgoing.packets.iter().all(|packet| packet.len() <= PAYLOAD));
    }
}
