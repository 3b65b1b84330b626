//! What is made of a phone's takes: one file, checked, which fills the holes of the master.

use std::{
    fs::File,
    io,
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
    takes::Takes,
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
    /// again, also after a kill at any moment: it starts over from the takes, which stay until a complete copy of
    /// them was judged.
    pub(crate) async fn finish_phone_copy(self: &Arc<Self>, stream: StreamId) -> Result<(), Error> {
        let _making = self.making_for(stream).await?;
        let _one_at_a_time = self.assembling.lock().await;
        let copy = self.phone_copy(stream).await?;
        self.remove_used_takes(stream).await?;
        let takes = self.takes_of(stream).await?;
        if takes.here().is_empty() {
            return Ok(());
        }
        // Beside the one that may be there: that plays, whatever comes of this.
        let new = self.file_of(&copy).with_extension("new.mp4");
        let made = self.make(&takes, new.clone()).await?;
        let left_out = made.as_ref().map(|made| made.left_out.clone()).unwrap_or_default();
        let complete = if stays(&copy, &takes, made.as_ref().ok().map(|made| made.proof)) {
            let later = made.ok().map(|made| made.fill(new.clone()));
            let fills = self.fill_of_copy(&copy, &takes).await.into_iter().chain(later).collect();
            self.fill_from(stream, fills).await?;
            // There may be none.
            let _ = tokio::fs::remove_file(&new).await;
            false
        } else {
            if let Ok(made) = &made {
                put(&new, &self.file_of(&copy)).map_err(|error| Error::Internal(format!("a phone's copy: {error}")))?;
                self.store.set_recording_start(copy.id, made.starts_at).await?;
                // The holes of the master first: whoever waits for the phone's copy is told of both at once.
                self.fill_from(stream, vec![made.fill(self.file_of(&copy))]).await?;
            }
            let verdict = self.judged(stream, &copy, made.map(|made| made.proof)).await?;
            matches!(verdict, Some(Verdict::Ready { .. }))
        };
        // Noted before their files go: nothing that is gone is asked for again, and nothing is believed that never
        // came.
        self.store.set_fates(&takes.fates(complete, &left_out)).await?;
        self.remove_used_takes(stream).await
    }

    /// One file of takes, played through; or why there is none, in words for people.
    async fn make(&self, takes: &Takes, file: PathBuf) -> Result<Result<Made, String>, Error> {
        let (begun, takes, ffmpeg) = (takes.begun(), takes.here(), self.settings.ffmpeg.clone());
        tokio::task::spawn_blocking(move || {
            let ffmpeg =
                ffmpeg.ok_or("This server has no ffmpeg to make one file of it. What the phone sent is kept.")?;
            assemble(&takes, begun, &file, &ffmpeg)
        })
        .await
        .map_err(|_| Error::Internal("making a phone's copy stopped".into()))
    }

    /// Fills the holes of a master that was just `made`, when there is a phone's copy. Whoever finished that meanwhile has
    /// done it already: what is there then is another file.
    pub(crate) async fn fill_holes(self: &Arc<Self>, stream: StreamId, made: Proof) -> Result<(), Error> {
        let _making = self.making_for(stream).await?;
        let _one_at_a_time = self.assembling.lock().await;
        let copies = self.store.recordings_of(stream).await?;
        match playable(&copies, RecordingSource::Server) {
            Some(master) if master.facts.proof() == Some(made) => {
                if let Some(proof) = self.filled(stream, master).await? {
                    self.judged(stream, master, Ok(proof)).await?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn fill_from(self: &Arc<Self>, stream: StreamId, fills: Vec<Fill>) -> Result<(), Error> {
        let copies = self.store.recordings_of(stream).await?;
        if let Some(master) = playable(&copies, RecordingSource::Server)
            && let Some(proof) = self.splice(stream, master, fills).await?
        {
            self.judged(stream, master, Ok(proof)).await?;
        }
        Ok(())
    }

    /// A master with its holes filled; `None` when there is nothing to fill them with. The caller keeps others from
    /// doing the same.
    pub(crate) async fn filled(self: &Arc<Self>, stream: StreamId, master: &Recording) -> Result<Option<Proof>, Error> {
        let copies = self.store.recordings_of(stream).await?;
        let Some(phone) = playable(&copies, RecordingSource::Phone) else { return Ok(None) };
        let takes = self.takes_of(stream).await?;
        let mut fills = Vec::from_iter(self.fill_of_copy(phone, &takes).await);
        let later = self.file_of(phone).with_extension("later.mp4");
        if takes.are_gone() && !takes.here().is_empty() {
            fills.extend(self.fill_of_takes(stream, &takes, later.clone()).await?);
        }
        let filled = self.splice(stream, master, fills).await;
        // There may be none.
        let _ = tokio::fs::remove_file(&later).await;
        filled
    }

    /// A finished copy, which is fetched if it was let go here. `None` when the program was killed after another file
    /// had come in its place: when that one begins is noted when it is made again, and whoever makes it fills the
    /// holes.
    async fn fill_of_copy(&self, copy: &Recording, takes: &Takes) -> Option<Fill> {
        self.bring_back(copy).await.ok()?;
        let file = self.file_of(copy);
        let bytes = tokio::fs::metadata(&file).await.ok()?.len();
        copy.facts.proof().filter(|proof| proof.bytes == bytes)?;
        // Of one that an earlier version made it is not known when it begins, but when its first take was begun.
        let starts_at = copy.starts_at.unwrap_or_else(|| takes.begun());
        Some(Fill { file, starts_at_unix_ms: starts_at.millis() })
    }

    /// Takes as a file of their own, for as long as holes are filled from it.
    pub(crate) async fn fill_of_takes(
        &self,
        stream: StreamId,
        takes: &Takes,
        file: PathBuf,
    ) -> Result<Option<Fill>, Error> {
        let Some(ffmpeg) = self.settings.ffmpeg.clone() else { return Ok(None) };
        let (begun, here, out) = (takes.begun(), takes.here(), file.clone());
        let assembled = tokio::task::spawn_blocking(move || recorder::assemble(&here, &out, &ffmpeg))
            .await
            .map_err(|_| Error::Internal("making a part of a phone's copy stopped".into()))?;
        Ok(assembled
            .inspect_err(
                |error| tracing::warn!(stream.id = %stream, %error, "what a phone has delivered cannot be used yet"),
            )
            .ok()
            .map(|assembled| Fill { file, starts_at_unix_ms: begun.plus(assembled.start).millis() }))
    }

    pub(crate) async fn splice(
        self: &Arc<Self>,
        stream: StreamId,
        master: &Recording,
        fills: Vec<Fill>,
    ) -> Result<Option<Proof>, Error> {
        let Some(ffmpeg) = self.settings.ffmpeg.clone() else { return Ok(None) };
        let (dir, file) = (self.recording_dir(master.id), self.recording_file(master.id));
        let filled = outcome(tokio::task::spawn_blocking(move || splice(&dir, &fills, &file, &ffmpeg)).await)?;
        Ok(filled
            // The recording is as it was.
            .inspect_err(|reason| tracing::error!(stream.id = %stream, %reason, "the holes of a recording stay"))
            .unwrap_or_default()
            .inspect(|proof| tracing::info!(stream.id = %stream, recording.id = %master.id, ?proof, "holes filled")))
    }

    /// After a start: a copy whose making was interrupted.
    pub(crate) async fn resume_phone_copy(self: &Arc<Self>, copy: &Recording) -> Result<(), Error> {
        if copy.facts.processing_since.is_none() {
            self.unfinished_copies.heard_of(copy.stream_id, self.now());
        } else if self.is_copy_left_undone(copy).await? {
            let (everlight, stream) = (Arc::clone(self), copy.stream_id);
            tokio::spawn(async move {
                if let Err(error) = everlight.finish_phone_copy(stream).await {
                    tracing::error!(stream.id = %stream, %error, "a phone's copy could not be finished");
                }
            });
        }
        Ok(())
    }
}

fn playable(copies: &[Recording], source: RecordingSource) -> Option<&Recording> {
    copies.iter().find(|copy| copy.source == source && is_playable(copy.facts.status()))
}

/// A file that was made of takes.
struct Made {
    proof: Proof,
    starts_at: Timestamp,
    /// Takes that are not in it.
    left_out: Vec<PathBuf>,
}

impl Made {
    fn fill(&self, file: PathBuf) -> Fill {
        Fill { file, starts_at_unix_ms: self.starts_at.millis() }
    }
}

/// Whether a copy that plays stays, although takes are here that it may lack. It does when it cannot be made again,
/// because takes that it was made of are gone (which happens only to those of a complete one), and when what was made
/// now would show less. These takes stay then, too, and fill the holes of the master after it.
fn stays(copy: &Recording, takes: &Takes, made: Option<Proof>) -> bool {
    let holds = made.map_or(0, |made| made.holds_ms());
    copy.facts.proof().is_some_and(|former| takes.are_gone() || made.is_none() || holds < former.holds_ms())
}

/// Puts a file in the place of another, so that it is there also after a power cut.
fn put(new: &Path, file: &Path) -> io::Result<()> {
    std::fs::rename(new, file)?;
    file.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn assemble(takes: &[Take], begun: Timestamp, file: &Path, ffmpeg: &Path) -> Result<Made, String> {
    let unreadable = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "a phone's copy could not be made or does not play");
        "What the phone sent could not be made into one file. It is kept on the server.".to_owned()
    };
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|error| unreadable(&error))?;
    }
    let assembled = recorder::assemble(takes, file, ffmpeg).map_err(|error| unreadable(&error))?;
    let proof = check(file, Some(ffmpeg))?;
    Ok(Made { proof, starts_at: begun.plus(assembled.start), left_out: assembled.left_out })
}

/// Puts a file without holes in the place of the one with holes, once it was checked.
fn splice(dir: &Path, fills: &[Fill], file: &Path, ffmpeg: &Path) -> Result<Option<Proof>, String> {
    let whole = file.with_extension("filled.mp4");
    let outcome = match recorder::splice(dir, fills, &whole, ffmpeg) {
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

#[cfg(test)]
#[path = "phone_copy_tests.rs"]
mod tests;
