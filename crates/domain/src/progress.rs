//! How a service stands, for the person who films: what arrives, what is saved, who watches; and afterwards which copies
//! there are, and whether the page may be closed.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    recording::{RecordingSource, RecordingStatus},
    stream::StreamState,
};

/// "Safe" needs so many copies that do not depend on each other.
pub const COPIES_NEEDED: usize = 2;

/// The last event of a stream of events whose link is not good any more.
pub const REFUSED: &str = "refused";

/// What the server pushes to the phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// The server's clock, so that the phone can tell how far its own is off.
    pub now: Timestamp,
    /// When the server that says this was started: another moment is another server, which has no connection of the one before.
    /// Older servers do not say it, and a page may have been loaded from a newer one.
    #[serde(default)]
    pub server_started: Option<Timestamp>,
    pub status: StreamState,
    /// What keeps the service from being recorded, or soon may.
    pub trouble: Option<Trouble>,
    /// The picture comes through this server. Where it goes past it, nothing is known of what arrives.
    pub through_server: bool,
    /// Since the newest picture and the newest sound; `None` while nobody sends.
    pub picture_ago_ms: Option<u64>,
    pub sound_ago_ms: Option<u64>,
    /// Since the newest sound that can be heard.
    pub heard_ago_ms: Option<u64>,
    /// Of picture and sound, as they arrived.
    pub bytes: u64,
    pub watching: usize,
    /// From the beginning to the last moment that is on disk.
    pub saved_ms: u64,
    pub on_air_ms: u64,
    pub copies: Vec<CopyProgress>,
    pub copies_needed: usize,
    /// There are enough copies, each of them checked and complete.
    pub safe: bool,
}

/// The page has the words, in the language of whoever films.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// The server's disk is full: the service is shown, but not recorded.
    DiskFull,
    /// The server cannot record, for another reason.
    NotRecorded,
    /// It is recorded as long as there is room.
    DiskLow,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CopyProgress {
    pub source: RecordingSource,
    pub status: RecordingStatus,
    pub duration_ms: Option<u64>,
    /// Decoded from beginning to end, with sound and picture.
    pub checked: bool,
}

impl Progress {
    /// Whether the next comes within a second: it is filmed, also while the disk refuses what comes.
    pub fn comes_every_second(&self) -> bool {
        self.status.is_on_air() || self.status == StreamState::Failed
    }

    pub fn copy(&self, source: RecordingSource) -> Option<&CopyProgress> {
        self.copies.iter().find(|copy| copy.source == source)
    }
}
