use crate::Client;
use outbound::{Failure, Method};
use serde::Deserialize;

/// The addresses at which an input (the current broadcast) or a video (one broadcast) is played. `id` may also be a
/// signed token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playback {
    pub iframe: String,
    pub hls: String,
    pub dash: String,
    pub watch: String,
    pub thumbnail: String,
    pub lifecycle: String,
    pub views: String,
    /// After [`Client::create_download`].
    pub mp4: String,
}

impl Playback {
    /// `origin` is what [`crate::LiveInput::playback_origin`] or [`crate::Video::playback_origin`] says.
    #[must_use]
    pub fn new(origin: &str, id: &str) -> Self {
        let at = |path: &str| format!("{}/{id}/{path}", origin.trim_end_matches('/'));
        Self {
            iframe: at("iframe"),
            hls: at("manifest/video.m3u8"),
            dash: at("manifest/video.mpd"),
            watch: at("watch"),
            thumbnail: at("thumbnails/thumbnail.jpg"),
            lifecycle: at("lifecycle"),
            views: at("views"),
            mp4: at("downloads/default.mp4"),
        }
    }
}

/// Is an input live, and which video is that?
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Lifecycle {
    #[serde(rename = "isInput", default)]
    pub is_input: bool,
    #[serde(rename = "videoUID", default)]
    pub video: Option<String>,
    #[serde(default)]
    pub live: bool,
}

impl Client {
    /// Costs nothing of the API's budget.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn lifecycle(&self, origin: &str, id: &str) -> Result<Lifecycle, Failure> {
        let address = Playback::new(origin, id).lifecycle;
        let request = self.media.request_to("ask whether an input is live", Method::GET, &address)?;
        self.media.send(&request).await?.json()
    }
}
