//! Outputs of a live input: what it is passed on to while somebody publishes by RTMPS.

use std::sync::Arc;

use axum::extract::{Path, State};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::envelope::{ApiError, Reply, body, empty, ok};
use super::live_inputs::LiveInput;
use crate::ids;
use crate::ingest::feed::Feed;
use crate::ingest::push::{self, Destination};
use crate::world::{Shared, World};

/// "Up to 50 concurrent outputs" for each live input (developers.cloudflare.com/stream/stream-live/simulcasting).
const MOST: usize = 50;

pub(super) struct Output {
    uid: String,
    url: String,
    stream_key: String,
    enabled: bool,
    /// Of the push that runs now.
    running: Option<CancellationToken>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Create {
    url: String,
    stream_key: String,
    #[serde(default = "yes")]
    enabled: bool,
}

fn yes() -> bool {
    true
}

/// Nothing else can be changed.
#[derive(Deserialize)]
struct Update {
    enabled: bool,
}

impl Output {
    pub(super) fn show(&self) -> Value {
        json!({ "uid": self.uid, "url": self.url, "streamKey": self.stream_key, "enabled": self.enabled })
    }

    pub(super) fn stop(&self) {
        if let Some(running) = &self.running {
            running.cancel();
        }
    }

    /// Pushes what a publisher sends from now on.
    pub(super) fn start(&mut self, world: &World, feed: &Arc<Feed>) {
        self.stop();
        let Ok(to) = Destination::parse(&self.url) else { return };
        let stop = CancellationToken::new();
        let (key, feed, tls) = (self.stream_key.clone(), Arc::clone(feed), world.tls.clone());
        tokio::spawn(push::keep_pushing(to, key, feed, tls, stop.clone()));
        self.running = Some(stop);
    }
}

impl LiveInput {
    /// All that are enabled, when a publisher begins.
    pub(super) fn start_outputs(&mut self, world: &World, feed: &Arc<Feed>) {
        for output in self.outputs.iter_mut().filter(|output| output.enabled) {
            output.start(world, feed);
        }
    }

    fn feed(&self) -> Option<Arc<Feed>> {
        self.live
            .connection
            .as_ref()
            .filter(|connection| connection.begun)
            .map(|connection| Arc::clone(&connection.feed))
    }
}

pub(super) async fn create(State(world): State<Shared>, Path((_, id)): Path<(String, String)>, bytes: Bytes) -> Reply {
    let Create { url, stream_key, enabled } = body(&bytes)?;
    if Destination::parse(&url).is_err() && !url.starts_with("srt://") {
        return Err(ApiError::BadRequest("url must be an RTMP, RTMPS or SRT address".into()));
    }
    let mut output = Output { uid: ids::hex(32), url, stream_key, enabled, running: None };
    let mut state = world.state();
    let input = state.cloudflare.input(&id).ok_or(ApiError::NotFound)?;
    if input.outputs.len() >= MOST {
        return Err(ApiError::BadRequest("too many outputs".into()));
    }
    if let Some(feed) = input.feed().filter(|_| enabled) {
        output.start(&world, &feed);
    }
    let shown = output.show();
    input.outputs.push(output);
    Ok(ok(shown))
}

pub(super) async fn list(State(world): State<Shared>, Path((_, id)): Path<(String, String)>) -> Reply {
    let mut state = world.state();
    let input = state.cloudflare.input(&id).ok_or(ApiError::NotFound)?;
    Ok(ok(input.outputs.iter().map(Output::show).collect()))
}

type OutputPath = Path<(String, String, String)>;

pub(super) async fn update(State(world): State<Shared>, Path((_, id, output)): OutputPath, bytes: Bytes) -> Reply {
    let Update { enabled } = body(&bytes)?;
    let mut state = world.state();
    let input = state.cloudflare.input(&id).ok_or(ApiError::NotFound)?;
    let feed = input.feed();
    let output = input.outputs.iter_mut().find(|known| known.uid == output).ok_or(ApiError::NotFound)?;
    match feed {
        Some(feed) if enabled && !output.enabled => output.start(&world, &feed),
        _ if !enabled => output.stop(),
        _ => {}
    }
    output.enabled = enabled;
    Ok(ok(output.show()))
}

pub(super) async fn delete(State(world): State<Shared>, Path((_, id, output)): OutputPath) -> Reply {
    let mut state = world.state();
    let input = state.cloudflare.input(&id).ok_or(ApiError::NotFound)?;
    let at = input.outputs.iter().position(|known| known.uid == output).ok_or(ApiError::NotFound)?;
    input.outputs.remove(at).stop();
    Ok(empty())
}
