//! What the installation does by itself: picks up after a stop, watches the disk, ends what was forgotten.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    StreamId, Timestamp,
    recording::{PendingCut, RecordingFacts, RecordingSource, RecordingStatus},
    stream::{Failure, Media, Stream, StreamEvent, StreamState},
    wall_clock::WallClock,
};
use recorder::RecordError;
use store::Recording;

use crate::{Error, Everlight, recordings::unfinished};

/// A service whose phone went away and never came back is ended after this time, so that its recording is made ready.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(6 * 60 * 60);

impl Everlight {
    /// After a start: picks up every stream that was interrupted, except those that another instance has.
    pub async fn resume(self: &Arc<Self>) -> Result<(), Error> {
        self.forget_rehearsals().await?;
        self.find_cuts().await?;
        self.clear_away().await?;
        // Asked once for all: there may be thousands that wait for their day.
        let provisions = self.store.all_provisions().await?;
        let known: HashSet<_> = provisions.iter().map(|known| (known.stream_id, known.provider)).collect();
        let copies = self.store.recordings_since(Timestamp(-1)).await?;
        let missing: HashSet<_> = copies.iter().filter(|copy| is_missing(copy)).map(|copy| copy.stream_id).collect();
        for stream in self.store.all_streams().await? {
            let wanted = self.cloud.wanted(stream.route, stream.backup);
            let all = wanted.into_iter().all(|provider| known.contains(&(stream.id, provider)));
            if !all && !stream.facts.state().is_over() {
                self.want_copies(&stream).await?;
            }
            let left = missing.contains(&stream.id) || self.is_left_undone(&stream).await?;
            if left && self.take(stream.id).await? {
                self.pick_up(&stream).await?;
            }
        }
        Ok(())
    }

    /// Whether somebody has to go on with it: its picture was there, or a recording of it is not finished.
    pub(crate) async fn is_left_undone(&self, stream: &Stream) -> Result<bool, Error> {
        let state = stream.facts.state();
        if !state.is_on_air() && !state.is_over() && state != StreamState::Failed {
            return Ok(false);
        }
        let recordings = self.store.recordings_of(stream.id).await?;
        let half_done = |facts: &RecordingFacts| {
            unfinished(facts) || matches!(facts.pending_cut(), Some(PendingCut::Making { .. }))
        };
        if flowed_here(stream) || recordings.iter().any(|recording| half_done(&recording.facts)) {
            return Ok(true);
        }
        match recordings.iter().find(|recording| recording.source == RecordingSource::Phone) {
            Some(phone) => self.is_copy_left_undone(phone).await,
            None => Ok(false),
        }
    }

    /// Goes on with a stream that was left by a program that is dead, this one or another: closes torn files, says of one that
    /// was on air that the picture is gone (the phone comes back by itself), and finishes recordings that were not. One that
    /// could not be made of its parts is tried once more: the disk may have room again, or there is an ffmpeg now.
    pub(crate) async fn pick_up(self: &Arc<Self>, stream: &Stream) -> Result<(), Error> {
        let state = stream.facts.state();
        for recording in self.store.recordings_of(stream.id).await? {
            self.trim_stopped(&recording).await?;
            if recording.source == RecordingSource::Phone {
                self.resume_phone_copy(&recording).await?;
                continue;
            }
            if unfinished(&recording.facts) {
                // Copies at providers are the reconciler's.
                if recording.source != RecordingSource::Server {
                    continue;
                }
                self.close_torn_parts(stream.id, self.recording_dir(recording.id)).await?;
            } else if !self.is_missing_with_parts(&recording).await {
                continue;
            }
            if state.is_over()
                && let Some(finish) = self.finishing.begin(stream.id)
            {
                self.finish_in_background(finish);
            }
        }
        if flowed_here(stream) {
            self.happened(stream.id, &StreamEvent::MediaLost { at: self.now() }).await?;
        }
        Ok(())
    }

    /// A stop is near: services that are on air go on, and none begins.
    pub fn begin_no_more(&self) {
        self.archive.close();
        self.stopping.send_replace(true);
    }

    /// Ready when a stop is near. Whoever follows a service is told no more then, for their requests would never be finished:
    /// they ask again, and are answered after the start.
    pub fn stopping(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stopping = self.stopping.subscribe();
        async move {
            // The sender lives as long as we do; gone it is no less of a stop.
            let _ = stopping.wait_for(|stopping| *stopping).await;
        }
    }

    /// Before a stop: writes what the recorders hold to disk. Streams stay on air in the database, and their phones come
    /// back after the start.
    pub async fn suspend(&self) {
        self.stop_pushes(None);
        for recorder in self.archive.close_and_take_all() {
            // What it could not write it has said before.
            let _ = tokio::task::spawn_blocking(move || recorder.finish_blocking()).await;
        }
        self.leave().await;
    }

    async fn is_missing_with_parts(&self, recording: &Recording) -> bool {
        let dir = self.recording_dir(recording.id);
        let parts = || tokio::task::spawn_blocking(move || recorder::part_numbers(&dir));
        is_missing(recording) && matches!(parts().await, Ok(Ok(parts)) if !parts.is_empty())
    }

    async fn close_torn_parts(&self, stream: StreamId, dir: std::path::PathBuf) -> Result<(), Error> {
        let recovered = tokio::task::spawn_blocking(move || recorder::recover(&dir))
            .await
            .map_err(|_| Error::Internal("recovering a recording stopped".into()))?;
        match recovered {
            Ok(recovered) => tracing::info!(stream.id = %stream, ?recovered, "unfinished recording found and closed"),
            Err(error) => tracing::error!(stream.id = %stream, %error, "an unfinished recording could not be read"),
        }
        Ok(())
    }

    /// Runs for as long as the program: once a second it looks at the recorders and at whoever has gone live, once a minute
    /// for forgotten streams, lost phones, recordings that nobody finishes and what is to be deleted by itself, once an hour
    /// for old numbers and what was half written. By a clock that has jumped nothing is ended or deleted.
    pub async fn watch(self: Arc<Self>) {
        let mut failing = HashSet::new();
        let (started, mut clock) = (Instant::now(), WallClock::default());
        let mut ticks = tokio::time::interval(Duration::from_secs(1));
        for tick in 0_u64.. {
            ticks.tick().await;
            if let Err(error) = self.report_troubles(&mut failing).await {
                tracing::error!(%error, "the state of the recorders could not be stored");
            }
            self.look_at_tries().await;
            let believed = clock.may_be_believed(self.now(), started.elapsed());
            if tick % 3600 == 0
                && believed
                && let Err(error) = self.forget_measured().await
            {
                tracing::error!(%error, "old numbers could not be deleted");
            }
            if tick % 3600 == 0
                && believed
                && let Err(error) = self.remove_partial_files().await
            {
                tracing::error!(%error, "what was half written could not be removed");
            }
            if tick % 60 == 0
                && believed
                && let Err(error) = self.end_forgotten().await
            {
                tracing::error!(%error, "forgotten streams could not be ended");
            }
            if tick % 60 == 30 {
                self.look_for_lost_phones();
                if let Err(error) = self.look_after_ended().await {
                    tracing::error!(%error, "recordings that nobody finishes could not be looked for");
                }
            }
            if tick % 60 == 0
                && believed
                && let Err(error) = self.delete_what_is_old().await
            {
                tracing::error!(%error, "what is to be deleted by itself could not be");
            }
        }
    }

    /// A stream whose recorder cannot write says so, also after its phone came back; when it can again, that is over.
    async fn report_troubles(&self, failing: &mut HashSet<StreamId>) -> Result<(), Error> {
        let troubles = self.archive.troubles();
        failing.retain(|known| troubles.iter().any(|(stream, _)| stream == known));
        for (id, trouble) in troubles {
            if trouble.is_none() && !failing.contains(&id) {
                continue;
            }
            let Some(facts) = self.store.stream(id).await?.map(|stream| stream.facts) else { continue };
            let at = self.now();
            let event = match trouble {
                Some(_) if facts.failure().is_some() => continue,
                Some(error) => {
                    tracing::error!(stream.id = %id, %error, "the recording cannot be written");
                    failing.insert(id);
                    StreamEvent::Failed { at, reason: failure(&error) }
                }
                // Without a picture it is the picture's return that heals.
                None if matches!(facts.media, Some((_, Media::Flowing))) => StreamEvent::MediaFlowing { at },
                None => continue,
            };
            self.happened(id, &event).await?;
            if matches!(event, StreamEvent::MediaFlowing { .. }) {
                failing.remove(&id);
            }
        }
        Ok(())
    }

    async fn end_forgotten(self: &Arc<Self>) -> Result<(), Error> {
        for stream in self.store.all_streams().await? {
            if self.forgotten(&stream) && !self.is_elsewhere(stream.id).await? {
                tracing::warn!(stream.id = %stream.id, "nothing arrived for hours: the service is ended");
                self.end(stream.id).await?;
            }
        }
        Ok(())
    }

    fn forgotten(&self, stream: &Stream) -> bool {
        matches!(stream.facts.media, Some((since, Media::Lost))
            if stream.facts.ended_at.is_none() && self.now().since(since) > FORGOTTEN_AFTER)
    }
}

/// Whether its picture came through a gateway of ours when that was last heard of. What goes past it was not interrupted.
fn flowed_here(stream: &Stream) -> bool {
    let flowing = matches!(stream.facts.media, Some((_, Media::Flowing)));
    flowing && stream.route.capabilities().gateway && !stream.facts.state().is_over()
}

/// Whether it is a master of which there is no file that plays.
fn is_missing(recording: &Recording) -> bool {
    recording.source == RecordingSource::Server && recording.facts.status() == RecordingStatus::Missing
}

fn failure(error: &RecordError) -> Failure {
    match error {
        RecordError::StorageFull { .. } => Failure::DiskFull,
        RecordError::NotWritable { .. } => Failure::NotWritable,
        RecordError::Io { .. } | RecordError::Thread { .. } | RecordError::Stopped => Failure::NotWritten,
    }
}

/// For staff, who can do something about it.
pub(crate) const fn in_words(failure: Failure) -> &'static str {
    match failure {
        Failure::DiskFull => {
            "The disk of this server is full: the service is shown live, but not recorded. Please make room."
        }
        Failure::NotWritable => {
            "This server may not write its recordings: the service is shown live, but not recorded. Please check the \
             folder of the recordings."
        }
        Failure::NotWritten => {
            "The recording cannot be written: the service is shown live, but not recorded. Please look at this server's log."
        }
    }
}
