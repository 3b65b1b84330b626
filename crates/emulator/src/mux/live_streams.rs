//! Live streams: settings, keys, and what may be done with them.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::reply::{ApiError, Reply, body, created, deleted, ok, page};
use super::settings::Settings;
use super::{PlaybackId, Policy};
use crate::ingest::show::Live;
use crate::world::{Shared, World};
use crate::{clock, ids};

pub(super) struct LiveStream {
    pub(super) id: String,
    created: i64,
    pub(super) stream_key: String,
    srt_passphrase: String,
    pub(super) status: Status,
    pub(super) playback_ids: Vec<PlaybackId>,
    pub(super) active_asset: Option<String>,
    pub(super) recent_assets: Vec<String>,
    settings: Settings,
    pub(super) live: Live,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Idle,
    Active,
    Disabled,
}

/// After `complete` the encoder is cut (docs.mux.com, "Signal live stream complete").
const CUT_AFTER_COMPLETE: Duration = Duration::from_secs(60);

impl LiveStream {
    fn new(settings: Settings) -> Self {
        Self {
            id: ids::alphanumeric(44),
            created: clock::unix(),
            stream_key: ids::uuid(),
            srt_passphrase: ids::alphanumeric(43),
            status: Status::Idle,
            playback_ids: settings.playback_policies.iter().copied().map(PlaybackId::new).collect(),
            active_asset: None,
            recent_assets: Vec::new(),
            settings,
            live: Live::default(),
        }
    }

    pub(super) fn takes_publishers(&self) -> bool {
        self.status != Status::Disabled
    }

    pub(super) fn reconnect_window(&self) -> Duration {
        Duration::from_secs_f64(self.settings.reconnect_window())
    }

    pub(super) fn new_asset_settings(&self) -> Value {
        self.settings.new_asset_settings()
    }

    pub(super) fn show(&self) -> Value {
        let mut shown = json!({
            "id": self.id,
            "created_at": self.created.to_string(),
            "stream_key": self.stream_key,
            "srt_passphrase": self.srt_passphrase,
            "status": match self.status {
                Status::Idle => "idle",
                Status::Active => "active",
                Status::Disabled => "disabled",
            },
        });
        self.settings.show_into(&mut shown);
        if !self.playback_ids.is_empty() {
            shown["playback_ids"] = PlaybackId::show_all(&self.playback_ids);
        }
        if let Some(asset) = &self.active_asset {
            shown["active_asset_id"] = json!(asset);
        }
        if !self.recent_assets.is_empty() {
            shown["recent_asset_ids"] = json!(self.recent_assets);
        }
        if self.live.is_on_air() {
            shown["active_ingest_protocol"] = json!("rtmp");
        }
        shown
    }
}

pub(super) async fn create(State(world): State<Shared>, bytes: Bytes) -> Reply {
    let settings: Settings = body(&bytes)?;
    settings.check()?;
    if world.config.mux.free_plan {
        return Err(ApiError::invalid("Live streams are unavailable on the free plan"));
    }
    let stream = LiveStream::new(settings);
    let (id, shown) = (stream.id.clone(), stream.show());
    let mut state = world.state();
    state.mux.streams.push(stream);
    world.mux_live_event(&mut state.mux, "created", &id, &json!({}));
    Ok(created(shown))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ListQuery {
    limit: Option<usize>,
    page: Option<usize>,
    status: Option<Status>,
    stream_key: Option<String>,
}

/// Newest first.
pub(super) async fn list(State(world): State<Shared>, Query(query): Query<ListQuery>) -> Reply {
    let state = world.state();
    let found = state.mux.streams.iter().rev();
    let found = found.filter(|stream| query.status.is_none_or(|status| stream.status == status));
    let found = found.filter(|stream| query.stream_key.as_ref().is_none_or(|key| stream.stream_key == *key));
    Ok(ok(page(found.map(LiveStream::show).collect(), query.limit, query.page).into()))
}

fn with(world: &World, id: &str, act: impl FnOnce(&mut LiveStream) -> Result<(), ApiError>) -> Result<Value, ApiError> {
    let mut state = world.state();
    let stream = state.mux.stream(id).ok_or(ApiError::NotFound)?;
    act(stream)?;
    Ok(stream.show())
}

pub(super) async fn get(State(world): State<Shared>, Path(id): Path<String>) -> Reply {
    with(&world, &id, |_| Ok(())).map(ok)
}

pub(super) async fn update(State(world): State<Shared>, Path(id): Path<String>, bytes: Bytes) -> Reply {
    let change: Settings = body(&bytes)?;
    change.check()?;
    let shown = with(&world, &id, |stream| {
        stream.settings.merge(change);
        Ok(())
    })?;
    world.mux_live_event(&mut world.state().mux, "updated", &id, &json!({}));
    Ok(ok(shown))
}

/// Ends the show, too. The assets stay.
pub(super) async fn delete(State(world): State<Shared>, Path(id): Path<String>) -> Reply {
    let show = {
        let mut state = world.state();
        world.mux_live_event(&mut state.mux, "deleted", &id, &json!({}));
        let at = state.mux.streams.iter().position(|stream| stream.id == id).ok_or(ApiError::NotFound)?;
        let mut stream = state.mux.streams.remove(at);
        stream.live.cut();
        stream.live.end_show()
    };
    if let Some(show) = show {
        world.mux_finish(show);
    }
    Ok(deleted())
}

/// The show is over at once; the encoder is cut later, and if it is back by then there is a new asset.
pub(super) async fn complete(State(world): State<Shared>, Path(id): Path<String>) -> Reply {
    let cut = world
        .state()
        .mux
        .stream(&id)
        .ok_or(ApiError::NotFound)?
        .live
        .connection
        .as_ref()
        .map(|known| known.cut.clone());
    world.mux_end_show(&id);
    if let Some(cut) = cut {
        let after = world.config.timing.scaled(CUT_AFTER_COMPLETE);
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            cut.cancel();
        });
    }
    Ok(ok(json!({})))
}

pub(super) async fn disable(State(world): State<Shared>, Path(id): Path<String>) -> Reply {
    let show = {
        let mut state = world.state();
        let stream = state.mux.stream(&id).ok_or(ApiError::NotFound)?;
        stream.status = Status::Disabled;
        stream.live.cut();
        let show = stream.live.end_show();
        world.mux_live_event(&mut state.mux, "disabled", &id, &json!({}));
        if let Some(stream) = state.mux.stream(&id) {
            stream.active_asset = None;
        }
        show
    };
    if let Some(show) = show {
        world.mux_finish(show);
    }
    Ok(ok(json!({})))
}

pub(super) async fn enable(State(world): State<Shared>, Path(id): Path<String>) -> Reply {
    let mut state = world.state();
    let stream = state.mux.stream(&id).ok_or(ApiError::NotFound)?;
    if stream.status == Status::Disabled {
        stream.status = Status::Idle;
        world.mux_live_event(&mut state.mux, "enabled", &id, &json!({}));
    }
    Ok(ok(json!({})))
}

pub(super) async fn reset_stream_key(State(world): State<Shared>, Path(id): Path<String>) -> Reply {
    let shown = with(&world, &id, |stream| {
        stream.stream_key = ids::uuid();
        stream.live.cut();
        Ok(())
    })?;
    Ok(created(shown))
}

#[derive(Deserialize)]
pub(super) struct NewPlaybackId {
    pub(super) policy: Policy,
}

pub(super) async fn add_playback_id(State(world): State<Shared>, Path(id): Path<String>, bytes: Bytes) -> Reply {
    let NewPlaybackId { policy } = body(&bytes)?;
    let new = PlaybackId::new(policy);
    let shown = new.show();
    with(&world, &id, |stream| {
        stream.playback_ids.push(new);
        Ok(())
    })?;
    Ok(created(shown))
}

pub(super) async fn playback_id(State(world): State<Shared>, Path((id, playback)): Path<(String, String)>) -> Reply {
    let mut state = world.state();
    let stream = state.mux.stream(&id).ok_or(ApiError::NotFound)?;
    stream
        .playback_ids
        .iter()
        .find(|known| known.id == playback)
        .map(|known| ok(known.show()))
        .ok_or(ApiError::NotFound)
}

pub(super) async fn delete_playback_id(
    State(world): State<Shared>,
    Path((id, playback)): Path<(String, String)>,
) -> Reply {
    with(&world, &id, |stream| {
        let at = stream.playback_ids.iter().position(|known| known.id == playback).ok_or(ApiError::NotFound)?;
        stream.playback_ids.remove(at);
        Ok(())
    })?;
    Ok(deleted())
}

fn renditions(world: &Arc<World>, id: &str, value: Value) -> Result<Value, ApiError> {
    with(world, id, |stream| {
        stream.settings.new_asset_settings.get_or_insert_with(|| json!({}))["static_renditions"] = value;
        Ok(())
    })
}

pub(super) async fn set_renditions(State(world): State<Shared>, Path(id): Path<String>, bytes: Bytes) -> Reply {
    let mut wanted: Value = body(&bytes)?;
    renditions(&world, &id, wanted["static_renditions"].take()).map(ok)
}

pub(super) async fn delete_renditions(State(world): State<Shared>, Path(id): Path<String>) -> Reply {
    renditions(&world, &id, json!([]))?;
    Ok(deleted())
}
