//! Rehearsals, for the person who films: what arrived, to look at it, and what came of it.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use domain::{StreamId, rehearsal::Remark};
use futures::StreamExt as _;
use serde::Deserialize;
use service::Everlight;
use tower::ServiceExt as _;
use tower_http::services::ServeFile;

use super::{reply, whip::bearer};

/// Of a measurement of the uplink.
const LARGEST_PROBE: usize = 4 << 20;

/// Ends it; answers with what arrived.
pub async fn finish(
    State(everlight): State<Arc<Everlight>>,
    Path(stream): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Ok(id) = stream.parse::<StreamId>() else { return reply::not_found() };
    match everlight.rehearsals().finish(id, bearer(&headers)).await {
        Ok(arrived) => Json(arrived).into_response(),
        Err(refusal) => reply::refusal(&refusal),
    }
}

/// Takes bytes of no meaning, so that the phone can tell how fast it sends.
pub async fn speed(
    State(everlight): State<Arc<Everlight>>,
    Path(stream): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Ok(id) = stream.parse::<StreamId>() else { return reply::not_found() };
    if let Err(refusal) = everlight.rehearsals().authorize(id, bearer(&headers)).await {
        return reply::refusal(&refusal);
    }
    let mut pieces = body.into_data_stream();
    let mut length = 0;
    while let Some(Ok(piece)) = pieces.next().await {
        length += piece.len();
        if length > LARGEST_PROBE {
            return reply::problem(StatusCode::PAYLOAD_TOO_LARGE, "that is more than a measurement needs");
        }
    }
    StatusCode::NO_CONTENT.into_response()
}

/// What was recorded of it.
pub async fn file(
    State(everlight): State<Arc<Everlight>>,
    Path(stream): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let Ok(id) = stream.parse::<StreamId>() else { return reply::not_found() };
    match everlight.rehearsals().file(id, bearer(&headers)).await {
        Ok(file) => {
            let Ok(served) = ServeFile::new(file).oneshot(request).await;
            served.into_response()
        }
        Err(refusal) => reply::refusal(&refusal),
    }
}

#[derive(Debug, Deserialize)]
pub struct Conclusion {
    remarks: Vec<Remark>,
}

/// Keeps what came of it; answers with the verdict.
pub async fn conclude(
    State(everlight): State<Arc<Everlight>>,
    Path(stream): Path<String>,
    headers: HeaderMap,
    Json(Conclusion { remarks }): Json<Conclusion>,
) -> Response {
    let Ok(id) = stream.parse::<StreamId>() else { return reply::not_found() };
    match everlight.rehearsals().conclude(id, bearer(&headers), remarks).await {
        Ok(rehearsal) => Json(rehearsal).into_response(),
        Err(refusal) => reply::refusal(&refusal),
    }
}
