//! WHIP and WHEP of a live input. Nothing is recorded, nothing is served as HLS, nothing goes to outputs: "we do not yet
//! support inputs using RTMP/SRT to be played using WHEP, or inputs using WHIP to be recorded and played using HLS/DASH"
//! (developers.cloudflare.com/stream/webrtc-beta).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use domain::StreamId;
use http::{HeaderMap, HeaderName, StatusCode, header};
use media::{FrameSink, Gateway, IceCredentials, PublishError, Publisher, Recording, SessionId, ViewError};
use recorder::{Frame, Pushed};
use whip::credentials::Credentials;
use whip::etag::EntityTag;
use whip::offer::Role;
use whip::patch::{Decision, Request};

use crate::clock;
use crate::world::Shared;

pub(crate) struct WebRtc {
    gateway: Gateway,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// The gateway's name of each live input.
    streams: HashMap<String, StreamId>,
    sessions: HashMap<SessionId, Session>,
}

#[derive(Clone)]
struct Session {
    etag: EntityTag,
    credentials: Credentials,
}

/// Takes frames and throws them away.
struct Nowhere;

impl FrameSink for Nowhere {
    fn push(&mut self, _: Frame) -> Pushed {
        Pushed::Accepted
    }

    fn publisher_changed(&mut self) {}
}

impl WebRtc {
    pub(crate) fn new(gateway: Gateway) -> Self {
        Self { gateway, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stream(&self, input: &str) -> StreamId {
        let millis = u64::try_from(clock::now().as_millisecond()).unwrap_or(0);
        let new = || StreamId::from_parts(millis, rand::random());
        *self.known().streams.entry(input.to_owned()).or_insert_with(new)
    }

    /// Cuts whoever publishes to this live input, and whoever watches.
    pub(super) async fn end(&self, input: &str) {
        let stream = self.known().streams.get(input).copied();
        if let Some(stream) = stream {
            self.gateway.end_stream(stream).await;
        }
    }

    fn remember(&self, offer: &whip::offer::Offer, answer: &media::Answer) -> EntityTag {
        let etag = etag(&answer.ice);
        let session = Session { etag: etag.clone(), credentials: offer.credentials.clone() };
        self.known().sessions.insert(answer.session, session);
        etag
    }
}

fn etag(ice: &IceCredentials) -> EntityTag {
    EntityTag::new(ice.ufrag.clone()).expect("user name fragments are letters and digits, which entity tags may hold")
}

fn text(status: StatusCode, text: &str) -> Response {
    (status, text.to_owned()).into_response()
}

fn created(endpoint: &str, answer: media::Answer, etag: &EntityTag) -> Response {
    let headers = [
        (header::CONTENT_TYPE, whip::SDP.to_owned()),
        // Relative, as in the documents' sample.
        (header::LOCATION, format!("{endpoint}/{}", answer.session)),
        (header::ETAG, etag.to_string()),
        (HeaderName::from_static("protocol-version"), "draft-ietf-wish-whip-06".to_owned()),
    ];
    (StatusCode::CREATED, headers, answer.sdp).into_response()
}

#[expect(clippy::result_large_err, reason = "the error is the answer, which goes out at once")]
fn offer(headers: &HeaderMap, body: &Bytes, role: Role) -> Result<whip::offer::Offer, Response> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !whip::is_media_type(kind, whip::SDP) {
        return Err(text(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the content type is not application/sdp"));
    }
    let sdp = std::str::from_utf8(body).map_err(|_| text(StatusCode::BAD_REQUEST, "the offer is not UTF-8"))?;
    whip::offer::check(sdp, role).map_err(|error| {
        text(StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST), &error.to_string())
    })
}

/// `/{secret}/webRTC/publish`: the secret is the only credential.
pub(super) async fn publish(
    State(world): State<Shared>,
    Path(secret): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let input = {
        let state = world.state();
        let input = state.cloudflare.inputs.iter().find(|input| input.webrtc_secret == secret);
        match input {
            Some(input) if input.enabled => input.uid.clone(),
            Some(_) => return text(StatusCode::FORBIDDEN, "Live input is disabled"),
            None => return text(StatusCode::NOT_FOUND, "Live input not found"),
        }
    };
    let offer = match offer(&headers, &body, Role::Publisher) {
        Ok(offer) => offer,
        Err(refused) => return refused,
    };
    let webrtc = &world.webrtc;
    let stream = webrtc.stream(&input);
    let nowhere = Recording { origin: Instant::now(), sink: Box::new(Nowhere) };
    match webrtc.gateway.publish(stream, Publisher::Browser, nowhere, &offer.sdp).await {
        Ok(answer) => {
            let etag = webrtc.remember(&offer, &answer);
            created(&format!("/{secret}/webRTC/publish"), answer, &etag)
        }
        Err(PublishError::BadOffer(error)) => text(StatusCode::BAD_REQUEST, &error.to_string()),
        Err(error @ PublishError::UnsupportedCodecs) => text(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string()),
        Err(error) => text(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
    }
}

/// `/{uid}/webRTC/play`: only what is published by WHIP.
pub(super) async fn play(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let input = {
        let mut state = world.state();
        let (subject, signed) = state.cloudflare.opened_by(&id).map_or((id.clone(), false), |(id, _)| (id, true));
        match state.cloudflare.input(&subject) {
            Some(input) if input.recording.require_signed_urls && !signed => {
                return text(StatusCode::UNAUTHORIZED, "Unauthorized");
            }
            Some(input) => input.uid.clone(),
            None => return text(StatusCode::NOT_FOUND, "Live input not found"),
        }
    };
    let offer = match offer(&headers, &body, Role::Viewer) {
        Ok(offer) => offer,
        Err(refused) => return refused,
    };
    let webrtc = &world.webrtc;
    let stream = webrtc.stream(&input);
    match webrtc.gateway.view(stream, &offer.sdp).await {
        Ok(answer) => {
            let etag = webrtc.remember(&offer, &answer);
            created(&format!("/{id}/webRTC/play"), answer, &etag)
        }
        Err(ViewError::NotLive) => text(StatusCode::CONFLICT, "Live broadcast not started yet"),
        Err(ViewError::BadOffer(error)) => text(StatusCode::BAD_REQUEST, &error.to_string()),
        Err(error @ ViewError::NoCommonCodec) => text(StatusCode::NOT_ACCEPTABLE, &error.to_string()),
        Err(error) => text(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
    }
}

type SessionPath = Path<(String, String)>;

pub(super) async fn hang_up(State(world): State<Shared>, Path((_, session)): SessionPath) -> Response {
    let Ok(session) = session.parse() else { return StatusCode::NOT_FOUND.into_response() };
    let known = world.webrtc.known().sessions.remove(&session).is_some();
    // One that is over already is as the client wants it.
    let _ = world.webrtc.gateway.hang_up(session).await;
    if known { StatusCode::OK } else { StatusCode::NOT_FOUND }.into_response()
}

/// Candidates only. Restarts of ICE are refused: Cloudflare's page does not mention them.
pub(super) async fn patch(
    State(world): State<Shared>,
    Path((_, session)): SessionPath,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Ok(id) = session.parse::<SessionId>() else { return StatusCode::NOT_FOUND.into_response() };
    let Some(session) = world.webrtc.known().sessions.get(&id).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let request =
        Request { content_type: header(header::CONTENT_TYPE), if_match: header(header::IF_MATCH), body: &body };
    let current = whip::patch::Session { etag: &session.etag, credentials: &session.credentials, restart: false };
    match whip::patch::decide(request, current) {
        Ok(Decision::Trickle { .. }) if world.webrtc.gateway.check(id).await.is_ok() => {
            StatusCode::NO_CONTENT.into_response()
        }
        Ok(_) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => text(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string()),
    }
}

pub(super) async fn nothing() -> StatusCode {
    StatusCode::NO_CONTENT
}

impl WebRtc {
    /// Whether somebody publishes to this live input by WHIP.
    pub(super) fn is_published(&self, input: &str) -> bool {
        let stream = self.known().streams.get(input).copied();
        stream.and_then(|stream| self.gateway.stats(stream)).is_some_and(|stats| stats.connected)
    }
}
