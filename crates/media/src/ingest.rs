//! A publisher: from str0m's frames to frames of the recording.

use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use bytes::Bytes;
use recorder::{Frame, Payload, VideoCodec};
use str0m::media::{KeyframeRequestKind, MediaData, Mid};
use str0m::{Input, Rtc};

use crate::keyframe::{KeyFrameRequests, Need};
use crate::sink::Recording;
use crate::sync::{Clock, SenderReport, TrackClock};

/// In decibels below the loudest that can be sent (RFC 6464 §3). A quiet room is some 60 below it; a microphone that is
/// muted or covered is further down.
const SILENCE_DB: i8 = -70;

pub(crate) struct Ingest {
    pub(crate) recording: Recording,
    pub(crate) requests: KeyFrameRequests,
    /// When RTP came last, of either track.
    pub(crate) last_media: Option<Instant>,
    /// How that came.
    pub(crate) over_tcp: bool,
    pub(crate) flowing: bool,
    /// Added to every arrival, see [`begin_after`](Self::begin_after).
    delay: Duration,
    video: Option<(Mid, VideoCodec)>,
    clock: Clock,
    video_clock: TrackClock,
    audio_clock: TrackClock,
    last_sequence: Option<u64>,
}

/// A frame that is ready for the recording and for the viewers.
pub(crate) struct Ingested {
    pub(crate) frame: Frame,
    /// The same bytes as the frame's.
    pub(crate) data: Arc<[u8]>,
    /// RTP packets missing between this video frame and the one before.
    pub(crate) lost: u64,
    /// Sound that can be heard. Of a publisher that does not say how loud it is, all of it.
    pub(crate) heard: bool,
}

impl Ingest {
    pub(crate) fn new(recording: Recording, video: Option<(Mid, VideoCodec)>, has_audio: bool) -> Self {
        Self {
            recording,
            requests: KeyFrameRequests::default(),
            last_media: None,
            over_tcp: false,
            flowing: false,
            delay: Duration::ZERO,
            video,
            clock: Clock::default(),
            video_clock: TrackClock::new(recorder::VIDEO_TIMESCALE, !has_audio),
            audio_clock: TrackClock::new(recorder::AUDIO_TIMESCALE, true),
            last_sequence: None,
        }
    }

    /// A publisher whose first packets were late runs ahead of the clock on the wall by as much. Whoever takes over from
    /// it begins after its last frame, with both tracks alike.
    pub(crate) fn begin_after(&mut self, last: Instant, now: Instant) {
        // The clock of a track starts on a whole millisecond.
        self.delay = (last + Duration::from_millis(2)).saturating_duration_since(now);
    }

    pub(crate) fn frame(&mut self, data: MediaData) -> Ingested {
        let report = data.last_sender_info.and_then(|info| {
            let wall = info.ntp_time.duration_since(UNIX_EPOCH).ok()?.as_secs_f64();
            Some(SenderReport { wall, rtp: info.rtp_time.numer() })
        });
        let arrival = data.network_time.saturating_duration_since(self.recording.origin) + self.delay;
        let video = self.video.filter(|(mid, _)| *mid == data.mid);
        let track = if video.is_some() { &mut self.video_clock } else { &mut self.audio_clock };
        let time = track.frame(&mut self.clock, data.time.numer(), arrival, report);

        let mut lost = 0;
        let payload = match video {
            None => Payload::Audio,
            Some((_, codec)) => {
                let key = data.is_keyframe();
                if let Some(last) = self.last_sequence.replace(**data.seq_range.end()) {
                    lost = data.seq_range.start().saturating_sub(last.saturating_add(1));
                }
                if key {
                    self.requests.arrived(data.network_time);
                } else if !data.contiguous {
                    // What follows refers to a frame that is not there.
                    self.requests.want(Need::Recording);
                }
                Payload::Video { codec, key }
            }
        };
        let heard = video.is_none() && data.ext_vals.audio_level.is_none_or(|level| level > SILENCE_DB);
        let frame = Frame { time, payload, data: Bytes::from_owner(data.data.clone()) };
        Ingested { frame, data: data.data, lost, heard }
    }

    /// Asks the publisher for a key frame if it is time to.
    pub(crate) fn request_key_frame(&mut self, rtc: &mut Rtc, now: Instant) -> bool {
        let Some((mid, _)) = self.video else { return false };
        if !self.requests.due(now) {
            return false;
        }
        let Some(mut writer) = rtc.writer(mid) else { return false };
        // Fails until the first packet has told the track's SSRC; asked again in 100 ms.
        let asked = writer.request_keyframe(None, KeyframeRequestKind::Pli).is_ok();
        asked && rtc.handle_input(Input::Timeout(now)).is_ok()
    }
}
