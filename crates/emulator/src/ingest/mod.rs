//! RTMPS in, for both providers on one port, and out again to the outputs of a live input.

mod connection;
pub(crate) mod feed;
pub(crate) mod flv;
mod part;
pub(crate) mod push;
pub(crate) mod show;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::faults::Provider;
use crate::world::{Shared, World};
use feed::Feed;
use show::Show;

/// Whose stream key it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A live input.
    Cloudflare(String),
    /// A live stream.
    Mux(String),
}

impl Target {
    pub(crate) fn provider(&self) -> Provider {
        match self {
            Self::Cloudflare(_) => Provider::Cloudflare,
            Self::Mux(_) => Provider::Mux,
        }
    }
}

static CONNECTIONS: AtomicU64 = AtomicU64::new(1);

/// Takes connections until stopped.
pub(crate) async fn listen(world: Shared, listener: TcpListener, acceptor: TlsAcceptor, stop: CancellationToken) {
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "an ingest connection could not be taken");
                    continue;
                }
            },
        };
        let (world, acceptor, cut) = (Arc::clone(&world), acceptor.clone(), stop.child_token());
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            match acceptor.accept(stream).await {
                Ok(stream) => {
                    let id = CONNECTIONS.fetch_add(1, Ordering::Relaxed);
                    if let Err(error) = connection::serve(&world, stream, id, cut).await {
                        tracing::info!(%error, "an encoder's connection ended");
                    }
                }
                Err(error) => tracing::info!(%error, "no TLS with an encoder"),
            }
        });
    }
}

impl World {
    /// Whose key this is, if its owner takes publishers now.
    fn authorize(&self, app: &str, key: &str) -> Option<Target> {
        let state = self.state();
        let target = match app.trim_matches('/') {
            "live" => Target::Cloudflare(state.cloudflare.input_of_key(key)?),
            "app" => Target::Mux(state.mux.stream_of_key(key)?),
            _ => return None,
        };
        (!state.faults.refuses(target.provider())).then_some(target)
    }

    fn enter(&self, target: &Target, id: u64, cut: &CancellationToken, feed: &Arc<Feed>) {
        let mut state = self.state();
        let live = match target {
            Target::Cloudflare(uid) => state.cloudflare.live(uid),
            Target::Mux(stream) => state.mux.live(stream),
        };
        if let Some(live) = live {
            live.enter(id, cut.clone(), Arc::clone(feed));
        }
    }

    /// The first frame has come. What it is to be recorded into, as part `parts - 1`.
    fn begin(self: &Arc<Self>, target: &Target, id: u64) -> Option<Show> {
        match target {
            Target::Cloudflare(uid) => self.cloudflare_begin(uid, id),
            Target::Mux(stream) => self.mux_begin(stream, id),
        }
    }

    fn leave(self: &Arc<Self>, target: &Target, id: u64) {
        match target {
            Target::Cloudflare(uid) => self.cloudflare_leave(uid, id),
            Target::Mux(stream) => self.mux_leave(stream, id),
        }
    }
}
