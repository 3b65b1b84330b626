//! Delivers the safety copy (tus 1.0): every take, piece by piece, from where the server stands; again and again until it
//! has everything. What was sent survives a reload, because the server is asked and not remembered.

use std::cell::Cell;

use wasm_bindgen::JsValue;

use super::fetch::{self, Abort, Reply};
use super::js::{call, call_async, get};
use super::vault::{StoredTake, Vault};
use crate::components::browser_streamer::{after::Failing, portion::Portion};

const VERSION: (&str, &str) = ("Tus-Resumable", "1.0.0");

/// For one request, on the weakest uplink that is of use: its connection may be dead.
pub const PATIENT_MS: u32 = 120_000;
/// On an uplink with room to spare.
pub const BRISK_MS: u32 = 20_000;

/// What is delivered where.
#[derive(Debug)]
pub struct Courier {
    pub stream: String,
    pub token: String,
    pub vault: Vault,
    /// What goes in one request, learned from those before.
    pub portion: Cell<Portion>,
    /// How long one request may take.
    pub limit_ms: u32,
}

/// How far the server is with a take.
#[derive(Debug)]
pub struct Place {
    upload: String,
    pub offset: u64,
    /// How long the take is, as far as the server was told.
    length: Option<u64>,
}

impl Courier {
    /// Delivers all takes that are kept; `progress` hears how many bytes of how many the server has.
    ///
    /// # Errors
    /// What stands in the way. Worth trying again later.
    pub async fn deliver(&self, progress: impl Fn(u64, u64)) -> Result<(), Failing> {
        let takes = self.vault.takes().await.map_err(|_| Failing::Server)?;
        let total = takes.iter().map(|take| take.total).sum();
        let mut sent = 0;
        progress(sent, total);
        for take in &takes {
            let before = sent;
            self.send(take, |offset| progress(before + offset, total)).await?;
            sent += take.total;
        }
        let names: Vec<String> = takes.iter().map(|take| ["\"", &take.name, "\""].concat()).collect();
        let body = ["{\"takes\":[", &names.join(","), "]}"].concat();
        let url = ["/uploads/", &self.stream, "/delivered"].concat();
        accepted(fetch::send_json(&url, &self.token, &body).await).map(drop)
    }

    async fn send(&self, take: &StoredTake, progress: impl Fn(u64)) -> Result<(), Failing> {
        let mut place = self.open(take, None).await?;
        progress(place.offset);
        while place.offset < place.length.unwrap_or(take.total) && self.send_portion(take, &mut place).await? {
            progress(place.offset);
        }
        match place.length {
            // Said last: a piece may be lost, and the take goes only as far as that.
            None => self.open(take, Some(place.offset)).await.map(drop),
            Some(length) if length == place.offset => Ok(()),
            // More was promised before than can be read now. It is made anew.
            Some(_) => {
                accepted(self.ask("DELETE", &place.upload, Vec::new(), None).await)?;
                Err(Failing::Server)
            }
        }
    }

    /// Makes the upload of a take, or finds the one that was made before. Its `length` is told once it is known.
    pub async fn open(&self, take: &StoredTake, length: Option<u64>) -> Result<Place, Failing> {
        let metadata = ["take ", &base64(&take.name), ",started ", &base64(&take.started.to_string())].concat();
        let length = match length {
            Some(length) => ("Upload-Length", length.to_string()),
            None => ("Upload-Defer-Length", "1".to_owned()),
        };
        let url = ["/uploads/", &self.stream].concat();
        let answer = self.ask("POST", &url, vec![length, ("Upload-Metadata", metadata)], None).await;
        // The server's own word: a proxy before it knows nothing of tus, and may say the same while the server is away.
        if answer.as_ref().is_some_and(|it| matches!(it.status(), 404 | 410) && it.header(VERSION.0).is_some()) {
            return Err(Failing::Gone);
        }
        let created = accepted(answer)?;
        let upload = created.header("Location").ok_or(Failing::Server)?;
        let length = created.header("Upload-Length").and_then(|length| length.parse().ok());
        Ok(Place { upload, offset: offset(&created)?, length })
    }

    /// Sends what follows, and moves the place behind it. `false`: there is no more that can be read.
    pub async fn send_portion(&self, take: &StoredTake, place: &mut Place) -> Result<bool, Failing> {
        let offset = place.offset;
        let Some(begin) = take.pieces.iter().copied().rev().find(|begin| *begin <= offset) else { return Ok(false) };
        let portion = self.portion.get().bytes();
        let bytes = self.vault.read(&take.name, begin, offset - begin, portion).await.map_err(|_| Failing::Server)?;
        // Where one is lost, what follows it is of no use either.
        let Some(bytes) = bytes else { return Ok(false) };
        let mut headers =
            vec![("Content-Type", "application/offset+octet-stream".to_owned()), ("Upload-Offset", offset.to_string())];
        headers.extend(checksum(&bytes).await.map(|sum| ("Upload-Checksum", sum)));
        let answer = accepted(self.ask("PATCH", &place.upload, headers, Some(&bytes)).await);
        self.portion.set(self.portion.get().after(answer.as_ref().err().copied()));
        let next = self::offset(&answer?)?;
        if next <= offset {
            return Err(Failing::Server);
        }
        place.offset = next;
        Ok(true)
    }

    async fn ask(
        &self,
        method: &str,
        url: &str,
        mut headers: Vec<(&'static str, String)>,
        body: Option<&JsValue>,
    ) -> Option<Reply> {
        headers.extend([fetch::bearer(&self.token), (VERSION.0, VERSION.1.to_owned())]);
        let abort = Abort::controller();
        let _limit = abort.after(self.limit_ms);
        fetch::send_until(method, url, &headers, body, false, &abort.signal()).await
    }
}

fn accepted(reply: Option<Reply>) -> Result<Reply, Failing> {
    let reply = reply.ok_or(Failing::NoConnection)?;
    match reply.status() {
        200..300 => Ok(reply),
        507 => Err(Failing::DiskFull),
        _ => Err(Failing::Server),
    }
}

fn offset(reply: &Reply) -> Result<u64, Failing> {
    reply.header("Upload-Offset").and_then(|value| value.parse().ok()).ok_or(Failing::Server)
}

/// `Upload-Checksum`; `None` where the browser cannot make one.
async fn checksum(bytes: &JsValue) -> Option<String> {
    let subtle = get(&get(&js_sys::global(), "crypto"), "subtle");
    let sum = call_async(&subtle, "digest", &[&"SHA-256".into(), bytes]).await.ok()?;
    let text: String = js_sys::Uint8Array::new(&sum).to_vec().into_iter().map(char::from).collect();
    Some(["sha256 ", &base64(&text)].concat())
}

/// Of text whose letters are all below U+0100: names, numbers, bytes.
fn base64(text: &str) -> String {
    let window = web_sys::window().map_or(JsValue::UNDEFINED, Into::into);
    call(&window, "btoa", &[&text.into()]).ok().and_then(|it| it.as_string()).unwrap_or_default()
}
