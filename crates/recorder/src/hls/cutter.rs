//! Cuts the tracks between two discontinuities into parts, by the clock: the picture says where, sound goes along.
//! Both go on together: silence and the last key frame are put where nothing was received.

use std::collections::VecDeque;
use std::time::Duration;

use crate::fragment::{Fragment, Sample, Tracks};
use crate::frame::{AUDIO_TIMESCALE, VIDEO_TIMESCALE, duration, ticks};
use crate::hls::pictures::{PATIENCE, Pictures};
use crate::playlist::PART_TARGET;
use crate::silence::Filler;

/// A segment begins with the first key frame after this much.
pub(super) const SHORTEST_SEGMENT: Duration = Duration::from_secs(1);
/// No part is shorter than 85 % of the target (RFC 8216bis §4.4.4.9), but the last one of a segment.
const SHORTEST_PART: Duration = Duration::from_millis(425);
/// So much sooner than its picture may the sound of a part end: what is missing is in the next one.
const SLACK: Duration = Duration::from_millis(80);

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
    video: Option<(Track, Pictures)>,
    audio: Option<(Track, Filler)>,
    /// Whether the next picture to come can be started with.
    closed: bool,
}

impl Cutter {
    /// Begins at `start`; `key` stands where there is no key frame.
    pub(super) fn new(tracks: &Tracks, start: Duration, key: Option<Sample>) -> Self {
        let video = tracks.video.is_some().then(|| (Track::new(VIDEO_TIMESCALE, start), Pictures::new(start, key)));
        let audio = tracks.audio.then(|| (Track::new(AUDIO_TIMESCALE, start), Filler::new(start)));
        Self { start, video, audio, closed: false }
    }

    pub(super) fn take(&mut self, fragment: Fragment) {
        if let Some((video, pictures)) = &mut self.video {
            video.take(pictures.fill(fragment.video));
        }
        if let Some((audio, sound)) = &mut self.audio {
            audio.take(sound.fill(fragment.audio, self.video.as_ref().map(|(video, _)| video.end)));
            if let Some((video, pictures)) = &mut self.video {
                video.take(pictures.wait(audio.end));
            }
        }
        self.closed = fragment.closed || self.video.as_ref().is_some_and(|(_, pictures)| pictures.broken());
    }

    /// Nothing more comes: both tracks end together.
    pub(super) fn close(&mut self) {
        let (Some((video, pictures)), Some((audio, sound))) = (&mut self.video, &mut self.audio) else { return };
        match video.waiting.back_mut() {
            Some(last) if video.end < audio.end => {
                let longer = ticks(audio.end, VIDEO_TIMESCALE).saturating_sub(last.end());
                last.duration = last.duration.saturating_add(u32::try_from(longer).unwrap_or(u32::MAX));
                video.end = audio.end;
            }
            None if video.end + SLACK < audio.end => video.take(pictures.close(audio.end)),
            _ => {}
        }
        audio.take(sound.close(video.end));
    }

    /// The last key frame.
    pub(super) fn key(self) -> Option<Sample> {
        self.video.and_then(|(_, pictures)| pictures.key())
    }

    /// Whether the picture is missing where there is sound until `sound`.
    pub(super) fn misses_picture(&self, sound: Duration) -> bool {
        self.video.as_ref().is_some_and(|(video, _)| video.end + PATIENCE <= sound)
    }

    /// The next part of a segment that has `length` already. `None`: there is not enough yet.
    pub(super) fn next(&mut self, length: Duration) -> Option<Fragment> {
        let ready = match (&self.video, &self.audio) {
            (Some((video, _)), Some((audio, _))) => video.end.min(audio.end + SLACK),
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

    /// How much came that is in no part yet.
    #[cfg(test)]
    pub(super) fn waits(&self) -> Duration {
        self.end().saturating_sub(self.start)
    }

    fn tracks(&self) -> (Option<&Track>, Option<&Track>) {
        (self.video.as_ref().map(|(track, _)| track), self.audio.as_ref().map(|(track, _)| track))
    }

    /// The end of all that came.
    fn end(&self) -> Duration {
        let (video, audio) = self.tracks();
        video.into_iter().chain(audio).map(|track| track.end).max().unwrap_or(self.start)
    }

    /// Where the last picture ends (packet, where there is sound alone) of those that end until `limit`, and whether
    /// the next segment begins there.
    fn last_end(&self, limit: Duration, length: Duration) -> (Duration, bool) {
        let mut end = self.start;
        let (video, audio) = self.tracks();
        let Some(track) = video.or(audio) else { return (end, false) };
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
        let video = self.video.as_mut().map(|(track, _)| track.until(end)).unwrap_or_default();
        let audio = self.audio.as_mut().map(|(track, _)| track.until(end)).unwrap_or_default();
        let start = std::mem::replace(&mut self.start, end);
        Some(Fragment { video, audio, start, length, closed })
    }
}
