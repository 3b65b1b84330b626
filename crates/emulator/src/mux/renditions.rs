//! Static renditions: MP4 and M4A files of an asset. `highest` and `audio-only` are made; other resolutions are
//! `skipped`, as one is that is higher than the source.

use std::path::Path as FilePath;
use std::sync::Arc;

use axum::extract::{Path, State};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::reply::{ApiError, Reply, body, created, deleted};
use crate::ffmpeg;
use crate::ids;
use crate::ingest::show;
use crate::world::{Shared, World};

#[derive(Debug, Clone)]
pub(super) struct Rendition {
    id: String,
    resolution: String,
    pub(super) status: RenditionStatus,
    /// Bytes.
    size: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RenditionStatus {
    Preparing,
    Ready,
    Errored,
    Skipped,
}

impl RenditionStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Ready => "ready",
            Self::Errored => "errored",
            Self::Skipped => "skipped",
        }
    }
}

impl Rendition {
    pub(super) fn new(resolution: &str) -> Option<Self> {
        let known = ["highest", "audio-only", "2160p", "1440p", "1080p", "720p", "540p", "480p", "360p", "270p"];
        known.contains(&resolution).then(|| Self {
            id: ids::alphanumeric(44),
            resolution: resolution.to_owned(),
            status: RenditionStatus::Preparing,
            size: None,
        })
    }

    /// Of the file in its address.
    pub(super) fn name(&self) -> String {
        if self.resolution == "audio-only" { "audio.m4a".to_owned() } else { format!("{}.mp4", self.resolution) }
    }

    pub(super) fn show(&self) -> Value {
        let name = self.name();
        let ext = name.rsplit('.').next().unwrap_or_default();
        let mut shown = json!({
            "id": self.id,
            "name": name,
            "ext": ext,
            "type": "standard",
            "resolution": self.resolution,
            "status": self.status.name(),
        });
        if let Some(size) = self.size {
            shown["filesize"] = json!(size.to_string());
        }
        shown
    }

    /// An object with its files; the guide prints an array, the SDK's types do not.
    pub(super) fn show_all(all: &[Self]) -> Value {
        let files: Vec<Value> = all.iter().map(Self::show).collect();
        let waits = all.iter().any(|one| one.status == RenditionStatus::Preparing);
        json!({ "status": if waits { "preparing" } else { "ready" }, "files": files })
    }
}

impl World {
    /// Makes what was asked for, once the asset's file is there.
    pub(super) fn mux_make_renditions(self: &Arc<Self>, asset: &str) {
        let (world, asset) = (Arc::clone(self), asset.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(world.config.timing.processing).await;
            let wanted = match world.state().mux.asset(&asset) {
                Some(known) => known.renditions.clone(),
                None => return,
            };
            let folder = world.folder(&asset);
            for one in wanted.into_iter().filter(|one| one.status == RenditionStatus::Preparing) {
                let made = make(&folder, &one.resolution).await;
                let mut state = world.state();
                let Some(known) = state.mux.asset(&asset) else { return };
                let Some(known) = known.renditions.iter_mut().find(|known| known.id == one.id) else { continue };
                (known.status, known.size) = match made {
                    Ok(Some(size)) => (RenditionStatus::Ready, Some(size)),
                    Ok(None) => (RenditionStatus::Skipped, None),
                    Err(_) => (RenditionStatus::Errored, None),
                };
                let mut data = known.show();
                data["asset_id"] = json!(asset);
                let event = format!("video.asset.static_rendition.{}", known.status.name());
                world.mux_event(&state.mux, &event, ("asset", &asset), data);
            }
        });
    }
}

async fn make(folder: &FilePath, resolution: &str) -> Result<Option<u64>, ffmpeg::FfmpegError> {
    let file = match resolution {
        "highest" => show::recording(folder),
        "audio-only" => {
            let file = folder.join("audio.m4a");
            ffmpeg::sound(&show::recording(folder), &file).await?;
            file
        }
        _ => return Ok(None),
    };
    Ok(Some(tokio::fs::metadata(file).await?.len()))
}

#[derive(Deserialize)]
struct Wanted {
    resolution: String,
}

pub(super) async fn create(State(world): State<Shared>, Path(id): Path<String>, bytes: Bytes) -> Reply {
    let Wanted { resolution } = body(&bytes)?;
    let new = Rendition::new(&resolution).ok_or(ApiError::invalid("resolution is not known"))?;
    let shown = new.show();
    let ready = {
        let mut state = world.state();
        let asset = state.mux.asset(&id).ok_or(ApiError::NotFound)?;
        if asset.renditions.iter().any(|known| known.resolution == resolution) {
            return Err(ApiError::invalid("a static rendition with this resolution exists"));
        }
        asset.renditions.push(new);
        asset.media.is_some()
    };
    if ready {
        world.mux_make_renditions(&id);
    }
    Ok(created(shown))
}

pub(super) async fn delete(State(world): State<Shared>, Path((id, rendition)): Path<(String, String)>) -> Reply {
    let mut state = world.state();
    let asset = state.mux.asset(&id).ok_or(ApiError::NotFound)?;
    let at = asset.renditions.iter().position(|known| known.id == rendition).ok_or(ApiError::NotFound)?;
    let mut data = asset.renditions.remove(at).show();
    data["asset_id"] = json!(id);
    world.mux_event(&state.mux, "video.asset.static_rendition.deleted", ("asset", &id), data);
    Ok(deleted())
}
