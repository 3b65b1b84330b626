use crate::{Client, PlaybackId, Policy, Time, time::maybe};
use outbound::{Failure, Method};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveStreamStatus {
    Idle,
    Active,
    Disabled,
    Other(String),
}

impl From<&str> for LiveStreamStatus {
    fn from(text: &str) -> Self {
        match text {
            "idle" => Self::Idle,
            "active" => Self::Active,
            "disabled" => Self::Disabled,
            other => Self::Other(other.to_owned()),
        }
    }
}

#[derive(Debug, Clone)]
pub struct NewLiveStream {
    /// Our stream's id, at most 255 characters: what a creation of unknown outcome is looked for by.
    pub passthrough: String,
    /// At most 512 characters.
    pub title: String,
    /// How long the encoder may be away and still continue the same asset, 0 to 1,800 s.
    pub reconnect_window: u32,
    pub policy: Policy,
    /// An MP4 of each recording, in the best quality.
    pub mp4: bool,
    /// Free, with a watermark, five minutes long, deleted after a day.
    pub test: bool,
}

#[derive(Debug, Clone)]
pub struct LiveStream {
    pub id: String,
    pub stream_key: SecretString,
    pub status: LiveStreamStatus,
    /// The asset that is being recorded. Still set when the stream has just become idle.
    pub active_asset_id: Option<String>,
    /// Newest last.
    pub recent_asset_ids: Vec<String>,
    pub playback_ids: Vec<PlaybackId>,
    pub passthrough: Option<String>,
    /// Seconds.
    pub reconnect_window: Option<f64>,
    pub latency_mode: Option<String>,
    pub test: bool,
    pub created_at: Option<Time>,
    new_asset_settings: Value,
}

#[derive(Deserialize)]
struct Wire {
    id: String,
    // Some answers (to `disable`, say) might leave it out.
    stream_key: Option<String>,
    status: Option<String>,
    active_asset_id: Option<String>,
    recent_asset_ids: Option<Vec<String>>,
    playback_ids: Option<Vec<PlaybackId>>,
    passthrough: Option<String>,
    reconnect_window: Option<f64>,
    latency_mode: Option<String>,
    test: Option<bool>,
    #[serde(default, deserialize_with = "maybe")]
    created_at: Option<Time>,
    #[serde(default)]
    new_asset_settings: Value,
}

impl From<Wire> for LiveStream {
    fn from(wire: Wire) -> Self {
        Self {
            id: wire.id,
            stream_key: wire.stream_key.unwrap_or_default().into(),
            status: LiveStreamStatus::from(wire.status.as_deref().unwrap_or_default()),
            active_asset_id: wire.active_asset_id,
            recent_asset_ids: wire.recent_asset_ids.unwrap_or_default(),
            playback_ids: wire.playback_ids.unwrap_or_default(),
            passthrough: wire.passthrough,
            reconnect_window: wire.reconnect_window,
            latency_mode: wire.latency_mode,
            test: wire.test.unwrap_or(false),
            created_at: wire.created_at,
            new_asset_settings: wire.new_asset_settings,
        }
    }
}

impl NewLiveStream {
    fn body(&self) -> Value {
        let mut asset = json!({ "playback_policies": [self.policy], "passthrough": self.passthrough });
        if self.mp4 {
            asset["static_renditions"] = json!([{ "resolution": "highest" }]);
        }
        json!({
            "playback_policies": [self.policy],
            // The assets need a policy of their own: without one they do not play.
            "new_asset_settings": asset,
            // With low latency every interruption would begin a new asset.
            "latency_mode": "standard",
            "reconnect_window": self.reconnect_window,
            "passthrough": self.passthrough,
            "meta": { "title": self.title },
            "test": self.test,
        })
    }

    /// The first setting that `made` does not have as it was sent. What an answer leaves out (samples show few
    /// settings) is not held against it, but for what we cannot do without.
    fn ignored(&self, made: &LiveStream) -> Option<(&'static str, String, String)> {
        let text = |value: &dyn std::fmt::Debug| format!("{value:?}");
        let policies: Vec<&Policy> = made.playback_ids.iter().map(|id| &id.policy).collect();
        if !policies.contains(&&self.policy) {
            return Some(("playback_policies", text(&self.policy), text(&policies)));
        }
        if made.passthrough.as_deref() != Some(&self.passthrough) {
            return Some(("passthrough", text(&self.passthrough), text(&made.passthrough)));
        }
        if let Some(window) = made.reconnect_window
            && (window - f64::from(self.reconnect_window)).abs() > f64::EPSILON
        {
            return Some(("reconnect_window", self.reconnect_window.to_string(), window.to_string()));
        }
        if made.test != self.test {
            return Some(("test", self.test.to_string(), made.test.to_string()));
        }
        if let Some(mode) = &made.latency_mode
            && mode != "standard"
        {
            return Some(("latency_mode", "standard".to_owned(), mode.clone()));
        }
        let asset = &made.new_asset_settings;
        let policy = json!(self.policy);
        // The older name is answered with as well.
        let kept = |key: &str| asset.get(key).and_then(Value::as_array).is_some_and(|all| all.contains(&policy));
        if asset.is_object() && !kept("playback_policies") && !kept("playback_policy") {
            return Some(("new_asset_settings.playback_policies", text(&self.policy), "none".to_owned()));
        }
        if self.mp4 && asset.is_object() && asset.get("static_renditions").is_none_or(Value::is_null) {
            return Some(("new_asset_settings.static_renditions", "highest".to_owned(), "none".to_owned()));
        }
        None
    }
}

impl Client {
    /// # Errors
    /// [`Failure`]. After [`Failure::outcome_unknown`] look with [`Self::find_by_passthrough`]; [`Failure::Ignored`] names
    /// the live stream that now exists.
    pub async fn create_live_stream(&self, new: &NewLiveStream) -> Result<LiveStream, Failure> {
        const WHAT: &str = "create a live stream";
        let request = self.video(WHAT, Method::POST, &["live-streams"])?.json(&new.body())?;
        let made = LiveStream::from(self.data::<Wire>(&request).await?);
        match new.ignored(&made) {
            None => Ok(made),
            Some((setting, sent, got)) => {
                Err(Failure::Ignored { call: self.api.call(WHAT), object: made.id, setting, sent, got })
            }
        }
    }

    /// All live streams of the environment.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn live_streams(&self) -> Result<Vec<LiveStream>, Failure> {
        let all = self.pages("list the live streams", "live-streams", None, |wire: &Wire| wire.id.as_str()).await?;
        Ok(all.into_iter().map(LiveStream::from).collect())
    }

    /// The live stream that carries our mark. Of several the oldest.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn find_by_passthrough(&self, mark: &str) -> Result<Option<LiveStream>, Failure> {
        let all = self.live_streams().await?.into_iter();
        Ok(all.filter(|stream| stream.passthrough.as_deref() == Some(mark)).min_by_key(|stream| stream.created_at))
    }

    /// # Errors
    /// [`Failure`]; [`Failure::is_not_found`] if there is none.
    pub async fn live_stream(&self, id: &str) -> Result<LiveStream, Failure> {
        let request = self.video("read a live stream", Method::GET, &["live-streams", id])?;
        Ok(self.data::<Wire>(&request).await?.into())
    }

    /// Cuts the encoder at once and lets none in.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn disable(&self, id: &str) -> Result<(), Failure> {
        self.put("disable a live stream", &["live-streams", id, "disable"]).await
    }

    /// # Errors
    /// [`Failure`]
    pub async fn enable(&self, id: &str) -> Result<(), Failure> {
        self.put("enable a live stream", &["live-streams", id, "enable"]).await
    }

    /// Ends the recording now, without waiting for the reconnect window. The encoder is cut 60 s later only, and begins
    /// a new asset if it comes back: stop it first.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn complete(&self, id: &str) -> Result<(), Failure> {
        self.put("complete a live stream", &["live-streams", id, "complete"]).await
    }

    async fn put(&self, what: &'static str, below: &[&str]) -> Result<(), Failure> {
        let request = self.video(what, Method::PUT, below)?.empty();
        self.api.send(&request).await.map(drop)
    }

    /// # Errors
    /// [`Failure`]. After [`Failure::outcome_unknown`] read the live stream: its key is what it is.
    pub async fn reset_stream_key(&self, id: &str) -> Result<LiveStream, Failure> {
        let request =
            self.video("reset a stream key", Method::POST, &["live-streams", id, "reset-stream-key"])?.empty();
        Ok(self.data::<Wire>(&request).await?.into())
    }

    /// Its assets stay. A live stream that is not there has been deleted.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn delete_live_stream(&self, id: &str) -> Result<(), Failure> {
        self.delete(&self.video("delete a live stream", Method::DELETE, &["live-streams", id])?).await
    }
}
