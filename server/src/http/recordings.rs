//! Finished recordings, in whole or in ranges: for staff, and for whoever has the link of the service (`?link=`).

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, Query, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use domain::{RecordingId, Slug};
use serde::Deserialize;
use service::{Actor, Everlight};
use tower::ServiceExt as _;
use tower_http::services::ServeFile;

use super::reply;

#[derive(Debug, Deserialize)]
pub struct Link {
    /// The mourner's slug.
    link: Option<String>,
    /// To keep the file instead of playing it.
    #[serde(default)]
    download: bool,
}

/// A download that was interrupted goes on with another range: it is one download.
fn from_start(request: &Request) -> bool {
    request.headers().get(header::RANGE).is_none_or(|range| range.as_bytes().starts_with(b"bytes=0-"))
}

pub async fn file(
    State(everlight): State<Arc<Everlight>>,
    actor: Option<Extension<Actor>>,
    Path(file): Path<String>,
    Query(Link { link, download }): Query<Link>,
    request: Request,
) -> Response {
    let Some(id) = file.strip_suffix(".mp4").and_then(|id| id.parse::<RecordingId>().ok()) else {
        return reply::not_found();
    };
    let recordings = everlight.recordings();
    let path = match (link.map(|link| link.parse::<Slug>()), actor) {
        (Some(Ok(slug)), _) => recordings.file_for_viewer(&slug, id).await,
        (Some(Err(_)), _) => Err(service::Error::NotFound),
        (None, Some(Extension(actor))) => recordings.file(&actor, id, download && from_start(&request)).await,
        (None, None) => Err(service::Error::SignedOut),
    };
    let path = match path {
        Ok(path) => path,
        Err(error) => return reply::service_error(&error),
    };
    let Ok(served) = ServeFile::new(path).oneshot(request).await;
    let mut response = served.into_response();
    if download && response.status().is_success() {
        let disposition = HeaderValue::from_static("attachment; filename=\"memorial-service.mp4\"");
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}
