//! How an emulator is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::ids;

/// What an emulator is started with. The default listens on ports that the system picks and makes up its credentials.
#[derive(Debug, Clone)]
pub struct Config {
    /// Both APIs, playback, uploads, WHIP and the control API.
    pub http: SocketAddr,
    /// RTMPS of both providers.
    pub ingest: SocketAddr,
    /// UDP of WHIP and WHEP.
    pub webrtc: SocketAddr,
    /// Where recordings are kept; a temporary directory without it.
    pub directory: Option<PathBuf>,
    /// Where the certificate is written (PEM) that clients of RTMPS must trust; inside the directory without it.
    pub ca_file: Option<PathBuf>,
    pub cloudflare: Cloudflare,
    pub mux: Mux,
    pub timing: Timing,
    /// Everlight's address. Webhooks of all three kinds go there without anybody registering them.
    pub webhooks_to: Option<String>,
}

/// Credentials of the stand-in account. Made up for one run of development: nobody's secrets.
#[derive(Debug, Clone)]
pub struct Cloudflare {
    pub account_id: String,
    pub api_token: String,
    /// Whose token it is decides which of the two verification endpoints knows it.
    pub token_kind: TokenKind,
    pub webhook_secret: String,
    pub notification_secret: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    Account,
    User,
}

/// Credentials of the stand-in environment. Made up, as above.
#[derive(Debug, Clone)]
pub struct Mux {
    pub token_id: String,
    pub token_secret: String,
    pub webhook_secret: String,
    /// The plan refuses live streams ("Live streams are unavailable on the free plan").
    pub free_plan: bool,
}

/// Times that the providers choose. Those that a caller of the API chooses (`timeoutSeconds`, `reconnect_window`) and the
/// 60 s after `complete` are multiplied by `scale`.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    pub scale: f64,
    /// The hold window of a live input whose `timeoutSeconds` is `null`; scaled like the others.
    pub default_timeout: Duration,
    /// From the end of a show or an upload to `ready`.
    pub processing: Duration,
    /// From the first frame to Mux's `active` (10 to 20 s in reality).
    pub mux_active: Duration,
    /// From `active` to the first `asset.ready` (about 10 s of content in reality).
    pub mux_asset_ready: Duration,
    /// Before the first repetition of a webhook; doubles each time.
    pub webhook_retry: Duration,
    pub webhook_attempts: u32,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            scale: 1.0,
            default_timeout: Duration::from_secs(60),
            processing: Duration::from_secs(2),
            mux_active: Duration::from_secs(2),
            mux_asset_ready: Duration::from_secs(2),
            webhook_retry: Duration::from_millis(500),
            webhook_attempts: 8,
        }
    }
}

impl Timing {
    /// For tests: a second of the API is a tenth of one.
    pub fn fast() -> Self {
        Self {
            scale: 0.1,
            processing: Duration::from_millis(200),
            mux_active: Duration::from_millis(200),
            mux_asset_ready: Duration::from_millis(200),
            webhook_retry: Duration::from_millis(50),
            ..Self::default()
        }
    }

    pub(crate) fn scaled(&self, time: Duration) -> Duration {
        time.mul_f64(self.scale.max(0.0))
    }
}

impl Default for Config {
    fn default() -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            http: any,
            ingest: any,
            webrtc: any,
            directory: None,
            ca_file: None,
            cloudflare: Cloudflare {
                account_id: ids::hex(32),
                api_token: format!("cfat_{}", ids::alphanumeric(40)),
                token_kind: TokenKind::Account,
                webhook_secret: ids::hex(32),
                notification_secret: ids::alphanumeric(32),
            },
            mux: Mux {
                token_id: ids::uuid(),
                token_secret: ids::alphanumeric(75),
                webhook_secret: ids::alphanumeric(32),
                free_plan: false,
            },
            timing: Timing::default(),
            webhooks_to: None,
        }
    }
}
