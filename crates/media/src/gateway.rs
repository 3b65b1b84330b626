//! The media thread and the handle to it.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Instant;

use domain::StreamId;
use str0m::crypto::from_feature_flags;
use str0m::net::Protocol;
use tokio::sync::{mpsc, oneshot};

use crate::engine::{Engine, SharedStats};
use crate::ice::{self, IceCredentials};
use crate::limits::GatewayConfig;
use crate::peer::Identity;
use crate::session::{
    Answer, IceRestart, MediaEvent, PublishError, Publisher, SessionError, SessionId, StreamStats, ViewError,
};
use crate::sink::Recording;
use crate::socket::{self, GatewaySocket};
use crate::tcp::{self, TcpConnections};

/// Why the gateway cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(
        "UDP port {0} is taken: another program, or another Everlight, listens there; choose another with EVERLIGHT_WEBRTC_ADDR"
    )]
    UdpPortTaken(SocketAddr),
    #[error("{0} is not an address of this machine: correct EVERLIGHT_WEBRTC_ADDR")]
    NotOurAddress(SocketAddr),
    #[error("UDP port {0} may not be used by this user: choose one above 1023 with EVERLIGHT_WEBRTC_ADDR")]
    Forbidden(SocketAddr),
    #[error(
        "TCP port {0} is taken: another program listens there; choose another with EVERLIGHT_WEBRTC_TCP_ADDR, or “off”"
    )]
    TcpPortTaken(SocketAddr),
    #[error("TCP port {0} cannot be used ({1}): choose another with EVERLIGHT_WEBRTC_TCP_ADDR, or “off”")]
    Tcp(SocketAddr, io::Error),
    #[error("no certificate for the media connections could be made")]
    Certificate,
    #[error("the media gateway could not start: {0}")]
    Io(#[from] io::Error),
}

/// The running gateway. Cloning it gives another handle to the same; it stops when the last one is dropped.
#[derive(Debug, Clone)]
pub struct Gateway {
    requests: mpsc::UnboundedSender<Request>,
    stats: SharedStats,
    local_addr: SocketAddr,
    tcp_addr: Option<SocketAddr>,
}

type Reply<T> = oneshot::Sender<T>;

#[derive(Debug)]
enum Request {
    Publish(StreamId, Publisher, Recording, String, Reply<Result<Answer, PublishError>>),
    View(StreamId, String, Reply<Result<Answer, ViewError>>),
    RestartIce(SessionId, IceCredentials, Reply<Result<IceRestart, SessionError>>),
    Exists(SessionId, Reply<Result<(), SessionError>>),
    HangUp(SessionId, Reply<Result<(), SessionError>>),
    EndStream(StreamId, Reply<()>),
}

impl Gateway {
    /// Binds the ports, makes the certificate and starts the thread.
    ///
    /// # Errors
    ///
    /// See [`StartError`]; each says in a sentence what to mend.
    pub fn start(config: &GatewayConfig) -> Result<(Self, mpsc::UnboundedReceiver<MediaEvent>), StartError> {
        let socket = socket::bind(config.udp).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => StartError::UdpPortTaken(config.udp),
            io::ErrorKind::AddrNotAvailable => StartError::NotOurAddress(config.udp),
            io::ErrorKind::PermissionDenied => StartError::Forbidden(config.udp),
            _ => StartError::Io(error),
        })?;
        let local_addr = socket.local_addr()?;
        let listener = config.tcp.map(|address| {
            tcp::bind(address).map_err(|error| match error.kind() {
                io::ErrorKind::AddrInUse => StartError::TcpPortTaken(address),
                _ => StartError::Tcp(address, error),
            })
        });
        let listener = listener.transpose()?;
        let tcp_addr = listener.as_ref().map(std::net::TcpListener::local_addr).transpose()?;
        let local: Vec<_> = if_addrs::get_if_addrs()?.iter().map(if_addrs::Interface::ip).collect();
        // One for all connections: making one takes longer than everything else in an answer.
        let certificate = from_feature_flags().dtls_provider.generate_certificate().ok_or(StartError::Certificate)?;
        let tcp_port = tcp_addr.map(|address| address.port());
        let candidates = ice::candidates(local_addr, tcp_port, &local, &config.public_ips);
        let identity = Identity { certificate, candidates };

        let (events, media_events) = mpsc::unbounded_channel();
        let (requests, receiver) = mpsc::unbounded_channel();
        let stats = SharedStats::default();
        let engine = {
            let (stats, limits) = (Arc::clone(&stats), config.limits);
            move || Engine::new(identity, limits, events, stats)
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let most = CONNECTIONS_EACH * (config.limits.publishers + config.limits.viewers);
        let sockets = {
            let _entered = runtime.enter();
            Sockets { udp: GatewaySocket::new(socket)?, tcp: TcpConnections::new(listener, most)? }
        };
        thread::Builder::new()
            .name("media".into())
            .spawn(move || runtime.block_on(run(engine(), sockets, receiver)))?;
        Ok((Self { requests, stats, local_addr, tcp_addr }, media_events))
    }

    /// The address of the UDP port, with the number that was chosen if it was 0.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// The address of the TCP port, if there is one.
    pub fn tcp_addr(&self) -> Option<SocketAddr> {
        self.tcp_addr
    }

    /// Answers a WHIP offer. A publisher that the stream already has is replaced: at once if it is silent, otherwise
    /// when the new one is connected. Who may publish is the caller's to decide.
    ///
    /// # Errors
    ///
    /// See [`PublishError`].
    pub async fn publish(
        &self,
        stream: StreamId,
        publisher: Publisher,
        recording: Recording,
        offer: &str,
    ) -> Result<Answer, PublishError> {
        let offer = offer.to_owned();
        self.ask(|reply| Request::Publish(stream, publisher, recording, offer, reply))
            .await
            .unwrap_or(Err(PublishError::Stopped))
    }

    /// Answers a WHEP offer.
    ///
    /// # Errors
    ///
    /// See [`ViewError`].
    pub async fn view(&self, stream: StreamId, offer: &str) -> Result<Answer, ViewError> {
        let offer = offer.to_owned();
        self.ask(|reply| Request::View(stream, offer, reply)).await.unwrap_or(Err(ViewError::Stopped))
    }

    /// Restarts ICE for a session of either kind (RFC 9725 §4.3.3). The connection goes on as it is until the client
    /// makes use of the answer.
    ///
    /// # Errors
    ///
    /// See [`SessionError`].
    pub async fn restart_ice(&self, session: SessionId, theirs: IceCredentials) -> Result<IceRestart, SessionError> {
        self.ask(|reply| Request::RestartIce(session, theirs, reply)).await.unwrap_or(Err(SessionError::Stopped))
    }

    /// Whether the session still stands. For trickled candidates nothing more is needed: the gateway is ICE-lite,
    /// answers checks from wherever they come and sends none (RFC 8445 §2.5), so it has no use for candidates.
    ///
    /// # Errors
    ///
    /// See [`SessionError`].
    pub async fn check(&self, session: SessionId) -> Result<(), SessionError> {
        self.ask(|reply| Request::Exists(session, reply)).await.unwrap_or(Err(SessionError::Stopped))
    }

    /// Ends one session, of a publisher or a viewer.
    ///
    /// # Errors
    ///
    /// See [`SessionError`].
    pub async fn hang_up(&self, session: SessionId) -> Result<(), SessionError> {
        self.ask(|reply| Request::HangUp(session, reply)).await.unwrap_or(Err(SessionError::Stopped))
    }

    /// Ends every session of a stream, publisher's and viewers'. Returns when their goodbyes have been sent.
    pub async fn end_stream(&self, stream: StreamId) {
        // A stopped gateway has no streams.
        let _ = self.ask(|reply| Request::EndStream(stream, reply)).await;
    }

    /// The numbers of a stream that has a publisher or viewers.
    pub fn stats(&self, stream: StreamId) -> Option<StreamStats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner).get(&stream).cloned()
    }

    /// The numbers of every stream that has a publisher or viewers.
    pub fn all_stats(&self) -> Vec<(StreamId, StreamStats)> {
        let stats = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
        stats.iter().map(|(stream, stats)| (*stream, stats.clone())).collect()
    }

    async fn ask<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(request(reply)).ok()?;
        answer.await.ok()
    }
}

/// A browser opens one to each of our addresses, and keeps one.
const CONNECTIONS_EACH: usize = 4;

struct Sockets {
    udp: GatewaySocket,
    tcp: TcpConnections,
}

async fn run(mut engine: Engine, mut sockets: Sockets, mut requests: mpsc::UnboundedReceiver<Request>) {
    // Requests wait while this many bunches of datagrams are taken, not longer.
    const BUNCHES: usize = 8;
    // As many as a bunch has, at the most.
    const PACKETS: usize = 256;
    loop {
        let wake = engine.next_timeout();
        let timeout = async {
            match wake {
                Some(at) => tokio::time::sleep_until(at.into()).await,
                None => std::future::pending().await,
            }
        };
        let Sockets { udp, tcp } = &mut sockets;
        tokio::select! {
            request = requests.recv() => match request {
                Some(request) => answer(&mut engine, request),
                None => break,
            },
            readable = udp.readable() => {
                if let Err(error) = readable {
                    tracing::error!(%error, "the media socket failed");
                    break;
                }
                for _ in 0..BUNCHES {
                    let now = Instant::now();
                    let take = |source, destination, datagram: &[u8]| {
                        engine.receive(now, Protocol::Udp, source, destination, datagram);
                    };
                    if !sockets.udp.receive(take) {
                        break;
                    }
                    flush(&mut engine, &mut sockets);
                }
            }
            Some(news) = tcp.next() => {
                let now = Instant::now();
                let mut news = Some(news);
                for _ in 0..PACKETS {
                    let Some(one) = news else { break };
                    tcp.handle(one, |source, destination, packet| {
                        engine.receive(now, Protocol::Tcp, source, destination, packet)
                    });
                    news = tcp.next_now();
                }
            }
            () = timeout => {}
        }
        engine.timeout(Instant::now());
        flush(&mut engine, &mut sockets);
    }
    engine.end_all(Instant::now());
    flush(&mut engine, &mut sockets);
}

fn answer(engine: &mut Engine, request: Request) {
    let now = Instant::now();
    // Whoever asked may have gone.
    match request {
        Request::Publish(stream, publisher, recording, offer, reply) => {
            let _ = reply.send(engine.publish(now, stream, publisher, recording, &offer));
        }
        Request::View(stream, offer, reply) => {
            let _ = reply.send(engine.view(now, stream, &offer));
        }
        Request::RestartIce(session, theirs, reply) => {
            let _ = reply.send(engine.restart_ice(session, theirs));
        }
        Request::Exists(session, reply) => {
            let _ = reply.send(if engine.exists(session) { Ok(()) } else { Err(SessionError::Unknown) });
        }
        Request::HangUp(session, reply) => {
            let _ = reply.send(engine.hang_up(session, now));
        }
        Request::EndStream(stream, reply) => {
            engine.end_stream(stream, now);
            let _ = reply.send(());
        }
    }
}

fn flush(engine: &mut Engine, Sockets { udp, tcp }: &mut Sockets) {
    for transmit in engine.transmits.drain(..) {
        match transmit.proto {
            Protocol::Udp => udp.send(transmit.source.ip(), transmit.destination, &transmit.contents),
            _ => tcp.send(transmit.destination, &transmit.contents),
        }
    }
    udp.flush();
}
