//! How a stream travels, and what that way can do. Nothing is assumed: everything asks the route.

use serde::{Deserialize, Serialize};

/// The path the picture takes (`EVERLIGHT_ROUTE`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// Phone → WHIP → Everlight: no account anywhere.
    Embedded,
}

/// Who holds the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StreamingMethod {
    /// A phone's (or any) browser, opened by a link.
    PhoneBrowser,
    /// OBS or another encoder, with a server address and a bearer token.
    Encoder,
}

/// What a route gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Capabilities {
    /// A recording is made while the service runs.
    pub records: bool,
    /// Live viewing with less than a second of delay.
    pub whep: bool,
    /// Live viewing where WebRTC cannot connect (H.264 only).
    pub hls: bool,
    /// The picture is sent on to a second provider while it is live.
    pub simulcast: bool,
    /// We know how many are watching.
    pub viewer_count: bool,
    /// Independent copies of the recording that this route makes by itself.
    pub copies: u8,
}

impl Route {
    pub const fn capabilities(self) -> Capabilities {
        match self {
            Self::Embedded => {
                Capabilities { records: true, whep: true, hls: true, simulcast: false, viewer_count: true, copies: 1 }
            }
        }
    }
}
