//! One encoder's connection: RTMP, admission, recording.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rml_rtmp::handshake::{Handshake, HandshakeProcessResult, PeerType};
use rml_rtmp::sessions::{
    ServerSession, ServerSessionConfig, ServerSessionEvent as Event, ServerSessionResult as Output,
};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::OwnedMutexGuard;
use tokio_util::sync::CancellationToken;

use super::Target;
use super::feed::Feed;
use super::flv::{Kind, Tag};
use super::part::PartWriter;
use crate::world::Shared;

/// An encoder of which nothing is heard for this long is gone.
const SILENCE: Duration = Duration::from_secs(30);

#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("the peer does not speak RTMP: {0}")]
    Protocol(String),
    #[error("the peer fell silent")]
    Silent,
    #[error("the stream key is not known, or its owner takes nobody now")]
    Refused,
    #[error("cut")]
    Cut,
}

/// Speaks with one encoder until it goes or is cut.
pub(crate) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    world: &Shared,
    mut stream: S,
    id: u64,
    cut: CancellationToken,
) -> Result<(), ConnectionError> {
    let mut publishing = None;
    let result = tokio::select! {
        () = cut.cancelled() => Err(ConnectionError::Cut),
        result = converse(world, &mut stream, id, &cut, &mut publishing) => result,
    };
    if let Some(publishing) = publishing {
        publishing.finish().await;
    }
    let _ = stream.shutdown().await;
    result
}

async fn read<S: AsyncRead + Unpin>(stream: &mut S, buffer: &mut [u8]) -> Result<usize, ConnectionError> {
    Ok(tokio::time::timeout(SILENCE, stream.read(buffer)).await.map_err(|_| ConnectionError::Silent)??)
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    world: &Shared,
    stream: &mut S,
    id: u64,
    cut: &CancellationToken,
    publishing: &mut Option<Publishing>,
) -> Result<(), ConnectionError> {
    let mut buffer = vec![0; 64 * 1024];
    let mut handshake = Handshake::new(PeerType::Server);
    let rest = loop {
        let read = read(stream, &mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        match handshake.process_bytes(&buffer[..read]).map_err(protocol)? {
            HandshakeProcessResult::InProgress { response_bytes } => stream.write_all(&response_bytes).await?,
            HandshakeProcessResult::Completed { response_bytes, remaining_bytes } => {
                stream.write_all(&response_bytes).await?;
                break remaining_bytes;
            }
        }
    };

    let (mut session, greeting) = ServerSession::new(ServerSessionConfig::new()).map_err(protocol)?;
    let mut results = VecDeque::from(greeting);
    results.extend(session.handle_input(&rest).map_err(protocol)?);
    loop {
        while let Some(result) = results.pop_front() {
            match result {
                Output::OutboundResponse(packet) => stream.write_all(&packet.bytes).await?,
                Output::UnhandleableMessageReceived(_) => {}
                Output::RaisedEvent(Event::ConnectionRequested { request_id, .. }) => {
                    results.extend(session.accept_request(request_id).map_err(protocol)?);
                }
                Output::RaisedEvent(Event::PublishStreamRequested { request_id, app_name, stream_key, .. }) => {
                    let Some(target) = world.authorize(&app_name, &stream_key) else {
                        let refusal = session
                            .reject_request(request_id, "NetStream.Publish.BadName", "stream key not accepted")
                            .map_err(protocol)?;
                        for output in refusal {
                            if let Output::OutboundResponse(packet) = output {
                                stream.write_all(&packet.bytes).await?;
                            }
                        }
                        stream.flush().await?;
                        return Err(ConnectionError::Refused);
                    };
                    *publishing = Some(Publishing::enter(world, target, id, cut));
                    results.extend(session.accept_request(request_id).map_err(protocol)?);
                }
                Output::RaisedEvent(Event::StreamMetadataChanged { metadata, .. }) => {
                    if let Some(publishing) = publishing {
                        publishing.feed.metadata(metadata);
                    }
                }
                Output::RaisedEvent(Event::AudioDataReceived { data, timestamp, .. }) => {
                    take(publishing, Tag { kind: Kind::Audio, time: timestamp.value, data }).await?;
                }
                Output::RaisedEvent(Event::VideoDataReceived { data, timestamp, .. }) => {
                    take(publishing, Tag { kind: Kind::Video, time: timestamp.value, data }).await?;
                }
                Output::RaisedEvent(Event::PublishStreamFinished { .. }) => return Ok(()),
                Output::RaisedEvent(_) => {}
            }
        }
        stream.flush().await?;
        let read = read(stream, &mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        results.extend(session.handle_input(&buffer[..read]).map_err(protocol)?);
    }
}

fn protocol(error: impl std::fmt::Display) -> ConnectionError {
    ConnectionError::Protocol(error.to_string())
}

async fn take(publishing: &mut Option<Publishing>, tag: Tag) -> Result<(), ConnectionError> {
    match publishing {
        Some(publishing) if !tag.data.is_empty() => publishing.take(tag).await,
        _ => Ok(()),
    }
}

/// A publisher who was let in.
struct Publishing {
    world: Shared,
    target: Target,
    id: u64,
    feed: Arc<Feed>,
    begun: bool,
    /// With the right to write into the show's folder.
    writer: Option<(PartWriter, OwnedMutexGuard<()>)>,
}

impl Publishing {
    fn enter(world: &Shared, target: Target, id: u64, cut: &CancellationToken) -> Self {
        let feed = Arc::new(Feed::new());
        world.enter(&target, id, cut, &feed);
        if let Some(after) = world.state().faults.drop_every(target.provider()) {
            let cut = cut.clone();
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                cut.cancel();
            });
        }
        Self { world: Arc::clone(world), target, id, feed, begun: false, writer: None }
    }

    async fn take(&mut self, tag: Tag) -> Result<(), ConnectionError> {
        if !tag.is_supported() {
            self.world.unsupported(&self.target, tag.kind);
            return Err(ConnectionError::Cut);
        }
        if !self.begun {
            self.begun = true;
            if let Some(show) = self.world.begin(&self.target, self.id) {
                let pen = Arc::clone(&show.pen).lock_owned().await;
                let part = PartWriter::begin(&show.folder, show.parts.saturating_sub(1)).await?;
                self.writer = Some((part, pen));
            }
        }
        self.feed.send(&tag);
        if self.feed.is_detached() {
            self.put_down().await;
        }
        if let Some((part, _)) = &mut self.writer
            && let Err(error) = part.write(&tag).await
        {
            tracing::warn!(%error, "a recording broke off");
            self.put_down().await;
        }
        Ok(())
    }

    async fn put_down(&mut self) {
        if let Some((part, _pen)) = self.writer.take() {
            part.finish().await;
        }
    }

    async fn finish(mut self) {
        self.feed.close();
        self.put_down().await;
        self.world.leave(&self.target, self.id);
    }
}
