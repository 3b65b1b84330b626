//! Frames in, fragments out. A pure state machine: no file, no clock.

use std::time::Duration;

use bytes::Bytes;

use crate::fragment::{Fragment, Sample, Tracks};
use crate::frame::{AUDIO_TIMESCALE, Frame, Payload, VIDEO_TIMESCALE, VideoCodec, duration, ticks};
use crate::h264::ParameterSets;
use crate::opus;
use crate::track::{Picture, VideoConfig};

/// A fragment ends with the first picture after this much. A little under the half second that a crash may cost, so
/// that no fragment of a picture every 70 ms or less is longer than that.
const FRAGMENT: Duration = Duration::from_millis(430);
/// A fragment ends here also where no picture comes: a packet less than the half second, since the packet that came last
/// has no successor yet.
const LONGEST_FRAGMENT: Duration = Duration::from_millis(480);
/// How long sound waits for a picture before it starts a part of its own.
const LEAD: Duration = Duration::from_secs(1);
/// The length of a last picture that has none before it: 1/30 s.
const PICTURE: u32 = VIDEO_TIMESCALE / 30;

/// What the muxer produces, in order.
#[derive(Debug)]
pub(crate) enum Output {
    /// The fragments that follow need a new init segment.
    Part(Tracks),
    Fragment(Fragment),
}

/// One track of the open part. The newest sample waits for its successor, which gives it a duration.
#[derive(Debug)]
struct Queue {
    timescale: u32,
    ready: Vec<Sample>,
    newest: Option<Sample>,
    last_duration: Option<u32>,
}

impl Queue {
    fn new(timescale: u32) -> Self {
        Self { timescale, ready: Vec::new(), newest: None, last_duration: None }
    }

    /// Gives the newest sample its duration, now that the time of the next one is known.
    fn complete(&mut self, next: u64) {
        if let Some(mut sample) = self.newest.take() {
            sample.duration = u32::try_from(next.saturating_sub(sample.time)).unwrap_or(u32::MAX);
            self.last_duration = Some(sample.duration);
            self.ready.push(sample);
        }
    }

    /// `time` as a tick later than the one before.
    fn later(&self, time: Duration) -> u64 {
        let at = ticks(time, self.timescale);
        self.newest.as_ref().map_or(at, |newest| at.max(newest.time + 1))
    }

    fn push(&mut self, time: u64, key: bool, data: Bytes) {
        self.complete(time);
        self.newest = Some(Sample { time, duration: 0, key, data });
    }

    /// The newest sample will get no successor: it lasts `usual`, or as long as the one before.
    fn close(&mut self, usual: u32) {
        if let Some(at) = self.newest.as_ref().map(|sample| sample.time) {
            let last = self.last_duration.take().filter(|last| *last <= self.timescale);
            self.complete(at + u64::from(last.unwrap_or(usual)));
        }
        self.last_duration = None;
    }

    fn end(&self) -> Option<Duration> {
        let sample = self.ready.last()?;
        Some(duration(sample.time + u64::from(sample.duration), self.timescale))
    }
}

/// Sorts frames into parts and fragments.
#[derive(Debug)]
pub(crate) struct Muxer {
    /// `None` until a part is open; then what its video is, if it has any.
    part: Option<Option<VideoConfig>>,
    /// Where the fragment being collected begins.
    start: Duration,
    video: Queue,
    audio: Queue,
    parameters: ParameterSets,
    /// Pictures and packets that could not be used: before a key frame, or broken.
    pub(crate) unusable: u64,
}

impl Muxer {
    pub(crate) fn new() -> Self {
        let (video, audio) = (Queue::new(VIDEO_TIMESCALE), Queue::new(AUDIO_TIMESCALE));
        Self { part: None, start: Duration::ZERO, video, audio, parameters: ParameterSets::default(), unusable: 0 }
    }

    pub(crate) fn push(&mut self, frame: Frame, out: &mut Vec<Output>) {
        match frame.payload {
            Payload::Video { codec, .. } => self.video(frame.time, codec, frame.data, out),
            Payload::Audio => self.audio(frame.time, frame.data, out),
        }
    }

    fn video(&mut self, time: Duration, codec: VideoCodec, data: Bytes, out: &mut Vec<Output>) {
        let picture = Picture::parse(codec, data);
        let key = picture.is_key();
        if !picture.is_picture() {
            // Parameter sets sent apart are kept for the next key frame, and are no loss.
            let _ = picture.config(&mut self.parameters);
            self.unusable += u64::from(!picture.has_parameter_sets());
            return;
        }
        let current = self.part.as_ref().and_then(Option::as_ref);
        let config = match (picture.config(&mut self.parameters), current) {
            (Some(new), Some(current)) if current.continues_with(&new) => None,
            (new, _) => new,
        };
        let opened = config.is_some();
        if let Some(config) = config {
            // The sound of an open part without video, or with another one, is its own; what waited for a first
            // picture comes along.
            if self.part.is_some() {
                self.video.complete(ticks(time, VIDEO_TIMESCALE));
                self.end_part(out);
            }
            self.open(Some(config), time, out);
        }
        let current = self.part.as_ref().and_then(Option::as_ref);
        let Some(data) = current.and_then(|config| picture.into_sample(config)) else {
            self.unusable += 1;
            return;
        };
        // Complete the picture before, so that a fragment may end here.
        let at = self.video.later(time);
        self.video.complete(at);
        if !opened && (key || time.saturating_sub(self.start) >= FRAGMENT) {
            self.cut(time, key, out);
        }
        self.video.push(at, key, data);
    }

    fn audio(&mut self, time: Duration, data: Bytes, out: &mut Vec<Output>) {
        if opus::samples(&data).is_none() {
            self.unusable += 1;
            return;
        }
        let at = self.audio.later(time);
        self.audio.push(at, true, data);
        if self.part.is_some() {
            if time.saturating_sub(self.start) >= LONGEST_FRAGMENT {
                self.cut(time, false, out);
            }
        } else if let Some(first) = self.audio.ready.first() {
            let first = duration(first.time, AUDIO_TIMESCALE);
            if time.saturating_sub(first) >= LEAD {
                self.open(None, first, out);
                self.cut(time, false, out);
            }
        }
    }

    /// Hands out what is complete. For when nothing has come for a while: a crash may then cost one frame a track.
    pub(crate) fn idle(&mut self, out: &mut Vec<Output>) {
        if self.part.is_some()
            && let Some(end) = self.video.end().max(self.audio.end())
        {
            self.cut(end, false, out);
        }
    }

    /// The end, or another publisher: hands out everything, the last frame of each track too.
    pub(crate) fn end_part(&mut self, out: &mut Vec<Output>) {
        if self.part.is_none()
            && let Some(first) = self.audio.ready.first().or(self.audio.newest.as_ref())
        {
            let first = duration(first.time, AUDIO_TIMESCALE);
            self.open(None, first, out);
        }
        self.video.close(PICTURE);
        let packet = self.audio.newest.as_ref().and_then(|sample| opus::samples(&sample.data));
        self.audio.last_duration = None;
        self.audio.close(packet.unwrap_or(opus::SILENCE_SAMPLES));
        if let Some(end) = self.video.end().max(self.audio.end()) {
            self.cut(end, true, out);
        }
        self.part = None;
        self.parameters = ParameterSets::default();
    }

    fn open(&mut self, video: Option<VideoConfig>, start: Duration, out: &mut Vec<Output>) {
        // Sound is always declared, since its description never differs and it may begin at any time.
        out.push(Output::Part(Tracks { video: video.clone(), audio: true }));
        self.part = Some(video);
        self.start = start;
    }

    fn cut(&mut self, end: Duration, closed: bool, out: &mut Vec<Output>) {
        let fragment = Fragment {
            video: std::mem::take(&mut self.video.ready),
            audio: std::mem::take(&mut self.audio.ready),
            start: self.start,
            length: end.saturating_sub(self.start),
            closed,
        };
        self.start = self.start.max(end);
        if !fragment.is_empty() {
            out.push(Output::Fragment(fragment));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::synthetic::{mux, packet, picture, stream};

    fn fragments(outputs: &[Output]) -> impl Iterator<Item = &Fragment> {
        outputs.iter().filter_map(|output| match output {
            Output::Fragment(fragment) => Some(fragment),
            Output::Part(_) => None,
        })
    }

    fn parts(outputs: &[Output]) -> usize {
        outputs.len() - fragments(outputs).count()
    }

    #[test]
    fn fragments_are_short_and_key_frames_begin_one() {
        let outputs = mux(&stream(VideoCodec::H264, Duration::from_secs(10)));
        assert_eq!(parts(&outputs), 1);
        for fragment in fragments(&outputs) {
            assert!(fragment.length <= Duration::from_millis(500), "{:?}", fragment.length);
            assert!(fragment.video.iter().skip(1).all(|sample| !sample.key));
        }
        assert_eq!(fragments(&outputs).map(|fragment| fragment.video.len()).sum::<usize>(), 300);
        assert_eq!(fragments(&outputs).map(|fragment| fragment.audio.len()).sum::<usize>(), 500);
    }

    #[test]
    fn fragments_are_short_also_where_the_picture_lags_the_sound() {
        let mut frames = stream(VideoCodec::H264, Duration::from_secs(10));
        frames.sort_by_key(|frame| match frame.payload {
            Payload::Video { .. } => frame.time + Duration::from_millis(150),
            Payload::Audio => frame.time,
        });
        for fragment in fragments(&mux(&frames)) {
            assert!(fragment.length <= Duration::from_millis(500), "{:?}", fragment.length);
        }
    }

    #[test]
    fn a_picture_does_not_wait_for_sound() {
        let frames = stream(VideoCodec::Vp8, Duration::from_secs(1));
        let video: Vec<Frame> = frames.into_iter().filter(|frame| frame.payload != Payload::Audio).collect();
        let (mut muxer, mut outputs) = (Muxer::new(), Vec::new());
        for frame in &video[..16] {
            muxer.push(frame.clone(), &mut outputs);
        }
        assert_eq!(fragments(&outputs).count(), 1);
    }

    #[test]
    fn a_new_size_starts_a_part_and_a_repeated_one_does_not() {
        let key = |size, ms| picture(VideoCodec::Vp8, true, size, Duration::from_millis(ms));
        assert_eq!(parts(&mux(&[key(16, 0), key(16, 100), key(16, 200)])), 1);
        let outputs = mux(&[key(16, 0), key(32, 100), key(32, 200), key(16, 300)]);
        assert_eq!(parts(&outputs), 3);
        assert_eq!(fragments(&outputs).map(|fragment| fragment.video.len()).sum::<usize>(), 4);
    }

    #[test]
    fn pictures_before_a_key_frame_are_not_recorded() {
        let frames = [
            picture(VideoCodec::H264, false, 1, Duration::ZERO),
            picture(VideoCodec::H264, true, 1, Duration::from_millis(33)),
            picture(VideoCodec::Vp8, false, 1, Duration::from_millis(66)),
        ];
        let (mut muxer, mut outputs) = (Muxer::new(), Vec::new());
        frames.into_iter().for_each(|frame| muxer.push(frame, &mut outputs));
        muxer.end_part(&mut outputs);
        assert_eq!(muxer.unusable, 2);
        assert_eq!(fragments(&outputs).map(|fragment| fragment.video.len()).sum::<usize>(), 1);
    }

    #[test]
    fn parameter_sets_may_come_apart_from_the_picture() {
        let h264 = |ms, nals: &[&[u8]]| {
            let data = nals.iter().flat_map(|nal| [&[0, 0, 0, 1], *nal].concat()).collect::<Vec<u8>>();
            let payload = Payload::Video { codec: VideoCodec::H264, key: true };
            Frame { time: Duration::from_millis(ms), payload, data: data.into() }
        };
        let sps = [0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0x28, 0x02, 0xdd, 0x08, 0x00, 0x00, 0x03, 0x00, 0x08];
        let (pps, idr, other) = ([0x68, 0xce, 0x3c, 0x80], [0x65, 0x88], [0x41, 0x9a]);
        let frames = [
            h264(0, &[&idr]),
            h264(1, &[&sps]),
            h264(1, &[&pps]),
            h264(1, &[&idr]),
            h264(34, &[&other]),
            h264(67, &[&sps, &pps, &idr]),
        ];
        let outputs = mux(&frames);
        assert_eq!(parts(&outputs), 1);
        let sizes: Vec<usize> = fragments(&outputs).flat_map(|f| &f.video).map(|sample| sample.data.len()).collect();
        assert_eq!(sizes, [4 + 16 + 4 + 4 + 4 + 2, 4 + 2, 4 + 16 + 4 + 4 + 4 + 2]);
    }

    #[test]
    fn nothing_waits_while_nothing_comes() {
        let (mut muxer, mut outputs) = (Muxer::new(), Vec::new());
        for frame in stream(VideoCodec::H264, Duration::from_millis(200)) {
            muxer.push(frame, &mut outputs);
        }
        assert_eq!(fragments(&outputs).count(), 0);
        muxer.idle(&mut outputs);
        assert_eq!(fragments(&outputs).map(|fragment| fragment.video.len()).sum::<usize>(), 5);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Push(Frame),
        Idle,
        Publisher,
    }

    fn step() -> impl Strategy<Value = Step> {
        let codec = prop_oneof![Just(VideoCodec::H264), Just(VideoCodec::Vp8), Just(VideoCodec::Vp9)];
        let video = (codec, any::<bool>(), 1u8..4, 0u64..4000)
            .prop_map(|(codec, key, size, ms)| picture(codec, key, size, Duration::from_millis(ms)));
        let audio = (0u64..4000).prop_map(|ms| packet(Duration::from_millis(ms)));
        let noise = proptest::collection::vec(any::<u8>(), 0..20).prop_map(|data| Frame {
            time: Duration::ZERO,
            payload: Payload::Video { codec: VideoCodec::H264, key: true },
            data: data.into(),
        });
        prop_oneof![
            5 => video.prop_map(Step::Push),
            3 => audio.prop_map(Step::Push),
            1 => noise.prop_map(Step::Push),
            1 => Just(Step::Idle),
            1 => Just(Step::Publisher),
        ]
    }

    proptest! {
        /// Whatever comes, in whatever order: nothing is lost uncounted, every part begins with a key frame, and the
        /// times within a fragment are where its durations put them.
        #[test]
        fn any_sequence_of_frames(steps in proptest::collection::vec(step(), 0..60)) {
            let (mut muxer, mut outputs) = (Muxer::new(), Vec::new());
            let (mut pushed, mut parameters) = (0, 0);
            for step in steps {
                match step {
                    Step::Push(frame) => {
                        pushed += 1;
                        let codec = VideoCodec::H264;
                        let picture = Picture::parse(codec, frame.data.clone());
                        if frame.payload != Payload::Audio && !picture.is_picture() && picture.has_parameter_sets() {
                            parameters += 1;
                        }
                        muxer.push(frame, &mut outputs);
                    }
                    Step::Idle => muxer.idle(&mut outputs),
                    Step::Publisher => muxer.end_part(&mut outputs),
                }
            }
            muxer.end_part(&mut outputs);
            pushed -= parameters;
            let written: usize = fragments(&outputs).map(|fragment| fragment.video.len() + fragment.audio.len()).sum();
            prop_assert_eq!(written as u64 + muxer.unusable, pushed);

            let mut tracks: Option<Tracks> = None;
            let mut pictures = 0;
            for output in outputs {
                match output {
                    Output::Part(new) => (tracks, pictures) = (Some(new), 0),
                    Output::Fragment(fragment) => {
                        let tracks = tracks.as_ref().expect("a fragment follows a part");
                        prop_assert!(fragment.video.is_empty() || tracks.video.is_some());
                        if pictures == 0 && !fragment.video.is_empty() {
                            prop_assert!(fragment.starts_with_key());
                        }
                        pictures += fragment.video.len();
                        for run in [&fragment.video, &fragment.audio] {
                            for pair in run.windows(2) {
                                prop_assert_eq!(pair[0].time + u64::from(pair[0].duration), pair[1].time);
                            }
                        }
                        prop_assert!(fragment.encode(1, tracks).is_ok());
                    }
                }
            }
        }
    }
}
