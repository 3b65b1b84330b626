//! An output of a live input: an RTMP client that passes a publisher's frames on, and comes back when it is cut.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rml_rtmp::handshake::{Handshake, HandshakeProcessResult, PeerType};
use rml_rtmp::sessions::{
    ClientSession, ClientSessionConfig, ClientSessionEvent as Event, ClientSessionResult as Output, PublishRequestType,
};
use rml_rtmp::time::RtmpTimestamp;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::broadcast::error::RecvError;
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

use super::feed::Feed;
use super::flv::{Kind, Tag};

/// Where an output goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination {
    tls: bool,
    host: String,
    port: u16,
    app: String,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum PushError {
    #[error("an output's URL must be rtmp:// or rtmps:// with a host and an application")]
    Url,
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("the peer does not speak RTMP: {0}")]
    Protocol(String),
    #[error("the peer did not take the stream")]
    Refused,
}

impl Destination {
    /// `rtmps://host:port/app`; the ports of RTMP and HTTPS without one.
    pub(crate) fn parse(url: &str) -> Result<Self, PushError> {
        let (scheme, rest) = url.split_once("://").ok_or(PushError::Url)?;
        let tls = match scheme {
            "rtmp" => false,
            "rtmps" => true,
            _ => return Err(PushError::Url),
        };
        let (authority, app) = rest.split_once('/').ok_or(PushError::Url)?;
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| PushError::Url)?),
            None => (authority, if tls { 443 } else { 1935 }),
        };
        let app = app.trim_matches('/');
        if host.is_empty() || app.is_empty() {
            return Err(PushError::Url);
        }
        Ok(Self { tls, host: host.to_owned(), port, app: app.to_owned() })
    }
}

/// Pushes until the publisher goes or the output is stopped, again after each failure.
pub(crate) async fn keep_pushing(
    to: Destination,
    key: String,
    feed: Arc<Feed>,
    tls: TlsConnector,
    stop: CancellationToken,
) {
    while feed.follow().is_some() {
        tokio::select! {
            () = stop.cancelled() => return,
            result = push(&to, &key, &feed, &tls) => match result {
                Ok(()) => return,
                Err(error) => tracing::info!(%error, host = to.host, "an output failed"),
            },
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

async fn push(to: &Destination, key: &str, feed: &Feed, tls: &TlsConnector) -> Result<(), PushError> {
    let stream = TcpStream::connect((to.host.as_str(), to.port)).await?;
    stream.set_nodelay(true)?;
    if to.tls {
        let name = ServerName::try_from(to.host.clone()).map_err(|_| PushError::Url)?;
        speak(tls.connect(name, stream).await?, to, key, feed).await
    } else {
        speak(stream, to, key, feed).await
    }
}

async fn speak<S: AsyncRead + AsyncWrite>(
    stream: S,
    to: &Destination,
    key: &str,
    feed: &Feed,
) -> Result<(), PushError> {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut buffer = vec![0; 16 * 1024];
    let mut handshake = Handshake::new(PeerType::Client);
    writer.write_all(&handshake.generate_outbound_p0_and_p1().map_err(protocol)?).await?;
    writer.flush().await?;
    let rest = loop {
        let read = reader.read(&mut buffer).await?;
        if read == 0 {
            return Err(PushError::Refused);
        }
        match handshake.process_bytes(&buffer[..read]).map_err(protocol)? {
            HandshakeProcessResult::InProgress { response_bytes } => writer.write_all(&response_bytes).await?,
            HandshakeProcessResult::Completed { response_bytes, remaining_bytes } => {
                writer.write_all(&response_bytes).await?;
                break remaining_bytes;
            }
        }
        writer.flush().await?;
    };

    let scheme = if to.tls { "rtmps" } else { "rtmp" };
    let mut config = ClientSessionConfig::new();
    config.tc_url = Some(format!("{scheme}://{}:{}/{}", to.host, to.port, to.app));
    let (mut session, greeting) = ClientSession::new(config).map_err(protocol)?;
    let mut results = VecDeque::from(greeting);
    results.push_back(session.request_connection(to.app.clone()).map_err(protocol)?);
    results.extend(session.handle_input(&rest).map_err(protocol)?);

    // Told apart by `following`: nobody is listened to before the peer has taken the stream.
    let mut following = None;
    let mut waits_for_key = true;
    loop {
        while let Some(result) = results.pop_front() {
            match result {
                Output::OutboundResponse(packet) => writer.write_all(&packet.bytes).await?,
                Output::RaisedEvent(Event::ConnectionRequestAccepted) => {
                    let request = session.request_publishing(key.to_owned(), PublishRequestType::Live);
                    results.push_back(request.map_err(protocol)?);
                }
                Output::RaisedEvent(Event::PublishRequestAccepted) => {
                    let Some(tags) = feed.follow() else { return Ok(()) };
                    following = Some(tags);
                    results.extend(headers(&mut session, feed)?);
                }
                Output::RaisedEvent(Event::ConnectionRequestRejected { .. }) => return Err(PushError::Refused),
                Output::RaisedEvent(_) | Output::UnhandleableMessageReceived(_) => {}
            }
        }
        writer.flush().await?;
        let next = async {
            match &mut following {
                Some(tags) => tags.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            tag = next => match tag {
                Ok(tag) => {
                    waits_for_key &= !tag.is_key_frame();
                    // Sound without a picture goes out at once only if there is no picture at all.
                    if !waits_for_key || tag.is_sequence_header() || feed.headers().video.is_none() {
                        results.push_back(message(&mut session, tag)?);
                    }
                }
                Err(RecvError::Lagged(_)) => waits_for_key = true,
                Err(RecvError::Closed) => {
                    for output in session.stop_publishing().map_err(protocol)? {
                        if let Output::OutboundResponse(packet) = output {
                            writer.write_all(&packet.bytes).await?;
                        }
                    }
                    writer.shutdown().await?;
                    return Ok(());
                }
            },
            read = reader.read(&mut buffer) => {
                let read = read?;
                if read == 0 {
                    return Err(PushError::Refused);
                }
                results.extend(session.handle_input(&buffer[..read]).map_err(protocol)?);
            }
        }
    }
}

/// What somebody who joins late has missed.
fn headers(session: &mut ClientSession, feed: &Feed) -> Result<Vec<Output>, PushError> {
    let headers = feed.headers();
    let mut out = Vec::new();
    if let Some(metadata) = &headers.metadata {
        out.push(session.publish_metadata(metadata).map_err(protocol)?);
    }
    for tag in [headers.video, headers.audio].into_iter().flatten() {
        out.push(message(session, tag)?);
    }
    Ok(out)
}

fn message(session: &mut ClientSession, tag: Tag) -> Result<Output, PushError> {
    let (data, time): (Bytes, _) = (tag.data, RtmpTimestamp::new(tag.time));
    match tag.kind {
        Kind::Audio => session.publish_audio_data(data, time, false),
        Kind::Video => session.publish_video_data(data, time, false),
    }
    .map_err(protocol)
}

fn protocol(error: impl std::fmt::Display) -> PushError {
    PushError::Protocol(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_read() {
        let parsed = Destination::parse("rtmps://global-live.mux.com:443/app").unwrap();
        let expected = Destination { tls: true, host: "global-live.mux.com".into(), port: 443, app: "app".into() };
        assert_eq!(parsed, expected);
        assert_eq!(Destination::parse("rtmp://a.rtmp.youtube.com/live2").unwrap().port, 1935);
        for bad in ["https://x/app", "rtmps://", "rtmps://host", "rtmps://host/", "rtmps://host:x/app", ""] {
            assert!(Destination::parse(bad).is_err(), "{bad}");
        }
    }
}
