//! An RTMP(S) server that keeps what it gets, and fails on demand.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use push::{Ingest, IngestSource, TlsRoots};
use rml_rtmp::chunk_io::ChunkSerializer;
use rml_rtmp::handshake::{Handshake, HandshakeProcessResult, PeerType};
use rml_rtmp::messages::RtmpMessage;
use rml_rtmp::sessions::{ServerSession, ServerSessionConfig, ServerSessionEvent, ServerSessionResult};
use rml_rtmp::time::RtmpTimestamp;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;

pub const KEY: &str = "canary-4f1c8b2e-stream-key";

/// What one connection published.
#[derive(Debug, Clone, Default)]
pub struct Published {
    pub tags: Vec<Tag>,
    /// Whether the stream was ended properly.
    pub finished: bool,
}

#[derive(Debug, Clone)]
pub struct Tag {
    pub audio: bool,
    pub time_ms: u32,
    pub data: Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Up,
    /// Connections are cut, new ones too.
    Down,
    /// Takes connections and says nothing, nor reads what it is sent.
    Deaf,
}

pub struct Receiver {
    port: u16,
    tls: bool,
    pub roots: TlsRoots,
    mood: watch::Sender<Mood>,
    published: watch::Receiver<Vec<Published>>,
    _task: AbortOnDropHandle<()>,
}

impl Receiver {
    pub async fn rtmp() -> Self {
        Self::new(None).await
    }

    pub async fn rtmps() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key.into())
            .unwrap();
        Self::new(Some((config, made.cert.pem()))).await
    }

    async fn new(tls: Option<(rustls::ServerConfig, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (mood, mood_seen) = watch::channel(Mood::Up);
        let (published_now, published) = watch::channel(Vec::new());
        let roots = match &tls {
            Some((_, pem)) => TlsRoots::with_extra(pem.as_bytes()).unwrap(),
            None => TlsRoots::public().unwrap(),
        };
        let is_tls = tls.is_some();
        let acceptor = tls.map(|(config, _)| TlsAcceptor::from(Arc::new(config)));
        let task = tokio::spawn(serve(listener, acceptor, mood_seen, published_now));
        Self { port, tls: is_tls, roots, mood, published, _task: AbortOnDropHandle::new(task) }
    }

    pub fn ingest(&self) -> IngestSource {
        self.ingest_with(KEY)
    }

    pub fn ingest_with(&self, key: &'static str) -> IngestSource {
        let scheme = if self.tls { "rtmps" } else { "rtmp" };
        let host = if self.tls { "localhost" } else { "127.0.0.1" };
        let url = format!("{scheme}://{host}:{}/live/", self.port);
        Arc::new(move || {
            let url = url.parse().map_err(|error: push::IngestUrlError| error.to_string());
            Box::pin(async move { Ok(Ingest { url: url?, key: key.into() }) })
        })
    }

    pub fn set(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// What every connection that published has sent until now.
    pub fn published(&self) -> Vec<Published> {
        self.published.borrow().clone()
    }

    /// Waits until what was published is as wanted.
    pub async fn wait_for(&self, wanted: impl FnMut(&Vec<Published>) -> bool) -> Vec<Published> {
        self.published.clone().wait_for(wanted).await.unwrap().clone()
    }
}

async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    mood: watch::Receiver<Mood>,
    published: watch::Sender<Vec<Published>>,
) {
    let mut connections = Vec::new();
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        let (mut mood, published, tls) = (mood.clone(), published.clone(), tls.clone());
        connections.push(AbortOnDropHandle::new(tokio::spawn(async move {
            if *mood.borrow() == Mood::Down {
                return;
            }
            if *mood.borrow() == Mood::Deaf {
                // Until nobody listens to it any more.
                let _ = mood.wait_for(|mood| *mood == Mood::Down).await;
                return;
            }
            tokio::select! {
                () = connection(socket, tls, mood.clone(), published) => {}
                _ = mood.wait_for(|mood| *mood == Mood::Down) => {}
            }
        })));
    }
}

async fn connection(
    socket: TcpStream,
    tls: Option<TlsAcceptor>,
    mood: watch::Receiver<Mood>,
    published: watch::Sender<Vec<Published>>,
) {
    match tls {
        Some(tls) => match tls.accept(socket).await {
            Ok(socket) => rtmp(socket, mood, published).await,
            Err(_) => None,
        },
        None => rtmp(socket, mood, published).await,
    };
}

/// `None`: the connection is over.
async fn rtmp(
    mut socket: impl AsyncRead + AsyncWrite + Unpin,
    mut mood: watch::Receiver<Mood>,
    published: watch::Sender<Vec<Published>>,
) -> Option<()> {
    let mut inbox = vec![0; 64 << 10];
    let mut handshake = Handshake::new(PeerType::Server);
    let mut total = 0u32;
    let mut rest = loop {
        let count = socket.read(&mut inbox).await.ok().filter(|count| *count > 0)?;
        total += u32::try_from(count).unwrap();
        match handshake.process_bytes(&inbox[..count]).unwrap() {
            HandshakeProcessResult::InProgress { response_bytes } => socket.write_all(&response_bytes).await.ok()?,
            HandshakeProcessResult::Completed { response_bytes, remaining_bytes } => {
                socket.write_all(&response_bytes).await.ok()?;
                break remaining_bytes;
            }
        }
    };
    let (mut session, begin) = ServerSession::new(ServerSessionConfig::new()).unwrap();
    for result in begin {
        let ServerSessionResult::OutboundResponse(packet) = result else { continue };
        socket.write_all(&packet.bytes).await.ok()?;
    }
    let mut number = None;
    let mut acknowledged = 0;
    loop {
        let mut results = session.handle_input(&rest).unwrap();
        // Its acknowledgements count from the last one on; they should count from the start, as those below do.
        results.retain(
            |result| !matches!(result, ServerSessionResult::OutboundResponse(packet) if packet.bytes[0] & 0x3f == 2),
        );
        let mut results = std::collections::VecDeque::from(results);
        while let Some(result) = results.pop_front() {
            match result {
                ServerSessionResult::OutboundResponse(packet) => socket.write_all(&packet.bytes).await.ok()?,
                ServerSessionResult::RaisedEvent(event) => match event {
                    ServerSessionEvent::ConnectionRequested { request_id, app_name } => {
                        assert_eq!(app_name, "live");
                        results.extend(session.accept_request(request_id).unwrap());
                    }
                    ServerSessionEvent::PublishStreamRequested { request_id, stream_key, .. } => {
                        if stream_key == KEY {
                            results.extend(session.accept_request(request_id).unwrap());
                            published.send_modify(|published| {
                                number = Some(published.len());
                                published.push(Published::default());
                            });
                        } else {
                            let said = format!("stream {stream_key} is not known");
                            let code = "NetStream.Publish.BadName";
                            results.extend(session.reject_request(request_id, code, &said).unwrap());
                        }
                    }
                    ServerSessionEvent::AudioDataReceived { data, timestamp, .. } => {
                        let tag = Tag { audio: true, time_ms: timestamp.value, data };
                        published.send_modify(|published| published[number.unwrap()].tags.push(tag));
                    }
                    ServerSessionEvent::VideoDataReceived { data, timestamp, .. } => {
                        let tag = Tag { audio: false, time_ms: timestamp.value, data };
                        published.send_modify(|published| published[number.unwrap()].tags.push(tag));
                    }
                    ServerSessionEvent::PublishStreamFinished { .. } => {
                        published.send_modify(|published| published[number.unwrap()].finished = true);
                    }
                    _ => {}
                },
                ServerSessionResult::UnhandleableMessageReceived(_) => {}
            }
        }
        if total - acknowledged > 100_000 {
            acknowledged = total;
            let message = RtmpMessage::Acknowledgement { sequence_number: total };
            let payload = message.into_message_payload(RtmpTimestamp::new(0), 0).unwrap();
            let packet = ChunkSerializer::new().serialize(&payload, true, false).unwrap();
            socket.write_all(&packet.bytes).await.ok()?;
        }
        if *mood.borrow() == Mood::Deaf {
            let _ = mood.wait_for(|mood| *mood != Mood::Deaf).await;
        }
        let count = socket.read(&mut inbox).await.ok().filter(|count| *count > 0)?;
        total += u32::try_from(count).unwrap();
        rest = inbox[..count].to_vec();
    }
}

impl Published {
    /// Writes it as a file that ffmpeg reads.
    pub fn write_flv(&self, path: &Path) {
        let mut out = b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec();
        for tag in &self.tags {
            let (length, time) = (u32::try_from(tag.data.len()).unwrap(), tag.time_ms.to_be_bytes());
            out.push(if tag.audio { 8 } else { 9 });
            out.extend_from_slice(&length.to_be_bytes()[1..]);
            out.extend_from_slice(&[time[1], time[2], time[3], time[0], 0, 0, 0]);
            out.extend_from_slice(&tag.data);
            out.extend_from_slice(&(length + 11).to_be_bytes());
        }
        std::fs::write(path, out).unwrap();
    }

    /// When the last picture is shown.
    pub fn last_picture(&self) -> Duration {
        let last = self.tags.iter().rev().find(|tag| !tag.audio);
        Duration::from_millis(last.map_or(0, |tag| tag.time_ms.into()))
    }
}
