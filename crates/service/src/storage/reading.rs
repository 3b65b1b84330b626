//! What is in object storage and not here: it is watched from there, and brought back where a file is needed.

use std::{
    fs::File,
    io::{self, Write},
    ops::Range,
    time::{Duration, UNIX_EPOCH},
};

use bytes::Bytes;
use domain::{
    recording::RecordingSource,
    storage::{Held, Piece},
};
use futures::{Stream, TryStreamExt as _};
use objects::Objects;
use store::Recording;
use tokio::runtime::Handle;

use crate::{
    Error, Everlight,
    leftovers::{COMING, HalfMade},
    recordings::Place,
};

/// A file that is in object storage, as it can be read.
#[derive(Debug, Clone)]
pub struct InStorage {
    objects: Objects,
    held: Held,
}

/// Of the object, not of the way to it.
impl PartialEq for InStorage {
    fn eq(&self, other: &Self) -> bool {
        self.held == other.held
    }
}

impl Eq for InStorage {}

impl InStorage {
    pub const fn bytes(&self) -> u64 {
        self.held.version.bytes
    }

    /// Another one for other bytes.
    pub fn tag(&self) -> String {
        self.held.sha256[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Some of its bytes, read as they are taken.
    pub fn read(&self, range: Range<u64>) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
        self.objects.read(&self.held.object, range).map_err(|error| {
            tracing::error!(%error, "a recording cannot be read from object storage");
            io::Error::other(error)
        })
    }

    /// To be called where waiting is allowed.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut pieces = std::pin::pin!(self.read(0..self.bytes()));
        while let Some(piece) = Handle::current().block_on(pieces.try_next())? {
            out.write_all(&piece)?;
        }
        Ok(())
    }
}

impl Everlight {
    /// Where a finished file is: here, if it is here.
    pub(crate) async fn place_of(&self, recording: &Recording, piece: Piece) -> Result<Place, Error> {
        let file = self.piece_file(recording, piece);
        if tokio::fs::try_exists(&file).await.unwrap_or(true) {
            return Ok(Place::Here(file));
        }
        Ok(self.stored(recording, piece).await?.map_or(Place::Here(file), Place::Stored))
    }

    pub(crate) async fn stored(&self, recording: &Recording, piece: Piece) -> Result<Option<InStorage>, Error> {
        let Some(storage) = &self.storage else { return Ok(None) };
        let held = self.store.stored_file(recording.id, piece).await?.and_then(|stored| stored.held);
        Ok(held.map(|held| InStorage { objects: storage.objects.clone(), held }))
    }

    /// For whoever needs the whole file of a recording on this server: if it was let go, it is fetched. The caller keeps it
    /// from being let go meanwhile.
    pub(crate) async fn bring_back(&self, recording: &Recording) -> Result<(), Error> {
        let Place::Stored(InStorage { objects, held }) = self.place_of(recording, Piece::Whole).await? else {
            return Ok(());
        };
        let file = self.file_of(recording);
        let coming = HalfMade::at(file.with_extension(format!("{:016x}.{COMING}", rand::random::<u64>())));
        let failed = |error: &dyn std::fmt::Display| {
            tracing::error!(recording.id = %recording.id, %error, "a recording could not be fetched from object storage");
            Error::Internal("a recording could not be fetched from object storage".into())
        };
        let fetched = objects.fetch(&held.object, held.version.bytes, held.sha256, coming.file()).await;
        fetched.map_err(|error| failed(&error))?;
        // It is the file that was stored, not a new one that has to be.
        let written = UNIX_EPOCH + Duration::from_millis(u64::try_from(held.version.modified_ms).unwrap_or(0));
        let put = File::options().write(true).open(coming.file()).and_then(|opened| opened.set_modified(written));
        put.and_then(|()| std::fs::rename(coming.file(), &file)).map_err(|error| failed(&error))
    }

    /// Whether only object storage has it, if anybody.
    pub(crate) async fn is_away(&self, recording: &Recording) -> bool {
        matches!(recording.source, RecordingSource::Server | RecordingSource::Phone)
            && !tokio::fs::try_exists(self.file_of(recording)).await.unwrap_or(true)
    }
}
