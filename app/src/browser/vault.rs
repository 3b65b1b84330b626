//! Where the safety copy lies on the phone: in pieces, each written whole, so that a crash costs the last one only. In the
//! origin's private file system where the browser can write there from a page, else in IndexedDB. What the pieces are called
//! says by itself how far each take goes ([`pieces`]).
//!
//! Browsers cut a page off from its storage when it is not seen, or when memory is short: that is not the storage's end, and
//! does not mean that nothing is there. Whatever fails is asked once more, through a way that is opened anew.

mod database;
mod files;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsValue;

use self::database::Database;
use self::files::Files;
use super::js::{call, call_async, get};
use crate::components::browser_streamer::pieces::{self, piece_name};

/// A piece that cannot be read is tried so often,
const READ_TRIES: u32 = 5;
/// after this time each.
const READ_AGAIN_MS: u32 = 1_000;

#[derive(Debug, Clone)]
pub enum Vault {
    Files(Files),
    Database(Database),
}

/// A take that is kept here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTake {
    pub name: String,
    /// Unix milliseconds on the server's clock.
    pub started: i64,
    /// Where each piece begins.
    pub pieces: Vec<u64>,
    pub total: u64,
}

impl Vault {
    /// `None` where the browser stores nothing.
    ///
    /// # Errors
    /// When it does not just now.
    pub async fn open(stream: &str) -> Result<Option<Self>, JsValue> {
        match Files::open(stream).await {
            Some(files) => Ok(Some(Self::Files(files))),
            None => Ok(Database::open(stream).await?.map(Self::Database)),
        }
    }

    fn stream(&self) -> &str {
        match self {
            Self::Files(files) => &files.stream,
            Self::Database(database) => &database.stream,
        }
    }

    async fn again<T>(&self, ask: impl AsyncFn() -> Result<T, JsValue>) -> Result<T, JsValue> {
        match ask().await {
            Err(why) if !is_full(&why) => {
                match self {
                    Self::Files(files) => files.reopen().await?,
                    Self::Database(database) => database.reopen().await?,
                }
                ask().await
            }
            outcome => outcome,
        }
    }

    async fn names(&self) -> Result<Vec<String>, JsValue> {
        let names = async || match self {
            Self::Files(files) => files.names().await,
            Self::Database(database) => database.names().await,
        };
        self.again(names).await
    }

    /// `None`: there is none, or nothing is in it, because the phone died before.
    async fn piece(&self, take: &str, offset: u64) -> Result<Option<JsValue>, JsValue> {
        let name = piece_name(take, offset);
        let piece = async || match self {
            Self::Files(files) => files.get(&name).await,
            Self::Database(database) => database.get(&name).await,
        };
        Ok(self.again(piece).await?.filter(|piece| size(piece) > 0))
    }

    /// Forgets everything; this way to it is of no use afterwards.
    pub async fn clear(&self) -> Result<(), JsValue> {
        let clear = async || match self {
            Self::Files(files) => files.clear().await,
            Self::Database(database) => database.clear().await,
        };
        self.again(clear).await
    }

    /// Keeps the piece of a take that begins at `offset`.
    pub async fn append(&self, take: &str, offset: u64, blob: &JsValue) -> Result<(), JsValue> {
        let name = piece_name(take, offset);
        let put = async || match self {
            Self::Files(files) => files.put(&name, blob).await,
            Self::Database(database) => database.put(&name, blob).await,
        };
        self.again(put).await
    }

    /// Bytes of a piece, from `from` on, `most` at the most, as a buffer. `None`: there are none, or they cannot be read
    /// though the storage is there.
    ///
    /// # Errors
    /// When the storage cannot be read just now.
    pub async fn read(&self, take: &str, piece: u64, from: u64, most: u64) -> Result<Option<JsValue>, JsValue> {
        let read = async || {
            let Some(blob) = self.piece(take, piece).await?.filter(|blob| from < size(blob)) else { return Ok(None) };
            // Below 2⁵³; what is beyond the end is left out.
            let slice = call(&blob, "slice", &[&(from as f64).into(), &((from + most) as f64).into()])?;
            call_async(&slice, "arrayBuffer", &[]).await.map(Some)
        };
        self.patiently(read).await
    }

    /// What cannot be read again and again, though the storage can, is lost.
    async fn patiently(
        &self,
        read: impl AsyncFn() -> Result<Option<JsValue>, JsValue>,
    ) -> Result<Option<JsValue>, JsValue> {
        for _ in 0..READ_TRIES {
            if let Ok(found) = read().await {
                return Ok(found);
            }
            TimeoutFuture::new(READ_AGAIN_MS).await;
        }
        self.names().await.map(|_| None)
    }

    /// Everything that is kept, in the order in which it was filmed. A take goes as far as its last piece that can be read:
    /// the one that was being written when the phone died is not.
    ///
    /// # Errors
    /// When it cannot be told just now.
    pub async fn takes(&self) -> Result<Vec<StoredTake>, JsValue> {
        let mut takes = Vec::new();
        for pieces::Take { name, started, mut pieces } in pieces::takes(&self.names().await?) {
            while let Some(last) = pieces.last().copied() {
                if let Some(piece) = self.patiently(async || self.piece(&name, last).await).await? {
                    takes.push(StoredTake { name, started, pieces, total: last + size(&piece) });
                    break;
                }
                pieces.pop();
            }
        }
        Ok(takes)
    }
}

/// Forgets what was filmed long ago for other services: what nobody delivered would fill the phone, one after the other.
/// `now` by the server's clock.
pub async fn forget_old(own: &str, now: i64) {
    let files = Files::all().await.into_iter().map(Vault::Files);
    let databases = Database::all().await.into_iter().map(Vault::Database);
    for vault in files.chain(databases).filter(|vault| vault.stream() != own) {
        if vault.names().await.is_ok_and(|names| pieces::is_old(&names, now)) {
            // Next time, then.
            let _ = vault.clear().await;
        }
    }
}

/// Of a blob.
pub fn size(blob: &JsValue) -> u64 {
    // Below 2⁵³, and never negative.
    get(blob, "size").as_f64().unwrap_or(0.0) as u64
}

/// Whether it was refused because there is no more room.
pub fn is_full(why: &JsValue) -> bool {
    get(why, "name") == "QuotaExceededError"
}
