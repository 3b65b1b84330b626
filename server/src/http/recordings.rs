//! Finished recordings, in whole or in ranges: for staff, and for those who watch the service. What lies at a provider and
//! plays with a token only is opened here, and played there; what is in object storage only is read from there.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, Query, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{RecordingId, Slug};
use serde::Deserialize;
use service::{Actor, Error, Everlight, recordings::Place};
use tower::ServiceExt as _;
use tower_http::services::ServeFile;

use super::{reply, stored, viewer};

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
    let place = match shown {
        true => recordings.cut_file(&actor, id, kept).await,
        false => recordings.file(&actor, id, kept).await,
    };
    serve(place, download, request).await
}

pub async fn for_viewers(
    State(everlight): State<Arc<Everlight>>,
    Path((slug, file)): Path<(String, String)>,
    Query(How { download, .. }): Query<How>,
    request: Request,
) -> Response {
    let Some((slug, id)) = slug.parse::<Slug>().ok().zip(recording(&file)) else { return reply::not_found() };
    let place = match viewer::admit(&everlight, &slug, request.headers()).await {
        Ok(admission) => everlight.recordings().file_for_viewer(&admission, id, download).await,
        Err(error) => Err(error),
    };
    serve(place, download, request).await
}

fn recording(file: &str) -> Option<RecordingId> {
    file.strip_suffix(".mp4")?.parse().ok()
}

async fn serve(place: Result<Place, Error>, download: bool, request: Request) -> Response {
    let mut response = match place {
        Ok(Place::Here(path)) => {
            let Ok(served) = ServeFile::new(path).oneshot(request).await;
            served.into_response()
        }
        Ok(Place::Stored(place)) => stored::serve(&place, &request),
        // Not for ever: the address is opened anew for whoever comes again.
        Ok(Place::There(address)) => return Redirect::temporary(&address).into_response(),
        Err(error) => return reply::service_error(&error),
    };
    if download && response.status().is_success() {
        let disposition = HeaderValue::from_static("attachment; filename=\"memorial-service.mp4\"");
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}
