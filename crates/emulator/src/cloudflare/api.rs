//! The routes of the API, and who may use them.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post, put};
use http::header;
use serde_json::{Value, json};
use tower_http::cors::CorsLayer;

use super::envelope::{self, ApiError, Reply, ok};
use super::{VodWebhook, alerting, downloads, keys, live_inputs, outputs, playback, uploads, videos, webrtc};
use crate::clock;
use crate::config::TokenKind;
use crate::world::Shared;

/// Everything under `/client/v4`; a bearer token is needed.
pub(crate) fn api(world: &Shared) -> Router<Shared> {
    let stream = Router::new()
        .route("/live_inputs", get(live_inputs::list).post(live_inputs::create))
        .route("/live_inputs/{id}", get(live_inputs::get).put(live_inputs::update).delete(live_inputs::delete))
        .route("/live_inputs/{id}/rotate_keys", post(live_inputs::rotate_keys))
        .route("/live_inputs/{id}/videos", get(videos::of_input))
        .route("/live_inputs/{id}/outputs", get(outputs::list).post(outputs::create))
        .route("/live_inputs/{id}/outputs/{output}", put(outputs::update).delete(outputs::delete))
        .route("/webhook", put(put_webhook).get(get_webhook).delete(delete_webhook))
        .route("/keys", get(keys::list).post(keys::create))
        .route("/keys/{id}", delete(keys::delete))
        .route("/storage-usage", get(storage_usage))
        .route("/direct_upload", post(uploads::direct))
        .route("/", get(videos::list).post(uploads::create))
        .route("/{id}", get(videos::get).post(videos::edit).delete(videos::delete))
        .route("/{id}/token", post(keys::token))
        .route("/{id}/downloads", get(downloads::get).post(downloads::create).delete(downloads::delete))
        .route("/{id}/downloads/{kind}", post(downloads::create).delete(downloads::delete));
    let alerting = Router::new()
        .route("/destinations/webhooks", get(alerting::destinations).post(alerting::create_destination))
        .route(
            "/destinations/webhooks/{id}",
            get(alerting::destination).put(alerting::update_destination).delete(alerting::delete_destination),
        )
        .route("/policies", get(alerting::policies).post(alerting::create_policy))
        .route("/policies/{id}", get(alerting::policy).put(alerting::update_policy).delete(alerting::delete_policy));
    Router::new()
        .nest("/accounts/{account}/stream", stream)
        .nest("/accounts/{account}/alerting/v3", alerting)
        .route("/accounts/{account}/tokens/verify", get(verify_account))
        .route("/user/tokens/verify", get(verify_user))
        .fallback(async || ApiError::NoRoute)
        .layer(middleware::from_fn_with_state(world.clone(), authenticate))
        .layer(DefaultBodyLimit::disable())
}

/// What anybody may fetch or send who knows the address: playback, WHIP, WHEP, one-time uploads.
pub(crate) fn open() -> Router<Shared> {
    let publish = post(webrtc::publish).get(webrtc::nothing);
    let play = post(webrtc::play).get(webrtc::nothing);
    Router::new()
        .route("/{id}/webRTC/publish", publish)
        .route("/{id}/webRTC/publish/{session}", delete(webrtc::hang_up).patch(webrtc::patch))
        .route("/{id}/webRTC/play", play)
        .route("/{id}/webRTC/play/{session}", delete(webrtc::hang_up).patch(webrtc::patch))
        .route("/{id}/manifest/video.m3u8", get(playback::manifest))
        .route("/{id}/manifest/{video}/{file}", get(playback::piece))
        .route("/{id}/lifecycle", get(playback::lifecycle))
        .route("/{id}/views", get(playback::views))
        .route("/{id}/iframe", get(playback::player))
        .route("/{id}/watch", get(playback::player))
        .route("/{id}/thumbnails/{file}", get(playback::thumbnail))
        .route("/{id}/downloads/{file}", get(playback::download))
        .route("/_upload/cloudflare/{id}", post(uploads::form).patch(uploads::tus_patch).head(uploads::tus_head))
        .layer(DefaultBodyLimit::disable())
        .layer(CorsLayer::very_permissive().expose_headers([
            header::LOCATION,
            header::ETAG,
            header::LINK,
            header::CONTENT_RANGE,
            header::CONTENT_LENGTH,
        ]))
}

async fn authenticate(
    State(world): State<Shared>,
    path: Option<Path<HashMap<String, String>>>,
    request: Request,
    next: Next,
) -> Response {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let known = given.and_then(whip::bearer_token) == Some(&world.config.cloudflare.api_token);
    let account = path.as_ref().and_then(|path| path.get("account"));
    let ours = account.is_none_or(|account| *account == world.config.cloudflare.account_id);
    match (known, ours) {
        (true, true) => next.run(request).await,
        (true, false) => ApiError::Unauthorized.into_response(),
        (false, _) if request.uri().path().ends_with("/tokens/verify") => ApiError::InvalidToken.into_response(),
        (false, _) => ApiError::Unauthorized.into_response(),
    }
}

async fn verify_account(State(world): State<Shared>) -> Reply {
    verify(&world, TokenKind::Account)
}

async fn verify_user(State(world): State<Shared>) -> Reply {
    verify(&world, TokenKind::User)
}

/// The endpoint of the other kind says that a good token is invalid.
fn verify(world: &Shared, endpoint: TokenKind) -> Reply {
    if world.config.cloudflare.token_kind != endpoint {
        return Err(ApiError::InvalidToken);
    }
    let message = json!({ "code": 10000, "message": "This API Token is valid and active", "type": null });
    let result = json!({ "id": "ed17574386854bf78a67040be0a770b0", "status": "active" });
    let reply = json!({ "result": result, "success": true, "errors": [], "messages": [message] });
    Ok(axum::Json(reply).into_response())
}

async fn put_webhook(State(world): State<Shared>, body: bytes::Bytes) -> Reply {
    let body: Value = envelope::body(&body)?;
    let url = body["notificationUrl"].as_str().or(body["notification_url"].as_str());
    let url = url.filter(|url| url.starts_with("http")).ok_or(ApiError::BadRequest("notificationUrl".into()))?;
    let secret = world.config.cloudflare.webhook_secret.clone();
    let webhook = VodWebhook { url: url.to_owned(), modified: clock::now(), secret };
    let shown = webhook.show();
    world.state().cloudflare.vod_webhook = Some(webhook);
    Ok(ok(shown))
}

async fn get_webhook(State(world): State<Shared>) -> Reply {
    world.state().cloudflare.vod_webhook.as_ref().map(|webhook| ok(webhook.show())).ok_or(ApiError::NotFound)
}

async fn delete_webhook(State(world): State<Shared>) -> Reply {
    world.state().cloudflare.vod_webhook = None;
    Ok(ok(json!("")))
}

impl VodWebhook {
    fn show(&self) -> Value {
        json!({ "notificationUrl": self.url, "modified": clock::micros(self.modified), "secret": self.secret })
    }
}

async fn storage_usage(State(world): State<Shared>) -> Reply {
    let state = world.state();
    let seconds: f64 =
        state.cloudflare.videos.iter().filter_map(|video| video.media.as_ref()).map(|m| m.duration).sum();
    Ok(ok(json!({
        "totalStorageMinutes": (seconds / 60.0).ceil(),
        "totalStorageMinutesLimit": 1000,
        "videoCount": state.cloudflare.videos.len(),
    })))
}
