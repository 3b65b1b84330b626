//! What the streamer's page asks besides WHIP.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use domain::{StreamId, feedback::Feedback, success::Connected};
use service::Everlight;
use tracing::Instrument as _;

use super::{reply, whip::bearer};

/// Whether the link is good, and what it is for.
pub async fn check(
    State(everlight): State<Arc<Everlight>>,
    Path(stream): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Ok(id) = stream.parse::<StreamId>() else { return reply::not_found() };
    match everlight.publishing().check(id, bearer(&headers)).await {
        Ok(document) => Json(document).into_response(),
        Err(refusal) => reply::refusal(&refusal),
    }
}

/// Ends the service for good. In a task of its own: a phone in a dead spot gives up and asks again, and what was begun is
/// finished without it.
pub async fn end(State(everlight): State<Arc<Everlight>>, Path(stream): Path<String>, headers: HeaderMap) -> Response {
    let Ok(id) = stream.parse::<StreamId>() else { return reply::not_found() };
    let token = bearer(&headers).map(str::to_owned);
    let ending = async move { everlight.publishing().end(id, token.as_deref()).await };
    match tokio::spawn(ending.in_current_span()).await {
        Ok(Ok(())) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(refusal)) => reply::refusal(&refusal),
        Err(_) => reply::unavailable(),
    }
}

/// Keeps what whoever filmed says of how it went.
pub async fn rate(
    State(everlight): State<Arc<Everlight>>,
    Path(stream): Path<String>,
    headers: HeaderMap,
    Json(feedback): Json<Feedback>,
) -> Response {
    let Ok(id) = stream.parse::<StreamId>() else { return reply::not_found() };
    match everlight.publishing().rate(id, bearer(&headers), feedback).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => reply::refusal(&refusal),
    }
}

/// Keeps how long the phone took to connect: a number for statistics, that decides nothing.
pub async fn connected(
    State(everlight): State<Arc<Everlight>>,
    Path(stream): Path<String>,
    headers: HeaderMap,
    Json(connected): Json<Connected>,
) -> Response {
    let Ok(id) = stream.parse::<StreamId>() else { return reply::not_found() };
    match everlight.publishing().connected(id, bearer(&headers), connected).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => reply::refusal(&refusal),
    }
}
