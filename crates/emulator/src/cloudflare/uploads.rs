//! Uploads: tus 1.0 (creation and core), forms, and one-time addresses for both.

use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::{FromRequest as _, rejection::BytesRejection};
use axum::extract::{Multipart, Path, Query, Request, State};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use super::envelope::{ApiError, Reply, body, ok};
use super::videos::{Video, VideoState};
use crate::ingest::show;
use crate::world::{Shared, World};
use crate::{ffmpeg, ids};

/// "A minimum chunk size of 5,242,880 bytes unless the entire file is less than this amount", "divisible by 256 KiB"
/// (developers.cloudflare.com/stream/uploading-videos/resumable-uploads); the last chunk is what is left.
const SMALLEST_CHUNK: u64 = 5_242_880;
const CHUNK_UNIT: u64 = 256 * 1024;

const TUS: (HeaderName, HeaderValue) = (HeaderName::from_static("tus-resumable"), HeaderValue::from_static("1.0.0"));

pub(super) struct Upload {
    uid: String,
    /// Of tus; a form brings everything at once.
    length: Option<u64>,
    offset: u64,
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// `Upload-Metadata` (tus 1.0, "Creation"): pairs of a name and a base64 value, separated by commas.
fn metadata(headers: &HeaderMap) -> Result<Value, ApiError> {
    let mut out = json!({});
    let text = headers.get("upload-metadata").and_then(|value| value.to_str().ok()).unwrap_or_default();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD.decode(value.trim()).ok().and_then(|value| String::from_utf8(value).ok());
        out[name] = json!(value.ok_or(ApiError::BadRequest("Upload-Metadata is not base64".into()))?);
    }
    Ok(out)
}

#[derive(Deserialize, Default)]
pub(super) struct CreateQuery {
    direct_user: Option<bool>,
}

/// `POST /stream`: the creation of tus, or a form with the whole file.
pub(super) async fn create(State(world): State<Shared>, Query(query): Query<CreateQuery>, request: Request) -> Reply {
    if request.headers().get(&TUS.0) == Some(&TUS.1) {
        return tus_create(&world, query.direct_user == Some(true), request.headers());
    }
    let uid = world.new_upload(json!({}), None, None);
    receive_form(&world, &uid, request).await
}

fn tus_create(world: &World, direct: bool, headers: &HeaderMap) -> Reply {
    let length = number(headers, "upload-length").ok_or(ApiError::BadRequest("Upload-Length is required".into()))?;
    let meta = metadata(headers)?;
    let longest = meta["maxDurationSeconds"].as_str().and_then(|text| text.parse().ok());
    if direct && longest.is_none() {
        return Err(ApiError::BadRequest("maxDurationSeconds is required in Upload-Metadata".into()));
    }
    let creator = headers.get("upload-creator").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let signed = meta.get("requiresignedurls").is_some();
    let uid = world.new_upload(meta, Some(length), longest);
    if let Some(video) = world.state().cloudflare.video(&uid) {
        video.creator = creator;
        video.require_signed_urls = signed;
    }
    let headers = [
        ("location", format!("{}/_upload/cloudflare/{uid}", world.base)),
        ("stream-media-id", uid),
        ("access-control-expose-headers", "Location, Stream-Media-Id, Tus-Resumable, Upload-Offset".into()),
    ];
    Ok((StatusCode::CREATED, [TUS], headers).into_response())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Direct {
    max_duration_seconds: u64,
    #[serde(default)]
    meta: Option<Value>,
    creator: Option<String>,
    #[serde(rename = "requireSignedURLs", default)]
    require_signed_urls: bool,
}

pub(super) async fn direct(State(world): State<Shared>, bytes: Bytes) -> Reply {
    let wanted: Direct = body(&bytes)?;
    let uid = world.new_upload(wanted.meta.unwrap_or(json!({})), None, Some(wanted.max_duration_seconds));
    if let Some(video) = world.state().cloudflare.video(&uid) {
        video.creator = wanted.creator;
        video.require_signed_urls = wanted.require_signed_urls;
    }
    let url = format!("{}/_upload/cloudflare/{uid}", world.base);
    Ok(ok(json!({ "uid": uid, "uploadURL": url, "watermark": null, "scheduledDeletion": null })))
}

/// A form to a one-time address.
pub(super) async fn form(State(world): State<Shared>, Path(uid): Path<String>, request: Request) -> Reply {
    let waits = world.state().cloudflare.uploads.iter().any(|upload| upload.uid == uid && upload.length.is_none());
    if !waits {
        return Err(ApiError::NotFound);
    }
    receive_form(&world, &uid, request).await
}

async fn receive_form(world: &Shared, uid: &str, request: Request) -> Reply {
    let bad = |error: &dyn std::fmt::Display| ApiError::BadRequest(error.to_string());
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| bad(&error))?;
    let file = world.upload_file(uid).await.map_err(|error| bad(&error))?;
    let mut found = false;
    while let Some(mut field) = form.next_field().await.map_err(|error| bad(&error))? {
        if field.name() != Some("file") {
            continue;
        }
        found = true;
        let mut out = tokio::fs::File::create(&file).await.map_err(|error| bad(&error))?;
        while let Some(chunk) = field.chunk().await.map_err(|error| bad(&error))? {
            out.write_all(&chunk).await.map_err(|error| bad(&error))?;
        }
        out.flush().await.map_err(|error| bad(&error))?;
    }
    if !found {
        return Err(ApiError::BadRequest("the form has no file".into()));
    }
    if ffmpeg::probe(&file).await.is_err() {
        world.forget_upload(uid);
        return Err(ApiError::NotAVideo);
    }
    let shown = world.uploaded(uid).ok_or(ApiError::NotFound)?;
    Ok(ok(shown))
}

pub(super) async fn tus_head(State(world): State<Shared>, Path(uid): Path<String>) -> Response {
    let state = world.state();
    match state.cloudflare.uploads.iter().find(|upload| upload.uid == uid) {
        Some(Upload { length: Some(length), offset, .. }) => {
            let headers = [("upload-offset", offset.to_string()), ("upload-length", length.to_string())];
            (StatusCode::OK, [TUS], headers, [("cache-control", "no-store")]).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(super) async fn tus_patch(
    State(world): State<Shared>,
    Path(uid): Path<String>,
    headers: HeaderMap,
    chunk: Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(chunk) = chunk else { return StatusCode::BAD_REQUEST.into_response() };
    match take_chunk(&world, &uid, &headers, &chunk).await {
        Ok(offset) => (StatusCode::NO_CONTENT, [TUS], [("upload-offset", offset.to_string())]).into_response(),
        Err(status) => (status, [TUS]).into_response(),
    }
}

async fn take_chunk(world: &Shared, uid: &str, headers: &HeaderMap, chunk: &Bytes) -> Result<u64, StatusCode> {
    if headers.get("content-type").is_none_or(|kind| kind != "application/offset+octet-stream") {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let size = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
    let (length, end) = {
        let state = world.state();
        let upload = state.cloudflare.uploads.iter().find(|upload| upload.uid == uid).ok_or(StatusCode::NOT_FOUND)?;
        let length = upload.length.ok_or(StatusCode::NOT_FOUND)?;
        if number(headers, "upload-offset") != Some(upload.offset) {
            return Err(StatusCode::CONFLICT);
        }
        (length, upload.offset + size)
    };
    if end > length {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    if end < length && (size < SMALLEST_CHUNK || !size.is_multiple_of(CHUNK_UNIT)) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let failed = |_| StatusCode::INTERNAL_SERVER_ERROR;
    let file = world.upload_file(uid).await.map_err(failed)?;
    let mut out = tokio::fs::OpenOptions::new().append(true).create(true).open(&file).await.map_err(failed)?;
    out.write_all(chunk).await.map_err(failed)?;
    out.flush().await.map_err(failed)?;
    if let Some(upload) = world.state().cloudflare.uploads.iter_mut().find(|upload| upload.uid == uid) {
        upload.offset = end;
    }
    if end == length {
        world.uploaded(uid);
    }
    Ok(end)
}

impl World {
    fn new_upload(&self, meta: Value, length: Option<u64>, longest: Option<u64>) -> String {
        let uid = ids::hex(32);
        let mut video = Video::new(uid.clone(), VideoState::PendingUpload);
        video.meta = meta;
        video.max_duration = longest;
        let mut state = self.state();
        state.cloudflare.videos.push(video);
        state.cloudflare.uploads.push(Upload { uid: uid.clone(), length, offset: 0 });
        uid
    }

    fn forget_upload(&self, uid: &str) {
        let mut state = self.state();
        state.cloudflare.uploads.retain(|upload| upload.uid != uid);
        state.cloudflare.videos.retain(|video| video.uid != uid);
    }

    async fn upload_file(&self, uid: &str) -> std::io::Result<PathBuf> {
        let folder = self.folder(uid);
        tokio::fs::create_dir_all(&folder).await?;
        Ok(folder.join("upload"))
    }

    /// Everything is here: processing begins.
    fn uploaded(self: &Arc<Self>, uid: &str) -> Option<Value> {
        let (shown, longest) = {
            let mut state = self.state();
            let video = state.cloudflare.video(uid)?;
            video.state = VideoState::Processing;
            (video.show(self), video.max_duration)
        };
        let (world, uid) = (Arc::clone(self), uid.to_owned());
        tokio::spawn(async move {
            let result = world.process(&uid, longest).await;
            tokio::time::sleep(world.config.timing.processing).await;
            world.state().cloudflare.uploads.retain(|upload| upload.uid != uid || upload.length.is_some());
            world.cloudflare_processed(&uid, result);
        });
        Some(shown)
    }

    async fn process(&self, uid: &str, longest: Option<u64>) -> Result<ffmpeg::Probe, VideoState> {
        let folder = self.folder(uid);
        let file = show::recording(&folder);
        let probe = ffmpeg::convert(&folder.join("upload"), &file).await.map_err(|_| VideoState::Error {
            code: "ERR_NON_VIDEO",
            text: "The file was not recognized as a valid video file.",
        })?;
        #[expect(clippy::cast_precision_loss, reason = "hours at most")]
        if longest.is_some_and(|longest| probe.duration > longest as f64) {
            return Err(VideoState::Error {
                code: "ERR_DURATION_EXCEED_CONSTRAINT",
                text: "The video's duration exceeds the constraints defined in the direct creator upload.",
            });
        }
        ffmpeg::segment(&file, &folder).await.map_err(|_| VideoState::Error {
            code: "ERR_MALFORMED_VIDEO",
            text: "The video was deemed to be corrupted or malformed.",
        })?;
        Ok(probe)
    }
}
