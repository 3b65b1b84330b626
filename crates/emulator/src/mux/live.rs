//! What happens at a live stream when an encoder comes, goes, and stays away. The order of events is the documented one
//! (docs.mux.com, "Stream recordings of live streams").

use std::sync::Arc;

use serde_json::json;

use super::assets::{Asset, AssetStatus, Origin};
use super::live_streams::Status;
use crate::clock;
use crate::ingest::show::Show;
use crate::world::World;

impl World {
    pub(crate) fn mux_begin(self: &Arc<Self>, id: &str, connection: u64) -> Option<Show> {
        let mut state = self.state();
        let stream = state.mux.stream(id).filter(|stream| stream.live.is_current(connection))?;
        stream.live.epoch += 1;
        stream.live.connection.as_mut()?.begun = true;
        let fresh = stream.live.show.is_none().then(|| {
            let asset = Asset::new(Origin::Live(id.to_owned()), &stream.new_asset_settings());
            stream.live.show = Some(Show::new(asset.id.clone(), self.folder(&asset.id)));
            stream.active_asset = Some(asset.id.clone());
            stream.recent_assets.push(asset.id.clone());
            asset
        });
        let show = stream.live.show.as_mut()?;
        show.parts += 1;
        let show = show.clone();
        let new = fresh.is_some();
        state.mux.assets.extend(fresh);
        self.mux_live_event(&mut state.mux, "connected", id, &json!({ "connected": true }));
        if new {
            self.mux_asset_event(&mut state.mux, "created", &show.id);
        }
        self.mux_live_event(&mut state.mux, "recording", id, &json!({ "connected": true, "recording": true }));
        drop(state);
        if new {
            self.mux_becomes_active(id, &show.id);
        }
        Some(show)
    }

    /// `active` some time after the first frame, and the asset ready (for live playback) some time after that.
    fn mux_becomes_active(self: &Arc<Self>, id: &str, asset: &str) {
        let (world, id, asset) = (Arc::clone(self), id.to_owned(), asset.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(world.config.timing.mux_active).await;
            {
                let mut state = world.state();
                let stream =
                    state.mux.stream(&id).filter(|stream| stream.live.show.as_ref().is_some_and(|s| s.id == asset));
                let Some(stream) = stream else { return };
                stream.status = Status::Active;
                let besides = json!({ "connected": stream.live.is_on_air(), "recording": true });
                world.mux_live_event(&mut state.mux, "active", &id, &besides);
            }
            tokio::time::sleep(world.config.timing.mux_asset_ready).await;
            let mut state = world.state();
            let Some(known) = state.mux.asset(&asset).filter(|asset| asset.status == AssetStatus::Preparing) else {
                return;
            };
            known.status = AssetStatus::Ready;
            known.duration = Some(clock::now().duration_since(known.created).as_secs_f64());
            world.mux_asset_event(&mut state.mux, "ready", &asset);
        });
    }

    pub(crate) fn mux_leave(self: &Arc<Self>, id: &str, connection: u64) {
        let (window, epoch) = {
            let mut state = self.state();
            let Some(stream) = state.mux.stream(id).filter(|stream| stream.live.is_current(connection)) else { return };
            if !stream.live.connection.take().is_some_and(|connection| connection.begun) {
                return;
            }
            stream.live.epoch += 1;
            let waits = (stream.reconnect_window(), stream.live.epoch);
            // The status is still active.
            let besides = json!({ "connected": false, "recording": false });
            self.mux_live_event(&mut state.mux, "disconnected", id, &besides);
            waits
        };
        let (world, id) = (Arc::clone(self), id.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(world.config.timing.scaled(window)).await;
            let current = world.state().mux.stream(&id).is_some_and(|stream| stream.live.epoch == epoch);
            if current {
                world.mux_end_show(&id);
            }
        });
    }

    /// The stream is idle, and its asset is made. Nothing, if there is no show.
    pub(super) fn mux_end_show(self: &Arc<Self>, id: &str) {
        let show = {
            let mut state = self.state();
            let Some(stream) = state.mux.stream(id) else { return };
            let Some(show) = stream.live.end_show() else { return };
            if stream.status == Status::Active {
                stream.status = Status::Idle;
            }
            // The event still names the asset that has ended.
            self.mux_live_event(&mut state.mux, "idle", id, &json!({}));
            if let Some(stream) = state.mux.stream(id) {
                stream.active_asset = None;
            }
            show
        };
        self.mux_finish(show);
    }

    /// Makes the asset of a show that is over.
    pub(super) fn mux_finish(self: &Arc<Self>, show: Show) {
        let world = Arc::clone(self);
        tokio::spawn(async move {
            let id = show.id.clone();
            let result = show.finish().await;
            tokio::time::sleep(world.config.timing.processing).await;
            let mut state = world.state();
            let Some(asset) = state.mux.asset(&id) else { return };
            asset.is_live = false;
            match result {
                Ok(probe) => {
                    let was = std::mem::replace(&mut asset.status, AssetStatus::Ready);
                    asset.duration = Some(probe.duration);
                    asset.media = Some(probe);
                    if was == AssetStatus::Preparing {
                        world.mux_asset_event(&mut state.mux, "ready", &id);
                    }
                    world.mux_asset_event(&mut state.mux, "live_stream_completed", &id);
                    drop(state);
                    world.mux_make_renditions(&id);
                }
                Err(error) => {
                    tracing::warn!(%error, "a recording could not be made");
                    asset.status = AssetStatus::Errored;
                    world.mux_asset_event(&mut state.mux, "errored", &id);
                }
            }
        });
    }
}
