//! What every answer of the API is wrapped in, and its errors.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(crate) type Reply = Result<Response, ApiError>;

/// Codes as in the documents; `10005` for requests that they do not name a code for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ApiError {
    BadRequest(String),
    NotFound,
    NoRoute,
    Unauthorized,
    InvalidToken,
    RetentionOutOfRange,
    NotAVideo,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, code, message) = match self {
            Self::BadRequest(message) => (StatusCode::BAD_REQUEST, 10005, message),
            Self::NotFound => (StatusCode::NOT_FOUND, 10003, "Not Found: could not be found".to_owned()),
            Self::NoRoute => (StatusCode::NOT_FOUND, 7003, "No route for the URI".to_owned()),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, 10000, "Authentication error".to_owned()),
            Self::InvalidToken => (StatusCode::UNAUTHORIZED, 1000, "Invalid API Token".to_owned()),
            Self::RetentionOutOfRange => {
                (StatusCode::BAD_REQUEST, 10060, "deleteRecordingAfterDays must be between 30 and 1096 days".to_owned())
            }
            Self::NotAVideo => (StatusCode::BAD_REQUEST, 10059, "the uploaded file is not a video".to_owned()),
        };
        fail(status, code, &message)
    }
}

pub(crate) fn ok(result: Value) -> Response {
    ok_with_status(StatusCode::OK, result)
}

#[expect(clippy::needless_pass_by_value, reason = "results are made for this")]
pub(crate) fn ok_with_status(status: StatusCode, result: Value) -> Response {
    (status, Json(json!({ "result": result, "success": true, "errors": [], "messages": [] }))).into_response()
}

/// Success with nothing to say: the SDKs ask for `*/*` here.
pub(crate) fn empty() -> Response {
    StatusCode::OK.into_response()
}

fn fail(status: StatusCode, code: u32, message: &str) -> Response {
    let error = json!({ "code": code, "message": message });
    (status, Json(json!({ "result": null, "success": false, "errors": [error], "messages": [] }))).into_response()
}

pub(crate) fn rate_limited() -> Response {
    fail(StatusCode::TOO_MANY_REQUESTS, 971, "Please wait and consider throttling your request speed")
}

pub(crate) fn server_error(status: StatusCode) -> Response {
    fail(status, 10001, "Internal error")
}

/// A request's JSON body; nothing at all is `{}`.
pub(crate) fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    serde_json::from_slice(bytes).map_err(|error| ApiError::BadRequest(format!("Bad Request: {error}")))
}

/// Tells "not mentioned" (`None`) from `null` (`Some(None)`).
pub(crate) fn mentioned<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    serde::Deserialize::deserialize(deserializer).map(Some)
}
