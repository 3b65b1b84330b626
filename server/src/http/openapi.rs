//! What programs can read of the JSON API: `GET /api/openapi.json`.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

/// OpenAPI 3.1. `server/tests/edge/openapi.rs` holds the server to it.
const DESCRIPTION: &str = include_str!("../../../docs/openapi.json");

pub async fn description() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DESCRIPTION).into_response()
}
