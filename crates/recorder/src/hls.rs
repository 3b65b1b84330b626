//! Low-Latency HLS (RFC 8216bis) of the frames that are being recorded: one media playlist, its parts and segments in
//! memory.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;

use crate::fragment::{Fragment, Tracks, init_segment};
use crate::frame::{AUDIO_TIMESCALE, VIDEO_TIMESCALE, VideoCodec, duration};
use crate::playlist;

/// Segments kept, about two seconds each.
const KEPT_SEGMENTS: usize = 12;
/// A segment begins with the first key frame after this much.
const SHORTEST_SEGMENT: Duration = Duration::from_secs(1);
/// Sound alone can be cut anywhere.
const AUDIO_SEGMENT: Duration = Duration::from_secs(2);
/// A segment ends here also where no key frame comes; with one more part it stays below [`playlist::TARGET_DURATION`].
const LONGEST_SEGMENT: Duration = Duration::from_millis(3500);
/// A request for a segment further ahead than this is refused (RFC 8216bis §6.2.5.2).
const AHEAD: u64 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HlsError {
    /// Nothing is live yet, or its codec does not play over HLS (VP8).
    #[error("there is nothing to play over HLS")]
    NotAvailable,
    /// The request asks for a segment that is too far ahead.
    #[error("the segment asked for is too far ahead")]
    TooFarAhead,
}

/// What a playlist names. The names are relative to the playlist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HlsResource {
    Init(u64),
    Segment(u64),
    Part(u64, usize),
}

impl fmt::Display for HlsResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Init(epoch) => write!(f, "init{epoch}.mp4"),
            Self::Segment(msn) => write!(f, "seg{msn}.m4s"),
            Self::Part(msn, index) => write!(f, "part{msn}.{index}.m4s"),
        }
    }
}

/// The name is not one that a playlist here would hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of an HLS resource")]
pub struct UnknownResource;

impl FromStr for HlsResource {
    type Err = UnknownResource;

    fn from_str(name: &str) -> Result<Self, UnknownResource> {
        let parse = || {
            if let Some(epoch) = name.strip_prefix("init") {
                return Some(Self::Init(epoch.strip_suffix(".mp4")?.parse().ok()?));
            }
            let media = name.strip_suffix(".m4s")?;
            if let Some(msn) = media.strip_prefix("seg") {
                return Some(Self::Segment(msn.parse().ok()?));
            }
            let (msn, index) = media.strip_prefix("part")?.split_once('.')?;
            Some(Self::Part(msn.parse().ok()?, index.parse().ok()?))
        };
        // One name a resource: "seg+1.m4s" parses as a number, too.
        parse().filter(|resource| resource.to_string() == name).ok_or(UnknownResource)
    }
}

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

/// The live playlist of one stream.
#[derive(Debug)]
pub struct HlsLive {
    state: Mutex<State>,
    /// Counts changes of the playlist.
    version: watch::Sender<u64>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    /// What the recorder declared, until a fragment comes that can be started with.
    declared: Option<Tracks>,
    starting: bool,
    /// What the current init segment declares.
    tracks: Option<Tracks>,
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

impl HlsLive {
    /// `earlier_parts`: of the recording that is continued. Its playlist went with the process that made it; numbers go
    /// on well after those, so that a player never sees them go back.
    pub(crate) fn new(earlier_parts: u32) -> Self {
        let earlier = u64::from(earlier_parts);
        let state = State {
            next_msn: earlier * 100_000,
            next_epoch: earlier,
            discontinuities_gone: earlier,
            ..State::default()
        };
        Self { state: Mutex::new(state), version: watch::Sender::new(0) }
    }

    /// The playlist as it stands.
    ///
    /// # Errors
    /// [`HlsError::NotAvailable`] before anything can be played.
    pub fn playlist(&self) -> Result<String, HlsError> {
        self.state().playlist()
    }

    /// The playlist once there is something to play: a viewer who comes in the service's first second waits for it,
    /// instead of being told that there is nothing. Waits for as long as that takes: the caller sets a limit.
    ///
    /// # Errors
    /// [`HlsError::NotAvailable`] when it ended before anything could be played.
    pub async fn first_playlist(&self) -> Result<String, HlsError> {
        let mut changes = self.version.subscribe();
        loop {
            changes.borrow_and_update();
            {
                let state = self.state();
                let playlist = state.playlist();
                if playlist.is_ok() || state.ended {
                    return playlist;
                }
            }
            if changes.changed().await.is_err() {
                return self.playlist();
            }
        }
    }

    /// The playlist once it holds segment `msn` (`_HLS_msn`), or its part `part` (`_HLS_part`). Waits for as long as
    /// that takes: the caller sets a limit.
    ///
    /// # Errors
    /// [`HlsError::TooFarAhead`] at once for an `msn` that is not one of the next, [`HlsError::NotAvailable`] before
    /// anything can be played.
    pub async fn playlist_with(&self, msn: u64, part: Option<usize>) -> Result<String, HlsError> {
        let mut changes = self.version.subscribe();
        loop {
            changes.borrow_and_update();
            {
                let state = self.state();
                let playlist = state.playlist()?;
                if msn > state.next_msn.saturating_sub(1) + AHEAD {
                    return Err(HlsError::TooFarAhead);
                }
                if state.holds(msn, part) {
                    return Ok(playlist);
                }
            }
            if changes.changed().await.is_err() {
                return self.playlist();
            }
        }
    }

    /// The bytes of a resource, if they are there.
    pub fn get(&self, resource: HlsResource) -> Option<Bytes> {
        self.state().get(resource)
    }

    /// The bytes of a resource; waits for the part that the playlist announces next. The caller sets a limit.
    pub async fn get_or_wait(&self, resource: HlsResource) -> Option<Bytes> {
        let mut changes = self.version.subscribe();
        loop {
            changes.borrow_and_update();
            {
                let state = self.state();
                let found = state.get(resource);
                let announced = matches!(resource, HlsResource::Part(msn, index) if state.announced() == (msn, index));
                if found.is_some() || !announced || state.ended {
                    return found;
                }
            }
            changes.changed().await.ok()?;
        }
    }

    /// Changes of the playlist, counted.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// The fragments that follow need another init segment.
    pub(crate) fn begin(&self, tracks: &Tracks) {
        let mut state = self.state();
        state.declared = Some(tracks.clone());
        state.starting = true;
    }

    pub(crate) fn push(&self, fragment: &Fragment) {
        match self.state().push(fragment) {
            Ok(true) => self.version.send_modify(|version| *version += 1),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "a fragment could not be made into a part"),
        }
    }

    pub(crate) fn end(&self) {
        let mut state = self.state();
        state.ended = true;
        state.open = false;
        drop(state);
        self.version.send_modify(|version| *version += 1);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn playlist(&self) -> Result<String, HlsError> {
        if self.segments.is_empty() { Err(HlsError::NotAvailable) } else { Ok(playlist::render(self)) }
    }

    fn current(&self) -> Option<&Segment> {
        self.segments.back().filter(|_| self.open)
    }

    /// The part that comes next, if the segment goes on.
    pub(crate) fn announced(&self) -> (u64, usize) {
        self.current().map_or((self.next_msn, 0), |segment| (segment.msn, segment.parts.len()))
    }

    fn holds(&self, msn: u64, part: Option<usize>) -> bool {
        let (next_msn, next_part) = self.announced();
        self.ended || msn < next_msn || (msn == next_msn && part.is_some_and(|part| part < next_part))
    }

    fn get(&self, resource: HlsResource) -> Option<Bytes> {
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

    /// Whether the playlist changed.
    fn push(&mut self, fragment: &Fragment) -> Result<bool, mp4_atom::Error> {
        let Some(declared) = &self.declared else { return Ok(false) };
        if declared.video.as_ref().is_some_and(|video| video.codec() == VideoCodec::Vp8) {
            return Ok(false);
        }
        let decodable = declared.video.is_none() || fragment.starts_with_key();
        if self.starting && !decodable {
            return Ok(false);
        }
        let length = self.current().map_or(Duration::ZERO, |segment| segment.length);
        let full = match self.tracks.as_ref().is_some_and(|tracks| tracks.video.is_some()) {
            true => (decodable && length >= SHORTEST_SEGMENT) || length >= LONGEST_SEGMENT,
            false => length >= AUDIO_SEGMENT,
        };
        // Players wait for every track that the init segment declares: sound is declared once there is some.
        let sound_began =
            decodable && !fragment.audio.is_empty() && self.tracks.as_ref().is_some_and(|tracks| !tracks.audio);

        let mut fragment = fragment.clone();
        if self.starting || (full && sound_began) {
            if let (Some(first), Some(_)) = (fragment.video.first(), &declared.video) {
                let start = duration(first.time, VIDEO_TIMESCALE);
                fragment
                    .audio
                    .retain(|packet| duration(packet.time + u64::from(packet.duration), AUDIO_TIMESCALE) > start);
            }
            let tracks = Tracks { video: declared.video.clone(), audio: !fragment.audio.is_empty() };
            self.inits.push_back((self.next_epoch, init_segment(&tracks)?));
            self.next_epoch += 1;
            let discontinuity = self.tracks.replace(tracks).is_some() || self.discontinuities_gone > 0;
            self.starting = false;
            self.open_segment(discontinuity);
        } else if full || !self.open {
            self.open_segment(false);
        }

        let Some(tracks) = &self.tracks else { return Ok(false) };
        let anything =
            (tracks.audio && !fragment.audio.is_empty()) || (tracks.video.is_some() && !fragment.video.is_empty());
        if !anything {
            return Ok(false);
        }
        self.sequence_number += 1;
        let data = fragment.encode(self.sequence_number, tracks)?;
        let Some(segment) = self.segments.back_mut() else { return Ok(false) };
        segment.length += fragment.length;
        segment.parts.push(Part { data, length: fragment.length, independent: decodable });
        Ok(true)
    }

    fn open_segment(&mut self, discontinuity: bool) {
        let segment = Segment {
            msn: self.next_msn,
            epoch: self.next_epoch - 1,
            discontinuity,
            parts: Vec::new(),
            length: Duration::ZERO,
        };
        self.next_msn += 1;
        self.open = true;
        self.segments.push_back(segment);
        while self.segments.len() > KEPT_SEGMENTS + 1 {
            let gone = self.segments.pop_front().is_some_and(|segment| segment.discontinuity);
            self.discontinuities_gone += u64::from(gone);
        }
        let oldest = self.segments.front().map_or(0, |segment| segment.epoch);
        self.inits.retain(|(epoch, _)| *epoch >= oldest);
    }
}

#[cfg(test)]
mod tests;
