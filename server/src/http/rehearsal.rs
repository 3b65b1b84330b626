//! Rehearsals, for the person who films: what arrived, to look at it, and what came of it.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Request, State},
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use domain::{StreamId, rehearsal::Remark};
use serde::Deserialize;
use service::Everlight;
use tower::ServiceExt as _;
use tower_http::services::ServeFile;

use super::{reply, whip::bearer};

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
