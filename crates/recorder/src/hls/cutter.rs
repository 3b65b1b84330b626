//! Cuts the tracks between two discontinuities into parts, by the clock: the picture says where, sound goes along.

use std::collections::VecDeque;
use std::time::Duration;

use crate::fragment::{Fragment, Sample, Tracks};
use crate::frame::{AUDIO_TIMESCALE, VIDEO_TIMESCALE, duration};
use crate::playlist::PART_TARGET;

/// A segment begins with the first key frame after this much.
pub(super) const SHORTEST_SEGMENT: Duration = Duration::from_secs(1);
/// No part is shorter than 85 % of the target (RFC 8216bis §4.4.4.9), but the last one of a segment.
const SHORTEST_PART: Duration = Duration::from_millis(425);
/// So much sooner than its picture may the sound of a part end: what is missing is in the next one.
const SLACK: Duration = Duration::from_millis(80);
/// How long one track waits for the other.
const PATIENCE: Duration = Duration::from_secs(1);

/// One track: what is in no part yet.
#[derive(Debug)]
struct Track {
    timescale: u32,
    waiting: VecDeque<Sample>,
    /// The end of all that came.
    end: Duration,
}

impl Track {
    fn new(timescale: u32, start: Duration) -> Self {
        Self { timescale, waiting: VecDeque::new(), end: start }
    }

    fn take(&mut self, samples: Vec<Sample>) {
        if let Some(last) = samples.last() {
            self.end = self.end.max(duration(last.end(), self.timescale));
        }
        self.waiting.extend(samples);
    }

    /// What begins before `end`.
    fn until(&mut self, end: Duration) -> Vec<Sample> {
        let count = self.waiting.partition_point(|sample| duration(sample.time, self.timescale) < end);
        self.waiting.drain(..count).collect()
    }
}

#[derive(Debug)]
pub(super) struct Cutter {
    /// Where the next part begins.
    start: Duration,
    video: Option<Track>,
    audio: Option<Track>,
    /// Whether the next picture to come can be started with.
    closed: bool,
}

impl Cutter {
    pub(super) fn new(tracks: &Tracks, start: Duration) -> Self {
        let video = tracks.video.is_some().then(|| Track::new(VIDEO_TIMESCALE, start));
        let audio = tracks.audio.then(|| Track::new(AUDIO_TIMESCALE, start));
        Self { start, video, audio, closed: false }
    }

    pub(super) fn take(&mut self, fragment: Fragment) {
        self.closed = fragment.closed;
        if let Some(video) = &mut self.video {
            video.take(fragment.video);
        }
        if let Some(audio) = &mut self.audio {
            audio.take(fragment.audio);
        }
    }

    /// The next part of a segment that has `length` already. `None`: there is not enough yet.
    pub(super) fn next(&mut self, length: Duration) -> Option<Fragment> {
        let ready = match (&self.video, &self.audio) {
            (Some(video), Some(audio)) => {
                let both = video.end.min(audio.end + SLACK);
                both.max(video.end.max(audio.end).saturating_sub(PATIENCE))
            }
            _ => self.end(),
        };
        let limit = ready.min(self.start + PART_TARGET);
        let (end, closes) = self.last_end(limit, length);
        let end = match closes || end >= self.start + SHORTEST_PART {
            true => end,
            false if limit == self.start + PART_TARGET => limit,
            false => return None,
        };
        self.part(end, closes)
    }

    /// The same, when nothing more comes.
    pub(super) fn rest(&mut self, length: Duration) -> Option<Fragment> {
        let limit = self.end().min(self.start + PART_TARGET);
        let (end, closes) = self.last_end(limit, length);
        self.part(if closes || end >= self.start + SHORTEST_PART { end } else { limit }, closes)
    }

    /// The end of all that came.
    fn end(&self) -> Duration {
        [&self.video, &self.audio].into_iter().flatten().map(|track| track.end).max().unwrap_or(self.start)
    }

    /// Where the last picture ends (packet, where there is sound alone) of those that end until `limit`, and whether
    /// the next segment begins there.
    fn last_end(&self, limit: Duration, length: Duration) -> (Duration, bool) {
        let mut end = self.start;
        let Some(track) = self.video.as_ref().or(self.audio.as_ref()) else { return (end, false) };
        let long = |end: Duration| length + end.saturating_sub(self.start) >= SHORTEST_SEGMENT;
        for sample in &track.waiting {
            if self.video.is_some() && sample.key && end > self.start && long(end) {
                return (end, true);
            }
            let ends = duration(sample.end(), track.timescale);
            if ends > limit {
                return (end, false);
            }
            end = end.max(ends);
        }
        (end, self.video.is_some() && self.closed && end > self.start && long(end))
    }

    fn part(&mut self, end: Duration, closed: bool) -> Option<Fragment> {
        let length = end.checked_sub(self.start).filter(|length| !length.is_zero())?;
        let until = |track: &mut Option<Track>| track.as_mut().map(|track| track.until(end)).unwrap_or_default();
        let (video, audio) = (until(&mut self.video), until(&mut self.audio));
        let start = std::mem::replace(&mut self.start, end);
        Some(Fragment { video, audio, start, length, closed })
    }
}
