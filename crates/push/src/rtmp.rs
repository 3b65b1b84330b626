//! The publishing side of RTMP, without I/O: handshake, `connect`, `createStream`, `publish`, media, the end.
//!
//! On `rml_rtmp`, which knows `onStatus` codes that mean success only: what refuses is read here.

use std::collections::HashMap;
use std::io::Cursor;

use bytes::{Bytes, BytesMut};
use rml_amf0::Amf0Value;
use rml_rtmp::handshake::{Handshake, HandshakeProcessResult, PeerType};
use rml_rtmp::sessions::{
    ClientSession, ClientSessionConfig, ClientSessionError, ClientSessionEvent, ClientSessionResult,
    PublishRequestType, StreamMetadata,
};
use rml_rtmp::time::RtmpTimestamp;
use secrecy::{ExposeSecret, SecretString};

use crate::ingest::Ingest;

/// The server shall acknowledge every so many bytes: at 2.5 Mbit/s, about once a second.
const ACKNOWLEDGE_EVERY: u32 = 256 << 10;
/// What a server's explanation is cut to, in characters.
const LONGEST_REASON: usize = 200;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RtmpError {
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    Protocol(String),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RtmpEvent {
    /// Media may be sent now.
    Publishing,
    /// The server has received so many bytes.
    Acknowledged(u32),
}

/// A message of the stream.
#[derive(Debug)]
pub(crate) enum Message {
    Metadata(Bytes),
    Audio(Bytes),
    Video(Bytes),
}

pub(crate) struct Publisher {
    key: SecretString,
    app: String,
    handshake: Option<Handshake>,
    session: ClientSession,
    publishing: bool,
    ended: bool,
}

impl Publisher {
    /// What is to be sent is appended to `out`, here and below.
    pub(crate) fn new(ingest: &Ingest, out: &mut BytesMut) -> Result<Self, RtmpError> {
        let mut handshake = Handshake::new(PeerType::Client);
        let hello = handshake.generate_outbound_p0_and_p1().map_err(|error| RtmpError::Protocol(error.to_string()))?;
        out.extend_from_slice(&hello);
        let config = ClientSessionConfig {
            flash_version: "FMLE/3.0 (compatible; Everlight)".to_owned(),
            window_ack_size: ACKNOWLEDGE_EVERY,
            chunk_size: 4096,
            tc_url: Some(ingest.url.to_string()),
            playback_buffer_length_ms: 0,
        };
        let (session, _) = ClientSession::new(config).map_err(|error| RtmpError::Protocol(error.to_string()))?;
        let (key, app) = (ingest.key.clone(), ingest.url.app.clone());
        Ok(Self { key, app, handshake: Some(handshake), session, publishing: false, ended: false })
    }

    /// Bytes came from the server.
    pub(crate) fn input(&mut self, bytes: &[u8], out: &mut BytesMut) -> Result<Vec<RtmpEvent>, RtmpError> {
        let rest = match &mut self.handshake {
            None => return self.session_input(bytes, out),
            Some(handshake) => match handshake.process_bytes(bytes) {
                Ok(HandshakeProcessResult::InProgress { response_bytes }) => {
                    out.extend_from_slice(&response_bytes);
                    return Ok(Vec::new());
                }
                Ok(HandshakeProcessResult::Completed { response_bytes, remaining_bytes }) => {
                    out.extend_from_slice(&response_bytes);
                    remaining_bytes
                }
                Err(error) => return Err(self.protocol(&error)),
            },
        };
        self.handshake = None;
        let connect = self.session.request_connection(self.app.clone());
        self.send(connect, out)?;
        self.session_input(&rest, out)
    }

    /// Sends a message. Before [`RtmpEvent::Publishing`] it is an error.
    pub(crate) fn message(&mut self, message: Message, timestamp: u32, out: &mut BytesMut) -> Result<(), RtmpError> {
        let timestamp = RtmpTimestamp::new(timestamp);
        let sent = match message {
            Message::Audio(data) => self.session.publish_audio_data(data, timestamp, false),
            Message::Video(data) => self.session.publish_video_data(data, timestamp, false),
            Message::Metadata(amf) => match metadata(&amf) {
                Some(metadata) => self.session.publish_metadata(&metadata),
                None => return Ok(()),
            },
        };
        self.send(sent, out)
    }

    /// The stream ends here.
    pub(crate) fn end(&mut self, out: &mut BytesMut) -> Result<(), RtmpError> {
        self.ended = true;
        let results = self.session.stop_publishing().map_err(|error| self.protocol(&error))?;
        self.take(results, out);
        Ok(())
    }

    fn session_input(&mut self, bytes: &[u8], out: &mut BytesMut) -> Result<Vec<RtmpEvent>, RtmpError> {
        let results = match self.session.handle_input(bytes) {
            Ok(results) => results,
            Err(ClientSessionError::CreateStreamFailed) => {
                return Err(RtmpError::Refused("it makes no stream for us".to_owned()));
            }
            Err(error) => return Err(self.protocol(&error)),
        };
        // All of them first: a new chunk size holds for what comes after it.
        let raised = self.take(results, out);
        let mut events = Vec::new();
        for event in raised {
            match event {
                ClientSessionEvent::ConnectionRequestAccepted => {
                    let key = self.key.expose_secret().to_owned();
                    let publish = self.session.request_publishing(key, PublishRequestType::Live);
                    self.send(publish, out)?;
                }
                ClientSessionEvent::PublishRequestAccepted => {
                    self.publishing = true;
                    events.push(RtmpEvent::Publishing);
                }
                ClientSessionEvent::AcknowledgementReceived { bytes_received } => {
                    events.push(RtmpEvent::Acknowledged(bytes_received));
                }
                ClientSessionEvent::ConnectionRequestRejected { description } => {
                    return Err(self.refused("the connection is rejected", &description));
                }
                ClientSessionEvent::UnhandleableOnStatusCode { code } => self.status(&code)?,
                // `rml_rtmp` knows no reply to `publish` but `onStatus`; some servers answer `_error`.
                ClientSessionEvent::UnknownTransactionResultReceived { additional_values, .. } => {
                    self.reply(additional_values)?;
                }
                _ => {}
            }
        }
        Ok(events)
    }

    /// A status other than that publishing begins: before media flows, an answer to what was asked.
    fn status(&self, code: &str) -> Result<(), RtmpError> {
        let asked = !self.publishing && !self.ended;
        let refuses = code.starts_with("NetStream.Publish.") || code.starts_with("NetConnection.Connect.");
        if asked || (refuses && !self.ended) { Err(self.refused(code, "")) } else { Ok(()) }
    }

    fn reply(&self, mut values: Vec<Amf0Value>) -> Result<(), RtmpError> {
        let Some(Amf0Value::Object(mut properties)) = values.pop() else { return Ok(()) };
        let mut text = |name| properties.remove(name).and_then(Amf0Value::get_string).unwrap_or_default();
        let (level, code, description) = (text("level"), text("code"), text("description"));
        if level.ends_with("error") { Err(self.refused(&code, &description)) } else { Ok(()) }
    }

    fn refused(&self, code: &str, description: &str) -> RtmpError {
        let text = match (code, description) {
            ("", "") => "it does not say why".to_owned(),
            (text, "") | ("", text) => text.to_owned(),
            (code, description) => format!("{description} ({code})"),
        };
        RtmpError::Refused(plain(&text, &self.key))
    }

    fn protocol(&self, error: &dyn std::error::Error) -> RtmpError {
        RtmpError::Protocol(plain(&error.to_string(), &self.key))
    }

    fn send(
        &mut self,
        result: Result<ClientSessionResult, ClientSessionError>,
        out: &mut BytesMut,
    ) -> Result<(), RtmpError> {
        let result = result.map_err(|error| self.protocol(&error))?;
        self.take(vec![result], out);
        Ok(())
    }

    fn take(&self, results: Vec<ClientSessionResult>, out: &mut BytesMut) -> Vec<ClientSessionEvent> {
        let mut events = Vec::new();
        for result in results {
            match result {
                ClientSessionResult::OutboundResponse(packet) => out.extend_from_slice(&packet.bytes),
                ClientSessionResult::RaisedEvent(event) => events.push(event),
                // Bandwidth hints and the like.
                ClientSessionResult::UnhandleableMessageReceived(_) => {}
            }
        }
        events
    }
}

/// What a server said, fit for people: without the key, which servers like to repeat, and not too long.
fn plain(text: &str, key: &SecretString) -> String {
    let key = key.expose_secret();
    let mut text = text.to_owned();
    for secret in [key, key.split('?').next().unwrap_or(key)] {
        if !secret.is_empty() {
            text = text.replace(secret, "…");
        }
    }
    text.chars().filter(|character| !character.is_control()).take(LONGEST_REASON).collect()
}

/// What ffmpeg's `onMetaData` says.
fn metadata(amf: &[u8]) -> Option<StreamMetadata> {
    let values = rml_amf0::deserialize(&mut Cursor::new(amf)).ok()?;
    let properties = values.into_iter().find_map(|value| match value {
        Amf0Value::Object(properties) => Some(properties),
        _ => None,
    });
    let properties: HashMap<_, _> = properties?;
    let mut metadata = StreamMetadata::new();
    metadata.apply_metadata_values(properties);
    metadata.encoder = Some("Everlight".to_owned());
    Some(metadata)
}
