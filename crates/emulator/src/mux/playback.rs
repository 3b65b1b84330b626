//! What viewers fetch: `stream.mux.com/{playback id}…` in reality.

use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use serde::Deserialize;

use super::PlaybackId;
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
            // In the path, so that it goes with what the variant names by relative addresses.
            let token = params.token.map(|token| format!("{token}/")).unwrap_or_default();
            files::master(&format!("{id}/hls/{asset}/{token}live.m3u8"), world.state().captions)
        }
        Ok(_) => StatusCode::PRECONDITION_FAILED.into_response(),
        Err(status) => status.into_response(),
    }
}

/// Variants and segments, as a manifest names them.
pub(super) async fn piece(
    State(world): State<Shared>,
    Path((id, asset, file)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    match may_fetch(&world, &id, &asset, None) {
        Ok(()) => files::hls(request, &world.folder(&asset), &file).await,
        Err(status) => status.into_response(),
    }
}

/// The same, of a manifest that was fetched with a token.
pub(super) async fn signed_piece(
    State(world): State<Shared>,
    Path((id, asset, token, file)): Path<(String, String, String, String)>,
    request: Request,
) -> Response {
    match may_fetch(&world, &id, &asset, Some(&token)) {
        Ok(()) => files::hls(request, &world.folder(&asset), &file).await,
        Err(status) => status.into_response(),
    }
}

/// Whether the playback id leads to this asset, and whoever asks may use it.
fn may_fetch(world: &World, id: &str, asset: &str, token: Option<&str>) -> Result<(), StatusCode> {
    let state = world.state();
    let mux = &state.mux;
    let named = |ids: &[PlaybackId]| ids.iter().find(|known| known.id == id).cloned();
    let of_stream = mux.streams.iter().find_map(|stream| {
        let id = named(&stream.playback_ids)?;
        stream.recent_assets.iter().any(|recent| recent == asset).then_some(id)
    });
    let of_asset = || mux.assets.iter().find(|known| known.id == asset).and_then(|asset| named(&asset.playback_ids));
    let id = of_stream.or_else(of_asset).ok_or(StatusCode::NOT_FOUND)?;
    if mux.may_play(&id, token) { Ok(()) } else { Err(StatusCode::FORBIDDEN) }
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
