//! What every part of the emulator shares: the two providers' state, the faults, the log, the way out.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;

use crate::config::Config;
use crate::faults::Faults;
use crate::webhooks::Webhook;
use crate::{cloudflare, mux};

pub(crate) type Shared = Arc<World>;

pub(crate) struct World {
    pub(crate) config: Config,
    /// `http://127.0.0.1:…`, no slash at the end.
    pub(crate) base: String,
    pub(crate) ingest: SocketAddr,
    pub(crate) directory: PathBuf,
    pub(crate) webhooks: mpsc::UnboundedSender<Webhook>,
    pub(crate) http: reqwest::Client,
    /// For outputs to `rtmps://`: trusts our own certificate.
    pub(crate) tls: TlsConnector,
    pub(crate) webrtc: cloudflare::webrtc::WebRtc,
    state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) cloudflare: cloudflare::Account,
    pub(crate) mux: mux::Environment,
    pub(crate) faults: Faults,
    /// Whatever is played comes with captions.
    pub(crate) captions: bool,
    pub(crate) log: Log,
}

/// What happened, for tests to look at.
#[derive(Default)]
pub(crate) struct Log {
    /// By method and route (`POST /video/v1/live-streams/{id}`).
    pub(crate) calls: BTreeMap<String, u64>,
    pub(crate) webhooks: Vec<Value>,
}

pub(crate) struct Parts {
    pub(crate) config: Config,
    pub(crate) base: String,
    pub(crate) ingest: SocketAddr,
    pub(crate) directory: PathBuf,
    pub(crate) webhooks: mpsc::UnboundedSender<Webhook>,
    pub(crate) http: reqwest::Client,
    pub(crate) tls: TlsConnector,
    pub(crate) webrtc: cloudflare::webrtc::WebRtc,
}

impl World {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { config, base, ingest, directory, webhooks, http, tls, webrtc } = parts;
        let world =
            Self { config, base, ingest, directory, webhooks, http, tls, webrtc, state: Mutex::new(State::default()) };
        world.set_up();
        world
    }

    /// The state. Never held across an `await`.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A handler that panicked left whole objects behind: each is changed in one statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets everything and cuts everybody.
    pub(crate) fn reset(&self) {
        let old = std::mem::take(&mut *self.state());
        for live in old.cloudflare.lives().chain(old.mux.lives()) {
            live.cut();
        }
        self.set_up();
    }

    /// What a user of the dashboard would have registered by hand.
    fn set_up(&self) {
        if let Some(everlight) = self.config.webhooks_to.as_deref() {
            let everlight = everlight.trim_end_matches('/');
            let secrets = &self.config.cloudflare;
            let mut state = self.state();
            state.cloudflare.register(
                &format!("{everlight}/api/webhooks/cloudflare/stream"),
                &secrets.webhook_secret,
                &format!("{everlight}/api/webhooks/cloudflare/live"),
                &secrets.notification_secret,
            );
            state.mux.webhooks_to = Some(format!("{everlight}/api/webhooks/mux"));
        }
    }

    pub(crate) fn describe(&self) -> Value {
        let state = self.state();
        json!({
            "cloudflare": state.cloudflare.describe(self),
            "mux": state.mux.describe(self),
            "calls": state.log.calls,
            "webhooks": state.log.webhooks,
            "faults": state.faults.describe(),
        })
    }

    /// Where the pieces of one recording are.
    pub(crate) fn folder(&self, recording: &str) -> PathBuf {
        self.directory.join(recording)
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("base", &self.base).field("ingest", &self.ingest).finish_non_exhaustive()
    }
}
