//! A viewer: the stream's packets under its own numbers.

use std::sync::Arc;
use std::time::Instant;

use rand::Rng as _;
use recorder::{Payload, VideoCodec};
use str0m::media::{MediaTime, Mid, Pt};
use str0m::rtp::{RtpWrite, SeqNo};
use str0m::{Input, Rtc};

use crate::fanout::Outgoing;

pub(crate) struct Viewer {
    /// What it agreed to; `None`: it wants sound only.
    pub(crate) codec: Option<VideoCodec>,
    pub(crate) waits_for_key: bool,
    video: Option<Sending>,
    audio: Option<Sending>,
}

/// One track to one viewer.
struct Sending {
    mid: Mid,
    payload_type: Pt,
    sequence: u64,
    timestamp_offset: u32,
}

impl Sending {
    fn new((mid, payload_type): (Mid, u8)) -> Self {
        let mut random = rand::rng();
        // Unpredictable (RFC 3550 §5.1), and low enough that no receiver can take the first packets for a wrap-around.
        Self {
            mid,
            payload_type: payload_type.into(),
            sequence: random.random_range(0..0x4000),
            timestamp_offset: random.random(),
        }
    }
}

impl Viewer {
    /// Tracks are (mid, payload type).
    pub(crate) fn new(codec: Option<VideoCodec>, video: Option<(Mid, u8)>, audio: Option<(Mid, u8)>) -> Self {
        Self { codec, waits_for_key: true, video: video.map(Sending::new), audio: audio.map(Sending::new) }
    }

    /// Queues a frame. `false` if this viewer has no use for it.
    pub(crate) fn write(&mut self, rtc: &mut Rtc, frame: &Outgoing, now: Instant) -> bool {
        let track = match frame.payload {
            Payload::Audio => self.audio.as_mut(),
            Payload::Video { codec, key } => {
                if self.codec != Some(codec) || (self.waits_for_key && !key) {
                    return false;
                }
                self.waits_for_key = false;
                self.video.as_mut()
            }
        };
        let Some(track) = track else { return false };
        if self.codec == Some(VideoCodec::Vp9) {
            write_frame(track, rtc, frame);
        } else {
            write_packets(track, rtc, frame);
        }
        rtc.handle_input(Input::Timeout(now)).is_ok()
    }
}

fn write_packets(track: &mut Sending, rtc: &mut Rtc, frame: &Outgoing) {
    let video = matches!(frame.payload, Payload::Video { .. });
    // The RTP clock wraps.
    let time = (frame.ticks() as u32).wrapping_add(track.timestamp_offset);
    let mut api = rtc.direct_api();
    let Some(stream) = api.stream_tx_by_mid(track.mid, None) else { return };
    for (n, packet) in frame.packets.iter().enumerate() {
        let sequence = SeqNo::from(track.sequence);
        track.sequence += 1;
        let packet = RtpWrite::new(track.payload_type, sequence, time, frame.wallclock, Arc::clone(packet));
        stream.write_rtp(packet.marker(video && n + 1 == frame.packets.len()).nackable(video));
    }
}

fn write_frame(track: &Sending, rtc: &mut Rtc, frame: &Outgoing) {
    let rate = match frame.payload {
        Payload::Audio => str0m::media::Frequency::FORTY_EIGHT_KHZ,
        Payload::Video { .. } => str0m::media::Frequency::NINETY_KHZ,
    };
    let time = MediaTime::new(frame.ticks() + u64::from(track.timestamp_offset >> 1), rate);
    if let Some(writer) = rtc.writer(track.mid)
        && let Err(error) = writer.write(track.payload_type, frame.wallclock, time, frame.whole.clone())
    {
        tracing::debug!(%error, "a frame could not be sent");
    }
}
