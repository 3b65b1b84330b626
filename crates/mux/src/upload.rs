//! Direct uploads: Mux names an address, the file is `PUT` there, and an asset comes of it. The address is a resumable
//! upload of Google Cloud Storage
//! ([guide](https://www.mux.com/docs/guides/upload-files-directly),
//! [protocol](https://cloud.google.com/storage/docs/performing-resumable-uploads)).

use crate::{Client, Policy};
use outbound::{
    Failure, FilePart, HeaderName, HeaderValue, Method, Repeat, Response,
    resume::{Next, Resume},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{path::Path, time::Duration};

/// The slowest uplink, in bytes a second, at which an upload is still waited for.
const SLOWEST: u64 = 64 << 10;

#[derive(Debug, Clone)]
pub struct NewUpload {
    /// Our stream's id.
    pub passthrough: String,
    pub title: String,
    pub policy: Policy,
    /// An MP4 in the best quality.
    pub mp4: bool,
    pub test: bool,
}

/// An upload that has been asked for. Kept, it can be continued after a restart.
#[derive(Debug, Clone)]
pub struct Upload {
    pub id: String,
    /// Whoever has this address can write to the upload.
    pub address: SecretString,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadStatus {
    Waiting,
    AssetCreated,
    Errored,
    Cancelled,
    TimedOut,
    Other(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadState {
    pub status: UploadStatus,
    pub asset_id: Option<String>,
    pub error: Option<String>,
}

#[derive(Deserialize)]
struct Wire {
    id: String,
    url: Option<String>,
    status: Option<String>,
    asset_id: Option<String>,
    #[serde(default)]
    error: Value,
}

impl From<Wire> for UploadState {
    fn from(wire: Wire) -> Self {
        let status = match wire.status.as_deref().unwrap_or_default() {
            "waiting" => UploadStatus::Waiting,
            "asset_created" => UploadStatus::AssetCreated,
            "errored" => UploadStatus::Errored,
            "cancelled" => UploadStatus::Cancelled,
            "timed_out" => UploadStatus::TimedOut,
            other => UploadStatus::Other(other.to_owned()),
        };
        let error = wire.error.get("message").and_then(Value::as_str).map(str::to_owned);
        Self { status, asset_id: wire.asset_id, error }
    }
}

/// 308 with `Range: bytes=0-41`: 42 bytes have arrived; 308 without it: none; otherwise all.
fn arrived(response: &Response, len: u64) -> u64 {
    if response.status() != 308 {
        return len;
    }
    let last = response.header("range").and_then(|range| range.rsplit_once('-')?.1.trim().parse::<u64>().ok());
    last.map_or(0, |last| last.saturating_add(1))
}

impl Client {
    /// # Errors
    /// [`Failure`]. An upload that was asked for and is not used expires by itself.
    pub async fn create_upload(&self, new: &NewUpload) -> Result<Upload, Failure> {
        const WHAT: &str = "ask for an upload";
        let mut asset = json!({
            "playback_policies": [new.policy],
            "passthrough": new.passthrough,
            "meta": { "title": new.title },
        });
        if new.mp4 {
            asset["static_renditions"] = json!([{ "resolution": "highest" }]);
        }
        // Sent from a server, and yet the field is required; a day to do it in.
        let body = json!({ "cors_origin": "*", "timeout": 86_400, "new_asset_settings": asset, "test": new.test });
        let wire: Wire = self.data(&self.video(WHAT, Method::POST, &["uploads"])?.json(&body)?).await?;
        let address = wire.url.map(SecretString::from).ok_or_else(|| Failure::Garbled {
            call: self.api.call(WHAT),
            why: "`url` is missing".to_owned(),
            repeatable: false,
        })?;
        Ok(Upload { id: wire.id, address })
    }

    /// # Errors
    /// [`Failure`]
    pub async fn upload_state(&self, upload_id: &str) -> Result<UploadState, Failure> {
        let request = self.video("ask about an upload", Method::GET, &["uploads", upload_id])?;
        Ok(self.data::<Wire>(&request).await?.into())
    }

    /// Sends the file, and after a failure what is missing of it.
    ///
    /// # Errors
    /// The last [`Failure`], when several came in a row. The upload may be sent again later.
    pub async fn send_upload(&self, upload: &Upload, file: &Path) -> Result<(), Failure> {
        let len = self.len(file).await?;
        let mut resume = Resume::beginning(len);
        loop {
            let result = match resume.next() {
                Next::Ask => self.upload_arrived(upload, len).await,
                Next::Send { from } => self.send_from(upload, file, from, len).await,
                Next::Done => return Ok(()),
            };
            tokio::time::sleep(resume.take(self.media.call("upload"), result)?).await;
        }
    }

    /// Uploads a file as a new asset and returns its id, as soon as Mux names it. The asset is ready some time later.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn upload(&self, file: &Path, new: &NewUpload) -> Result<String, Failure> {
        let upload = self.create_upload(new).await?;
        self.send_upload(&upload, file).await?;
        self.uploaded_asset(&upload.id).await
    }

    /// Waits until Mux names the asset of an upload that has been sent: up to some two minutes.
    ///
    /// # Errors
    /// [`Failure`]; [`Failure::NoAnswer`] if it takes longer: ask again with [`Self::upload_state`].
    pub async fn uploaded_asset(&self, upload_id: &str) -> Result<String, Failure> {
        const WHAT: &str = "wait for the asset of an upload";
        for wait in [250, 500, 1000, 2000, 4000].into_iter().chain(std::iter::repeat_n(5000, 22)) {
            let state = self.upload_state(upload_id).await?;
            if let Some(asset) = state.asset_id {
                return Ok(asset);
            }
            if matches!(state.status, UploadStatus::Errored | UploadStatus::Cancelled | UploadStatus::TimedOut) {
                let message = state.error.unwrap_or_else(|| format!("the upload is {:?}", state.status));
                return Err(Failure::Refused { call: self.api.call(WHAT), status: 200, code: None, message });
            }
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
        Err(Failure::NoAnswer { call: self.api.call(WHAT), why: "Mux has not named it yet".to_owned() })
    }

    async fn len(&self, file: &Path) -> Result<u64, Failure> {
        let call = self.media.call("upload");
        let metadata = tokio::fs::metadata(file).await;
        metadata
            .map(|metadata| metadata.len())
            .map_err(|error| Failure::NotSent { call, why: format!("the file cannot be read: {error}") })
    }

    async fn send_from(&self, upload: &Upload, file: &Path, at: u64, len: u64) -> Result<u64, Failure> {
        let rest = len - at;
        let mut request = self.media.request_to("upload", Method::PUT, upload.address.expose_secret())?;
        request = request
            // Not repeated blindly: what has arrived is asked first.
            .repeat(Repeat::Once)
            .header(HeaderName::from_static("content-type"), HeaderValue::from_static("video/mp4"))
            .timeout(Duration::from_secs(60 + rest / SLOWEST))
            .file(FilePart { path: file.to_owned(), offset: at, len: rest });
        if at > 0 && rest > 0 {
            request = self.ranged(request, &format!("bytes {at}-{}/{len}", len - 1));
        }
        Ok(arrived(&self.media.send_allowing(&request, &[308]).await?, len))
    }

    async fn upload_arrived(&self, upload: &Upload, len: u64) -> Result<u64, Failure> {
        let request = self.media.request_to("ask how far an upload is", Method::PUT, upload.address.expose_secret())?;
        let request = self.ranged(request.empty(), &format!("bytes */{len}"));
        Ok(arrived(&self.media.send_allowing(&request, &[308]).await?, len))
    }

    fn ranged(&self, request: outbound::Request, range: &str) -> outbound::Request {
        let value = HeaderValue::from_str(range).expect("digits and punctuation");
        request.header(HeaderName::from_static("content-range"), value)
    }
}
