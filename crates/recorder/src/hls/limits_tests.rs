//! The playlist keeps to what it says of itself (RFC 8216bis), whatever comes.

use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::frame::{Frame, Payload, VideoCodec};
use crate::muxer::{Muxer, Output};
use crate::playlist::{PART_TARGET, TARGET_DURATION};
use crate::synthetic::{packet, picture, stream};

/// A recorder without a disk, and a player that looks at each playlist.
struct Show {
    muxer: Muxer,
    hls: HlsLive,
    first: Option<u64>,
    media_sequence: u64,
    discontinuity_sequence: u64,
    /// The discontinuities before each segment.
    discontinuities: HashMap<u64, u64>,
}

impl Show {
    fn new() -> Self {
        Self {
            muxer: Muxer::new(),
            hls: HlsLive::new(0),
            first: None,
            media_sequence: 0,
            discontinuity_sequence: 0,
            discontinuities: HashMap::new(),
        }
    }

    /// Each step of the muxer, and a look at the playlist after it.
    fn step(&mut self, step: impl FnOnce(&mut Muxer, &mut Vec<Output>)) {
        let mut outputs = Vec::new();
        step(&mut self.muxer, &mut outputs);
        for output in outputs {
            match output {
                Output::Part(tracks) => self.hls.begin(&tracks),
                Output::Fragment(fragment) => self.hls.push(&fragment),
            }
            self.look();
        }
    }

    fn push(&mut self, frames: impl IntoIterator<Item = Frame>) {
        for frame in frames {
            self.step(|muxer, out| muxer.push(frame, out));
        }
    }

    fn end(&mut self) -> String {
        self.step(Muxer::end_part);
        self.hls.end();
        self.look();
        self.hls.playlist().unwrap()
    }

    fn look(&mut self) {
        // Each track waits for the other a little more than a second, and comes in fragments and pictures of some length.
        assert!(self.hls.state().waits() < Duration::from_secs(4));
        let Ok(playlist) = self.hls.playlist() else { return };
        let number = |tag: &str| {
            let found = playlist.lines().find_map(|line| line.strip_prefix(tag)?.strip_prefix(':'));
            found.unwrap().parse::<u64>().unwrap()
        };
        let (media, discontinuity) = (number("#EXT-X-MEDIA-SEQUENCE"), number("#EXT-X-DISCONTINUITY-SEQUENCE"));
        assert!(media >= self.media_sequence && discontinuity >= self.discontinuity_sequence, "{playlist}");
        (self.media_sequence, self.discontinuity_sequence) = (media, discontinuity);
        let (mut msn, mut discontinuities, mut parts, mut total) = (media, discontinuity, Vec::new(), 0.0);
        for line in playlist.lines() {
            if line == "#EXT-X-DISCONTINUITY" {
                discontinuities += 1;
            } else if let Some(part) = line.strip_prefix("#EXT-X-PART:DURATION=") {
                let length: f64 = part.split(',').next().unwrap().parse().unwrap();
                assert!(length > 0.0 && length <= PART_TARGET.as_secs_f64(), "{playlist}");
                // Only the last one of a segment may be shorter.
                assert!(parts.last().is_none_or(|before| *before >= 0.425), "{playlist}");
                parts.push(length);
            } else if let Some(length) = line.strip_prefix("#EXTINF:") {
                let length: f64 = length.trim_end_matches(',').parse().unwrap();
                assert!(length > 0.0 && length.round() <= f64::from(TARGET_DURATION), "{playlist}");
                let sum: f64 = parts.drain(..).sum();
                assert!(sum == 0.0 || (sum - length).abs() < 0.0002, "{playlist}");
                total += length;
            } else if !line.starts_with('#') {
                let before = *self.discontinuities.entry(msn).or_insert(discontinuities);
                assert_eq!(before, discontinuities, "{msn} {playlist}");
                msn += 1;
            }
        }
        let first = *self.first.get_or_insert(media);
        assert!(first == media || total >= f64::from(3 * TARGET_DURATION), "{playlist}");
    }
}

fn parts(playlist: &str) -> Vec<&str> {
    let parts = playlist.lines().filter_map(|line| line.strip_prefix("#EXT-X-PART:DURATION="));
    parts.map(|part| part.split(',').next().unwrap()).collect()
}

fn segments(playlist: &str) -> Vec<f64> {
    let segments = playlist.lines().filter_map(|line| line.strip_prefix("#EXTINF:"));
    segments.map(|length| length.trim_end_matches(',').parse().unwrap()).collect()
}

fn later(by: Duration, frames: Vec<Frame>) -> Vec<Frame> {
    frames.into_iter().map(|frame| Frame { time: frame.time + by, ..frame }).collect()
}

#[test]
fn a_dead_spot_is_a_discontinuity_and_no_length() {
    let mut show = Show::new();
    show.push(stream(VideoCodec::H264, Duration::from_secs(3)));
    show.step(Muxer::idle);
    show.push(later(Duration::from_secs(8), stream(VideoCodec::H264, Duration::from_secs(3))));
    let playlist = show.end();
    assert_eq!(playlist.matches("#EXT-X-DISCONTINUITY\n").count(), 1, "{playlist}");
    let total: f64 = segments(&playlist).iter().sum();
    assert!((6.0..6.6).contains(&total), "{playlist}");
}

#[test]
fn parts_keep_to_their_target_when_the_picture_lags_the_sound() {
    for lag in [80, 150, 400] {
        let mut frames = stream(VideoCodec::H264, Duration::from_secs(6));
        frames.sort_by_key(|frame| match frame.payload {
            Payload::Video { .. } => frame.time + Duration::from_millis(lag),
            Payload::Audio => frame.time,
        });
        let mut show = Show::new();
        show.push(frames);
        let playlist = show.end();
        assert_eq!(segments(&playlist), [2.0; 3], "{lag} {playlist}");
    }
}

#[test]
fn a_key_frame_from_before_the_last_cut_makes_no_empty_part() {
    let mut show = Show::new();
    let at = Duration::from_millis;
    show.push([picture(VideoCodec::H264, true, 16, at(0)), picture(VideoCodec::H264, false, 16, at(100))]);
    show.push((0..26).map(|n| packet(at(n * 20))));
    show.push([picture(VideoCodec::H264, true, 16, at(450)), picture(VideoCodec::H264, false, 16, at(550))]);
    show.push((26..60).map(|n| packet(at(n * 20))));
    let playlist = show.end();
    assert!(!parts(&playlist).contains(&"0.00000"), "{playlist}");
}

#[test]
fn sound_alone_after_a_dead_spot_is_heard() {
    let mut show = Show::new();
    show.push(stream(VideoCodec::H264, Duration::from_secs(3)));
    show.step(Muxer::idle);
    let sound = stream(VideoCodec::H264, Duration::from_secs(6)).into_iter();
    show.push(later(Duration::from_secs(8), sound.filter(|frame| frame.payload == Payload::Audio).collect()));
    let playlist = show.end();
    assert_eq!(playlist.matches("#EXT-X-DISCONTINUITY\n").count(), 1, "{playlist}");
    let total: f64 = segments(&playlist).iter().sum();
    assert!((9.0..9.6).contains(&total), "{playlist}");
}

/// What comes for a while.
#[derive(Debug, Clone)]
struct Span {
    length: u64,
    /// A picture every so many milliseconds; none.
    picture: Option<u64>,
    key_every: u64,
    /// How much later than its sound the picture arrives.
    lag: u64,
    /// A packet of sound is lost so often; there is no sound.
    loss: Option<u64>,
    /// Nothing comes for so long afterwards.
    quiet: u64,
    publisher: bool,
}

fn span() -> impl Strategy<Value = Span> {
    let picture = prop_oneof![6 => Just(Some(33)), 2 => (5u64..1500).prop_map(Some), 2 => Just(None)];
    let loss = prop_oneof![3 => Just(Some(u64::MAX)), 3 => (2u64..60).prop_map(Some), 2 => Just(None)];
    let quiet = prop_oneof![3 => Just(0u64), 2 => 0u64..1000, 1 => 1000u64..9000];
    (20u64..5000, picture, 1u64..150, 0u64..400, loss, quiet, 0u8..8).prop_map(
        |(length, picture, key_every, lag, loss, quiet, publisher)| Span {
            length,
            picture,
            key_every,
            lag,
            loss,
            quiet,
            publisher: publisher == 0,
        },
    )
}

fn frames(span: &Span, start: u64) -> Vec<Frame> {
    let mut frames = Vec::new();
    if let Some(every) = span.picture {
        let pictures = (0..span.length.div_ceil(every)).map(|n| {
            let at = start + n * every;
            (at + span.lag, picture(VideoCodec::H264, n % span.key_every == 0, 16, Duration::from_millis(at)))
        });
        frames.extend(pictures);
    }
    if let Some(loss) = span.loss {
        let packets = (0..span.length.div_ceil(20)).filter(|n| n % loss != loss - 1);
        frames.extend(packets.map(|n| (start + n * 20, packet(Duration::from_millis(start + n * 20)))));
    }
    frames.sort_by_key(|(arrival, _)| *arrival);
    frames.into_iter().map(|(_, frame)| frame).collect()
}

proptest! {
    #[test]
    fn any_frames(spans in proptest::collection::vec(span(), 1..12)) {
        let mut show = Show::new();
        let mut at = 0;
        for span in spans {
            if span.publisher {
                show.step(Muxer::end_part);
            }
            show.push(frames(&span, at));
            if span.quiet >= 500 {
                show.step(Muxer::idle);
            }
            at += span.length + span.quiet;
        }
        if show.hls.playlist().is_ok() {
            show.end();
        }
    }
}
