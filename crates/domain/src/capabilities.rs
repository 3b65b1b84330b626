//! How a stream travels, and what that way can do. Nothing is assumed: everything asks the route.

use serde::{Deserialize, Serialize};

/// The path the picture takes (`EVERLIGHT_ROUTE`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// Phone → WHIP → Everlight: no account anywhere.
    Embedded,
    /// Phone → WHIP → Everlight, and from its disk by RTMPS to each provider.
    Relay,
    /// Phone → WHIP → Cloudflare. Cloudflare records nothing of it.
    Direct,
    /// OBS → RTMPS → Cloudflare, and by its live output to Mux.
    Encoder,
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
    /// The picture comes through this server: it can be recorded, checked and shown from here.
    pub gateway: bool,
    /// How many can watch at once, where that is limited by this server.
    pub many_viewers: bool,
}

impl Route {
    pub const fn capabilities(self) -> Capabilities {
        match self {
            Self::Embedded => Capabilities {
                records: true,
                whep: true,
                hls: true,
                simulcast: false,
                viewer_count: true,
                gateway: true,
                many_viewers: false,
            },
            Self::Relay => Capabilities { simulcast: true, many_viewers: true, ..Self::Embedded.capabilities() },
            // What Cloudflare says of WebRTC: no recording, no HLS, no simulcast, no counts
            // (developers.cloudflare.com/stream/webrtc-beta).
            Self::Direct => Capabilities {
                records: false,
                whep: true,
                hls: false,
                simulcast: false,
                viewer_count: false,
                gateway: false,
                many_viewers: true,
            },
            // An input that is fed by RTMPS is not played by WebRTC (the same page).
            Self::Encoder => Capabilities {
                records: true,
                whep: false,
                hls: true,
                simulcast: true,
                viewer_count: false,
                gateway: false,
                many_viewers: true,
            },
        }
    }
}
