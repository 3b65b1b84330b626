//! How a service stands as the server sees it, for the person who films: what arrives, what is saved, who watches; and
//! afterwards which copies there are, and whether the page may be closed.

use std::time::Instant;

use domain::{
    StreamId, Timestamp,
    recording::{RecordingSource, RecordingStatus, Verdict},
    stream::StreamState,
};
use serde::Serialize;

use crate::{
    Everlight,
    events::StreamNews,
    publishing::{Refusal, authorize},
};

/// "Safe" needs so many copies that do not depend on each other.
pub const COPIES_NEEDED: usize = 2;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// The server's clock, so that the phone can tell how far its own is off.
    pub now: Timestamp,
    pub status: StreamState,
    /// What keeps the service from being recorded or shown, in words for people.
    pub trouble: Option<String>,
    /// The picture comes through this server. Where it goes past it, nothing is known of what arrives.
    pub through_server: bool,
    /// Since the newest picture and the newest sound; `None` while nobody sends.
    pub picture_ago_ms: Option<u64>,
    pub sound_ago_ms: Option<u64>,
    /// Of picture and sound, as they arrived.
    pub bytes: u64,
    pub watching: usize,
    /// From the beginning to the last moment that is on disk.
    pub saved_ms: u64,
    pub on_air_ms: u64,
    pub copies: Vec<Copy>,
    pub copies_needed: usize,
    /// There are enough copies, each of them checked and complete.
    pub safe: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Copy {
    pub source: RecordingSource,
    pub status: RecordingStatus,
    pub duration_ms: Option<u64>,
    /// Decoded from beginning to end, with sound and picture.
    pub checked: bool,
    /// Why there is none, in words for people.
    pub reason: Option<String>,
}

impl Everlight {
    /// The progress of the stream that this token opens, and news of it. Also when the service is over.
    pub async fn follow_progress(&self, id: StreamId, token: Option<&str>) -> Result<StreamNews, Refusal> {
        let news = StreamNews::new(id, self.events.subscribe());
        authorize(self, id, token).await?;
        Ok(news)
    }

    pub async fn progress(&self, id: StreamId, token: Option<&str>) -> Result<Progress, Refusal> {
        let stream = authorize(self, id, token).await?;
        let mut copies = Vec::new();
        for recording in self.store.recordings_of(id).await? {
            let status = recording.facts.status();
            let proof = recording.facts.proof();
            copies.push(Copy {
                source: recording.source,
                status,
                duration_ms: proof.map(|proof| proof.duration_ms),
                checked: proof.is_some_and(|proof| proof.decoded && proof.has_video && proof.has_audio),
                reason: match &recording.facts.checked {
                    Some((_, Verdict::Missing { reason })) if status == RecordingStatus::Missing => {
                        Some(reason.clone())
                    }
                    _ => None,
                },
            });
        }
        let stats = self.gateway.stats(id).unwrap_or_default();
        let now = Instant::now();
        let ago = |at: Option<Instant>| {
            let at = at.filter(|_| stats.connected)?;
            u64::try_from(now.saturating_duration_since(at).as_millis()).ok()
        };
        Ok(Progress {
            now: self.now(),
            status: stream.facts.state(),
            trouble: stream.facts.failure().map(str::to_owned),
            through_server: stream.route.capabilities().gateway,
            picture_ago_ms: ago(stats.last_video_at),
            sound_ago_ms: ago(stats.last_audio_at),
            bytes: stats.bytes,
            watching: stats.viewers,
            saved_ms: self.archive.saved_ms(id),
            on_air_ms: stream.facts.on_air_ms(self.now()),
            safe: copies.iter().filter(|copy| copy.status == RecordingStatus::Ready).count() >= COPIES_NEEDED,
            copies_needed: COPIES_NEEDED,
            copies,
        })
    }
}
