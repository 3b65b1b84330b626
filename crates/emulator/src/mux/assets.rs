//! Assets: recordings of live streams, and uploads.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse as _;
use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use super::live_streams::NewPlaybackId;
use super::renditions::Rendition;
use super::reply::{ApiError, Reply, body, created, deleted, ok, page};
use super::{PlaybackId, Policy};
use crate::ffmpeg::{self, FfmpegError, Probe};
use crate::ingest::show;
use crate::world::{Shared, World};
use crate::{clock, ids};

pub(super) struct Asset {
    pub(super) id: String,
    pub(super) created: Timestamp,
    pub(super) status: AssetStatus,
    pub(super) origin: Origin,
    /// Still being recorded.
    pub(super) is_live: bool,
    pub(super) duration: Option<f64>,
    pub(super) playback_ids: Vec<PlaybackId>,
    pub(super) renditions: Vec<Rendition>,
    pub(super) media: Option<Probe>,
    passthrough: Option<String>,
    meta: Option<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AssetStatus {
    Preparing,
    Ready,
    Errored,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    Live(String),
    Upload(String),
    Url,
}

impl Asset {
    /// From `new_asset_settings`, or the body of a create call.
    pub(super) fn new(origin: Origin, settings: &Value) -> Self {
        let policies = settings.get("playback_policies").or(settings.get("playback_policy")).cloned();
        let policies: Vec<Policy> = policies.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
        let wanted = settings["static_renditions"].as_array().into_iter().flatten();
        Self {
            id: ids::alphanumeric(44),
            created: clock::now(),
            status: AssetStatus::Preparing,
            is_live: matches!(origin, Origin::Live(_)),
            origin,
            duration: None,
            playback_ids: policies.into_iter().map(PlaybackId::new).collect(),
            renditions: wanted.filter_map(|one| Rendition::new(one["resolution"].as_str()?)).collect(),
            media: None,
            passthrough: settings["passthrough"].as_str().map(str::to_owned),
            meta: settings.get("meta").cloned(),
        }
    }

    pub(super) fn show(&self) -> Value {
        let (state, progress) = match (self.status, self.is_live) {
            (AssetStatus::Errored, _) => ("errored", -1),
            (_, true) => ("live", -1),
            (AssetStatus::Preparing, false) => ("transcoding", 50),
            (AssetStatus::Ready, false) => ("completed", 100),
        };
        let mut shown = json!({
            "id": self.id,
            "created_at": self.created.as_second().to_string(),
            "status": match self.status {
                AssetStatus::Preparing => "preparing",
                AssetStatus::Ready => "ready",
                AssetStatus::Errored => "errored",
            },
            "progress": { "state": state, "progress": progress },
            "playback_ids": PlaybackId::show_all(&self.playback_ids),
            "master_access": "none",
            "max_resolution_tier": "1080p",
            "encoding_tier": "smart",
            "video_quality": "plus",
            "ingest_type": match self.origin {
                Origin::Live(_) => "live_rtmp",
                Origin::Upload(_) => "on_demand_direct_upload",
                Origin::Url => "on_demand_url",
            },
            "is_live": self.is_live,
            "tracks": self.tracks(),
        });
        match &self.origin {
            Origin::Live(stream) => {
                shown["live_stream_id"] = json!(stream);
                let started = json!({ "seconds": self.created.as_second(), "nanos": self.created.subsec_nanosecond() });
                shown["recording_times"] =
                    json!([{ "started_at": started, "type": "content", "duration": self.duration }]);
            }
            Origin::Upload(upload) => shown["upload_id"] = json!(upload),
            Origin::Url => {}
        }
        if let Some(duration) = self.duration {
            shown["duration"] = clock::seconds(duration);
        }
        if !self.renditions.is_empty() {
            shown["static_renditions"] = Rendition::show_all(&self.renditions);
        }
        if self.status == AssetStatus::Errored {
            shown["errors"] = json!({ "type": "invalid_input", "messages": ["The input could not be processed."] });
        }
        for (name, value) in
            [("passthrough", self.passthrough.as_ref().map(|text| json!(text))), ("meta", self.meta.clone())]
        {
            if let Some(value) = value {
                shown[name] = value;
            }
        }
        shown
    }

    fn tracks(&self) -> Value {
        let Some(media) = &self.media else { return json!([]) };
        let mut tracks = Vec::new();
        if media.video.is_some() {
            tracks.push(json!({
                "id": format!("v{}", self.id), "type": "video", "duration": media.duration,
                "max_width": media.width, "max_height": media.height,
            }));
        }
        if media.audio.is_some() {
            tracks.push(json!({
                "id": format!("a{}", self.id), "type": "audio", "duration": media.duration, "status": "ready",
            }));
        }
        json!(tracks)
    }
}

impl World {
    /// Makes an asset of a file in its folder (`upload`), with the events of doing so.
    pub(super) fn mux_ingest(self: &Arc<Self>, asset: Asset) -> String {
        let id = asset.id.clone();
        {
            let mut state = self.state();
            state.mux.assets.push(asset);
            self.mux_asset_event(&mut state.mux, "created", &id);
        }
        let (world, asset) = (Arc::clone(self), id.clone());
        tokio::spawn(async move {
            let result = world.mux_convert(&asset).await;
            tokio::time::sleep(world.config.timing.processing).await;
            let ready = result.is_ok();
            {
                let mut state = world.state();
                let Some(known) = state.mux.asset(&asset) else { return };
                known.status = if ready { AssetStatus::Ready } else { AssetStatus::Errored };
                if let Ok(probe) = result {
                    known.duration = Some(probe.duration);
                    known.media = Some(probe);
                }
                world.mux_asset_event(&mut state.mux, if ready { "ready" } else { "errored" }, &asset);
            }
            if ready {
                world.mux_make_renditions(&asset);
            }
        });
        id
    }

    async fn mux_convert(&self, asset: &str) -> Result<Probe, FfmpegError> {
        let folder = self.folder(asset);
        let file = show::recording(&folder);
        let probe = ffmpeg::convert(&folder.join("upload"), &file).await?;
        ffmpeg::segment(&file, &folder).await?;
        Ok(probe)
    }

    /// Fetches an asset's input into its folder.
    async fn fetch(&self, url: &str, asset: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let folder = self.folder(asset);
        tokio::fs::create_dir_all(&folder).await?;
        let mut response = self.http.get(url).send().await?.error_for_status()?;
        let mut file = tokio::fs::File::create(folder.join("upload")).await?;
        while let Some(chunk) = response.chunk().await? {
            file.write_all(&chunk).await?;
        }
        file.flush().await?;
        Ok(())
    }
}

pub(super) async fn create(State(world): State<Shared>, bytes: Bytes) -> Reply {
    let wanted: Value = body(&bytes)?;
    let inputs = wanted.get("inputs").or(wanted.get("input")).unwrap_or(&Value::Null);
    let url = inputs[0]["url"].as_str().or(inputs.as_str()).ok_or(ApiError::invalid("inputs is required"))?.to_owned();
    let asset = Asset::new(Origin::Url, &wanted);
    let shown = asset.show();
    tokio::spawn(async move {
        if let Err(error) = world.fetch(&url, &asset.id).await {
            tracing::info!(%error, "an asset's input could not be fetched");
        }
        world.mux_ingest(asset);
    });
    Ok(created(shown))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ListQuery {
    live_stream_id: Option<String>,
    upload_id: Option<String>,
    limit: Option<usize>,
    page: Option<usize>,
}

/// Newest first.
pub(super) async fn list(State(world): State<Shared>, Query(query): Query<ListQuery>) -> Reply {
    let state = world.state();
    let found = state.mux.assets.iter().rev().filter(|asset| {
        query.live_stream_id.as_ref().is_none_or(|id| asset.origin == Origin::Live(id.clone()))
            && query.upload_id.as_ref().is_none_or(|id| asset.origin == Origin::Upload(id.clone()))
    });
    let data = page(found.map(Asset::show).collect(), query.limit, query.page);
    Ok(axum::Json(json!({ "data": data, "next_cursor": null })).into_response())
}

pub(super) async fn get(State(world): State<Shared>, Path(id): Path<String>) -> Reply {
    world.state().mux.asset(&id).map(|asset| ok(asset.show())).ok_or(ApiError::NotFound)
}

#[derive(Deserialize)]
struct Change {
    passthrough: Option<String>,
    meta: Option<Value>,
}

pub(super) async fn update(State(world): State<Shared>, Path(id): Path<String>, bytes: Bytes) -> Reply {
    let Change { passthrough, meta } = body(&bytes)?;
    let mut state = world.state();
    let asset = state.mux.asset(&id).ok_or(ApiError::NotFound)?;
    asset.passthrough = passthrough.or(asset.passthrough.take());
    asset.meta = meta.or(asset.meta.take());
    let shown = asset.show();
    world.mux_asset_event(&mut state.mux, "updated", &id);
    Ok(ok(shown))
}

pub(super) async fn delete(State(world): State<Shared>, Path(id): Path<String>) -> Reply {
    let mut state = world.state();
    world.mux_asset_event(&mut state.mux, "deleted", &id);
    let at = state.mux.assets.iter().position(|asset| asset.id == id).ok_or(ApiError::NotFound)?;
    state.mux.assets.remove(at);
    for stream in &mut state.mux.streams {
        stream.recent_assets.retain(|known| *known != id);
    }
    Ok(deleted())
}

pub(super) async fn add_playback_id(State(world): State<Shared>, Path(id): Path<String>, bytes: Bytes) -> Reply {
    let NewPlaybackId { policy } = body(&bytes)?;
    let new = PlaybackId::new(policy);
    let shown = new.show();
    world.state().mux.asset(&id).ok_or(ApiError::NotFound)?.playback_ids.push(new);
    Ok(created(shown))
}

pub(super) async fn reverse_lookup(State(world): State<Shared>, Path(id): Path<String>) -> Reply {
    let state = world.state();
    let has = |ids: &[PlaybackId]| ids.iter().find(|known| known.id == id).map(PlaybackId::show);
    let found =
        state.mux.streams.iter().find_map(|stream| Some((has(&stream.playback_ids)?, "live_stream", &stream.id)));
    let found = found
        .or_else(|| state.mux.assets.iter().find_map(|asset| Some((has(&asset.playback_ids)?, "asset", &asset.id))));
    let (mut shown, kind, owner) = found.ok_or(ApiError::NotFound)?;
    shown["object"] = json!({ "type": kind, "id": owner });
    Ok(ok(shown))
}
