//! What answers are wrapped in, and errors.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(crate) type Reply = Result<Response, ApiError>;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ApiError {
    InvalidParameters(String),
    NotFound,
    Unauthorized,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::InvalidParameters(message) => fail(StatusCode::BAD_REQUEST, "invalid_parameters", &message),
            Self::NotFound => fail(
                StatusCode::NOT_FOUND,
                "not_found",
                "The requested resource either doesn't exist or you don't have access to it.",
            ),
            Self::Unauthorized => fail(StatusCode::UNAUTHORIZED, "unauthorized", "Unauthorized request"),
        }
    }
}

impl ApiError {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::InvalidParameters(message.into())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "data is made for this")]
pub(super) fn ok(data: Value) -> Response {
    Json(json!({ "data": data })).into_response()
}

#[expect(clippy::needless_pass_by_value, reason = "data is made for this")]
pub(super) fn created(data: Value) -> Response {
    (StatusCode::CREATED, Json(json!({ "data": data }))).into_response()
}

pub(super) fn deleted() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

fn fail(status: StatusCode, kind: &str, message: &str) -> Response {
    (status, Json(json!({ "error": { "type": kind, "messages": [message] } }))).into_response()
}

pub(crate) fn rate_limited() -> Response {
    fail(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Too many requests")
}

pub(crate) fn server_error(status: StatusCode) -> Response {
    fail(status, "internal_error", "Something went wrong")
}

pub(super) fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    serde_json::from_slice(bytes).map_err(|error| ApiError::InvalidParameters(error.to_string()))
}

/// A page of a list: `limit` (25 without one) and `page` (from 1).
pub(super) fn page<T>(all: Vec<T>, limit: Option<usize>, page: Option<usize>) -> Vec<T> {
    let limit = limit.unwrap_or(25).clamp(1, 100);
    all.into_iter().skip(page.unwrap_or(1).saturating_sub(1) * limit).take(limit).collect()
}
