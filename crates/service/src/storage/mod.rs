//! Finished recordings in object storage, where an installation has one. The disk of this server comes first: everything is
//! recorded, made and checked there. A file that plays is then sent to object storage and read back; only after that is it
//! held for stored, and only then may the one here be let go.
//!
//! What is to be done is found by looking (`domain::storage`), again and again, so that nothing that was missed, and no stop
//! in the middle, leaves a recording behind.

mod reading;
#[cfg(test)]
mod tests;
mod words;

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use domain::{
    recording::{RecordingSource, RecordingStatus},
    storage::{Held, Next, Piece, Stored, Version, folder},
    stream::is_playable,
};
use objects::{Objects, ObjectsError, Put};
use store::Recording;
use tokio::sync::{Mutex, Notify};

pub use self::reading::InStorage;
use crate::{Error, Everlight};

/// How often everything is looked through.
const ROUND: Duration = Duration::from_secs(30);

/// An object storage, and what is going on with it.
#[derive(Debug)]
pub(crate) struct Storage {
    pub(crate) objects: Objects,
    /// How long a file stays on this server after it was stored; for ever where that is not set.
    keep: Option<Duration>,
    woken: Notify,
    /// One file at a time: those who watch share the line.
    working: Mutex<()>,
}

impl Everlight {
    /// With an object storage for what is finished. `keep`: how long it stays on this server besides; for ever where that is
    /// not set.
    #[must_use]
    pub fn with_storage(self, objects: Objects, keep: Option<Duration>) -> Self {
        let (woken, working) = (Notify::new(), Mutex::default());
        Self { storage: Some(Storage { objects, keep, woken, working }), ..self }
    }

    /// Runs for as long as the program.
    pub async fn store_forever(self: Arc<Self>) {
        let Some(storage) = &self.storage else { return };
        loop {
            if let Err(error) = self.store_what_is_finished().await {
                tracing::error!(%error, "recordings could not be put into object storage; it is tried again");
            }
            tokio::select! {
                () = tokio::time::sleep(ROUND) => {}
                () = storage.woken.notified() => {}
            }
        }
    }

    /// A file may have been finished.
    pub(crate) fn wake_storage(&self) {
        if let Some(storage) = &self.storage {
            storage.woken.notify_one();
        }
    }

    /// Looks at every file of every finished recording, and does what is next for it.
    pub(crate) async fn store_what_is_finished(&self) -> Result<(), Error> {
        let Some(storage) = &self.storage else { return Ok(()) };
        let _one_at_a_time = storage.working.lock().await;
        let known = self.store.all_stored_files().await?;
        let mut known: HashMap<_, _> =
            known.into_iter().map(|file| ((file.recording_id, file.piece), file.stored)).collect();
        for recording in self.store.recordings_since(domain::Timestamp(-1)).await? {
            if !lies_here(&recording) {
                continue;
            }
            for piece in Piece::ALL {
                let stored = known.remove(&(recording.id, piece));
                if let Err(error) = self.look_at(storage, &recording, piece, stored).await {
                    tracing::error!(recording.id = %recording.id, %piece, %error, "a recording could not be put into object storage");
                }
            }
        }
        Ok(())
    }

    async fn look_at(
        &self,
        storage: &Storage,
        recording: &Recording,
        piece: Piece,
        stored: Option<Stored>,
    ) -> Result<(), Error> {
        if piece == Piece::Shown && recording.cut.is_none() {
            return match stored {
                Some(_) => self.forget_shown(storage, recording).await,
                None => Ok(()),
            };
        }
        let stored = stored.unwrap_or_default();
        let file = self.piece_file(recording, piece);
        let here = version(&file).await.map_err(|error| Error::Internal(format!("{}: {error}", file.display())))?;
        // What is not all of the service may still be completed from what lies here.
        let keep = storage.keep.filter(|_| recording.facts.status() == RecordingStatus::Ready);
        match stored.next(here, keep, self.now()) {
            Next::Nothing if !stored.unswept => Ok(()),
            _ if !self.take(recording.stream_id).await? => Ok(()),
            Next::Nothing => self.sweep_objects(storage, recording, piece, stored).await,
            Next::Put => self.put(storage, recording, piece, stored, &file).await,
            Next::LetGo => self.let_go(storage, recording, piece, stored, &file).await,
        }
    }

    #[tracing::instrument(name = "store recording", skip_all, fields(stream.id = %recording.stream_id, recording.id = %recording.id, %piece))]
    async fn put(
        &self,
        storage: &Storage,
        recording: &Recording,
        piece: Piece,
        stored: Stored,
        file: &Path,
    ) -> Result<(), Error> {
        let stream = recording.stream_id;
        // The service may have been deleted since it was read.
        let Ok(_making) = self.making_for(stream).await else { return Ok(()) };
        let object = piece.object(recording.id, self.now(), rand::random());
        let put = storage.objects.put(&object, file, || self.deletions.making.is_in_vain(stream)).await;
        let stored = match put {
            Ok(Put { bytes, sha256, modified }) => {
                tracing::info!(recording.id = %recording.id, %piece, %object, bytes, "stored in object storage, and read back");
                let version = Version { bytes, modified_ms: millis(modified) };
                Stored::proven(Held { object, version, sha256, proven_at: self.now() })
            }
            Err(ObjectsError::Stopped) => return Ok(()),
            Err(error) => {
                tracing::warn!(recording.id = %recording.id, %piece, %error, "not stored in object storage; it is tried again");
                stored.failed(error.in_words().to_owned(), self.now())
            }
        };
        self.store.set_stored_file(recording.id, piece, &stored).await?;
        self.events.changed(stream);
        if stored.unswept { self.sweep_objects(storage, recording, piece, stored).await } else { Ok(()) }
    }

    /// Removes objects of earlier files. The one that is held was proven before.
    async fn sweep_objects(
        &self,
        storage: &Storage,
        recording: &Recording,
        piece: Piece,
        stored: Stored,
    ) -> Result<(), Error> {
        let held = stored.held.as_ref().map(|held| held.object.as_str());
        match remove_others(&storage.objects, recording, piece, held).await {
            Ok(()) => {
                let swept = Stored { unswept: false, ..stored };
                self.store.set_stored_file(recording.id, piece, &swept).await?;
            }
            Err(error) => tracing::warn!(recording.id = %recording.id, %error, "earlier objects stay for now"),
        }
        Ok(())
    }

    /// All of the recording is shown again.
    async fn forget_shown(&self, storage: &Storage, recording: &Recording) -> Result<(), Error> {
        if !self.take(recording.stream_id).await? {
            return Ok(());
        }
        match remove_others(&storage.objects, recording, Piece::Shown, None).await {
            Ok(()) => self.store.forget_stored_file(recording.id, Piece::Shown).await?,
            Err(error) => {
                tracing::warn!(recording.id = %recording.id, %error, "an object that is not shown stays for now");
            }
        }
        Ok(())
    }

    /// Removes the file here, once more it was seen that its object is there. What the file was made of goes with it.
    async fn let_go(
        &self,
        storage: &Storage,
        recording: &Recording,
        piece: Piece,
        stored: Stored,
        file: &Path,
    ) -> Result<(), Error> {
        let Some(held) = &stored.held else { return Ok(()) };
        // Somebody may be reading it to make another of it.
        if self.deletions.making.is_going_on(recording.stream_id) {
            return Ok(());
        }
        let _making = self.making_for(recording.stream_id).await?;
        match storage.objects.length(&held.object).await {
            Ok(Some(bytes)) if bytes == held.version.bytes => {}
            Ok(_) => {
                tracing::error!(recording.id = %recording.id, object = held.object, "an object is gone; it is stored again");
                let lost = Stored { held: None, ..stored };
                self.store.set_stored_file(recording.id, piece, &lost).await?;
                return Ok(());
            }
            // It can wait.
            Err(error) => {
                tracing::warn!(recording.id = %recording.id, %error, "a recording is not let go for now");
                return Ok(());
            }
        }
        let removed = async {
            // Another part may be shown since it was looked at.
            gone(tokio::fs::remove_file(file).await)?;
            if piece == Piece::Whole && recording.source == RecordingSource::Server {
                gone(tokio::fs::remove_dir_all(self.recording_dir(recording.id)).await)?;
            }
            Ok(())
        };
        removed.await.map_err(|error: io::Error| Error::Internal(format!("letting a recording go: {error}")))?;
        tracing::info!(recording.id = %recording.id, %piece, object = held.object, "let go here: it is in object storage");
        self.events.changed(recording.stream_id);
        Ok(())
    }

    /// Where a file of a recording lies while it is on this server.
    pub(crate) fn piece_file(&self, recording: &Recording, piece: Piece) -> PathBuf {
        match (piece, recording.cut) {
            (Piece::Shown, Some(cut)) => self.cut_file(recording.id, cut),
            // Where nothing was taken off, all of it is shown.
            (Piece::Whole, _) | (Piece::Shown, None) => self.file_of(recording),
        }
    }
}

/// Whether it is a copy that is made here, and plays.
fn lies_here(recording: &Recording) -> bool {
    matches!(recording.source, RecordingSource::Server | RecordingSource::Phone)
        && is_playable(recording.facts.status())
}

async fn remove_others(
    objects: &Objects,
    recording: &Recording,
    piece: Piece,
    held: Option<&str>,
) -> Result<(), ObjectsError> {
    let beginning = piece.beginning(recording.id);
    for name in objects.list(&folder(recording.id)).await? {
        if name.starts_with(&beginning) && Some(name.as_str()) != held {
            objects.delete(&name).await?;
        }
    }
    Ok(())
}

/// Of a file, where there is one.
async fn version(file: &Path) -> io::Result<Option<Version>> {
    match tokio::fs::metadata(file).await {
        Ok(found) => Ok(Some(Version { bytes: found.len(), modified_ms: millis(found.modified()?) })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn millis(at: SystemTime) -> i64 {
    let since_1970 = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}

/// What was not there is gone, too.
fn gone(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
