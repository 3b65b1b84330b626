//! The routes of the API, and who may use them.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post, put};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header;
use tower_http::cors::CorsLayer;

use super::reply::ApiError;
use super::{assets, live_streams, playback, renditions, signing, uploads};
use crate::world::Shared;

/// `/video/v1` and `/system/v1`; HTTP Basic with the token's id and secret.
pub(crate) fn api(world: &Shared) -> Router<Shared> {
    Router::new()
        .route("/video/v1/live-streams", get(live_streams::list).post(live_streams::create))
        .route(
            "/video/v1/live-streams/{id}",
            get(live_streams::get).patch(live_streams::update).delete(live_streams::delete),
        )
        .route("/video/v1/live-streams/{id}/complete", put(live_streams::complete))
        .route("/video/v1/live-streams/{id}/disable", put(live_streams::disable))
        .route("/video/v1/live-streams/{id}/enable", put(live_streams::enable))
        .route("/video/v1/live-streams/{id}/reset-stream-key", post(live_streams::reset_stream_key))
        .route("/video/v1/live-streams/{id}/playback-ids", post(live_streams::add_playback_id))
        .route(
            "/video/v1/live-streams/{id}/playback-ids/{playback}",
            get(live_streams::playback_id).delete(live_streams::delete_playback_id),
        )
        .route(
            "/video/v1/live-streams/{id}/new-asset-settings/static-renditions",
            put(live_streams::set_renditions).delete(live_streams::delete_renditions),
        )
        .route("/video/v1/assets", get(assets::list).post(assets::create))
        .route("/video/v1/assets/{id}", get(assets::get).patch(assets::update).delete(assets::delete))
        .route("/video/v1/assets/{id}/playback-ids", post(assets::add_playback_id))
        .route("/video/v1/assets/{id}/static-renditions", post(renditions::create))
        .route("/video/v1/assets/{id}/static-renditions/{rendition}", delete(renditions::delete))
        .route("/video/v1/playback-ids/{id}", get(assets::reverse_lookup))
        .route("/video/v1/uploads", get(uploads::list).post(uploads::create))
        .route("/video/v1/uploads/{id}", get(uploads::get))
        .route("/video/v1/uploads/{id}/cancel", put(uploads::cancel))
        .route("/system/v1/signing-keys", get(signing::list).post(signing::create))
        .route("/system/v1/signing-keys/{id}", get(signing::get).delete(signing::delete))
        .layer(middleware::from_fn_with_state(world.clone(), authenticate))
}

/// What anybody may fetch or send who knows the address.
pub(crate) fn open() -> Router<Shared> {
    Router::new()
        .route("/{id}", get(playback::manifest))
        .route("/{id}/{file}", get(playback::rendition))
        .route("/{id}/hls/{asset}/{file}", get(playback::piece))
        .route("/{id}/hls/{asset}/{token}/{file}", get(playback::signed_piece))
        .route("/_upload/mux/{id}", put(uploads::receive))
        .layer(DefaultBodyLimit::disable())
        .layer(CorsLayer::very_permissive().expose_headers([header::RANGE, header::CONTENT_RANGE]))
}

async fn authenticate(State(world): State<Shared>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Basic ")).and_then(|text| STANDARD.decode(text.trim()).ok());
    let mux = &world.config.mux;
    if given == Some(format!("{}:{}", mux.token_id, mux.token_secret).into_bytes()) {
        next.run(request).await
    } else {
        ApiError::Unauthorized.into_response()
    }
}
