//! `everlight serve`: starts everything, says where it is, stops in order.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use axum_server::Handle;
use service::Everlight;

use crate::{
    acme, assets,
    config::{Config, Tls},
    connections::Connections,
    http, lan, logs, metrics, redirect, start,
};

/// How long requests that run may take when the server is asked to stop.
const GRACE: Duration = Duration::from_secs(5);

pub async fn serve(config: Config) -> anyhow::Result<()> {
    let traces = logs::start(&config)?;
    let (site, assets) = assets::load(&config.site_root)?;
    let started = start::online(&config).await?;
    let everlight = started.everlight;
    if config.ffmpeg.is_none() {
        tracing::warn!("ffmpeg was not found: finished recordings are parsed, but not decoded, when they are checked");
    }
    say_what_is_missing(&config);
    tokio::spawn(service::follow_gateway(Arc::clone(&everlight), started.gateway_events));
    everlight.join().await.context("The other instances cannot be found in the database")?;
    tokio::spawn(Arc::clone(&everlight).beat_forever());
    tokio::spawn(Arc::clone(&everlight).tell_others_forever());
    tokio::spawn(Arc::clone(&everlight).hear_others_forever());
    everlight.resume().await.context("What was interrupted by the last stop could not be read")?;
    tokio::spawn(Arc::clone(&everlight).mind_streams_forever());
    tokio::spawn(Arc::clone(&everlight).watch());
    tokio::spawn(Arc::clone(&everlight).reconcile_forever());
    tokio::spawn(Arc::clone(&everlight).delete_forever());
    tokio::spawn(Arc::clone(&everlight).store_forever());
    tokio::spawn(Arc::clone(&everlight).apply_webhooks_forever());
    tokio::spawn(Arc::clone(&everlight).sweep_forever());

    let serving = http::Serving {
        site,
        assets,
        trusted_proxies: config.trusted_proxies.clone(),
        media_sources: app::MediaSources(config.cloud.media_sources()),
        security_contact: config.security_contact.clone(),
        keep_to_https: config.public_url.starts_with("https://") && config.tls != Tls::SelfSigned,
    };
    let counted = metrics::Metrics::default();
    let routes = http::router(Arc::clone(&everlight), serving)
        .layer(axum::middleware::from_fn_with_state(counted.clone(), metrics::count));
    if let Some(addr) = config.metrics_addr {
        let listener = tokio::net::TcpListener::bind(addr)
            .await
            .with_context(|| format!("EVERLIGHT_METRICS_ADDR: the address {addr} cannot be served"))?;
        let numbers = metrics::router(counted, Arc::clone(&everlight), config.data_dir.clone());
        tokio::spawn(async move { axum::serve(listener, numbers).await });
    }
    if let Some(addr) = config.redirect_addr {
        let listener = tokio::net::TcpListener::bind(addr)
            .await
            .with_context(|| format!("EVERLIGHT_REDIRECT_ADDR: the address {addr} cannot be served"))?;
        let leads = redirect::router(config.public_url.clone());
        tokio::spawn(async move { axum::serve(listener, leads).await });
    }
    let handle = Handle::new();
    tokio::spawn(stop_when_asked(handle.clone(), Arc::clone(&everlight)));
    announce(&config, handle.clone(), started.setup_token.as_ref().map(domain::Token::expose).map(str::to_owned));
    let service = routes.into_make_service_with_connect_info::<std::net::SocketAddr>();
    let connections = Connections::new(&config.trusted_proxies);
    let served = match config.tls {
        Tls::Off => patient(axum_server::bind(config.addr)).acceptor(connections).handle(handle).serve(service).await,
        Tls::SelfSigned => {
            let tls = lan::tls(&config.data_dir, &config.public_url).await?;
            let server = axum_server::bind_rustls(config.addr, tls).map(|acceptor| acceptor.acceptor(connections));
            patient(server).handle(handle).serve(service).await
        }
        Tls::Acme(authority) => {
            let tls = acme::tls(authority, &config.data_dir, start::clock()).await?;
            let server = axum_server::bind_rustls(config.addr, tls).map(|acceptor| acceptor.acceptor(connections));
            patient(server).handle(handle).serve(service).await
        }
    };
    everlight.suspend().await;
    if let Some(traces) = traces {
        traces.end().await;
    }
    served.with_context(|| format!("The address {} cannot be served", config.addr))
}

/// A connection on which no whole request comes is closed: thousands of them would take every file descriptor that there
/// is. A browser that keeps one open for later opens another without anybody noticing.
fn patient<A>(
    mut server: axum_server::Server<std::net::SocketAddr, A>,
) -> axum_server::Server<std::net::SocketAddr, A> {
    server.http_builder().http1().header_read_timeout(REQUEST_COMES_WITHIN);
    server.first_request_timeout(REQUEST_COMES_WITHIN).accept_error_handler(nobody_can_come())
}

const REQUEST_COMES_WITHIN: Duration = Duration::from_secs(60);

/// Says it when no connection can be taken at all (no file descriptor is left, say), once a minute: it is tried again 20 times
/// a second. One that breaks off by itself is nobody's concern.
fn nobody_can_come() -> impl Fn(Option<&SocketAddr>, &std::io::Error) + Send + Sync + 'static {
    let last = Mutex::new(None::<Instant>);
    move |of_one, error| {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if of_one.is_none() && last.is_none_or(|last| last.elapsed() >= Duration::from_secs(60)) {
            *last = Some(Instant::now());
            tracing::error!(%error, "no connection can be taken");
        }
    }
}

/// What works less well, or not at all, until somebody sets it up.
fn say_what_is_missing(config: &Config) {
    if config.public_url.starts_with("http://") && !is_local(&config.public_url) {
        tracing::warn!(
            "EVERLIGHT_PUBLIC_URL is not https: phones refuse the camera there, and passwords go over the network in the clear"
        );
    }
    let cloud = &config.cloud;
    if (cloud.cloudflare.is_some() || cloud.mux.is_some()) && config.ffmpeg.is_none() {
        tracing::warn!(
            "ffmpeg was not found: services are not sent to the cloud while they run, and copies there cannot be checked; \
             recordings are uploaded afterwards"
        );
    }
    if let Some(cloudflare) = &cloud.cloudflare {
        if cloudflare.webhook_secret.is_none() {
            tracing::warn!("CLOUDFLARE_WEBHOOK_SECRET is not set: /api/webhooks/cloudflare/stream answers 503");
        }
        if cloudflare.notification_secret.is_none() {
            tracing::warn!("CLOUDFLARE_NOTIFICATION_SECRET is not set: /api/webhooks/cloudflare/live answers 503");
        }
    }
    if cloud.mux.as_ref().is_some_and(|mux| mux.webhook_secrets.is_empty()) {
        tracing::warn!("MUX_WEBHOOK_SECRET is not set: /api/webhooks/mux answers 503");
    }
}

/// `http://localhost:8080` and the like.
fn is_local(url: &str) -> bool {
    let host = url.trim_start_matches("http://").split(['/', ':']).next().unwrap_or_default();
    host == "localhost" || host == "127.0.0.1"
}

/// Prints, once the port is open, where the server is and how to begin. The set-up link goes to the terminal only, never
/// to the log, and its token is in the fragment: no proxy sees it.
#[expect(clippy::print_stdout, reason = "this is for whoever started the program")]
fn announce(config: &Config, handle: Handle<std::net::SocketAddr>, setup_token: Option<String>) {
    let (url, self_signed) = (config.public_url.clone(), config.tls == Tls::SelfSigned);
    tokio::spawn(async move {
        if handle.listening().await.is_none() {
            return;
        }
        println!("Everlight is open at {url}");
        if let Some(token) = setup_token {
            println!("Set it up with this one-time link: {url}/setup#token={token}");
        }
        if self_signed && let Some(code) = lan::qr(&url) {
            println!(
                "A phone in the same network opens it with this code (its browser warns of the certificate once):"
            );
            println!("{code}");
        }
    });
}

async fn stop_when_asked(handle: Handle<std::net::SocketAddr>, everlight: Arc<Everlight>) {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminate = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => {
                    signal.recv().await;
                }
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! { _ = interrupt => {}, () = terminate => {} }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
    tracing::info!("stopping");
    // While requests are finished, pictures go on and are recorded.
    everlight.begin_no_more();
    handle.graceful_shutdown(Some(GRACE));
}
