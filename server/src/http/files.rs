//! Files that were built, and whether the server is well.

use std::{path::Path, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use service::Everlight;
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

use super::{Edge, reply};
use crate::assets;

/// Everything under `/pkg`: the content's hash is in the name, so that a browser keeps it for ever.
pub fn built(site: &Path) -> Router {
    let pkg = ServeDir::new(site.join("pkg")).precompressed_br().precompressed_gzip();
    let (files, kept) = if assets::are_by_cargo_leptos(site) {
        // It keeps names, and it leaves the `@import`s of the style sheet to the browser, which looks for them beside it.
        (Router::new().fallback_service(pkg.fallback(ServeDir::new("style"))), "no-cache")
    } else {
        (Router::new().fallback_service(pkg), "public, max-age=31536000, immutable")
    };
    files.layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static(kept)))
}

/// The process answers.
pub async fn healthy() -> Response {
    reply::text(StatusCode::OK, "ok")
}

/// Below this no recording can go on for long.
const TOO_LITTLE: u64 = 200 * 1024 * 1024;

/// The process can do its work: the database answers, and recordings have room.
pub async fn ready(State(everlight): State<Arc<Everlight>>) -> Response {
    if let Err(error) = everlight.ready().await {
        tracing::error!(%error, "not ready: the database does not answer");
        return reply::text(StatusCode::SERVICE_UNAVAILABLE, "not ready: the database does not answer");
    }
    let folder = &everlight.settings().recordings_dir;
    let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(folder);
    if crate::doctor::space(there).is_some_and(|(free, _)| free < TOO_LITTLE) {
        tracing::error!("not ready: the disk is full");
        return reply::text(StatusCode::SERVICE_UNAVAILABLE, "not ready: the disk is full");
    }
    if !crate::doctor::is_writable(there) {
        tracing::error!("not ready: recordings cannot be written");
        return reply::text(StatusCode::SERVICE_UNAVAILABLE, "not ready: recordings cannot be written");
    }
    reply::text(StatusCode::OK, "ready")
}

/// Whom to tell of a vulnerability (RFC 9116), if somebody said so in the settings.
pub async fn security_contact(State(edge): State<Edge>) -> Response {
    let Some(contact) = &edge.security_contact else { return reply::not_found() };
    // Whoever reads it is to trust it for a while, and the settings may change.
    let expires = service::time::rfc3339(edge.everlight.now().plus(SECURITY_CONTACT_HOLDS));
    let site = &edge.everlight.settings().public_url;
    let text = format!(
        "Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en\nCanonical: {site}/.well-known/security.txt\n"
    );
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

const SECURITY_CONTACT_HOLDS: Duration = Duration::from_secs(180 * 24 * 60 * 60);
