//! Where the safety copy lies on the phone: in pieces, each written whole, so that a crash costs the last one only. In the
//! origin's private file system where the browser can write there from a page, else in IndexedDB.
//!
//! A piece is called `take.offset`: what is there says by itself how far each take goes.

mod database;
mod files;

use std::collections::BTreeMap;

use wasm_bindgen::JsValue;

use self::database::Database;
use self::files::Files;
use super::events::construct;
use super::js::{call_async, get};

/// What a take is called that only says when it began.
const INFO: &str = "info";

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
    pub async fn open(stream: &str) -> Option<Self> {
        match Files::open(stream).await {
            Some(files) => Some(Self::Files(files)),
            None => Database::open(stream).await.map(Self::Database),
        }
    }

    async fn put(&self, name: &str, blob: &JsValue) -> Result<(), JsValue> {
        match self {
            Self::Files(files) => files.put(name, blob).await,
            Self::Database(database) => database.put(name, blob).await,
        }
    }

    async fn get(&self, name: &str) -> Option<JsValue> {
        match self {
            Self::Files(files) => files.get(name).await,
            Self::Database(database) => database.get(name).await,
        }
    }

    async fn names(&self) -> Vec<String> {
        match self {
            Self::Files(files) => files.names().await,
            Self::Database(database) => database.names().await,
        }
    }

    /// Forgets everything.
    pub async fn clear(&self) {
        for name in self.names().await {
            match self {
                Self::Files(files) => files.remove(&name).await,
                Self::Database(database) => database.remove(&name).await,
            }
        }
    }

    pub async fn begin(&self, take: &str, started: i64) -> Result<(), JsValue> {
        let text = js_sys::Array::of1(&started.to_string().into());
        let blob = construct("Blob", &[&text]).ok_or(JsValue::UNDEFINED)?;
        self.put(&[take, ".", INFO].concat(), &blob).await
    }

    pub async fn append(&self, take: &str, offset: u64, blob: &JsValue) -> Result<(), JsValue> {
        self.put(&piece_name(take, offset), blob).await
    }

    /// The piece of a take that begins at `offset`, as a blob.
    pub async fn piece(&self, take: &str, offset: u64) -> Option<JsValue> {
        self.get(&piece_name(take, offset)).await
    }

    /// Everything that is kept, in the order in which it was filmed. Takes of which no piece came are none.
    pub async fn takes(&self) -> Vec<StoredTake> {
        let mut found: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for name in self.names().await {
            let Some((take, place)) = name.rsplit_once('.') else { continue };
            let pieces = found.entry(take.to_owned()).or_default();
            pieces.extend(place.parse::<u64>());
        }
        let mut takes = Vec::new();
        for (name, mut pieces) in found {
            pieces.sort_unstable();
            let Some(last) = pieces.last().copied() else { continue };
            let Some(piece) = self.piece(&name, last).await else { continue };
            let total = last + size(&piece);
            let info = self.get(&[&name, ".", INFO].concat()).await;
            let text = match info {
                Some(info) => call_async(&info, "text", &[]).await.ok().and_then(|text| text.as_string()),
                None => None,
            };
            let started = text.and_then(|text| text.parse().ok()).unwrap_or(0);
            takes.push(StoredTake { name, started, pieces, total });
        }
        takes.sort_by_key(|take| take.started);
        takes
    }
}

/// Sorts by its number, too.
fn piece_name(take: &str, offset: u64) -> String {
    let number = offset.to_string();
    let zeros = "000000000000";
    [take, ".", &zeros[number.len().min(zeros.len())..], &number].concat()
}

/// Of a blob.
pub fn size(blob: &JsValue) -> u64 {
    // Below 2⁵³, and never negative.
    get(blob, "size").as_f64().unwrap_or(0.0) as u64
}
