//! The takes of a service: how far each has come, and what became of it.

use std::{io, path::PathBuf};

use domain::{StreamId, Timestamp, UploadId};
use recorder::Take;
use store::{Recording, TakeFate, UploadRow};
use tus::Upload;

use crate::{Error, Everlight};

/// All of one service that are known, in the order in which they were filmed.
#[derive(Debug)]
pub(crate) struct Takes(Vec<KnownTake>);

#[derive(Debug)]
struct KnownTake {
    row: UploadRow,
    file: PathBuf,
    /// How many bytes are here; `None` without a file.
    here: Option<u64>,
}

impl KnownTake {
    fn is_whole(&self) -> bool {
        self.here.is_some() && self.here == self.row.length
    }

    /// Not one that is in the copy, and whose file is about to go.
    fn is_usable(&self) -> bool {
        self.here.is_some() && self.row.fate != TakeFate::Used
    }
}

impl Takes {
    /// When the first was begun: their common clock.
    pub(crate) fn begun(&self) -> Timestamp {
        self.0.first().map(|take| take.row.started_at).unwrap_or_default()
    }

    /// Those that a file can be made of.
    pub(crate) fn here(&self) -> Vec<Take> {
        let start = |take: &KnownTake| take.row.started_at.since(self.begun());
        let usable = self.0.iter().filter(|take| take.is_usable());
        usable.map(|take| Take { file: take.file.clone(), start: start(take) }).collect()
    }

    /// Whether the copy was made of any that are not here any more: it cannot be made again.
    pub(crate) fn are_gone(&self) -> bool {
        self.0.iter().any(|take| match take.row.fate {
            TakeFate::Waiting => false,
            TakeFate::Kept => take.here.is_none(),
            TakeFate::Used => true,
        })
    }

    /// Whether the program was killed after all of one had come and before it was made use of, or before its file was
    /// removed.
    fn are_left_undone(&self) -> bool {
        self.0.iter().any(|take| match take.row.fate {
            TakeFate::Waiting => take.is_whole(),
            TakeFate::Kept => false,
            TakeFate::Used => take.here.is_some(),
        })
    }

    /// What becomes of them now that a copy was made of all but those that were `left_out`. Of one that is not here
    /// to its end the rest may come.
    pub(crate) fn fates(&self, complete: bool, left_out: &[PathBuf]) -> Vec<(UploadId, TakeFate)> {
        let whole = self.0.iter().filter(|take| take.is_usable() && take.is_whole());
        let fate = |take: &KnownTake| match complete && !left_out.contains(&take.file) {
            true => TakeFate::Used,
            false => TakeFate::Kept,
        };
        whole.map(|take| (take.row.id, fate(take))).collect()
    }
}

impl Everlight {
    pub(crate) fn takes_dir(&self, stream: StreamId) -> PathBuf {
        self.settings.recordings_dir.join("takes").join(stream.to_string())
    }

    pub(crate) fn take_file(&self, row: &UploadRow) -> PathBuf {
        self.takes_dir(row.stream_id).join(row.id.to_string())
    }

    pub(crate) async fn takes_of(&self, stream: StreamId) -> Result<Takes, Error> {
        let mut takes = Vec::new();
        for row in self.store.uploads_of(stream).await? {
            takes.push(KnownTake { file: self.take_file(&row), here: self.bytes_of(&row).await?, row });
        }
        Ok(Takes(takes))
    }

    /// How an upload stands: the file knows, and of a take whose file was removed, that it is in the copy.
    pub(crate) async fn standing(&self, row: &UploadRow) -> Result<Upload, Error> {
        let in_copy = row.length.filter(|_| row.fate == TakeFate::Used);
        let offset = match in_copy {
            Some(length) => length,
            None => self.bytes_of(row).await?.unwrap_or(0),
        };
        Ok(Upload { offset, length: row.length })
    }

    async fn bytes_of(&self, row: &UploadRow) -> Result<Option<u64>, Error> {
        match tokio::fs::metadata(self.take_file(row)).await {
            Ok(file) => Ok(Some(file.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::Internal(format!("an upload cannot be read: {error}"))),
        }
    }

    /// Removes the files of takes that are in the copy. One that stays is removed after the next start.
    pub(crate) async fn remove_used_takes(&self, stream: StreamId) -> Result<(), Error> {
        for row in self.store.uploads_of(stream).await?.into_iter().filter(|row| row.fate == TakeFate::Used) {
            match tokio::fs::remove_file(self.take_file(&row)).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(stream.id = %stream, %error, "a take of a finished copy could not be removed");
                }
                _ => {}
            }
        }
        // Others may be in it still.
        let _ = tokio::fs::remove_dir(self.takes_dir(stream)).await;
        Ok(())
    }

    /// Whether a phone's copy is to be made, made anew, or cleaned up after: what a kill has interrupted.
    pub(crate) async fn is_copy_left_undone(&self, phone: &Recording) -> Result<bool, Error> {
        // Asked at a start for every service there ever was.
        let any = tokio::fs::try_exists(self.takes_dir(phone.stream_id)).await.unwrap_or(true);
        let begun = phone.facts.processing_since.is_some();
        Ok(begun && (phone.facts.checked.is_none() || any && self.takes_of(phone.stream_id).await?.are_left_undone()))
    }
}
