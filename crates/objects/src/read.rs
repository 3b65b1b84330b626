//! Reading an object, or a range of it, a piece at a time: whoever is slow keeps no connection waiting, and little is ever in
//! memory.

use std::{ops::Range, path::Path};

use bytes::Bytes;
use futures::{Stream, TryStreamExt as _, stream};
use object_store::ObjectStoreExt as _;
use sha2::{Digest as _, Sha256};
use tokio::{fs::File, io::AsyncWriteExt as _};

use super::{Objects, ObjectsError};

/// A player asks for all of it, and leaves off after the first picture.
const FIRST: u64 = 512 << 10;
/// What waits for somebody's line.
const PIECE: u64 = 4 << 20;

impl Objects {
    /// These bytes of an object that is at least so long.
    pub fn read(
        &self,
        name: &str,
        range: Range<u64>,
    ) -> impl Stream<Item = Result<Bytes, ObjectsError>> + Send + use<> {
        self.read_in_pieces(name, range, PIECE)
    }

    pub(crate) fn read_in_pieces(
        &self,
        name: &str,
        range: Range<u64>,
        piece: u64,
    ) -> impl Stream<Item = Result<Bytes, ObjectsError>> + Send + use<> {
        let (store, key) = (self.store.clone(), self.key(name));
        stream::try_unfold((range, FIRST.min(piece)), move |(left, length)| {
            let (store, key) = (store.clone(), key.clone());
            async move {
                if left.is_empty() {
                    return Ok(None);
                }
                let asked = left.start..left.end.min(left.start + length);
                let bytes = store.get_range(&key, asked.clone()).await?;
                if bytes.len() as u64 != asked.end - asked.start {
                    return Err(ObjectsError::Different);
                }
                Ok(Some((bytes, (asked.end..left.end, piece))))
            }
        })
    }

    /// Writes an object to a file, and says whether it is what was put there. An error leaves a file that is to be thrown away.
    pub async fn fetch(&self, name: &str, bytes: u64, sha256: [u8; 32], file: &Path) -> Result<(), ObjectsError> {
        let mut out = File::create(file).await?;
        let mut pieces = std::pin::pin!(self.read(name, 0..bytes));
        let mut hash = Sha256::new();
        while let Some(piece) = pieces.try_next().await? {
            hash.update(&piece);
            out.write_all(&piece).await?;
        }
        out.sync_all().await?;
        if <[u8; 32]>::from(hash.finalize()) != sha256 {
            return Err(ObjectsError::Different);
        }
        Ok(())
    }
}
