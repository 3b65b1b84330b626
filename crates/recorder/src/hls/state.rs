//! What a live playlist holds: init segments, segments, and the parts that frames are cut into.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use crate::fragment::{Fragment, Sample, Tracks, init_segment};
use crate::frame::{AUDIO_TIMESCALE, VIDEO_TIMESCALE, VideoCodec, duration};
use crate::hls::cutter::{Cutter, SHORTEST_SEGMENT};
use crate::hls::gaps::Gaps;
use crate::hls::pictures::PATIENCE;
use crate::hls::{HlsError, HlsResource};
use crate::{opus, playlist};

/// Segments kept, about two seconds each.
pub(super) const KEPT_SEGMENTS: usize = 12;
/// More are kept where they are short: three target durations at least (RFC 8216bis §6.2.2).
const SHORTEST_PLAYLIST: Duration = Duration::from_secs(3 * playlist::TARGET_DURATION as u64);
/// Sound alone can be cut anywhere.
const AUDIO_SEGMENT: Duration = Duration::from_secs(2);
/// A segment ends here also where no key frame comes; with one more part it stays below [`playlist::TARGET_DURATION`].
const LONGEST_SEGMENT: Duration = Duration::from_millis(3500);

#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) data: Bytes,
    pub(crate) length: Duration,
    pub(crate) independent: bool,
}

#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) msn: u64,
    /// Which init segment it needs.
    pub(crate) epoch: u64,
    pub(crate) discontinuity: bool,
    pub(crate) parts: Vec<Part>,
    pub(crate) length: Duration,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    /// What the recorder declared.
    declared: Option<Tracks>,
    /// What the current init segment declares.
    tracks: Option<Tracks>,
    /// What is in no part yet. `None` until a fragment comes that can be started with.
    cutter: Option<Cutter>,
    /// After a dead spot: the last key frame, and the sound that waits for the next one.
    key: Option<Sample>,
    waiting: Vec<Sample>,
    gaps: Gaps,
    /// Whether the next part is the first one of its init segment.
    anew: bool,
    /// Whether the next part begins a segment.
    full: bool,
    inits: VecDeque<(u64, Bytes)>,
    next_epoch: u64,
    /// Complete but for the last one, which is while `open`.
    pub(crate) segments: VecDeque<Segment>,
    pub(crate) open: bool,
    pub(crate) next_msn: u64,
    pub(crate) discontinuities_gone: u64,
    sequence_number: u32,
    pub(crate) ended: bool,
}

impl State {
    /// Numbers go on after those of `earlier` parts of the recording.
    pub(super) fn new(earlier: u64) -> Self {
        Self { next_msn: earlier * 100_000, next_epoch: earlier, discontinuities_gone: earlier, ..Self::default() }
    }

    pub(super) fn playlist(&self) -> Result<String, HlsError> {
        if self.segments.is_empty() { Err(HlsError::NotAvailable) } else { Ok(playlist::render(self)) }
    }

    fn current(&self) -> Option<&Segment> {
        self.segments.back().filter(|_| self.open)
    }

    /// The part that comes next, if the segment goes on.
    pub(crate) fn announced(&self) -> (u64, usize) {
        self.current().map_or((self.next_msn, 0), |segment| (segment.msn, segment.parts.len()))
    }

    pub(super) fn holds(&self, msn: u64, part: Option<usize>) -> bool {
        let (next_msn, next_part) = self.announced();
        self.ended || msn < next_msn || (msn == next_msn && part.is_some_and(|part| part < next_part))
    }

    pub(super) fn get(&self, resource: HlsResource) -> Option<Bytes> {
        let segment = |msn| self.segments.iter().find(|segment| segment.msn == msn);
        match resource {
            HlsResource::Init(epoch) => self.inits.iter().find(|(at, _)| *at == epoch).map(|(_, init)| init.clone()),
            HlsResource::Part(msn, index) => segment(msn)?.parts.get(index).map(|part| part.data.clone()),
            HlsResource::Segment(msn) => {
                let complete = segment(msn).filter(|_| self.current().is_none_or(|current| current.msn != msn))?;
                let parts: Vec<&[u8]> = complete.parts.iter().map(|part| part.data.as_ref()).collect();
                Some(parts.concat().into())
            }
        }
    }

    pub(super) fn begin(&mut self, tracks: &Tracks) -> Result<bool, mp4_atom::Error> {
        let changed = self.close()?;
        self.declared = Some(tracks.clone());
        self.gaps = Gaps::default();
        self.key = None;
        Ok(changed)
    }

    pub(super) fn end(&mut self) -> Result<bool, mp4_atom::Error> {
        self.ended = true;
        let closed = self.close();
        self.open = false;
        closed.map(|_| true)
    }

    /// Whether the playlist changed.
    pub(super) fn push(&mut self, fragment: &Fragment) -> Result<bool, mp4_atom::Error> {
        let Some(declared) = &self.declared else { return Ok(false) };
        if declared.video.as_ref().is_some_and(|video| video.codec() == VideoCodec::Vp8) {
            return Ok(false);
        }
        let mut fragment = fragment.clone();
        let decodable = declared.video.is_none() || fragment.starts_with_key();
        // Players wait for every track that the init segment declares: sound is declared once there is some.
        let silent = self.cutter.is_some() && self.tracks.as_ref().is_some_and(|tracks| !tracks.audio);
        let misses_picture = |packet: &Sample| {
            let at = duration(packet.time, AUDIO_TIMESCALE);
            self.cutter.as_ref().is_some_and(|cutter| cutter.misses_picture(at))
        };
        let mut changed = false;
        if silent && fragment.audio.last().is_some_and(|packet| decodable || misses_picture(packet)) {
            changed = self.close()?;
        } else if silent {
            fragment.audio.clear();
        }
        for (number, piece) in self.gaps.split(fragment).into_iter().enumerate() {
            if number > 0 {
                changed |= self.close()?;
            }
            changed |= self.take(piece)?;
        }
        Ok(changed)
    }

    fn take(&mut self, mut fragment: Fragment) -> Result<bool, mp4_atom::Error> {
        if self.cutter.is_none() && !self.open(&mut fragment)? {
            return Ok(false);
        }
        if let Some(cutter) = &mut self.cutter {
            cutter.take(fragment);
        }
        self.cut(Cutter::next)
    }

    /// Begins a new init segment with this fragment, if it can be started with.
    fn open(&mut self, fragment: &mut Fragment) -> Result<bool, mp4_atom::Error> {
        let Some(declared) = &self.declared else { return Ok(false) };
        fragment.audio.splice(0..0, self.waiting.drain(..));
        let at = |packet: &Sample| duration(packet.time, AUDIO_TIMESCALE);
        let sound = fragment.audio.first().map(at).zip(fragment.audio.last().map(at));
        let start = match (&declared.video, fragment.video.first(), sound) {
            (Some(_), Some(picture), _) if picture.key => duration(picture.time, VIDEO_TIMESCALE),
            // Only the sound is back: the last key frame stands.
            (Some(_), _, Some((first, last))) if self.key.is_some() && first + PATIENCE <= last => first,
            (None, _, Some((first, _))) => first,
            _ => {
                if self.key.is_some() {
                    self.waiting = std::mem::take(&mut fragment.audio);
                }
                return Ok(false);
            }
        };
        fragment.audio.retain(|packet| {
            let length = opus::samples(&packet.data).unwrap_or(opus::SILENCE_SAMPLES);
            duration(packet.time + u64::from(length), AUDIO_TIMESCALE) > start
        });
        let tracks = Tracks { video: declared.video.clone(), audio: !fragment.audio.is_empty() };
        self.inits.push_back((self.next_epoch, init_segment(&tracks)?));
        self.next_epoch += 1;
        self.cutter = Some(Cutter::new(&tracks, start, self.key.take()));
        self.tracks = Some(tracks);
        self.anew = true;
        Ok(true)
    }

    /// What follows begins anew: hands out what waits.
    fn close(&mut self) -> Result<bool, mp4_atom::Error> {
        self.waiting.clear();
        if let Some(cutter) = &mut self.cutter {
            cutter.close();
        }
        let changed = self.cut(Cutter::rest)?;
        if let Some(cutter) = self.cutter.take() {
            self.key = cutter.key();
        }
        Ok(changed)
    }

    fn cut(&mut self, next: fn(&mut Cutter, Duration) -> Option<Fragment>) -> Result<bool, mp4_atom::Error> {
        let mut changed = false;
        loop {
            let length = self.current().filter(|_| !self.anew).map_or(Duration::ZERO, |segment| segment.length);
            let Some(part) = self.cutter.as_mut().and_then(|cutter| next(cutter, length)) else { return Ok(changed) };
            // The last picture may stand for longer than a part.
            if !part.is_empty() {
                self.add(&part)?;
                changed = true;
            }
        }
    }

    fn add(&mut self, part: &Fragment) -> Result<(), mp4_atom::Error> {
        let Some(tracks) = &self.tracks else { return Ok(()) };
        self.sequence_number += 1;
        let data = part.encode(self.sequence_number, tracks)?;
        let independent = tracks.video.is_none() || part.starts_with_key();
        let long = self.current().is_some_and(|segment| segment.length >= SHORTEST_SEGMENT);
        let keyed = tracks.video.is_some() && independent && long;
        let longest = if tracks.video.is_some() { LONGEST_SEGMENT } else { AUDIO_SEGMENT };
        if self.anew || self.full || keyed || !self.open {
            self.open_segment();
        }
        if let Some(segment) = self.segments.back_mut() {
            segment.length += part.length;
            segment.parts.push(Part { data, length: part.length, independent });
            self.full = part.closed || segment.length >= longest;
        }
        Ok(())
    }

    fn open_segment(&mut self) {
        let continued = !self.segments.is_empty() || self.discontinuities_gone > 0;
        let segment = Segment {
            msn: self.next_msn,
            epoch: self.next_epoch - 1,
            discontinuity: std::mem::take(&mut self.anew) && continued,
            parts: Vec::new(),
            length: Duration::ZERO,
        };
        self.next_msn += 1;
        self.open = true;
        self.segments.push_back(segment);
        while self.segments.len() > KEPT_SEGMENTS + 1
            && self.segments.iter().skip(1).map(|segment| segment.length).sum::<Duration>() >= SHORTEST_PLAYLIST
        {
            let gone = self.segments.pop_front().is_some_and(|segment| segment.discontinuity);
            self.discontinuities_gone += u64::from(gone);
        }
        let oldest = self.segments.front().map_or(0, |segment| segment.epoch);
        self.inits.retain(|(epoch, _)| *epoch >= oldest);
    }

    /// How much came that is in no part yet.
    #[cfg(test)]
    pub(super) fn waits(&self) -> Duration {
        self.cutter.as_ref().map_or(Duration::ZERO, Cutter::waits)
    }
}
