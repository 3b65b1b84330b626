//! Starting, and the handle to what runs.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use media::{Gateway, GatewayConfig, Limits};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::cloudflare::webrtc::WebRtc;
use crate::config::Config;
use crate::faults::{Fault, IngestFault, WebhookFault};
use crate::ffmpeg::FfmpegError;
use crate::tls::TlsError;
use crate::world::{Parts, Shared, World};
use crate::{ffmpeg, http, ingest, tls, webhooks};

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{0} cannot be listened on: {1}")]
    Listen(SocketAddr, std::io::Error),
    #[error("{0} cannot be written: {1}")]
    Write(PathBuf, std::io::Error),
    #[error(transparent)]
    Ffmpeg(#[from] FfmpegError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    WebRtc(#[from] media::StartError),
    #[error("webhooks cannot be sent: {0}")]
    Http(#[from] reqwest::Error),
}

/// A running emulator. Dropping it stops it and removes what it recorded, unless a directory was given.
#[derive(Debug)]
pub struct Emulator {
    world: Shared,
    ca_file: PathBuf,
    stop: CancellationToken,
    _temporary: Option<TempDir>,
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn listen(at: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |error| StartError::Listen(at, error);
    let listener = TcpListener::bind(at).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    Ok((listener, local))
}

impl Emulator {
    /// Listens on all ports. Returns when everything answers.
    ///
    /// # Errors
    ///
    /// See [`StartError`].
    pub async fn start(config: Config) -> Result<Self, StartError> {
        ffmpeg::is_installed().await?;
        let (http_listener, http) = listen(config.http).await?;
        let (ingest_listener, ingest) = listen(config.ingest).await?;
        let gateway =
            GatewayConfig { udp: config.webrtc, tcp: None, public_ips: Vec::new(), limits: Limits::default() };
        let (gateway, mut events) = Gateway::start(&gateway)?;

        let (directory, temporary) = match &config.directory {
            Some(directory) => (directory.clone(), None),
            None => {
                let temporary = TempDir::new().map_err(|error| StartError::Write(std::env::temp_dir(), error))?;
                (temporary.path().to_owned(), Some(temporary))
            }
        };
        let written = |path: &Path| {
            let path = path.to_owned();
            move |error| StartError::Write(path, error)
        };
        tokio::fs::create_dir_all(&directory).await.map_err(written(&directory))?;
        let tls = tls::make()?;
        let ca_file = config.ca_file.clone().unwrap_or_else(|| directory.join("emulator-ca.pem"));
        tokio::fs::write(&ca_file, &tls.ca_pem).await.map_err(written(&ca_file))?;

        // Whoever is developed against this may serve HTTPS with a certificate of its own.
        let client = reqwest::Client::builder().tls_danger_accept_invalid_certs(true).no_proxy().build()?;
        let (sender, queue) = mpsc::unbounded_channel();
        let stop = CancellationToken::new();
        let world = Arc::new(World::new(Parts {
            config,
            base: format!("http://{http}"),
            ingest,
            directory,
            webhooks: sender,
            http: client,
            tls: tls.connector,
            webrtc: WebRtc::new(gateway),
        }));
        tokio::spawn(http::serve(http_listener, http::router(&world), stop.clone()));
        tokio::spawn(ingest::listen(Arc::clone(&world), ingest_listener, tls.acceptor, stop.clone()));
        let (dispatching, stopped) = (Arc::clone(&world), stop.clone());
        tokio::spawn(async move { stopped.run_until_cancelled(webhooks::dispatch(dispatching, queue)).await });
        // What the gateway reports has no place in Cloudflare's API.
        tokio::spawn(async move { while events.recv().await.is_some() {} });
        Ok(Self { world, ca_file, stop, _temporary: temporary })
    }

    /// `http://127.0.0.1:…`.
    pub fn base_url(&self) -> &str {
        &self.world.base
    }

    pub fn config(&self) -> &Config {
        &self.world.config
    }

    /// Where Mux takes RTMPS: `rtmps://127.0.0.1:…/app`.
    pub fn mux_ingest_url(&self) -> String {
        format!("rtmps://{}/app", self.world.ingest)
    }

    /// The certificate (PEM) that clients of RTMPS must trust.
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// What to put into Everlight's environment.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let Config { cloudflare, mux, .. } = self.config();
        vec![
            ("CLOUDFLARE_ACCOUNT_ID", cloudflare.account_id.clone()),
            ("CLOUDFLARE_API_TOKEN", cloudflare.api_token.clone()),
            ("CLOUDFLARE_BASE_URL", format!("{}/client/v4", self.base_url())),
            ("CLOUDFLARE_WEBHOOK_SECRET", cloudflare.webhook_secret.clone()),
            ("CLOUDFLARE_NOTIFICATION_SECRET", cloudflare.notification_secret.clone()),
            ("MUX_TOKEN_ID", mux.token_id.clone()),
            ("MUX_TOKEN_SECRET", mux.token_secret.clone()),
            ("MUX_WEBHOOK_SECRET", mux.webhook_secret.clone()),
            ("MUX_BASE_URL", self.base_url().to_owned()),
            ("EVERLIGHT_MUX_INGEST_URL", self.mux_ingest_url()),
            ("EVERLIGHT_MUX_PLAYBACK_URL", self.base_url().to_owned()),
            ("EVERLIGHT_EXTRA_CA_FILE", self.ca_file.display().to_string()),
        ]
    }

    /// A new signing key of Mux: its id, and its private half as Mux shows it once.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn mux_signing_key(&self) -> Result<(String, String), rcgen::Error> {
        let (shown, private) = self.world.mux_signing_key()?;
        Ok((shown["id"].as_str().unwrap_or_default().to_owned(), private))
    }

    /// A new signing key of Cloudflare: its id, and its `pem`.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn cloudflare_signing_key(&self) -> Result<(String, String), rcgen::Error> {
        let shown = self.world.cloudflare_signing_key()?;
        let text = |name: &str| shown[name].as_str().unwrap_or_default().to_owned();
        Ok((text("id"), text("pem")))
    }

    /// As `GET /_emulator/state`.
    pub fn state(&self) -> serde_json::Value {
        self.world.describe()
    }

    /// As `POST /_emulator/faults`.
    pub fn fault(&self, fault: Fault) {
        self.world.state().faults.add_api(fault, std::time::Instant::now());
    }

    /// As `POST /_emulator/faults/webhooks`.
    pub fn webhook_fault(&self, fault: WebhookFault) {
        self.world.state().faults.add_webhook(fault);
    }

    /// As `POST /_emulator/faults/ingest`.
    pub fn ingest_fault(&self, fault: IngestFault) {
        self.world.add_ingest_fault(fault);
    }

    /// As `DELETE /_emulator/faults`.
    pub fn clear_faults(&self) {
        self.world.state().faults.clear();
    }

    /// Where Mux's webhooks go, which in reality is set in its dashboard.
    pub fn send_mux_webhooks_to(&self, url: Option<String>) {
        self.world.state().mux.webhooks_to = url;
    }
}
