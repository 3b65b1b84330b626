//! Which part of a recording those who watch are shown. The file of a part is made beside the one that is shown, and takes
//! its place together with its numbers: they are its name, and which one is shown is what the database says. So whatever
//! stops in the middle, a file and its numbers belong together.
//!
//! Of three hours, gigabytes are copied: longer than anybody waits for an answer, and than a request may take. It is done in
//! a task of its own, on the instance that has the stream.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{
    Action, RecordingId, StreamId,
    audit::Deed,
    recording::{Cut, PendingCut, RecordingEvent, RecordingSource},
    storage::Piece,
};
use recorder::FinalizeError;
use store::Recording;

use crate::{Actor, Error, Everlight, leftovers::HalfMade};

/// So long whoever asked waits; the card says the rest.
const PATIENCE: Duration = Duration::from_secs(8);

const NONE_HERE: &str = "There is no recording on this server that could be shortened.";
const BUSY: &str = "A part of this recording is being made ready just now. Please try again once it is shown.";
const FAILED: &str = "The recording could not be shortened. It is as it was.";
const AWAY: &str = "The recording could not be fetched from the object storage, so it could not be shortened. It is as it \
                    was. Please try again later.";
// It may have stopped at the last moment.
const STOPPED: &str = "The server was stopped while a part of this recording was being made ready. Please look which part is \
                       shown, and choose it once more if that is another.";

#[derive(Debug)]
pub struct Trimming<'a>(pub(crate) &'a Arc<Everlight>);

/// Of each recording one part at a time is made.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<RecordingId, Arc<tokio::sync::Mutex<()>>>>);

impl Turns {
    pub(crate) fn turn(&self, recording: RecordingId) -> Arc<tokio::sync::Mutex<()>> {
        // Consistent between any two statements: a panic elsewhere leaves it usable.
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that nobody has, or waits for.
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        Arc::clone(turns.entry(recording).or_default())
    }
}

impl Trimming<'_> {
    /// Takes the beginning and the end off what those who watch are shown; the original stays. Both empty: all of it is
    /// shown again. Returns when it is so, or is going to be: what takes long goes on by itself, and the service's document
    /// says how it stands.
    pub async fn trim(&self, actor: &Actor, stream: StreamId, begin: &str, end: &str) -> Result<(), Error> {
        self.trim_within(PATIENCE, actor, stream, begin, end).await
    }

    async fn trim_within(
        &self,
        patience: Duration,
        actor: &Actor,
        stream: StreamId,
        begin: &str,
        end: &str,
    ) -> Result<(), Error> {
        let making = self.0.deletions.making.begin(stream);
        let of = self.0.stream_for(actor, Action::Approve, stream).await?;
        self.0.must_be_here(stream).await?;
        let copies = self.0.store.recordings_of(stream).await?;
        let master = copies.into_iter().find(|copy| copy.source == RecordingSource::Server);
        let (master, proof) = master
            .and_then(|master| master.facts.proof().map(|proof| (master, proof)))
            .ok_or_else(|| Error::Invalid(NONE_HERE.into()))?;
        let cut = Cut::parse(begin, end, proof.duration_ms).map_err(|error| Error::Invalid(error.to_string()))?;
        let turn = self.0.trimming.turn(master.id).try_lock_owned().map_err(|_| Error::Invalid(BUSY.into()))?;
        let (everlight, actor) = (Arc::clone(self.0), actor.clone());
        let task = async move {
            let _until_done = (making, turn);
            everlight.trim(&master, cut).await?;
            everlight.note(&actor, Deed::RecordingCut, everlight.in_words(&of).await?).await
        };
        match tokio::time::timeout(patience, tokio::spawn(task)).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err(Error::Internal("shortening a recording stopped".into())),
            Err(_) => Ok(()),
        }
    }
}

impl Everlight {
    /// Where the part of a recording lies that those who watch are shown.
    pub(crate) fn cut_file(&self, id: RecordingId, Cut { begin_ms, end_ms }: Cut) -> PathBuf {
        self.settings.recordings_dir.join(format!("{id}.cut.{begin_ms}-{end_ms}.mp4"))
    }

    /// Has this part shown, or all of it, and says meanwhile and afterwards how it stands. The caller has the recording's
    /// turn.
    #[tracing::instrument(name = "trim recording", skip_all, fields(stream.id = %master.stream_id, recording.id = %master.id))]
    async fn trim(&self, master: &Recording, cut: Option<Cut>) -> Result<(), Error> {
        if let Some(cut) = cut {
            self.pending_cut(master, Some(PendingCut::Making { cut })).await?;
        }
        let shown = match cut {
            Some(cut) => self.show_part(master, cut).await,
            None => self.show(master, None).await.map_err(|error| not_done(master, &error)),
        };
        let pending = shown.as_ref().err().map(|reason| PendingCut::Failed { reason: reason.clone() });
        self.pending_cut(master, pending).await?;
        shown.map_err(Error::Invalid)
    }

    /// Makes a part of the master, and has it shown. `Err`: why not, in words for people; what was shown still is. The caller
    /// has the recording's turn.
    async fn show_part(&self, master: &Recording, cut: Cut) -> Result<(), String> {
        // What went wrong there is in the log.
        self.bring_back(master).await.map_err(|_| AWAY.to_owned())?;
        let name = format!("{}.cut.{:016x}.mp4", master.id, rand::random::<u64>());
        let half_made = HalfMade::at(self.settings.recordings_dir.join(name));
        let whole = self.recording_file(master.id);
        // It stays with whoever writes to it: a task that is dropped does not stop that.
        let made = tokio::task::spawn_blocking(move || {
            let (begin, end) = (Duration::from_millis(cut.begin_ms), Duration::from_millis(cut.end_ms));
            let trimmed = recorder::trim(&whole, begin, end, half_made.file())?;
            Ok::<_, FinalizeError>((half_made, trimmed.begin))
        });
        let made = made.await.map_err(|error| not_done(master, &error))?;
        let (half_made, begin) = made.map_err(|error| not_done(master, &error))?;
        let cut = Cut { begin_ms: u64::try_from(begin.as_millis()).unwrap_or(cut.begin_ms), ..cut };
        let shown = async {
            // Another instance may have taken us for dead, and begun anew.
            if !self.take(master.stream_id).await? {
                return Err(Error::Elsewhere);
            }
            let file = self.cut_file(master.id, cut);
            let put = tokio::task::spawn_blocking(move || half_made.put(&file));
            let put = put.await.map_err(|_| Error::Internal("putting a part in its place stopped".into()))?;
            put.map_err(|error| Error::Internal(format!("putting a part in its place: {error}")))?;
            self.show(master, Some(cut)).await
        };
        shown.await.map_err(|error| not_done(master, &error))
    }

    /// The file of the part is there.
    async fn show(&self, master: &Recording, cut: Option<Cut>) -> Result<(), Error> {
        self.store.set_cut(master.id, cut.as_ref()).await?;
        self.events.changed(master.stream_id);
        self.wake_storage();
        if let Err(error) = self.remove_other_cuts(master.id, cut).await {
            tracing::warn!(recording.id = %master.id, %error, "a part that is not shown any more stays for now");
        }
        Ok(())
    }

    /// After the master was made anew: so is the part of it that is shown.
    pub(crate) async fn cut_again(&self, master: &Recording) {
        let _turn = self.trimming.turn(master.id).lock_owned().await;
        // Another part may be shown since it was read.
        let again = match self.store.recording(master.id).await {
            Ok(Some(Recording { cut: Some(cut), .. })) => self.show_part(master, cut).await,
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = again {
            tracing::error!(recording.id = %master.id, %error, "what is shown of a recording is of an earlier file");
        }
    }

    async fn pending_cut(&self, master: &Recording, pending: Option<PendingCut>) -> Result<(), Error> {
        let known = self.store.recording(master.id).await?.and_then(|known| known.facts.pending_cut);
        let after = known.map_or(domain::Timestamp(0), |(at, _)| at.plus(Duration::from_millis(1)));
        let event = RecordingEvent::Trimmed { at: self.now().max(after), pending };
        self.store.record_recording_event(master.id, &event).await?;
        self.events.changed(master.stream_id);
        Ok(())
    }

    /// Of a recording whose part was being made by a program that is dead, this one or another: says that it is not.
    pub(crate) async fn trim_stopped(&self, recording: &Recording) -> Result<(), Error> {
        let Some(PendingCut::Making { .. }) = recording.facts.pending_cut() else { return Ok(()) };
        let Ok(_turn) = self.trimming.turn(recording.id).try_lock_owned() else { return Ok(()) };
        self.pending_cut(recording, Some(PendingCut::Failed { reason: STOPPED.into() })).await
    }

    /// After a start: each part that is shown has its file, also after a restore of a backup in which another one is.
    pub(crate) async fn find_cuts(self: &Arc<Self>) -> Result<(), Error> {
        for recording in self.store.recordings_since(domain::Timestamp(-1)).await? {
            let Some(cut) = recording.cut else { continue };
            let file = self.cut_file(recording.id, cut);
            if tokio::fs::try_exists(&file).await.unwrap_or(true) {
                continue;
            }
            // What it was called before its numbers were in its name.
            let earlier = self.recording_file(recording.id).with_extension("cut.mp4");
            if tokio::fs::rename(earlier, &file).await.is_ok()
                || self.stored(&recording, Piece::Shown).await?.is_some()
                || !self.take(recording.stream_id).await?
            {
                continue;
            }
            tracing::warn!(recording.id = %recording.id, "the part of a recording that is shown is gone: it is made again");
            let (everlight, making) = (Arc::clone(self), self.deletions.making.begin(recording.stream_id));
            tokio::spawn(async move {
                let _until_done = making;
                everlight.cut_again(&recording).await;
            });
        }
        Ok(())
    }
}

/// For people; what it was is for the log.
fn not_done(master: &Recording, error: &dyn std::fmt::Display) -> String {
    tracing::error!(recording.id = %master.id, %error, "a recording could not be shortened");
    FAILED.into()
}

#[cfg(test)]
#[path = "trimming_tests.rs"]
mod tests;
