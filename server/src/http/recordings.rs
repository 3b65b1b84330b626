//! Finished recordings, in whole or in ranges: for staff, and for those who watch the service.

use std::{path::PathBuf, sync::Arc};

use axum::{
    Extension,
    extract::{Path, Query, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use domain::{RecordingId, Slug};
use serde::Deserialize;
use service::{Actor, Error, Everlight};
use tower::ServiceExt as _;
use tower_http::services::ServeFile;

use super::{reply, viewer};

#[derive(Debug, Deserialize)]
pub struct How {
    /// To keep the file instead of playing it.
    #[serde(default)]
    download: bool,
    /// Staff: the part that those who watch are shown, instead of all of it.
    #[serde(default)]
    shown: bool,
}

/// A download that was interrupted goes on with another range: it is one download.
fn from_start(request: &Request) -> bool {
    request.headers().get(header::RANGE).is_none_or(|range| range.as_bytes().starts_with(b"bytes=0-"))
}

pub async fn for_staff(
    State(everlight): State<Arc<Everlight>>,
    Extension(actor): Extension<Actor>,
    Path(file): Path<String>,
    Query(How { download, shown }): Query<How>,
    request: Request,
) -> Response {
    let Some(id) = recording(&file) else { return reply::not_found() };
    let recordings = everlight.recordings();
    let kept = download && from_start(&request);
    let path = match shown {
        true => recordings.cut_file(&actor, id, kept).await,
        false => recordings.file(&actor, id, kept).await,
    };
    serve(path, download, request).await
}

pub async fn for_viewers(
    State(everlight): State<Arc<Everlight>>,
    Path((slug, file)): Path<(String, String)>,
    Query(How { download, .. }): Query<How>,
    request: Request,
) -> Response {
    let Some((slug, id)) = slug.parse::<Slug>().ok().zip(recording(&file)) else { return reply::not_found() };
    let path = match viewer::admit(&everlight, &slug, request.headers()).await {
        Ok(admission) => everlight.recordings().file_for_viewer(&admission, id, download).await,
        Err(error) => Err(error),
    };
    serve(path, download, request).await
}

fn recording(file: &str) -> Option<RecordingId> {
    file.strip_suffix(".mp4")?.parse().ok()
}

async fn serve(path: Result<PathBuf, Error>, download: bool, request: Request) -> Response {
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
