//! What is made of a phone's takes: one file, checked, which fills the holes of the master.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use domain::{
    RecordingId, StreamId, Timestamp,
    recording::{Proof, RecordingSource, Verdict},
    stream::is_playable,
};
use recorder::{Fill, Take};
use store::Recording;

use crate::{
    Error, Everlight,
    recordings::{check, outcome},
};

impl Everlight {
    /// The row of the phone's copy, made when there is none.
    pub(crate) async fn phone_copy(&self, stream: StreamId) -> Result<Recording, Error> {
        let (millis, random) = self.id_parts();
        let id = RecordingId::from_parts(millis, random);
        Ok(self.store.ensure_recording(id, stream, RecordingSource::Phone, self.now()).await?)
    }

    /// Where a finished copy lies.
    pub(crate) fn file_of(&self, recording: &Recording) -> PathBuf {
        match recording.source {
            RecordingSource::Phone => self.settings.recordings_dir.join("phone").join(format!("{}.mp4", recording.id)),
            _ => self.recording_file(recording.id),
        }
    }

    /// Makes one file of what phones have delivered, checks it, and fills the holes of the master with it. May be called
    /// again: it starts over from the takes.
    pub(crate) async fn finish_phone_copy(self: &Arc<Self>, stream: StreamId) -> Result<(), Error> {
        let _making = self.making_for(stream).await?;
        let _one_at_a_time = self.assembling.lock().await;
        let copy = self.phone_copy(stream).await?;
        let (_, takes) = self.takes_of(stream).await?;
        if takes.is_empty() {
            return Ok(());
        }
        let (file, ffmpeg) = (self.file_of(&copy), self.settings.ffmpeg.clone());
        let made = tokio::task::spawn_blocking(move || {
            let ffmpeg =
                ffmpeg.ok_or("This server has no ffmpeg to make one file of it. What the phone sent is kept.")?;
            assemble(&takes, &file, &ffmpeg)
        })
        .await
        .map_err(|_| Error::Internal("making a phone's copy stopped".into()))?;
        // The holes of the master first: whoever waits for the phone's copy is told of both at once.
        if made.is_ok() {
            self.fill_from(stream, &copy).await?;
        }
        let verdict = self.judged(stream, &copy, made).await?;
        if matches!(verdict, Some(Verdict::Ready { .. }))
            && let Err(error) = tokio::fs::remove_dir_all(self.takes_dir(stream)).await
        {
            tracing::warn!(stream.id = %stream, %error, "the takes of a finished copy could not be removed");
        }
        Ok(())
    }

    /// The takes that are here, and when the first of them was begun: their common clock.
    pub(crate) async fn takes_of(&self, stream: StreamId) -> Result<(Timestamp, Vec<Take>), Error> {
        let rows = self.store.uploads_of(stream).await?;
        let begun = rows.first().map(|row| row.started_at).unwrap_or_default();
        let takes = rows.iter().map(|row| Take { file: self.take_file(row), start: row.started_at.since(begun) });
        Ok((begun, takes.filter(|take| take.file.is_file()).collect()))
    }

    /// Fills the holes of a master that was just `made`, when there is a phone's copy. Whoever finished that meanwhile has
    /// done it already: what is there then is another file.
    pub(crate) async fn fill_holes(self: &Arc<Self>, stream: StreamId, made: Proof) -> Result<(), Error> {
        let _making = self.making_for(stream).await?;
        let _one_at_a_time = self.assembling.lock().await;
        let copies = self.store.recordings_of(stream).await?;
        let as_made =
            playable(&copies, RecordingSource::Server).is_some_and(|master| master.facts.proof() == Some(made));
        match playable(&copies, RecordingSource::Phone) {
            Some(phone) if as_made => self.fill_from(stream, phone).await,
            _ => Ok(()),
        }
    }

    async fn fill_from(self: &Arc<Self>, stream: StreamId, phone: &Recording) -> Result<(), Error> {
        let copies = self.store.recordings_of(stream).await?;
        if let Some(master) = playable(&copies, RecordingSource::Server)
            && let Some(proof) = self.splice_copy(stream, master, phone).await?
        {
            self.judged(stream, master, Ok(proof)).await?;
        }
        Ok(())
    }

    /// A master that is not judged yet, with its holes filled; `None` when there is nothing to fill them with. The caller
    /// keeps others from doing the same.
    pub(crate) async fn filled(self: &Arc<Self>, stream: StreamId, master: &Recording) -> Result<Option<Proof>, Error> {
        match playable(&self.store.recordings_of(stream).await?, RecordingSource::Phone) {
            Some(phone) => self.splice_copy(stream, master, phone).await,
            None => Ok(None),
        }
    }

    async fn splice_copy(
        self: &Arc<Self>,
        stream: StreamId,
        master: &Recording,
        phone: &Recording,
    ) -> Result<Option<Proof>, Error> {
        let Some(first) = self.store.uploads_of(stream).await?.into_iter().next() else { return Ok(None) };
        let fill = Fill { file: self.file_of(phone), starts_at_unix_ms: first.started_at.millis() };
        self.splice(stream, master, fill).await
    }

    pub(crate) async fn splice(
        self: &Arc<Self>,
        stream: StreamId,
        master: &Recording,
        fill: Fill,
    ) -> Result<Option<Proof>, Error> {
        let Some(ffmpeg) = self.settings.ffmpeg.clone() else { return Ok(None) };
        let (dir, file) = (self.recording_dir(master.id), self.recording_file(master.id));
        let filled = outcome(tokio::task::spawn_blocking(move || splice(&dir, &fill, &file, &ffmpeg)).await)?;
        Ok(filled
            // The recording is as it was.
            .inspect_err(|reason| tracing::error!(stream.id = %stream, %reason, "the holes of a recording stay"))
            .unwrap_or_default()
            .inspect(|proof| tracing::info!(stream.id = %stream, recording.id = %master.id, ?proof, "holes filled")))
    }

    /// After a start: copies whose making was interrupted.
    pub(crate) async fn resume_phone_copy(self: &Arc<Self>, recording: &Recording) -> bool {
        if recording.source != RecordingSource::Phone {
            return false;
        }
        if recording.facts.processing_since.is_none() {
            self.unfinished_copies.heard_of(recording.stream_id, self.now());
        } else if recording.facts.checked.is_none() {
            let (everlight, stream) = (Arc::clone(self), recording.stream_id);
            tokio::spawn(async move {
                if let Err(error) = everlight.finish_phone_copy(stream).await {
                    tracing::error!(stream.id = %stream, %error, "a phone's copy could not be finished");
                }
            });
        }
        true
    }
}

fn playable(copies: &[Recording], source: RecordingSource) -> Option<&Recording> {
    copies.iter().find(|copy| copy.source == source && is_playable(copy.facts.status()))
}

fn assemble(takes: &[Take], file: &Path, ffmpeg: &Path) -> Result<Proof, String> {
    let unreadable = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "a phone's copy could not be made or does not play");
        "What the phone sent could not be made into one file. It is kept on the server.".to_owned()
    };
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|error| unreadable(&error))?;
    }
    recorder::assemble(takes, file, ffmpeg).map_err(|error| unreadable(&error))?;
    check(file, Some(ffmpeg))
}

/// Puts a file without holes in the place of the one with holes, once it was checked.
fn splice(dir: &Path, fill: &Fill, file: &Path, ffmpeg: &Path) -> Result<Option<Proof>, String> {
    let whole = file.with_extension("filled.mp4");
    let outcome = match recorder::splice(dir, fill, &whole, ffmpeg) {
        Ok(None) => return Ok(None),
        Ok(Some(_)) => check(&whole, Some(ffmpeg)),
        Err(error) => Err(error.to_string()),
    };
    let outcome = outcome.and_then(|found| {
        std::fs::rename(&whole, file).map_err(|error| error.to_string())?;
        Ok(Some(found))
    });
    if outcome.is_err() {
        // There may be none.
        let _ = std::fs::remove_file(&whole);
    }
    outcome
}
