//! What may be set of a live stream.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Policy;
use super::reply::ApiError;
use crate::clock;

/// What `POST` and `PATCH` take.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct Settings {
    #[serde(alias = "playback_policy")]
    pub(super) playback_policies: Vec<Policy>,
    pub(super) new_asset_settings: Option<Value>,
    pub(super) latency_mode: Option<LatencyMode>,
    pub(super) reconnect_window: Option<f64>,
    pub(super) max_continuous_duration: Option<u64>,
    pub(super) use_slate_for_standard_latency: Option<bool>,
    pub(super) reconnect_slate_url: Option<String>,
    pub(super) passthrough: Option<String>,
    pub(super) meta: Option<Value>,
    pub(super) test: Option<bool>,
    pub(super) audio_only: Option<bool>,
}

#[derive(Debug, Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum LatencyMode {
    Low,
    Reduced,
    #[default]
    Standard,
}

impl Settings {
    pub(super) fn check(&self) -> Result<(), ApiError> {
        let bad = |message: &str| Err(ApiError::invalid(message));
        if self.reconnect_window.is_some_and(|seconds| !(0.0..=1800.0).contains(&seconds)) {
            return bad("reconnect_window must be between 0 and 1800");
        }
        if self.passthrough.as_ref().is_some_and(|text| text.chars().count() > 255) {
            return bad("passthrough must be at most 255 characters");
        }
        let title = self.meta.as_ref().and_then(|meta| meta["title"].as_str());
        if title.is_some_and(|title| title.chars().count() > 512) {
            return bad("meta.title must be at most 512 characters");
        }
        let asset = self.new_asset_settings.as_ref();
        if asset.is_some_and(|asset| asset.get("mp4_support").is_some() && asset.get("static_renditions").is_some()) {
            return bad("mp4_support and static_renditions cannot be used at the same time");
        }
        Ok(())
    }

    /// 60 s, and none at all for the low latencies.
    pub(super) fn reconnect_window(&self) -> f64 {
        let default = if self.latency_mode.unwrap_or_default() == LatencyMode::Standard { 60.0 } else { 0.0 };
        self.reconnect_window.unwrap_or(default)
    }

    pub(super) fn merge(&mut self, change: Self) {
        if let Some(Value::Object(change)) = change.new_asset_settings {
            let settings = self.new_asset_settings.get_or_insert_with(|| json!({}));
            for (field, value) in change {
                settings[field] = value;
            }
        }
        self.latency_mode = change.latency_mode.or(self.latency_mode);
        self.reconnect_window = change.reconnect_window.or(self.reconnect_window);
        self.max_continuous_duration = change.max_continuous_duration.or(self.max_continuous_duration);
        self.use_slate_for_standard_latency =
            change.use_slate_for_standard_latency.or(self.use_slate_for_standard_latency);
        self.reconnect_slate_url = change.reconnect_slate_url.or(self.reconnect_slate_url.take());
        self.passthrough = change.passthrough.or(self.passthrough.take());
        self.meta = change.meta.or(self.meta.take());
    }

    pub(super) fn new_asset_settings(&self) -> Value {
        self.new_asset_settings.clone().unwrap_or(json!({}))
    }

    /// Into what is shown of a live stream; optional ones only if they were set.
    pub(super) fn show_into(&self, shown: &mut Value) {
        shown["reconnect_window"] = clock::seconds(self.reconnect_window());
        shown["latency_mode"] = json!(match self.latency_mode.unwrap_or_default() {
            LatencyMode::Low => "low",
            LatencyMode::Reduced => "reduced",
            LatencyMode::Standard => "standard",
        });
        shown["max_continuous_duration"] = json!(self.max_continuous_duration.unwrap_or(43_200));
        shown["new_asset_settings"] = self.new_asset_settings();
        for (name, value) in [
            ("passthrough", self.passthrough.as_ref().map(|text| json!(text))),
            ("meta", self.meta.clone()),
            ("test", self.test.filter(|test| *test).map(Value::from)),
            ("audio_only", self.audio_only.filter(|only| *only).map(Value::from)),
            ("use_slate_for_standard_latency", self.use_slate_for_standard_latency.map(Value::from)),
            ("reconnect_slate_url", self.reconnect_slate_url.as_ref().map(|url| json!(url))),
        ] {
            if let Some(value) = value {
                shown[name] = value;
            }
        }
    }
}
