use crate::{Client, PlaybackId, Time, time::maybe};
use outbound::{Failure, Method};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssetStatus {
    Preparing,
    Ready,
    Errored,
    Other(String),
}

impl From<&str> for AssetStatus {
    fn from(text: &str) -> Self {
        match text {
            "preparing" => Self::Preparing,
            "ready" => Self::Ready,
            "errored" => Self::Errored,
            other => Self::Other(other.to_owned()),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaticRenditionStatus {
    Preparing,
    Ready,
    Errored,
    /// Not made: the source is smaller.
    Skipped,
    Other(String),
}

impl From<&str> for StaticRenditionStatus {
    fn from(text: &str) -> Self {
        match text {
            "preparing" => Self::Preparing,
            "ready" => Self::Ready,
            "errored" => Self::Errored,
            "skipped" => Self::Skipped,
            other => Self::Other(other.to_owned()),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticRendition {
    /// `highest.mp4`
    pub name: String,
    pub status: StaticRenditionStatus,
    pub resolution: Option<String>,
}

/// A recording of one broadcast, or an upload.
#[derive(Debug, Clone, PartialEq)]
pub struct Asset {
    pub id: String,
    pub status: AssetStatus,
    /// Seconds. Of a live asset: what there is so far.
    pub duration: Option<f64>,
    pub live_stream_id: Option<String>,
    /// It is still being recorded: `ready` then means only that it can be watched.
    pub is_live: bool,
    pub playback_ids: Vec<PlaybackId>,
    pub static_renditions: Vec<StaticRendition>,
    /// What went wrong, for an asset that is `errored`.
    pub errors: Vec<String>,
    pub passthrough: Option<String>,
    pub upload_id: Option<String>,
    pub created_at: Option<Time>,
}

impl Asset {
    /// It is a finished recording and plays.
    #[must_use]
    pub fn is_recording_ready(&self) -> bool {
        self.status == AssetStatus::Ready && !self.is_live
    }

    #[must_use]
    pub fn mp4(&self) -> Option<&StaticRendition> {
        let ready = |rendition: &&StaticRendition| rendition.status == StaticRenditionStatus::Ready;
        self.static_renditions.iter().filter(ready).find(|rendition| rendition.name.ends_with(".mp4"))
    }
}

#[derive(Deserialize)]
struct Wire {
    id: String,
    status: Option<String>,
    duration: Option<f64>,
    live_stream_id: Option<String>,
    is_live: Option<bool>,
    playback_ids: Option<Vec<PlaybackId>>,
    #[serde(default)]
    static_renditions: Value,
    #[serde(default)]
    errors: Value,
    passthrough: Option<String>,
    upload_id: Option<String>,
    #[serde(default, deserialize_with = "maybe")]
    created_at: Option<Time>,
}

impl<'de> Deserialize<'de> for Asset {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Wire::deserialize(deserializer).map(Self::from)
    }
}

impl From<Wire> for Asset {
    fn from(wire: Wire) -> Self {
        let texts = |value: &Value| {
            let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
            all.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Self {
            status: AssetStatus::from(wire.status.as_deref().unwrap_or_default()),
            duration: wire.duration.filter(|seconds| seconds.is_finite() && *seconds >= 0.0),
            is_live: wire.is_live.unwrap_or(false),
            playback_ids: wire.playback_ids.unwrap_or_default(),
            static_renditions: renditions(&wire.static_renditions),
            errors: wire.errors.get("messages").map(texts).unwrap_or_default(),
            id: wire.id,
            live_stream_id: wire.live_stream_id,
            passthrough: wire.passthrough,
            upload_id: wire.upload_id,
            created_at: wire.created_at,
        }
    }
}

/// `{"status":…,"files":[…]}` in the SDK, `[…]` in the guides.
fn renditions(value: &Value) -> Vec<StaticRendition> {
    let whole = value.get("status").and_then(Value::as_str);
    let files = value.as_array().or_else(|| value.get("files")?.as_array());
    let files = files.map(Vec::as_slice).unwrap_or_default().iter();
    files.filter_map(|file| rendition(file, whole)).collect()
}

/// `whole` is the status of all renditions, where one of them has none of its own.
pub(crate) fn rendition(file: &Value, whole: Option<&str>) -> Option<StaticRendition> {
    let text = |key: &str| file.get(key).and_then(Value::as_str);
    let resolution = text("resolution").map(str::to_owned);
    let ext = text("ext").unwrap_or("mp4");
    let name = text("name").map(str::to_owned).or_else(|| Some(format!("{}.{ext}", resolution.as_deref()?)))?;
    let status = StaticRenditionStatus::from(text("status").or(whole).unwrap_or_default());
    Some(StaticRendition { name, status, resolution })
}

impl Client {
    /// The recordings of a live stream: one for each broadcast, and for each time that the encoder was away too long.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn assets_of(&self, live_stream_id: &str) -> Result<Vec<Asset>, Failure> {
        let filter = Some(("live_stream_id", live_stream_id));
        let all =
            self.pages("list a live stream's assets", "assets", filter, |asset: &Asset| asset.id.as_str()).await?;
        // Should the filter be ignored, it would be everybody's recordings.
        Ok(all.into_iter().filter(|asset| asset.live_stream_id.as_deref() == Some(live_stream_id)).collect())
    }

    /// All assets of the environment.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn assets(&self) -> Result<Vec<Asset>, Failure> {
        self.pages("list the assets", "assets", None, |asset: &Asset| asset.id.as_str()).await
    }

    /// What was uploaded or recorded with our mark.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn assets_by_passthrough(&self, mark: &str) -> Result<Vec<Asset>, Failure> {
        let all = self.assets().await?.into_iter();
        Ok(all.filter(|asset| asset.passthrough.as_deref() == Some(mark)).collect())
    }

    /// # Errors
    /// [`Failure`]; [`Failure::is_not_found`] if there is none.
    pub async fn asset(&self, id: &str) -> Result<Asset, Failure> {
        self.data(&self.video("read an asset", Method::GET, &["assets", id])?).await
    }

    /// An asset that is not there has been deleted.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn delete_asset(&self, id: &str) -> Result<(), Failure> {
        self.delete(&self.video("delete an asset", Method::DELETE, &["assets", id])?).await
    }

    /// Asks for an MP4 in the best quality, for an asset that was made without one.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn create_static_rendition(&self, asset: &str) -> Result<(), Failure> {
        let request = self.video("ask for an MP4", Method::POST, &["assets", asset, "static-renditions"])?;
        self.api.send(&request.json(&json!({ "resolution": "highest" }))?).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn static_renditions_as_a_list_and_as_an_object() {
        let file = json!({"name":"highest.mp4","status":"ready","resolution":"highest","ext":"mp4"});
        let bare = json!({"name":"highest.mp4"});
        let ready = |value: Value| renditions(&value).first().map(|rendition| rendition.status.clone());
        assert_eq!(ready(json!([file])), Some(StaticRenditionStatus::Ready));
        assert_eq!(ready(json!({"status":"preparing","files":[file]})), Some(StaticRenditionStatus::Ready));
        assert_eq!(ready(json!({"status":"ready","files":[bare]})), Some(StaticRenditionStatus::Ready));
        for nothing in [json!(null), json!({}), json!([]), json!("x"), json!({"files":null}), json!([7])] {
            assert_eq!(renditions(&nothing), [], "{nothing}");
        }
    }
}
