use crate::{Asset, LiveStreamStatus, PlaybackId, StaticRendition, Time, assets::rendition, time::maybe};
use serde::Deserialize;
use serde_json::Value;

/// An event whose signature was good.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The same in every delivery of this event.
    pub id: String,
    /// `video.asset.ready`
    pub kind: String,
    pub created_at: Option<Time>,
    pub news: News,
    /// The whole `data`, without its keys and passphrases.
    pub data: Value,
}

impl Event {
    #[must_use]
    pub fn dedupe_key(&self) -> &str {
        &self.id
    }
}

/// What it is about, for the kinds that say something about a recording.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    LiveStream(LiveStreamNews),
    Asset(Asset),
    StaticRendition {
        asset_id: String,
        rendition: StaticRendition,
    },
    /// A simulcast target of a live stream.
    SimulcastTarget {
        live_stream_id: String,
    },
    Upload {
        id: String,
        asset_id: Option<String>,
    },
    /// Anything else. It is answered with `2xx`: Mux sends every event to every endpoint.
    Other,
}

/// Which object to read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    LiveStream(&'a str),
    Asset(&'a str),
    Upload(&'a str),
}

/// A live stream, as far as an event tells.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveStreamNews {
    pub id: String,
    /// `disconnected` says `active` until the reconnect window is over.
    pub status: LiveStreamStatus,
    pub connected: Option<bool>,
    pub recording: Option<bool>,
    pub active_asset_id: Option<String>,
    /// Newest last.
    pub recent_asset_ids: Vec<String>,
    pub playback_ids: Vec<PlaybackId>,
    pub passthrough: Option<String>,
    /// Of `video.live_stream.warning`.
    pub warning: Option<String>,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    #[serde(default, deserialize_with = "maybe")]
    created_at: Option<Time>,
    #[serde(default)]
    data: Value,
}

impl Event {
    pub(super) fn decode(body: &[u8]) -> Option<Self> {
        let Wire { kind, id, created_at, mut data } = serde_json::from_slice(body).ok()?;
        if id.is_empty() {
            return None;
        }
        redact(&mut data);
        Some(Self { news: news(&kind, &data), id, kind, created_at, data })
    }

    /// What to read again from the API because of this event.
    #[must_use]
    pub fn subject(&self) -> Option<Subject<'_>> {
        match &self.news {
            News::LiveStream(stream) => Some(Subject::LiveStream(&stream.id)),
            News::Asset(asset) => Some(Subject::Asset(&asset.id)),
            News::StaticRendition { asset_id, .. } => Some(Subject::Asset(asset_id)),
            News::SimulcastTarget { live_stream_id } => Some(Subject::LiveStream(live_stream_id)),
            News::Upload { id, .. } => Some(Subject::Upload(id)),
            News::Other => None,
        }
    }

    /// The recording of a broadcast is whole. (`video.asset.ready` comes ten seconds into it.)
    #[must_use]
    pub fn is_recording_complete(&self) -> bool {
        self.kind == "video.asset.live_stream_completed"
    }
}

/// An event whose data is not as documented is [`News::Other`]: it has been signed, so it is stored and answered.
fn news(kind: &str, data: &Value) -> News {
    let text = |key: &str| data.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let told = if kind.starts_with("video.live_stream.simulcast_target.") {
        text("live_stream_id").map(|live_stream_id| News::SimulcastTarget { live_stream_id })
    } else if kind.starts_with("video.live_stream.") {
        live_stream(data).map(News::LiveStream)
    } else if kind.starts_with("video.asset.static_rendition.") {
        text("asset_id")
            .zip(rendition(data, None))
            .map(|(asset_id, rendition)| News::StaticRendition { asset_id, rendition })
    } else if kind.starts_with("video.asset.track.") {
        None
    } else if kind.starts_with("video.asset.") {
        Asset::deserialize(data).ok().map(News::Asset)
    } else if kind.starts_with("video.upload.") {
        text("id").map(|id| News::Upload { id, asset_id: text("asset_id") })
    } else {
        None
    };
    told.unwrap_or(News::Other)
}

fn live_stream(data: &Value) -> Option<LiveStreamNews> {
    #[derive(Deserialize)]
    struct Wire {
        id: String,
        status: Option<String>,
        connected: Option<bool>,
        recording: Option<bool>,
        active_asset_id: Option<String>,
        recent_asset_ids: Option<Vec<String>>,
        playback_ids: Option<Vec<PlaybackId>>,
        passthrough: Option<String>,
    }
    let wire = Wire::deserialize(data).ok()?;
    Some(LiveStreamNews {
        id: wire.id,
        status: LiveStreamStatus::from(wire.status.as_deref().unwrap_or_default()),
        connected: wire.connected,
        recording: wire.recording,
        active_asset_id: wire.active_asset_id,
        recent_asset_ids: wire.recent_asset_ids.unwrap_or_default(),
        playback_ids: wire.playback_ids.unwrap_or_default(),
        passthrough: wire.passthrough,
        warning: data.pointer("/warning/message").and_then(Value::as_str).map(str::to_owned),
    })
}

/// Takes out what lets somebody publish, wherever it is.
fn redact(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !matches!(key.as_str(), "stream_key" | "srt_passphrase"));
            map.values_mut().for_each(redact);
        }
        Value::Array(all) => all.iter_mut().for_each(redact),
        _ => {}
    }
}
