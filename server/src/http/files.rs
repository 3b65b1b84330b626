//! Files that were built, and whether the server is well.

use std::{path::Path, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use service::Everlight;
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

use super::reply;

/// Everything under `/pkg`: the content's hash is in the name, so that a browser keeps it for ever.
pub fn built(site: &Path) -> Router {
    let for_ever = HeaderValue::from_static("public, max-age=31536000, immutable");
    Router::new()
        .fallback_service(ServeDir::new(site.join("pkg")).precompressed_br().precompressed_gzip())
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, for_ever))
}

/// The process answers.
pub async fn healthy() -> Response {
    reply::text(StatusCode::OK, "ok")
}

/// The process can do its work: the database answers.
pub async fn ready(State(everlight): State<Arc<Everlight>>) -> Response {
    match everlight.ready().await {
        Ok(()) => reply::text(StatusCode::OK, "ready"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            reply::text(StatusCode::SERVICE_UNAVAILABLE, "not ready")
        }
    }
}
