//! MP4 downloads of a video: asked for once, ready later.

use std::sync::Arc;

use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::envelope::{ApiError, Reply, ok};
use super::videos::{Download, Video};
use crate::world::{Shared, World};

/// "Live recordings under 4 hours only" (developers.cloudflare.com/stream/viewing-videos/download-videos).
const LONGEST_LIVE: f64 = 4.0 * 3600.0;

impl Video {
    fn show_download(&self, world: &World) -> Value {
        let url = format!("{}/{}/downloads/default.mp4", world.base, self.uid);
        match self.download {
            None => json!({}),
            Some(Download::InProgress) => {
                json!({ "default": { "status": "inprogress", "url": url, "percentComplete": 75.0 } })
            }
            Some(Download::Ready) => json!({ "default": { "status": "ready", "url": url, "percentComplete": 100.0 } }),
        }
    }
}

fn id(path: &[(String, String)]) -> Result<&str, ApiError> {
    if path.iter().any(|(name, value)| name == "kind" && value != "default") {
        return Err(ApiError::BadRequest("only the default download is emulated".into()));
    }
    path.iter().find(|(name, _)| name == "id").map(|(_, id)| id.as_str()).ok_or(ApiError::NotFound)
}

pub(super) async fn create(State(world): State<Shared>, Path(path): Path<Vec<(String, String)>>) -> Reply {
    let id = id(&path)?;
    let mut state = world.state();
    let video = state.cloudflare.video(id).ok_or(ApiError::NotFound)?;
    if !video.is_ready() {
        return Err(ApiError::BadRequest("the video is not ready".into()));
    }
    if video.live_input.is_some() && video.media.as_ref().is_some_and(|media| media.duration >= LONGEST_LIVE) {
        return Err(ApiError::BadRequest("live recordings of 4 hours and more cannot be downloaded".into()));
    }
    if video.download.is_none() {
        video.download = Some(Download::InProgress);
        let (world, id) = (Arc::clone(&world), id.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(world.config.timing.processing).await;
            if let Some(video) = world.state().cloudflare.video(&id) {
                video.download = video.download.map(|_| Download::Ready);
            }
        });
    }
    Ok(ok(video.show_download(&world)))
}

pub(super) async fn get(State(world): State<Shared>, Path((_, id)): Path<(String, String)>) -> Reply {
    world.state().cloudflare.video(&id).map(|video| ok(video.show_download(&world))).ok_or(ApiError::NotFound)
}

pub(super) async fn delete(State(world): State<Shared>, Path(path): Path<Vec<(String, String)>>) -> Reply {
    let mut state = world.state();
    state.cloudflare.video(id(&path)?).ok_or(ApiError::NotFound)?.download = None;
    Ok(ok(json!("")))
}
