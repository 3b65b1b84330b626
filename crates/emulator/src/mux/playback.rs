//! What viewers fetch: `stream.mux.com/{playback id}…` in reality.

use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use serde::Deserialize;

use super::assets::AssetStatus;
use super::live_streams::Status;
use super::renditions::RenditionStatus;
use crate::files;
use crate::ingest::show;
use crate::world::{Shared, World};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Params {
    token: Option<String>,
    download: Option<String>,
}

/// The asset that a playback id plays now.
fn playing(world: &World, playback: &str, token: Option<&str>) -> Result<String, StatusCode> {
    let state = world.state();
    let mux = &state.mux;
    let streams = mux.streams.iter().flat_map(|stream| stream.playback_ids.iter().map(move |id| (id, Err(stream))));
    let assets = mux.assets.iter().flat_map(|asset| asset.playback_ids.iter().map(move |id| (id, Ok(asset))));
    let (id, owner) = streams.chain(assets).find(|(id, _)| id.id == playback).ok_or(StatusCode::NOT_FOUND)?;
    if !mux.may_play(id, token) {
        return Err(StatusCode::FORBIDDEN);
    }
    match owner {
        Ok(asset) if asset.status == AssetStatus::Ready => Ok(asset.id.clone()),
        Ok(_) => Err(StatusCode::PRECONDITION_FAILED),
        Err(stream) if stream.status == Status::Active => {
            stream.active_asset.clone().ok_or(StatusCode::PRECONDITION_FAILED)
        }
        // Before `active`, and after the show.
        Err(_) => Err(StatusCode::PRECONDITION_FAILED),
    }
}

/// `/{playback id}.m3u8`.
pub(super) async fn manifest(
    State(world): State<Shared>,
    Path(name): Path<String>,
    Query(params): Query<Params>,
) -> Response {
    let Some(id) = name.strip_suffix(".m3u8") else { return StatusCode::NOT_FOUND.into_response() };
    match playing(&world, id, params.token.as_deref()) {
        Ok(asset) if world.folder(&asset).join("live.m3u8").exists() => {
            files::master(&format!("{id}/hls/{asset}/live.m3u8"))
        }
        Ok(_) => StatusCode::PRECONDITION_FAILED.into_response(),
        Err(status) => status.into_response(),
    }
}

/// Whoever got the address from a manifest may fetch what it names.
pub(super) async fn piece(
    State(world): State<Shared>,
    Path((id, asset, file)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    let known = {
        let state = world.state();
        let stream = state.mux.streams.iter().find(|stream| stream.playback_ids.iter().any(|known| known.id == id));
        let of_stream = stream.is_some_and(|stream| stream.recent_assets.contains(&asset));
        let asset = state.mux.assets.iter().find(|known| known.id == asset);
        of_stream || asset.is_some_and(|asset| asset.playback_ids.iter().any(|known| known.id == id))
    };
    if !known {
        return StatusCode::NOT_FOUND.into_response();
    }
    files::hls(request, &world.folder(&asset), &file).await
}

/// `/{playback id}/highest.mp4`.
pub(super) async fn rendition(
    State(world): State<Shared>,
    Path((id, file)): Path<(String, String)>,
    Query(params): Query<Params>,
    request: Request,
) -> Response {
    let asset = match playing(&world, &id, params.token.as_deref()) {
        Ok(asset) => asset,
        Err(status) => return status.into_response(),
    };
    let ready = world.state().mux.asset(&asset).is_some_and(|asset| {
        asset.renditions.iter().any(|known| known.name() == file && known.status == RenditionStatus::Ready)
    });
    if !ready {
        return StatusCode::NOT_FOUND.into_response();
    }
    let folder = world.folder(&asset);
    let mut response = if file == "audio.m4a" {
        files::serve(request, &folder.join("audio.m4a"), "audio/mp4").await
    } else {
        files::serve(request, &show::recording(&folder), "video/mp4").await
    };
    let name = params.download.and_then(|name| format!("attachment; filename=\"{name}\"").parse().ok());
    if let Some(name) = name {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
