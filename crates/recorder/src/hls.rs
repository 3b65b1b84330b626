//! Low-Latency HLS (RFC 8216bis) of the frames that are being recorded: one media playlist, its parts and segments in
//! memory.

mod cutter;
mod gaps;
mod pictures;
mod state;

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

use crate::fragment::{Fragment, Tracks};
pub(crate) use crate::hls::state::State;

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

/// The live playlist of one stream.
#[derive(Debug)]
pub struct HlsLive {
    state: Mutex<State>,
    /// Counts changes of the playlist.
    version: watch::Sender<u64>,
}

impl HlsLive {
    /// `earlier_parts`: of the recording that is continued. Its playlist went with the process that made it; numbers go
    /// on well after those, so that a player never sees them go back.
    pub(crate) fn new(earlier_parts: u32) -> Self {
        let state = State::new(u64::from(earlier_parts));
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
        self.change(|state| state.begin(tracks));
    }

    pub(crate) fn push(&self, fragment: &Fragment) {
        self.change(|state| state.push(fragment));
    }

    pub(crate) fn end(&self) {
        self.change(State::end);
    }

    /// Tells whoever waits, if `change` says so.
    fn change(&self, change: impl FnOnce(&mut State) -> Result<bool, mp4_atom::Error>) {
        let changed = change(&mut self.state()).unwrap_or_else(|error| {
            tracing::error!(%error, "what came could not be made into a part");
            true
        });
        if changed {
            self.version.send_modify(|version| *version += 1);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod limits_tests;
#[cfg(test)]
mod tests;
