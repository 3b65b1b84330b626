//! Files that are half made: they go with whoever makes them, and what a program that is dead has left of them goes at the
//! next start.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use domain::{RecordingId, recording::Cut};

use crate::{Error, Everlight};

/// What was begun of a file that comes back from object storage is called by this.
pub(crate) const COMING: &str = "coming.mp4";

/// A file that nobody is to find half made. It goes with this, unless it was put in its place.
#[derive(Debug)]
pub(crate) struct HalfMade(PathBuf);

impl HalfMade {
    /// The name is one that a deletion finds, and that nobody else writes to.
    pub(crate) const fn at(file: PathBuf) -> Self {
        Self(file)
    }

    pub(crate) fn file(&self) -> &Path {
        &self.0
    }

    /// To be called where waiting is allowed. A power cut after this leaves it where it is.
    pub(crate) fn put(self, place: &Path) -> io::Result<()> {
        fs::rename(&self.0, place)?;
        match place.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }
}

impl Drop for HalfMade {
    fn drop(&mut self) {
        // It may have been put in its place, or never begun.
        let _ = fs::remove_file(&self.0);
    }
}

/// What a file beside a recording is, by what follows the recording's id in its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// Nobody needs it any more if it is not being made.
    Coming,
    /// The part that is shown, or one that was to be.
    Cut,
}

impl Beside {
    fn of(name: &str) -> Option<(RecordingId, Self)> {
        let (id, rest) = name.split_once('.')?;
        let kind = match rest {
            rest if rest.ends_with(COMING) => Self::Coming,
            rest if rest.starts_with("cut.") => Self::Cut,
            _ => return None,
        };
        Some((id.parse().ok()?, kind))
    }
}

impl Everlight {
    /// Removes every part of a recording that was made or begun, but the one that is shown. The caller has the recording's
    /// turn.
    pub(crate) async fn remove_other_cuts(&self, id: RecordingId, shown: Option<Cut>) -> Result<(), Error> {
        let kept = shown.map(|cut| self.cut_file(id, cut));
        let folder = self.settings.recordings_dir.clone();
        let removed = tokio::task::spawn_blocking(move || {
            let all = beside(&folder)?;
            let cuts = all
                .into_iter()
                .filter(|(of, kind, file)| *of == id && *kind == Beside::Cut && kept.as_ref() != Some(file));
            cuts.map(|(.., file)| file).try_for_each(remove)
        });
        let removed = removed.await.map_err(|_| Error::Internal("removing files stopped".into()))?;
        removed.map_err(|error| Error::Internal(format!("removing a part that is not shown: {error}")))
    }

    /// After a start, or the death of another instance: removes what was left half made, except where another instance is at
    /// it.
    pub(crate) async fn clear_away(self: &Arc<Self>) -> Result<(), Error> {
        let folders = [self.settings.recordings_dir.clone(), self.settings.recordings_dir.join("phone")];
        let look = move || folders.iter().map(|folder| beside(folder)).collect::<io::Result<Vec<_>>>();
        let found = tokio::task::spawn_blocking(look).await.map_err(|_| Error::Internal("looking stopped".into()))?;
        let found = found.map_err(|error| Error::Internal(format!("the recordings cannot be listed: {error}")))?;
        let mut files = BTreeMap::<_, Vec<_>>::new();
        for (id, _, file) in found.into_iter().flatten() {
            files.entry(id).or_default().push(file);
        }
        for (id, files) in files {
            let Ok(_turn) = self.trimming.turn(id).try_lock_owned() else { continue };
            // Of one that was deleted, its deletion removes them.
            let Some(recording) = self.store.recording(id).await? else { continue };
            let shown = recording.cut.map(|cut| self.cut_file(id, cut));
            let left: Vec<_> = files.into_iter().filter(|file| Some(file) != shown.as_ref()).collect();
            if left.is_empty()
                || !self.take(recording.stream_id).await?
                || self.deletions.making.is_going_on(recording.stream_id)
            {
                continue;
            }
            for file in left {
                tracing::info!(recording.id = %id, file = %file.display(), "removed: it was left half made");
                if let Err(error) = remove(file) {
                    tracing::warn!(recording.id = %id, %error, "a file that was left half made stays for now");
                }
            }
        }
        Ok(())
    }
}

/// What is half made in a folder, and the parts that are shown.
fn beside(folder: &Path) -> io::Result<Vec<(RecordingId, Beside, PathBuf)>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        // Names that are no text are not ours.
        let Ok(name) = entry?.file_name().into_string() else { continue };
        found.extend(Beside::of(&name).map(|(id, kind)| (id, kind, folder.join(name))));
    }
    Ok(found)
}

/// What is not there has been removed.
fn remove(file: PathBuf) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
