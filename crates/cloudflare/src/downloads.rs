use crate::Client;
use outbound::{Failure, Method, Repeat};
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DownloadState {
    Ready,
    InProgress,
    Error,
    Other(String),
}

/// A recording as one MP4. Only for live recordings of less than four hours.
#[derive(Debug, Clone, PartialEq)]
pub struct Download {
    pub state: DownloadState,
    pub url: Option<String>,
    pub percent: Option<f64>,
}

#[derive(Deserialize)]
struct Wire {
    default: Option<WireDownload>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDownload {
    status: String,
    url: Option<String>,
    percent_complete: Option<f64>,
}

impl From<WireDownload> for Download {
    fn from(wire: WireDownload) -> Self {
        let state = match wire.status.as_str() {
            "ready" => DownloadState::Ready,
            "inprogress" => DownloadState::InProgress,
            "error" => DownloadState::Error,
            other => DownloadState::Other(other.to_owned()),
        };
        Self { state, url: wire.url, percent: wire.percent_complete }
    }
}

impl Client {
    /// Asks for the MP4 to be made. Asking again does no harm.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn create_download(&self, video: &str) -> Result<Download, Failure> {
        let request = self.stream("ask for an MP4", Method::POST, &[video, "downloads"])?.repeat(Repeat::Safe).empty();
        let made = self.result::<Wire>(&request).await?.default;
        made.map(Download::from).ok_or_else(|| Failure::Garbled {
            call: self.api.call("ask for an MP4"),
            why: "`default` is missing".to_owned(),
            repeatable: true,
        })
    }

    /// How far the MP4 is; `None` if nobody asked for one.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn download(&self, video: &str) -> Result<Option<Download>, Failure> {
        let request = self.stream("ask about an MP4", Method::GET, &[video, "downloads"])?;
        Ok(self.result::<Wire>(&request).await?.default.map(Download::from))
    }
}
