//! What may be set of a live input.

use serde::Deserialize;
use serde_json::{Value, json};

use super::envelope::{ApiError, mentioned};

#[derive(Default)]
pub(super) struct Recording {
    /// `off` is the default: no recording, and no HLS or DASH either.
    pub(super) automatic: bool,
    pub(super) timeout_seconds: Option<u64>,
    pub(super) require_signed_urls: bool,
    pub(super) allowed_origins: Option<Vec<String>>,
    pub(super) hide_live_viewer_count: bool,
}

/// What `POST` and `PUT` take; what is not mentioned stays. Unknown fields are dropped without a word, also
/// `deleteRecordingAfterDays` inside `recording`.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Settings {
    pub(super) meta: Option<Value>,
    pub(super) enabled: Option<bool>,
    #[serde(deserialize_with = "mentioned")]
    pub(super) default_creator: Option<Option<String>>,
    #[serde(deserialize_with = "mentioned")]
    pub(super) delete_recording_after_days: Option<Option<f64>>,
    pub(super) prefer_low_latency: Option<bool>,
    pub(super) recording: Option<RecordingSettings>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RecordingSettings {
    pub(super) mode: Option<Mode>,
    #[serde(deserialize_with = "mentioned")]
    pub(super) timeout_seconds: Option<Option<u64>>,
    #[serde(rename = "requireSignedURLs")]
    pub(super) require_signed_urls: Option<bool>,
    #[serde(deserialize_with = "mentioned")]
    pub(super) allowed_origins: Option<Option<Vec<String>>>,
    pub(super) hide_live_viewer_count: Option<bool>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mode {
    Off,
    Automatic,
}

const LONGEST_TIMEOUT: u64 = 86_400;

impl Settings {
    pub(super) fn check(&self) -> Result<(), ApiError> {
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

impl Recording {
    pub(super) fn apply(&mut self, change: RecordingSettings) {
        set(&mut self.automatic, change.mode.map(|mode| mode == Mode::Automatic));
        // 0 is accepted and means the platform's default, which is shown as null.
        set(&mut self.timeout_seconds, change.timeout_seconds.map(|seconds| seconds.filter(|seconds| *seconds > 0)));
        set(&mut self.require_signed_urls, change.require_signed_urls);
        set(&mut self.allowed_origins, change.allowed_origins);
        set(&mut self.hide_live_viewer_count, change.hide_live_viewer_count);
    }

    pub(super) fn show(&self) -> Value {
        json!({
            "mode": if self.automatic { "automatic" } else { "off" },
            "timeoutSeconds": self.timeout_seconds,
            "requireSignedURLs": self.require_signed_urls,
            "allowedOrigins": self.allowed_origins,
            "hideLiveViewerCount": self.hide_live_viewer_count,
        })
    }
}

pub(super) fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
