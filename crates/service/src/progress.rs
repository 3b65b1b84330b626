//! How a service stands as the server sees it, for the person who films: what arrives, what is saved, who watches; and
//! afterwards which copies there are, and whether the page may be closed.

use std::time::Instant;

use crate::{
    Error, Everlight,
    events::StreamNews,
    publishing::{Refusal, authorize},
};
use domain::{
    StreamId,
    progress::{COPIES_NEEDED, CopyProgress, Progress, Trouble},
    recording::RecordingStatus,
    stream::{Failure, Stream},
};

impl Everlight {
    /// The progress of the stream that this token opens, and news of it. Also when the service is over.
    pub async fn follow_progress(&self, id: StreamId, token: Option<&str>) -> Result<StreamNews, Refusal> {
        let news = StreamNews::new(id, self.events.subscribe());
        authorize(self, id, token).await?;
        Ok(news)
    }

    /// What whoever films should tell others while there is time.
    fn trouble(&self, stream: &Stream) -> Option<Trouble> {
        let failure = stream.facts.failure().map(|failure| match failure {
            Failure::DiskFull => Trouble::DiskFull,
            Failure::NotWritable | Failure::NotWritten => Trouble::NotRecorded,
        });
        let recorded_here = || stream.facts.state().is_on_air() && stream.route.capabilities().gateway;
        failure.or_else(|| (recorded_here() && self.settings.space.is_below_floor()).then_some(Trouble::DiskLow))
    }

    /// Refused where another instance has the stream by now: what arrives is known there.
    pub async fn progress(&self, id: StreamId, token: Option<&str>) -> Result<Progress, Refusal> {
        let stream = authorize(self, id, token).await?;
        if self.is_elsewhere(id).await? {
            return Err(Error::Elsewhere.into());
        }
        let mut copies = Vec::new();
        for recording in self.store.recordings_of(id).await? {
            let status = recording.facts.status();
            let proof = recording.facts.proof();
            copies.push(CopyProgress {
                source: recording.source,
                status,
                duration_ms: proof.map(|proof| proof.duration_ms),
                checked: proof.is_some_and(|proof| proof.decoded && proof.has_video && proof.has_audio),
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
            server_started: Some(self.started),
            status: stream.facts.state(),
            trouble: self.trouble(&stream),
            through_server: stream.route.capabilities().gateway,
            picture_ago_ms: ago(stats.last_video_at),
            sound_ago_ms: ago(stats.last_audio_at),
            heard_ago_ms: ago(stats.last_heard_at),
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
