use crate::{Client, Meta, live_inputs::origin, meta::or_default};
use outbound::{Failure, Method};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashSet;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VideoState {
    PendingUpload,
    Downloading,
    Queued,
    InProgress,
    Ready,
    Error,
    /// A broadcast that is going on.
    LiveInProgress,
    Other(String),
}

impl From<&str> for VideoState {
    fn from(text: &str) -> Self {
        match text {
            "pendingupload" => Self::PendingUpload,
            "downloading" => Self::Downloading,
            "queued" => Self::Queued,
            "inprogress" => Self::InProgress,
            "ready" => Self::Ready,
            "error" => Self::Error,
            "live-inprogress" => Self::LiveInProgress,
            other => Self::Other(other.to_owned()),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VideoError {
    /// `ERR_…`
    pub code: String,
    pub text: String,
}

/// A recording of one broadcast, or an upload.
#[derive(Debug, Clone, PartialEq)]
pub struct Video {
    pub uid: String,
    pub state: VideoState,
    pub ready_to_stream: bool,
    /// Of all qualities; a video plays before it is 100.
    pub percent_complete: Option<f64>,
    pub error: Option<VideoError>,
    /// Seconds; `None` while it is not known.
    pub duration: Option<f64>,
    /// Bytes.
    pub size: Option<u64>,
    /// Pixels.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// The input it was recorded from; stays when that is deleted.
    pub live_input: Option<String>,
    pub meta: Meta,
    pub require_signed_urls: bool,
    pub hls: Option<String>,
    pub playback_origin: Option<String>,
    /// RFC 3339.
    pub created: Option<String>,
    /// RFC 3339.
    pub modified: Option<String>,
}

impl Video {
    /// It plays.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.state == VideoState::Ready && self.ready_to_stream
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    uid: String,
    #[serde(default)]
    status: Value,
    ready_to_stream: Option<bool>,
    duration: Option<f64>,
    size: Option<f64>,
    #[serde(default)]
    input: Value,
    live_input: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    meta: Meta,
    #[serde(rename = "requireSignedURLs")]
    require_signed_urls: Option<bool>,
    #[serde(default)]
    playback: Value,
    preview: Option<String>,
    created: Option<String>,
    modified: Option<String>,
}

impl<'de> Deserialize<'de> for Video {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Wire::deserialize(deserializer).map(Self::from)
    }
}

impl From<Wire> for Video {
    fn from(wire: Wire) -> Self {
        let status = &wire.status;
        let text = |key: &str| status.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let state = VideoState::from(status.as_str().or_else(|| text("state")).unwrap_or_default());
        // A number in quotes, as documented; a number, in case.
        let percent = status.get("pctComplete");
        let percent_complete = percent.and_then(|value| value.as_f64().or_else(|| value.as_str()?.parse().ok()));
        // Two of Cloudflare's samples name these differently.
        let code = text("errorReasonCode").or_else(|| text("errReasonCode"));
        let said = text("errorReasonText").or_else(|| text("errReasonText"));
        let error = (state == VideoState::Error || code.is_some()).then(|| VideoError {
            code: code.unwrap_or_default().to_owned(),
            text: said.unwrap_or_default().to_owned(),
        });
        let pixels = |key: &str| wire.input.get(key)?.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
        let hls = wire.playback.get("hls").and_then(Value::as_str).map(str::to_owned);
        let playback_origin = hls.as_deref().or(wire.preview.as_deref()).and_then(origin);
        // -1 stands for “not known yet”.
        let known = |number: Option<f64>| number.filter(|number| number.is_finite() && *number > 0.0);
        Self {
            percent_complete,
            error,
            duration: known(wire.duration),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "positive, and a size in bytes"
            )]
            size: known(wire.size).map(|size| size as u64),
            width: pixels("width"),
            height: pixels("height"),
            state,
            uid: wire.uid,
            ready_to_stream: wire.ready_to_stream.unwrap_or(false),
            live_input: wire.live_input,
            meta: wire.meta,
            require_signed_urls: wire.require_signed_urls.unwrap_or(false),
            hls,
            playback_origin,
            created: wire.created,
            modified: wire.modified,
        }
    }
}

/// The most that one answer lists.
const PAGE: usize = 1000;

impl Client {
    /// The recordings of an input, a broadcast that is going on first. Not found once the input is deleted.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn videos_of_input(&self, input: &str) -> Result<Vec<Video>, Failure> {
        self.result(&self.stream("list an input's recordings", Method::GET, &["live_inputs", input, "videos"])?).await
    }

    /// The recordings of an input, also after it was deleted.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn videos_by_input_query(&self, input: &str) -> Result<Vec<Video>, Failure> {
        let request = self.stream("look for an input's recordings", Method::GET, &[])?;
        let page = PAGE.to_string();
        let videos: Vec<Video> = self.result(&request.query("live_input_id", input).query("limit", &page)).await?;
        // Should the filter be ignored, it would be everybody's recordings.
        Ok(videos.into_iter().filter(|video| video.live_input.as_deref() == Some(input)).collect())
    }

    /// All recordings and uploads of the account, newest first.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn videos(&self) -> Result<Vec<Video>, Failure> {
        let mut all = Vec::new();
        let mut seen = HashSet::new();
        let mut before: Option<String> = None;
        loop {
            let mut request = self.stream("list the recordings", Method::GET, &[])?.query("limit", &PAGE.to_string());
            if let Some(before) = &before {
                request = request.query("end", before);
            }
            let page: Vec<Video> = self.result(&request).await?;
            let full = page.len() >= PAGE;
            before = page.iter().filter_map(|video| video.created.clone()).min();
            let known = all.len();
            all.extend(page.into_iter().filter(|video| seen.insert(video.uid.clone())));
            if !full || before.is_none() || all.len() == known {
                return Ok(all);
            }
        }
    }

    /// What was uploaded with our mark: after an upload whose creation had an unknown outcome.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn find_videos(&self, mark: &str) -> Result<Vec<Video>, Failure> {
        Ok(self.videos().await?.into_iter().filter(|video| video.meta.mark() == Some(mark)).collect())
    }

    /// # Errors
    /// [`Failure`]; [`Failure::is_not_found`] if there is none.
    pub async fn video(&self, uid: &str) -> Result<Video, Failure> {
        self.result(&self.stream("read a recording", Method::GET, &[uid])?).await
    }

    /// A recording that is not there has been deleted.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn delete_video(&self, uid: &str) -> Result<(), Failure> {
        self.delete(&self.stream("delete a recording", Method::DELETE, &[uid])?).await
    }
}
