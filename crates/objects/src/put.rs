//! From a file to an object that is proven to be the same.

use std::{fs::Metadata, path::Path, time::SystemTime};

use bytes::BytesMut;
use futures::TryStreamExt as _;
use object_store::{
    ObjectStoreExt as _, PutPayload,
    multipart::{MultipartStore as _, PartId},
};
use sha2::{Digest as _, Sha256};
use tokio::{fs::File, io::AsyncReadExt as _};

use super::{Key, Objects, ObjectsError};

/// What is sent, and read back, at once. No part but the last may be smaller than 5 MiB; there may be 10 000 of them.
pub(crate) const PIECE: usize = 8 << 20;

/// An object that was proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    pub bytes: u64,
    pub sha256: [u8; 32],
    /// When the file was last written to: the same file has the same moment and length.
    pub modified: SystemTime,
}

impl Objects {
    /// Sends a file, reads all of it back, and compares the SHA-256 of both. Whatever of it is there when that fails is
    /// removed again, if it can be. `stop` is asked again and again whether it is not wanted any more.
    pub async fn put(&self, name: &str, file: &Path, stop: impl Fn() -> bool) -> Result<Put, ObjectsError> {
        let mut file = File::open(file).await?;
        let before = file.metadata().await?;
        let sha256 = self.send(&self.key(name), &mut file, before.len(), &stop).await?;
        let proven = async {
            let after = file.metadata().await?;
            if version(&after)? != version(&before)? {
                return Err(ObjectsError::Changed);
            }
            if self.sha256(name, before.len(), &stop).await? != sha256 {
                return Err(ObjectsError::Different);
            }
            Ok(Put { bytes: before.len(), sha256, modified: before.modified()? })
        };
        let proven = proven.await;
        if proven.is_err()
            && let Err(error) = self.delete(name).await
        {
            tracing::warn!(%error, name, "an object that was not proven could not be removed; it is replaced");
        }
        proven
    }

    async fn send(
        &self,
        key: &Key,
        file: &mut File,
        length: u64,
        stop: &impl Fn() -> bool,
    ) -> Result<[u8; 32], ObjectsError> {
        let mut sha256 = Sha256::new();
        let mut piece = next_piece(file).await?;
        if piece.len() as u64 == length {
            sha256.update(&piece);
            self.store.put(key, PutPayload::from(piece.freeze())).await?;
            return Ok(sha256.finalize().into());
        }
        let id = self.store.create_multipart(key).await?;
        let sent = async {
            let mut parts: Vec<PartId> = Vec::new();
            while !piece.is_empty() {
                goes_on(stop)?;
                sha256.update(&piece);
                let payload = PutPayload::from(std::mem::take(&mut piece).freeze());
                parts.push(self.store.put_part(key, &id, parts.len(), payload).await?);
                piece = next_piece(file).await?;
            }
            self.store.complete_multipart(key, &id, parts).await?;
            Ok(sha256.finalize().into())
        };
        let sent = sent.await;
        if sent.is_err()
            && let Err(error) = self.store.abort_multipart(key, &id).await
        {
            tracing::warn!(%error, %key, "the parts of an upload that failed could not be removed");
        }
        sent
    }

    /// Of the bytes that are there, read from beginning to end.
    async fn sha256(&self, name: &str, length: u64, stop: &impl Fn() -> bool) -> Result<[u8; 32], ObjectsError> {
        let mut pieces = std::pin::pin!(self.read_in_pieces(name, 0..length, PIECE as u64));
        let mut hash = Sha256::new();
        while let Some(bytes) = pieces.try_next().await? {
            goes_on(stop)?;
            hash.update(&bytes);
        }
        Ok(hash.finalize().into())
    }
}

fn goes_on(stop: &impl Fn() -> bool) -> Result<(), ObjectsError> {
    if stop() { Err(ObjectsError::Stopped) } else { Ok(()) }
}

fn version(of: &Metadata) -> Result<(u64, SystemTime), ObjectsError> {
    Ok((of.len(), of.modified()?))
}

/// As much as is taken at once; less at the end of the file.
async fn next_piece(file: &mut File) -> Result<BytesMut, ObjectsError> {
    let mut piece = BytesMut::with_capacity(PIECE);
    let mut limited = file.take(PIECE as u64);
    while limited.read_buf(&mut piece).await? > 0 {}
    Ok(piece)
}
