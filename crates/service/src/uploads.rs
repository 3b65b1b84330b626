//! The safety copy that a phone keeps, as it is delivered: in takes, by tus 1.0.

use std::{
    collections::HashSet,
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{StreamId, Timestamp, UploadId, recording::RecordingEvent};
use store::{TakeFate, UploadRow};
use tokio::{
    fs::{File, OpenOptions},
    io::AsyncWriteExt as _,
};
use tus::{Create, Patch, Summing, Upload, UploadError};

use crate::{Error, Everlight, Space, deletion::MakingGuard, publishing::Refusal};

/// Four hours of the best picture a phone sends.
pub const LARGEST: u64 = 8 << 30;
/// Takes of one service: one for each flip of the camera, each interruption, each reload.
const MOST_TAKES: usize = 500;
/// A phone's clock that is further off than this is not believed.
const CLOCK_OFF: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug)]
pub struct Uploads<'a>(pub(crate) &'a Arc<Everlight>);

/// Why bytes are not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadRefusal {
    #[error(transparent)]
    Refusal(#[from] Refusal),
    #[error(transparent)]
    Request(#[from] UploadError),
    #[error("there is no such upload")]
    Unknown,
    #[error("these bytes are being delivered already")]
    Busy,
    #[error("this service has more takes than can be")]
    TooMany,
    #[error("the disk of the server is full")]
    DiskFull,
    #[error("the bytes could not be stored")]
    Storage(io::Error),
}

impl From<Error> for UploadRefusal {
    fn from(error: Error) -> Self {
        Self::Refusal(error.into())
    }
}

impl From<store::StoreError> for UploadRefusal {
    fn from(error: store::StoreError) -> Self {
        Self::Refusal(error.into())
    }
}

impl From<io::Error> for UploadRefusal {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Storage(error),
        }
    }
}

/// Uploads to which bytes are being appended.
#[derive(Debug, Default, Clone)]
pub(crate) struct BusyUploads(Arc<Mutex<HashSet<UploadId>>>);

impl BusyUploads {
    fn take(&self, id: UploadId) -> Option<Busy> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id).then(|| Busy(self.clone(), id))
    }
}

#[derive(Debug)]
struct Busy(BusyUploads, UploadId);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

/// Bytes on their way into an upload. What was written stays when the connection breaks, except of a request with a
/// checksum, of which all bytes are kept or none.
#[derive(Debug)]
pub struct Appending {
    file: File,
    offset: u64,
    room: u64,
    unproven: Option<Unproven>,
    space: Space,
    /// Bytes since the free space was last looked at.
    unlooked: u64,
    _busy: Busy,
    _making: MakingGuard,
}

/// Bytes whose checksum is not known to be right yet. They touch no file before: whatever happens to this process, a file
/// has nothing but what was sent.
#[derive(Debug)]
struct Unproven {
    summing: Summing,
    bytes: Vec<u8>,
}

/// The most that one request with a checksum may bring, because it is held in memory.
const LARGEST_UNPROVEN: u64 = 8 << 20;

/// One request may bring gigabytes: the floor under the disk is looked at again after so many bytes.
const LOOK_AT_SPACE_EVERY: u64 = 32 << 20;

impl Appending {
    /// # Errors
    /// [`UploadError::TooLarge`] for more bytes than were announced, or than are taken with a checksum; what came before
    /// them is kept.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), UploadRefusal> {
        let length = bytes.len() as u64;
        if length > self.room {
            return Err(UploadError::TooLarge.into());
        }
        self.unlooked += length;
        if self.unlooked >= LOOK_AT_SPACE_EVERY {
            self.unlooked = 0;
            if self.space.is_below_floor() {
                return Err(UploadRefusal::DiskFull);
            }
        }
        if let Some(unproven) = &mut self.unproven {
            unproven.summing.add(bytes);
            unproven.bytes.extend_from_slice(bytes);
        } else {
            self.file.write_all(bytes).await?;
        }
        self.offset += length;
        self.room -= length;
        Ok(())
    }

    /// Puts what was written on the disk for good, and says where the upload stands now.
    ///
    /// # Errors
    /// When the disk does not take it; [`UploadError::Checksum`] when these are not the bytes that were sent.
    pub async fn finish(mut self) -> Result<u64, UploadRefusal> {
        if let Some(Unproven { summing, bytes }) = self.unproven.take() {
            summing.check()?;
            self.file.write_all(&bytes).await?;
        }
        self.file.flush().await?;
        self.file.sync_data().await?;
        Ok(self.offset)
    }
}

impl Uploads<'_> {
    /// Makes the upload of a take, or finds it: a request that is repeated makes no second one.
    ///
    /// Of the metadata, `take` is the phone's name for it and `started` when it was begun, in Unix milliseconds.
    pub async fn create(
        &self,
        stream: StreamId,
        token: Option<&str>,
        create: &Create,
    ) -> Result<(UploadId, Upload), UploadRefusal> {
        self.0.publishing().authorize(stream, token).await?;
        self.0.must_be_here(stream).await?;
        let take = create.metadata.get("take").filter(|take| is_name(take)).ok_or(UploadError::Number)?;
        let started = create.metadata.get("started").and_then(|it| it.parse().ok()).map(Timestamp);
        let now = self.0.now();
        let believed = |at: &Timestamp| now.since(*at) < CLOCK_OFF && at.since(now) < CLOCK_OFF;
        let started_at = started.filter(believed).unwrap_or(now);
        let known = self.0.store.uploads_of(stream).await?;
        if known.len() >= MOST_TAKES && known.iter().all(|upload| upload.take != take) {
            return Err(UploadRefusal::TooMany);
        }
        let (millis, random) = self.0.id_parts();
        let id = UploadId::from_parts(millis, random);
        let new = UploadRow {
            id,
            stream_id: stream,
            take: take.to_owned(),
            started_at,
            length: create.length,
            fate: TakeFate::Waiting,
        };
        let row = self.0.store.ensure_upload(&new, now).await?;
        if let (None, Some(length)) = (row.length, create.length) {
            self.0.store.set_upload_length(row.id, length).await?;
        }
        let copy = self.0.phone_copy(stream).await?;
        self.0.recording_happened(&copy, &RecordingEvent::Capturing { at: now }).await?;
        self.0.unfinished_copies.heard_of(stream, now);
        Ok((row.id, self.0.standing(&row).await?))
    }

    pub async fn status(&self, id: UploadId, token: Option<&str>) -> Result<Upload, UploadRefusal> {
        let row = self.row(id, token).await?;
        Ok(self.0.standing(&row).await?)
    }

    /// Begins to append, as `patch` reads the request for an upload that stands like this.
    pub async fn append(
        &self,
        id: UploadId,
        token: Option<&str>,
        patch: impl FnOnce(Upload) -> Result<Patch, UploadError>,
    ) -> Result<Appending, UploadRefusal> {
        let row = self.row(id, token).await?;
        // Of two instances that append to it at once neither would know of the other.
        self.0.must_be_here(row.stream_id).await?;
        // The phone holds it still; what is left of the disk belongs to what is on air.
        if self.0.settings.space.is_below_floor() {
            return Err(UploadRefusal::DiskFull);
        }
        let busy = self.0.busy_uploads.take(id).ok_or(UploadRefusal::Busy)?;
        self.0.unfinished_copies.heard_of(row.stream_id, self.0.now());
        let upload = self.0.standing(&row).await?;
        let patch = patch(upload)?;
        if let Some(length) = patch.new_length {
            self.0.store.set_upload_length(id, length).await?;
        }
        if row.fate == TakeFate::Kept && !upload.is_complete() {
            // What it was made use of is gone, or was not all of it.
            self.0.store.set_fates(&[(id, TakeFate::Waiting)]).await?;
        }
        // From here on there may be a file, also when the service was deleted a moment ago.
        let making = self.0.deletions.making.begin(row.stream_id);
        self.0.store.upload(id).await?.ok_or(UploadRefusal::Unknown)?;
        let path = self.0.take_file(&row);
        if let Some(folder) = path.parent() {
            tokio::fs::create_dir_all(folder).await?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path).await?;
        let unproven = patch.checksum.map(|checksum| Unproven { summing: checksum.begin(), bytes: Vec::new() });
        let room = if unproven.is_some() { patch.room.min(LARGEST_UNPROVEN) } else { patch.room };
        let space = self.0.settings.space.clone();
        Ok(Appending { file, offset: upload.offset, room, unproven, space, unlooked: 0, _busy: busy, _making: making })
    }

    /// Forgets an upload that the phone does not want to go on with.
    pub async fn terminate(&self, id: UploadId, token: Option<&str>) -> Result<(), UploadRefusal> {
        let row = self.row(id, token).await?;
        self.0.must_be_here(row.stream_id).await?;
        let _busy = self.0.busy_uploads.take(id).ok_or(UploadRefusal::Busy)?;
        if row.fate == TakeFate::Used {
            // It is in the copy; forgotten, nobody would know that the copy cannot be made again.
            return Ok(());
        }
        remove(&self.0.take_file(&row)).await?;
        self.0.store.delete_upload(id).await?;
        Ok(())
    }

    /// The phone says that it has delivered these takes. When that is so, the copy is made and checked in the background;
    /// `false` when something is missing still.
    pub async fn delivered(&self, stream: StreamId, token: Option<&str>, takes: &[String]) -> Result<bool, Refusal> {
        let known = self.0.publishing().authorize(stream, token).await?;
        self.0.must_be_here(stream).await?;
        let uploads = self.0.store.uploads_of(stream).await?;
        for take in takes {
            let Some(row) = uploads.iter().find(|row| row.take == *take) else { return Ok(false) };
            if !self.0.standing(row).await?.is_complete() {
                return Ok(false);
            }
        }
        // Made into one file when the service is over: another phone may go on with it.
        if takes.is_empty() || known.facts.ended_at.is_none() {
            return Ok(true);
        }
        let copy = self.0.phone_copy(stream).await?;
        self.0.recording_happened(&copy, &RecordingEvent::Processing { at: self.0.now() }).await?;
        let everlight = Arc::clone(self.0);
        tokio::spawn(async move {
            if let Err(error) = everlight.finish_phone_copy(stream).await {
                tracing::error!(stream.id = %stream, %error, "a phone's copy could not be finished; it is tried again at the next start");
            }
        });
        Ok(true)
    }

    async fn row(&self, id: UploadId, token: Option<&str>) -> Result<UploadRow, UploadRefusal> {
        // Without a token nobody learns which uploads there are.
        let Some(row) = self.0.store.upload(id).await? else {
            return Err(if token.is_none() { Refusal::NoToken.into() } else { UploadRefusal::Unknown });
        };
        self.0.publishing().authorize(row.stream_id, token).await?;
        Ok(row)
    }
}

/// What a phone may call a take.
fn is_name(take: &str) -> bool {
    (1..=64).contains(&take.len()) && take.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

async fn remove(file: &Path) -> io::Result<()> {
    match tokio::fs::remove_file(file).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
