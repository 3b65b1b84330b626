//! Videos: recordings of live inputs, and uploads.

use axum::extract::{Path, Query, State};
use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::envelope::{ApiError, Reply, body, empty, mentioned, ok};
use crate::clock::{self, seconds};
use crate::faults::Provider;
use crate::ffmpeg::Probe;
use crate::webhooks::{Proof, Webhook};
use crate::world::{Shared, World};

pub(super) struct Video {
    pub(super) uid: String,
    pub(super) live_input: Option<String>,
    pub(super) state: VideoState,
    pub(super) meta: Value,
    pub(super) creator: Option<String>,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) require_signed_urls: bool,
    allowed_origins: Vec<String>,
    scheduled_deletion: Option<String>,
    pub(super) max_duration: Option<u64>,
    /// Once it is known what was recorded.
    pub(super) media: Option<Probe>,
    pub(super) download: Option<Download>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum VideoState {
    PendingUpload,
    Live,
    Processing,
    Ready,
    Error { code: &'static str, text: &'static str },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Download {
    InProgress,
    Ready,
}

impl Video {
    pub(super) fn new(uid: String, state: VideoState) -> Self {
        let now = clock::now();
        Self {
            uid,
            live_input: None,
            state,
            meta: json!({}),
            creator: None,
            created: now,
            modified: now,
            require_signed_urls: false,
            allowed_origins: Vec::new(),
            scheduled_deletion: None,
            max_duration: None,
            media: None,
            download: None,
        }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.state == VideoState::Ready
    }

    fn status(&self) -> Value {
        let mut status = json!({ "state": self.state.name(), "errorReasonCode": "", "errorReasonText": "" });
        match &self.state {
            // A string, not a number.
            VideoState::Ready => status["pctComplete"] = json!("100.000000"),
            VideoState::Error { code, text } => {
                status["step"] = json!("encoding");
                status["errorReasonCode"] = json!(code);
                status["errorReasonText"] = json!(text);
            }
            _ => {}
        }
        status
    }

    pub(super) fn show(&self, world: &World) -> Value {
        let at = format!("{}/{}", world.base, self.uid);
        let media = self.media.clone().unwrap_or(Probe { duration: -1.0, ..Probe::default() });
        let size = |pixels: u64| if pixels == 0 { json!(-1) } else { json!(pixels) };
        let mut shown = json!({
            "uid": self.uid,
            "creator": self.creator,
            "thumbnail": format!("{at}/thumbnails/thumbnail.jpg"),
            "thumbnailTimestampPct": 0,
            "readyToStream": self.is_ready(),
            "status": self.status(),
            "meta": self.meta,
            "created": clock::micros(self.created),
            "modified": clock::micros(self.modified),
            "size": media.size,
            "preview": format!("{at}/watch"),
            "allowedOrigins": self.allowed_origins,
            "requireSignedURLs": self.require_signed_urls,
            "uploaded": clock::micros(self.created),
            "uploadExpiry": null,
            "maxSizeBytes": null,
            "maxDurationSeconds": self.max_duration,
            "duration": seconds(media.duration),
            "input": { "width": size(media.width), "height": size(media.height) },
            "playback": { "hls": format!("{at}/manifest/video.m3u8"), "dash": format!("{at}/manifest/video.mpd") },
            "watermark": null,
        });
        if self.is_ready() {
            shown["readyToStreamAt"] = json!(clock::micros(self.modified));
        }
        for (name, value) in [("liveInput", &self.live_input), ("scheduledDeletion", &self.scheduled_deletion)] {
            if let Some(value) = value {
                shown[name] = json!(value);
            }
        }
        shown
    }
}

impl VideoState {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::PendingUpload => "pendingupload",
            Self::Live => "live-inprogress",
            Self::Processing => "inprogress",
            Self::Ready => "ready",
            Self::Error { .. } => "error",
        }
    }
}

impl World {
    /// Processing is over: the video's last state, and the webhook.
    pub(super) fn cloudflare_processed(&self, uid: &str, result: Result<Probe, VideoState>) {
        let mut state = self.state();
        let Some(video) = state.cloudflare.video(uid) else { return };
        match result {
            Ok(probe) => {
                video.media = Some(probe);
                video.state = VideoState::Ready;
            }
            Err(error) => video.state = error,
        }
        video.modified = clock::now();
        let shown = video.show(self);
        let event = format!("video.{}", video.state.name());
        let Some(target) = &state.cloudflare.vod_webhook else { return };
        let webhook = Webhook {
            provider: Provider::Cloudflare,
            event,
            url: target.url.clone(),
            proof: Proof::CloudflareVod(target.secret.clone()),
            body: shown,
        };
        // Fails only when the emulator stops.
        let _ = self.webhooks.send(webhook);
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ListQuery {
    live_input_id: Option<String>,
    status: Option<String>,
    search: Option<String>,
    limit: Option<usize>,
    asc: Option<bool>,
    include_counts: Option<bool>,
}

/// "Up to 1000 videos" (OpenAPI: the list is cut there).
const PAGE: usize = 1000;

pub(super) async fn list(State(world): State<Shared>, Query(query): Query<ListQuery>) -> Reply {
    let state = world.state();
    let mut videos: Vec<&Video> = state
        .cloudflare
        .videos
        .iter()
        .filter(|video| query.live_input_id.is_none() || video.live_input == query.live_input_id)
        .filter(|video| query.status.as_deref().is_none_or(|status| video.state.name() == status))
        .filter(|video| {
            let name = video.meta["name"].as_str().unwrap_or_default();
            query.search.as_deref().is_none_or(|text| name.contains(text))
        })
        .collect();
    if query.asc != Some(true) {
        videos.reverse();
    }
    let total = videos.len();
    videos.truncate(query.limit.unwrap_or(PAGE).min(PAGE));
    let result: Vec<Value> = videos.iter().map(|video| video.show(&world)).collect();
    let mut reply = json!({ "success": true, "errors": [], "messages": [] });
    if query.include_counts == Some(true) {
        reply["range"] = json!(result.len());
        reply["total"] = json!(total);
    }
    reply["result"] = json!(result);
    Ok(axum::response::IntoResponse::into_response(axum::Json(reply)))
}

/// Newest first, so that one in progress is the first.
pub(super) async fn of_input(State(world): State<Shared>, Path((_, id)): Path<(String, String)>) -> Reply {
    let mut state = world.state();
    state.cloudflare.input(&id).ok_or(ApiError::NotFound)?;
    let of_input = state.cloudflare.videos.iter().rev().filter(|video| video.live_input.as_ref() == Some(&id));
    Ok(ok(of_input.map(|video| video.show(&world)).collect()))
}

pub(super) async fn get(State(world): State<Shared>, Path((_, id)): Path<(String, String)>) -> Reply {
    world.state().cloudflare.video(&id).map(|video| ok(video.show(&world))).ok_or(ApiError::NotFound)
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Edit {
    meta: Option<Value>,
    #[serde(deserialize_with = "mentioned")]
    creator: Option<Option<String>>,
    #[serde(rename = "requireSignedURLs")]
    require_signed_urls: Option<bool>,
    allowed_origins: Option<Vec<String>>,
    #[serde(deserialize_with = "mentioned")]
    scheduled_deletion: Option<Option<String>>,
}

pub(super) async fn edit(State(world): State<Shared>, Path((_, id)): Path<(String, String)>, bytes: Bytes) -> Reply {
    let edit: Edit = body(&bytes)?;
    let mut state = world.state();
    let video = state.cloudflare.video(&id).ok_or(ApiError::NotFound)?;
    video.meta = edit.meta.unwrap_or_else(|| video.meta.take());
    video.creator = edit.creator.unwrap_or_else(|| video.creator.take());
    video.require_signed_urls = edit.require_signed_urls.unwrap_or(video.require_signed_urls);
    video.allowed_origins = edit.allowed_origins.unwrap_or_else(|| std::mem::take(&mut video.allowed_origins));
    video.scheduled_deletion = edit.scheduled_deletion.unwrap_or_else(|| video.scheduled_deletion.take());
    video.modified = clock::now();
    Ok(ok(video.show(&world)))
}

pub(super) async fn delete(State(world): State<Shared>, Path((_, id)): Path<(String, String)>) -> Reply {
    let mut state = world.state();
    let videos = &mut state.cloudflare.videos;
    let at = videos.iter().position(|video| video.uid == id).ok_or(ApiError::NotFound)?;
    videos.remove(at);
    Ok(empty())
}
