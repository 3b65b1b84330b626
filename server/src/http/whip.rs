//! WHIP (RFC 9725): the endpoint `/whip/{stream}` and the sessions under it.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use domain::StreamId;
use media::SessionId;
use service::{Everlight, publishing::Published, sessions::Patched};

use super::reply;

/// Of the name that a page gives to its going live.
const LONGEST_TURN: usize = 64;

/// `POST`: an offer comes, an answer goes.
pub async fn publish(
    State(everlight): State<Arc<Everlight>>,
    Path(stream): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let offer = match offer(&headers, &body) {
        Ok(offer) => offer,
        Err(refused) => return open_to_other_origins(refused),
    };
    let Ok(id) = stream.parse::<StreamId>() else {
        return open_to_other_origins(reply::problem(StatusCode::NOT_FOUND, "there is no such stream"));
    };
    let published = if query.as_deref() == Some("rehearsal") {
        everlight.rehearsals().publish(id, bearer(&headers), offer).await
    } else {
        let turn =
            query.as_deref().and_then(|query| query.strip_prefix("turn=")).filter(|name| name.len() <= LONGEST_TURN);
        everlight.publishing().publish(id, bearer(&headers), offer, agent(&headers), turn).await
    };
    let answer = match published {
        Ok(published) => created(&published, &format!("/whip/{id}")),
        Err(refusal) => reply::refusal(&refusal),
    };
    open_to_other_origins(answer)
}

/// `PATCH`: candidates, or an ICE restart.
pub async fn patch(
    State(everlight): State<Arc<Everlight>>,
    Path((stream, session)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some((stream, session)) = session_of(&stream, &session) else { return open_to_other_origins(no_session()) };
    let request = patch_request(&headers, &body);
    let answer = match everlight.publishing().patch(stream, session, bearer(&headers), request).await {
        Ok(Ok(patched)) => patched_reply(patched),
        Ok(Err(refusal)) => reply::patch_refusal(&refusal),
        Err(refusal) => reply::refusal(&refusal),
    };
    open_to_other_origins(answer)
}

/// `DELETE`: the session ends, the service does not. Entity tags are ignored (§4.3.1). A session that is over already (the
/// service was ended, another phone took over) is as the client wants it.
pub async fn hang_up(
    State(everlight): State<Arc<Everlight>>,
    Path((stream, session)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some((stream, session)) = session_of(&stream, &session) else { return open_to_other_origins(no_session()) };
    let answer = match everlight.publishing().hang_up(stream, session, bearer(&headers)).await {
        Ok(_) => StatusCode::OK.into_response(),
        Err(refusal) => reply::refusal(&refusal),
    };
    open_to_other_origins(answer)
}

/// `OPTIONS` on the endpoint: what a `POST` may carry, and what other origins may send and read.
pub async fn discover() -> Response {
    let mut response = open_to_other_origins(StatusCode::OK.into_response());
    response.headers_mut().insert("accept-post", HeaderValue::from_static(whip::SDP));
    allow(response, "POST, GET, OPTIONS")
}

/// `OPTIONS` on a session.
pub async fn discover_session() -> Response {
    let mut response = open_to_other_origins(StatusCode::OK.into_response());
    response.headers_mut().insert("accept-patch", HeaderValue::from_static(whip::SDP_FRAGMENT));
    allow(response, "PATCH, DELETE, GET, OPTIONS")
}

/// `GET` succeeds and says nothing (§4.1).
pub async fn nothing() -> Response {
    open_to_other_origins(StatusCode::NO_CONTENT.into_response())
}

fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn allow(mut response: Response, methods: &'static str) -> Response {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(whip::ALLOW_HEADERS));
    response
}

/// Any page may publish that holds a token: no cookie is looked at here.
pub(super) fn open_to_other_origins(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(whip::EXPOSE_HEADERS));
    response
}

pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(whip::bearer_token)
}

/// The body as a session description, or the refusal.
#[expect(clippy::result_large_err, reason = "the error is the answer, which goes out at once")]
pub(super) fn offer<'a>(headers: &HeaderMap, body: &'a Bytes) -> Result<&'a str, Response> {
    if !whip::is_media_type(content_type(headers), whip::SDP) {
        return Err(reply::problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the content type is not application/sdp"));
    }
    std::str::from_utf8(body).map_err(|_| reply::problem(StatusCode::BAD_REQUEST, "the offer is not UTF-8"))
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok())
}

pub(super) fn patch_request<'a>(headers: &'a HeaderMap, body: &'a Bytes) -> whip::patch::Request<'a> {
    whip::patch::Request {
        content_type: content_type(headers),
        if_match: headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok()),
        body,
    }
}

/// `201`, with the session's address and entity tag.
pub(super) fn created(published: &Published, endpoint: &str) -> Response {
    let session = format!("{endpoint}/{}", published.session);
    let headers = [
        (header::CONTENT_TYPE, whip::SDP.to_owned()),
        (header::LOCATION, session),
        (header::ETAG, published.etag.to_string()),
        (header::HeaderName::from_static("accept-patch"), whip::SDP_FRAGMENT.to_owned()),
    ];
    (StatusCode::CREATED, headers, published.sdp.clone()).into_response()
}

pub(super) fn patched_reply(patched: Patched) -> Response {
    match patched {
        Patched::Taken => StatusCode::NO_CONTENT.into_response(),
        Patched::Restarted { fragment, etag } => {
            let headers = [(header::CONTENT_TYPE, whip::SDP_FRAGMENT.to_owned()), (header::ETAG, etag)];
            (StatusCode::OK, headers, fragment).into_response()
        }
    }
}

fn session_of(stream: &str, session: &str) -> Option<(StreamId, SessionId)> {
    Some((stream.parse().ok()?, session.parse().ok()?))
}

pub(super) fn no_session() -> Response {
    reply::problem(StatusCode::NOT_FOUND, "there is no such session, or it is over")
}
