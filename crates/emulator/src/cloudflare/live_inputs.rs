//! Live inputs: settings, credentials, status.

use axum::extract::{Path, Query, State};
use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::envelope::{ApiError, Reply, body, empty, mentioned, ok};
use super::outputs::Output;
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

#[derive(Default)]
pub(super) struct Recording {
    /// `off` is the default: no recording, and no HLS or DASH either.
    pub(super) automatic: bool,
    pub(super) timeout_seconds: Option<u64>,
    pub(super) require_signed_urls: bool,
    allowed_origins: Option<Vec<String>>,
    hide_live_viewer_count: bool,
}

pub(super) struct Status {
    pub(super) state: &'static str,
    pub(super) reason: Option<&'static str>,
    pub(super) since: Timestamp,
}

/// What `POST` and `PUT` take; what is not mentioned stays. Unknown fields are dropped without a word, also
/// `deleteRecordingAfterDays` inside `recording`.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Settings {
    meta: Option<Value>,
    enabled: Option<bool>,
    #[serde(deserialize_with = "mentioned")]
    default_creator: Option<Option<String>>,
    #[serde(deserialize_with = "mentioned")]
    delete_recording_after_days: Option<Option<f64>>,
    prefer_low_latency: Option<bool>,
    recording: Option<RecordingSettings>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RecordingSettings {
    mode: Option<Mode>,
    #[serde(deserialize_with = "mentioned")]
    timeout_seconds: Option<Option<u64>>,
    #[serde(rename = "requireSignedURLs")]
    require_signed_urls: Option<bool>,
    #[serde(deserialize_with = "mentioned")]
    allowed_origins: Option<Option<Vec<String>>>,
    hide_live_viewer_count: Option<bool>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Off,
    Automatic,
}

const LONGEST_TIMEOUT: u64 = 86_400;

impl Settings {
    fn check(&self) -> Result<(), ApiError> {
        if let Some(Some(days)) = self.delete_recording_after_days
            && !(30.0..=1096.0).contains(&days)
        {
            return Err(ApiError::RetentionOutOfRange);
        }
        let timeout = self.recording.as_ref().and_then(|recording| recording.timeout_seconds.flatten());
        if timeout.is_some_and(|seconds| seconds > LONGEST_TIMEOUT) {
            return Err(ApiError::BadRequest("recording.timeoutSeconds is too large".into()));
        }
        Ok(())
    }
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
            let recording = &mut self.recording;
            set(&mut recording.automatic, change.mode.map(|mode| mode == Mode::Automatic));
            // 0 is accepted and means the platform's default, which is shown as null.
            let timeout = change.timeout_seconds.map(|seconds| seconds.filter(|seconds| *seconds > 0));
            set(&mut recording.timeout_seconds, timeout);
            set(&mut recording.require_signed_urls, change.require_signed_urls);
            set(&mut recording.allowed_origins, change.allowed_origins);
            set(&mut recording.hide_live_viewer_count, change.hide_live_viewer_count);
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
            "recording": {
                "mode": if self.recording.automatic { "automatic" } else { "off" },
                "timeoutSeconds": self.recording.timeout_seconds,
                "requireSignedURLs": self.recording.require_signed_urls,
                "allowedOrigins": self.recording.allowed_origins,
                "hideLiveViewerCount": self.recording.hide_live_viewer_count,
            },
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
        json!({
            "uid": self.uid,
            "created": clock::micros(self.created),
            "modified": clock::micros(self.modified),
            "meta": self.meta,
            "deleteRecordingAfterDays": self.delete_recording_after_days,
        })
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

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
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
