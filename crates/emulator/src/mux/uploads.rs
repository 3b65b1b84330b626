//! Direct uploads: an address is asked for, a file is put there, at once or in pieces, and becomes an asset.

use std::path::PathBuf;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use super::assets::{Asset, Origin};
use super::reply::{ApiError, Reply, body, created, ok};
use crate::ids;
use crate::world::{Shared, World};

pub(super) struct Upload {
    id: String,
    status: UploadStatus,
    timeout: u64,
    cors_origin: Option<String>,
    settings: Value,
    asset: Option<String>,
    /// Bytes that have come.
    offset: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UploadStatus {
    Waiting,
    AssetCreated,
    Cancelled,
}

#[derive(Deserialize)]
struct Create {
    cors_origin: Option<String>,
    timeout: Option<u64>,
    new_asset_settings: Option<Value>,
}

impl Upload {
    fn show(&self, world: &World) -> Value {
        let mut shown = json!({
            "id": self.id,
            "timeout": self.timeout,
            "status": match self.status {
                UploadStatus::Waiting => "waiting",
                UploadStatus::AssetCreated => "asset_created",
                UploadStatus::Cancelled => "cancelled",
            },
            "new_asset_settings": self.settings,
            "cors_origin": self.cors_origin,
        });
        if self.status == UploadStatus::Waiting {
            shown["url"] = json!(format!("{}/_upload/mux/{}", world.base, self.id));
        }
        if let Some(asset) = &self.asset {
            shown["asset_id"] = json!(asset);
        }
        shown
    }
}

pub(super) async fn create(State(world): State<Shared>, bytes: Bytes) -> Reply {
    let Create { cors_origin, timeout, new_asset_settings } = body(&bytes)?;
    let upload = Upload {
        id: ids::alphanumeric(44),
        status: UploadStatus::Waiting,
        timeout: timeout.unwrap_or(3600),
        cors_origin,
        settings: new_asset_settings.unwrap_or(json!({})),
        asset: None,
        offset: 0,
    };
    let shown = upload.show(&world);
    let mut state = world.state();
    world.mux_event(&state.mux, "video.upload.created", ("upload", &upload.id), shown.clone());
    state.mux.uploads.push(upload);
    Ok(created(shown))
}

pub(super) async fn list(State(world): State<Shared>) -> Reply {
    let state = world.state();
    Ok(ok(state.mux.uploads.iter().rev().map(|upload| upload.show(&world)).collect()))
}

pub(super) async fn get(State(world): State<Shared>, Path(id): Path<String>) -> Reply {
    let state = world.state();
    state
        .mux
        .uploads
        .iter()
        .find(|upload| upload.id == id)
        .map(|known| ok(known.show(&world)))
        .ok_or(ApiError::NotFound)
}

pub(super) async fn cancel(State(world): State<Shared>, Path(id): Path<String>) -> Reply {
    let mut state = world.state();
    let upload = state.mux.uploads.iter_mut().find(|upload| upload.id == id).ok_or(ApiError::NotFound)?;
    if upload.status != UploadStatus::Waiting {
        return Err(ApiError::invalid("only a waiting upload can be cancelled"));
    }
    upload.status = UploadStatus::Cancelled;
    let shown = upload.show(&world);
    world.mux_event(&state.mux, "video.upload.cancelled", ("upload", &id), shown.clone());
    Ok(ok(shown))
}

/// `Content-Range`: `bytes 0-99/200`, or `bytes */200` to ask what is there.
#[derive(Debug, PartialEq, Eq)]
enum Range {
    Whole,
    Piece { first: u64, last: u64, total: Option<u64> },
    Question,
}

fn range(headers: &HeaderMap) -> Option<Range> {
    let Some(value) = headers.get(header::CONTENT_RANGE) else { return Some(Range::Whole) };
    let (piece, total) = value.to_str().ok()?.strip_prefix("bytes ")?.split_once('/')?;
    if piece == "*" {
        return Some(Range::Question);
    }
    let (first, last) = piece.split_once('-')?;
    Some(Range::Piece { first: first.parse().ok()?, last: last.parse().ok()?, total: total.parse().ok() })
}

/// Resumable as Google Cloud Storage's uploads are, which is where Mux's addresses lead.
pub(super) async fn receive(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let Some(range) = range(&headers) else { return StatusCode::BAD_REQUEST.into_response() };
    match take(&world, &id, &range, &bytes).await {
        Ok(Some(offset)) if offset > 0 => {
            (StatusCode::PERMANENT_REDIRECT, [(header::RANGE, format!("bytes=0-{}", offset - 1))]).into_response()
        }
        Ok(Some(_)) => StatusCode::PERMANENT_REDIRECT.into_response(),
        Ok(None) => StatusCode::OK.into_response(),
        Err(status) => status.into_response(),
    }
}

/// How much is there, or nothing when all is.
async fn take(world: &Shared, id: &str, range: &Range, bytes: &Bytes) -> Result<Option<u64>, StatusCode> {
    let offset = {
        let state = world.state();
        let upload = state.mux.uploads.iter().find(|upload| upload.id == id).ok_or(StatusCode::NOT_FOUND)?;
        match upload.status {
            UploadStatus::Waiting => upload.offset,
            UploadStatus::AssetCreated => return Ok(None),
            UploadStatus::Cancelled => return Err(StatusCode::GONE),
        }
    };
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let (first, done) = match *range {
        Range::Question => return Ok(Some(offset)),
        Range::Whole => (0, true),
        Range::Piece { first, last, total } if last + 1 == first + size => (first, total == Some(last + 1)),
        Range::Piece { .. } => return Err(StatusCode::BAD_REQUEST),
    };
    if first > offset {
        return Ok(Some(offset));
    }
    let failed = |_| StatusCode::INTERNAL_SERVER_ERROR;
    let file = file(world, id).await.map_err(failed)?;
    let mut out =
        tokio::fs::OpenOptions::new().create(true).write(true).truncate(false).open(&file).await.map_err(failed)?;
    tokio::io::AsyncSeekExt::seek(&mut out, std::io::SeekFrom::Start(first)).await.map_err(failed)?;
    out.write_all(bytes).await.map_err(failed)?;
    out.set_len(first + size).await.map_err(failed)?;
    out.flush().await.map_err(failed)?;
    if !done {
        if let Some(upload) = world.state().mux.uploads.iter_mut().find(|upload| upload.id == id) {
            upload.offset = first + size;
        }
        return Ok(Some(first + size));
    }
    finish(world, id, &file).await.map_err(failed)?;
    Ok(None)
}

async fn file(world: &World, id: &str) -> std::io::Result<PathBuf> {
    let folder = world.folder(id);
    tokio::fs::create_dir_all(&folder).await?;
    Ok(folder.join("upload"))
}

async fn finish(world: &Shared, id: &str, file: &std::path::Path) -> std::io::Result<()> {
    let settings = {
        let state = world.state();
        state.mux.uploads.iter().find(|upload| upload.id == id).map(|upload| upload.settings.clone())
    };
    let asset = Asset::new(Origin::Upload(id.to_owned()), &settings.unwrap_or(json!({})));
    let folder = world.folder(&asset.id);
    tokio::fs::create_dir_all(&folder).await?;
    tokio::fs::rename(file, folder.join("upload")).await?;
    {
        let mut state = world.state();
        let Some(upload) = state.mux.uploads.iter_mut().find(|upload| upload.id == id) else { return Ok(()) };
        upload.status = UploadStatus::AssetCreated;
        upload.asset = Some(asset.id.clone());
        let shown = upload.show(world);
        world.mux_event(&state.mux, "video.upload.asset_created", ("upload", id), shown);
    }
    world.mux_ingest(asset);
    Ok(())
}
