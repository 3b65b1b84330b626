//! Resumable uploads (tus 1.0) of phones' safety copies: `/uploads/{stream}` makes one, `/uploads/{stream}/{upload}` is it.
//! Each request carries the streamer's token.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use domain::{StreamId, UploadId};
use futures::StreamExt as _;
use serde::Deserialize;
use service::{
    Everlight,
    uploads::{LARGEST, UploadRefusal},
};
use tus::{Create, Patch, Upload, UploadError};

use super::{reply, whip::bearer};

/// A connection that brings nothing for this long is given up; what came is kept.
const STALLED: Duration = Duration::from_secs(30);

fn fields<'a>(headers: &'a HeaderMap) -> impl Fn(&str) -> Option<&'a str> {
    |name| headers.get(name).and_then(|value| value.to_str().ok())
}

/// `OPTIONS`: what this server can do.
pub async fn discover() -> Response {
    let mut response = with_version(StatusCode::NO_CONTENT.into_response());
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("tus-version"), HeaderValue::from_static(tus::VERSION));
    headers.insert(HeaderName::from_static("tus-extension"), HeaderValue::from_static(tus::EXTENSIONS));
    headers
        .insert(HeaderName::from_static("tus-checksum-algorithm"), HeaderValue::from_static(tus::CHECKSUM_ALGORITHMS));
    headers.insert(HeaderName::from_static("tus-max-size"), HeaderValue::from(LARGEST));
    response
}

/// `POST`: makes an upload, or finds the one that was made by the same request before.
pub async fn create(
    State(everlight): State<Arc<Everlight>>,
    Path(stream): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Ok(stream) = stream.parse::<StreamId>() else { return refused(&UploadRefusal::Unknown) };
    let create = match Create::parse(fields(&headers), LARGEST) {
        Ok(create) => create,
        Err(error) => return refused(&error.into()),
    };
    match everlight.uploads().create(stream, bearer(&headers), &create).await {
        Ok((id, upload)) => {
            let mut response = standing(StatusCode::CREATED, upload);
            if let Ok(location) = HeaderValue::from_str(&format!("/uploads/{stream}/{id}")) {
                response.headers_mut().insert(header::LOCATION, location);
            }
            response
        }
        Err(refusal) => refused(&refusal),
    }
}

/// `HEAD`: how far it is.
pub async fn status(
    State(everlight): State<Arc<Everlight>>,
    Path((_, upload)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Ok(id) = upload.parse::<UploadId>() else { return refused(&UploadRefusal::Unknown) };
    match everlight.uploads().status(id, bearer(&headers)).await {
        Ok(upload) => standing(StatusCode::OK, upload),
        Err(refusal) => refused(&refusal),
    }
}

/// `PATCH`: appends. What came before a connection broke is kept.
pub async fn append(
    State(everlight): State<Arc<Everlight>>,
    Path((_, upload)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Ok(id) = upload.parse::<UploadId>() else { return refused(&UploadRefusal::Unknown) };
    let parse = |upload| Patch::parse(fields(&headers), upload, LARGEST);
    let mut appending = match everlight.uploads().append(id, bearer(&headers), parse).await {
        Ok(appending) => appending,
        Err(refusal) => return refused(&refusal),
    };
    let mut pieces = body.into_data_stream();
    let mut outcome = Ok(());
    while outcome.is_ok() {
        match tokio::time::timeout(STALLED, pieces.next()).await {
            Ok(Some(Ok(piece))) => outcome = appending.write(&piece).await,
            Ok(None) => break,
            Ok(Some(Err(_))) | Err(_) => {
                // Whoever sent it is not there to read an answer, or will ask how far it is.
                drop(appending.finish().await);
                return with_version(reply::problem(StatusCode::REQUEST_TIMEOUT, "the upload broke off"));
            }
        }
    }
    let finished = appending.finish().await;
    match outcome.and(finished) {
        Ok(offset) => standing(StatusCode::NO_CONTENT, Upload { offset, length: None }),
        Err(refusal) => refused(&refusal),
    }
}

/// `DELETE`: forgets it.
pub async fn terminate(
    State(everlight): State<Arc<Everlight>>,
    Path((_, upload)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Ok(id) = upload.parse::<UploadId>() else { return refused(&UploadRefusal::Unknown) };
    match everlight.uploads().terminate(id, bearer(&headers)).await {
        Ok(()) => with_version(StatusCode::NO_CONTENT.into_response()),
        Err(refusal) => refused(&refusal),
    }
}

#[derive(Debug, Deserialize)]
pub struct Delivered {
    takes: Vec<String>,
}

/// The phone says that it has delivered everything. `409` when that is not so.
pub async fn delivered(
    State(everlight): State<Arc<Everlight>>,
    Path(stream): Path<String>,
    headers: HeaderMap,
    Json(Delivered { takes }): Json<Delivered>,
) -> Response {
    let Ok(id) = stream.parse::<StreamId>() else { return reply::not_found() };
    match everlight.uploads().delivered(id, bearer(&headers), &takes).await {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => reply::problem(StatusCode::CONFLICT, "something of it is missing still"),
        Err(refusal) => reply::refusal(&refusal),
    }
}

fn with_version(mut response: Response) -> Response {
    let version = HeaderValue::from_static(tus::VERSION);
    response.headers_mut().insert(HeaderName::from_static("tus-resumable"), version);
    response
}

fn standing(status: StatusCode, upload: Upload) -> Response {
    let mut response = with_version(status.into_response());
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("upload-offset"), HeaderValue::from(upload.offset));
    if let Some(length) = upload.length {
        headers.insert(HeaderName::from_static("upload-length"), HeaderValue::from(length));
    } else if status == StatusCode::OK {
        headers.insert(HeaderName::from_static("upload-defer-length"), HeaderValue::from_static("1"));
    }
    response
}

fn refused(refusal: &UploadRefusal) -> Response {
    let detail = refusal.to_string();
    let response = match refusal {
        UploadRefusal::Refusal(refusal) => reply::refusal(refusal),
        UploadRefusal::Request(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
            let mut response = reply::problem(status, &detail);
            if let UploadError::Offset { at } = error {
                response.headers_mut().insert(HeaderName::from_static("upload-offset"), HeaderValue::from(*at));
            }
            response
        }
        UploadRefusal::Unknown => reply::problem(StatusCode::NOT_FOUND, &detail),
        UploadRefusal::Busy => reply::problem(StatusCode::LOCKED, &detail),
        UploadRefusal::TooMany => reply::problem(StatusCode::FORBIDDEN, &detail),
        UploadRefusal::DiskFull => reply::problem(StatusCode::INSUFFICIENT_STORAGE, &detail),
        UploadRefusal::Storage(error) => {
            tracing::error!(%error, "an upload cannot be stored");
            reply::problem(StatusCode::SERVICE_UNAVAILABLE, &detail)
        }
    };
    with_version(response)
}
