//! Answers in words, and problem documents (RFC 9457): the one place where an error becomes HTTP.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use service::{publishing::Refusal, sessions::PatchRefusal, viewing::ViewError};
use whip::problem::Problem;

/// After this many seconds a client that was refused for want of room may try again.
const RETRY_AFTER: &str = "5";
/// Seconds after which there may be a place for a network that has none left.
const NETWORK_FULL: u64 = 30;

pub fn text(status: StatusCode, text: &'static str) -> Response {
    (status, text).into_response()
}

pub fn signed_out() -> Response {
    text(StatusCode::UNAUTHORIZED, "Please sign in.")
}

pub fn forbidden() -> Response {
    text(StatusCode::FORBIDDEN, "Only an administrator may do this.")
}

pub fn unavailable() -> Response {
    text(StatusCode::SERVICE_UNAVAILABLE, "That did not work just now. Please try again.")
}

pub fn too_many(seconds: u64) -> Response {
    wait("Too many attempts. Please wait a moment and try again.", seconds)
}

/// `seconds`: until it is worth trying again.
pub fn wait(detail: &str, seconds: u64) -> Response {
    let mut response = problem(StatusCode::TOO_MANY_REQUESTS, detail);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

pub fn not_found() -> Response {
    text(StatusCode::NOT_FOUND, "That is not here.")
}

/// A problem document.
pub fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = Problem { status: status.as_u16(), title, detail: Some(detail) }.to_json();
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(whip::problem::CONTENT_TYPE));
    match status {
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
        }
        // "Nobody is live yet" (draft-ietf-wish-whep): worth asking again soon.
        StatusCode::CONFLICT => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        _ => {}
    }
    response
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST)
}

fn offer_status(error: &media::OfferError) -> StatusCode {
    match error {
        media::OfferError::Malformed(_) => StatusCode::BAD_REQUEST,
        media::OfferError::Unacceptable(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

pub fn service_error(error: &service::Error) -> Response {
    let (status, words) = status_and_words(error);
    problem(status, &words)
}

/// The status of an error of a use case, and what people are told.
pub fn status_and_words(error: &service::Error) -> (StatusCode, String) {
    match error {
        service::Error::SignedOut => (StatusCode::UNAUTHORIZED, "Please sign in.".into()),
        service::Error::NotFound => (StatusCode::NOT_FOUND, "There is no such thing.".into()),
        service::Error::Forbidden(reason) => (StatusCode::FORBIDDEN, (*reason).into()),
        service::Error::Invalid(reason) => (StatusCode::UNPROCESSABLE_ENTITY, reason.clone()),
        service::Error::PasscodeNeeded => (StatusCode::FORBIDDEN, "Please enter the passcode of this service.".into()),
        service::Error::NoLongerShown => (StatusCode::GONE, "This service is not shown any more.".into()),
        service::Error::TooMany | service::Error::Wait(_) => {
            (StatusCode::TOO_MANY_REQUESTS, "Too many attempts.".into())
        }
        service::Error::Elsewhere => {
            (StatusCode::SERVICE_UNAVAILABLE, "That did not work just now. Please try again.".into())
        }
        service::Error::Store(_) | service::Error::Media(_) | service::Error::Internal(_) => {
            tracing::error!(%error, "a request could not be carried out");
            (StatusCode::SERVICE_UNAVAILABLE, "That did not work just now.".into())
        }
    }
}

pub fn refusal(refusal: &Refusal) -> Response {
    let detail = refusal.to_string();
    match refusal {
        Refusal::NoToken | Refusal::WrongToken => problem(StatusCode::UNAUTHORIZED, &detail),
        Refusal::Deleted => problem(StatusCode::NOT_FOUND, &detail),
        Refusal::Over | Refusal::TooLate => problem(StatusCode::GONE, &detail),
        Refusal::TooEarly => problem(StatusCode::TOO_EARLY, &detail),
        Refusal::Offer(error) => problem(status(error.status()), &detail),
        Refusal::Media(media::PublishError::BadOffer(error)) => problem(offer_status(error), &detail),
        Refusal::Media(media::PublishError::UnsupportedCodecs) => problem(StatusCode::UNPROCESSABLE_ENTITY, &detail),
        Refusal::Media(media::PublishError::Full | media::PublishError::Stopped) | Refusal::Recorder(_) => {
            problem(StatusCode::SERVICE_UNAVAILABLE, &detail)
        }
        Refusal::NoSpace => problem(StatusCode::INSUFFICIENT_STORAGE, &detail),
        Refusal::ByEncoder => problem(StatusCode::CONFLICT, &detail),
        // No 409, after which a phone would try again.
        Refusal::TakenOver => problem(StatusCode::LOCKED, &detail),
        Refusal::Direct(error) => problem(direct_status(error), &detail),
        Refusal::Service(error) => service_error(error),
    }
}

fn direct_status(error: &service::DirectError) -> StatusCode {
    match error {
        service::DirectError::NotLive => StatusCode::CONFLICT,
        // An offer that the provider cannot take cannot be taken here.
        service::DirectError::Refused(400 | 406 | 415 | 422) => StatusCode::UNPROCESSABLE_ENTITY,
        service::DirectError::Refused(_) | service::DirectError::NoAnswer | service::DirectError::NotASession => {
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

pub fn view_error(error: &ViewError) -> Response {
    let detail = error.to_string();
    match error {
        ViewError::NetworkFull => wait(&detail, NETWORK_FULL),
        ViewError::Service(error) => service_error(error),
        ViewError::Direct(error) => problem(direct_status(error), &detail),
        ViewError::Offer(error) => problem(status(error.status()), &detail),
        ViewError::Media(media::ViewError::NotLive) => problem(StatusCode::CONFLICT, &detail),
        ViewError::Media(media::ViewError::BadOffer(error)) => problem(offer_status(error), &detail),
        ViewError::Media(media::ViewError::NoCommonCodec) => problem(StatusCode::NOT_ACCEPTABLE, &detail),
        ViewError::Media(media::ViewError::Full | media::ViewError::Stopped) => {
            problem(StatusCode::SERVICE_UNAVAILABLE, &detail)
        }
    }
}

pub fn patch_refusal(refusal: &PatchRefusal) -> Response {
    let detail = refusal.to_string();
    match refusal {
        PatchRefusal::Request(error) => problem(status(error.status()), &detail),
        PatchRefusal::Unknown => problem(StatusCode::NOT_FOUND, &detail),
        PatchRefusal::Provider(status) => problem(self::status(*status), &detail),
        PatchRefusal::Stopped => problem(StatusCode::SERVICE_UNAVAILABLE, &detail),
    }
}
