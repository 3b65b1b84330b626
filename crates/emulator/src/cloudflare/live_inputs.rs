//! Live inputs: settings, credentials, status.

use axum::extract::{Path, Query, State};
use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::envelope::{ApiError, Reply, body, empty, ok};
use super::outputs::Output;
use super::settings::{Recording, Settings, set};
use crate::ingest::show::Live;
use crate::world::{Shared, World};
use crate::{clock, ids};

pub(super) struct LiveInput {
    pub(super) uid: String,
    pub(super) stream_key: String,
    /// Of the WHIP address.
    pub(super) webrtc_secret: String,
    playback_key: String,
    srt_passphrase: String,
    created: Timestamp,
    modified: Timestamp,
    keys_rotated: Option<Timestamp>,
    pub(super) meta: Value,
    pub(super) enabled: bool,
    pub(super) default_creator: Option<String>,
    delete_recording_after_days: Option<u64>,
    prefer_low_latency: bool,
    pub(super) recording: Recording,
    pub(super) status: Option<Status>,
    pub(super) outputs: Vec<Output>,
    pub(super) live: Live,
}

pub(super) struct Status {
    pub(super) state: &'static str,
    pub(super) reason: Option<&'static str>,
    pub(super) since: Timestamp,
}

impl LiveInput {
    fn new(now: Timestamp) -> Self {
        let uid = ids::hex(32);
        Self {
            stream_key: key(&uid),
            webrtc_secret: key(&uid),
            playback_key: key(&uid),
            srt_passphrase: key(&uid),
            uid,
            created: now,
            modified: now,
            keys_rotated: None,
            meta: json!({}),
            enabled: true,
            default_creator: None,
            delete_recording_after_days: None,
            prefer_low_latency: false,
            recording: Recording::default(),
            status: None,
            outputs: Vec::new(),
            live: Live::default(),
        }
    }

    fn apply(&mut self, settings: Settings) {
        let Settings { meta, enabled, default_creator, delete_recording_after_days, prefer_low_latency, recording } =
            settings;
        set(&mut self.meta, meta);
        set(&mut self.enabled, enabled);
        set(&mut self.default_creator, default_creator);
        set(&mut self.prefer_low_latency, prefer_low_latency);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked: 30 to 1096")]
        set(
            &mut self.delete_recording_after_days,
            delete_recording_after_days.map(|days| days.map(|days| days as u64)),
        );
        if let Some(change) = recording {
            self.recording.apply(change);
        }
    }

    pub(super) fn show(&self, world: &World) -> Value {
        let (base, uid) = (&world.base, &self.uid);
        let rtmps = format!("rtmps://{}/live/", world.ingest);
        let srt = |id: String, passphrase: &str| json!({ "url": "srt://127.0.0.1:778", "streamId": id, "passphrase": passphrase });
        let mut shown = json!({
            "uid": uid,
            "rtmps": { "url": rtmps, "streamKey": self.stream_key },
            "rtmpsPlayback": { "url": rtmps, "streamKey": self.playback_key },
            "srt": srt(uid.clone(), &self.srt_passphrase),
            "srtPlayback": srt(format!("play{uid}"), &self.playback_key),
            "webRTC": { "url": format!("{base}/{}/webRTC/publish", self.webrtc_secret) },
            "webRTCPlayback": { "url": format!("{base}/{uid}/webRTC/play") },
            "playback": {
                "hls": format!("{base}/{uid}/manifest/video.m3u8"),
                "dash": format!("{base}/{uid}/manifest/video.mpd"),
            },
            "created": clock::micros(self.created),
            "modified": clock::micros(self.modified),
            "meta": self.meta,
            "status": self.status.as_ref().map(Status::show),
            "recording": self.recording.show(),
            "enabled": self.enabled,
            "deleteRecordingAfterDays": self.delete_recording_after_days,
            "preferLowLatency": self.prefer_low_latency,
        });
        if let Some(creator) = &self.default_creator {
            shown["defaultCreator"] = json!(creator);
        }
        if let Some(at) = self.keys_rotated {
            shown["keysRotatedAt"] = json!(clock::micros(at));
        }
        shown
    }

    /// In lists: no credentials, no settings.
    fn show_short(&self) -> Value {
        let mut shown = json!({
            "uid": self.uid,
            "created": clock::micros(self.created),
            "modified": clock::micros(self.modified),
            "meta": self.meta,
        });
        if let Some(days) = self.delete_recording_after_days {
            shown["deleteRecordingAfterDays"] = json!(days);
        }
        shown
    }
}

impl Status {
    /// Not the string that the OpenAPI document promises.
    fn show(&self) -> Value {
        let since = format!("{:.3}", self.since);
        json!({ "current": {
            "state": self.state, "reason": self.reason, "statusEnteredAt": since, "statusLastSeen": since,
        } })
    }
}

fn key(uid: &str) -> String {
    format!("{}k{uid}", ids::hex(32))
}

pub(super) async fn create(State(world): State<Shared>, bytes: Bytes) -> Reply {
    let settings: Settings = body(&bytes)?;
    settings.check()?;
    let mut input = LiveInput::new(clock::now());
    input.apply(settings);
    let shown = input.show(&world);
    world.state().cloudflare.inputs.push(input);
    Ok(ok(shown))
}

#[derive(Deserialize)]
pub(super) struct ListQuery {
    include_counts: Option<bool>,
}

pub(super) async fn list(State(world): State<Shared>, Query(query): Query<ListQuery>) -> Reply {
    let state = world.state();
    let inputs: Vec<Value> = state.cloudflare.inputs.iter().rev().map(LiveInput::show_short).collect();
    let mut result = json!({ "liveInputs": inputs });
    if query.include_counts == Some(true) {
        result["range"] = json!(state.cloudflare.inputs.len());
        result["total"] = json!(state.cloudflare.inputs.len());
    }
    Ok(ok(result))
}

pub(super) async fn get(State(world): State<Shared>, Path((_, id)): Path<(String, String)>) -> Reply {
    world.state().cloudflare.input(&id).map(|input| ok(input.show(&world))).ok_or(ApiError::NotFound)
}

pub(super) async fn update(State(world): State<Shared>, Path((_, id)): Path<(String, String)>, bytes: Bytes) -> Reply {
    let settings: Settings = body(&bytes)?;
    settings.check()?;
    let (shown, cut) = {
        let mut state = world.state();
        let input = state.cloudflare.input(&id).ok_or(ApiError::NotFound)?;
        input.apply(settings);
        input.modified = clock::now();
        if !input.enabled {
            input.live.cut();
        }
        (input.show(&world), !input.enabled)
    };
    if cut {
        world.webrtc.end(&id).await;
    }
    Ok(ok(shown))
}

pub(super) async fn rotate_keys(State(world): State<Shared>, Path((_, id)): Path<(String, String)>) -> Reply {
    let shown = {
        let mut state = world.state();
        let input = state.cloudflare.input(&id).ok_or(ApiError::NotFound)?;
        let LiveInput { uid, stream_key, webrtc_secret, playback_key, srt_passphrase, .. } = input;
        for secret in [stream_key, webrtc_secret, playback_key, srt_passphrase] {
            *secret = key(uid);
        }
        input.keys_rotated = Some(clock::now());
        input.live.cut();
        input.show(&world)
    };
    world.webrtc.end(&id).await;
    Ok(ok(shown))
}

/// The recordings stay.
pub(super) async fn delete(State(world): State<Shared>, Path((_, id)): Path<(String, String)>) -> Reply {
    let show = {
        let mut state = world.state();
        let inputs = &mut state.cloudflare.inputs;
        let at = inputs.iter().position(|input| input.uid == id).ok_or(ApiError::NotFound)?;
        let mut input = inputs.remove(at);
        input.live.cut();
        input.outputs.iter().for_each(Output::stop);
        input.live.end_show()
    };
    world.webrtc.end(&id).await;
    if let Some(show) = show {
        world.cloudflare_finish(show);
    }
    Ok(empty())
}
