//! The control API, `/_emulator`: faults on demand, and a look inside.

use std::time::Instant;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::faults::{Fault, IngestFault, Provider, WebhookFault};
use crate::world::Shared;

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/state", get(state))
        .route("/reset", post(reset))
        .route("/faults", post(fault).get(faults).delete(clear))
        .route("/faults/webhooks", post(webhook_fault))
        .route("/faults/ingest", post(ingest_fault))
        .route("/captions", post(captions))
        .route("/mux/webhooks", post(mux_webhooks))
}

async fn state(State(world): State<Shared>) -> Json<Value> {
    Json(world.describe())
}

async fn reset(State(world): State<Shared>) -> StatusCode {
    world.reset();
    StatusCode::NO_CONTENT
}

/// `text/plain` errors: whoever asks here is a developer.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, (StatusCode, String)> {
    serde_json::from_slice(body).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))
}

fn done<E: axum::response::IntoResponse>(result: Result<(), E>) -> Response {
    result.map_or_else(axum::response::IntoResponse::into_response, |()| StatusCode::NO_CONTENT.into_response())
}

async fn fault(State(world): State<Shared>, body: bytes::Bytes) -> Response {
    done(parse::<Fault>(&body).map(|fault| world.state().faults.add_api(fault, Instant::now())))
}

async fn webhook_fault(State(world): State<Shared>, body: bytes::Bytes) -> Response {
    done(parse::<WebhookFault>(&body).map(|fault| world.state().faults.add_webhook(fault)))
}

async fn ingest_fault(State(world): State<Shared>, body: bytes::Bytes) -> Response {
    done(parse::<IngestFault>(&body).map(|fault| world.add_ingest_fault(fault)))
}

async fn faults(State(world): State<Shared>) -> Json<Value> {
    Json(world.state().faults.describe())
}

async fn clear(State(world): State<Shared>) -> StatusCode {
    world.state().faults.clear();
    StatusCode::NO_CONTENT
}

/// In reality captions are ordered for a video (Cloudflare) or a live stream (Mux).
async fn captions(State(world): State<Shared>) -> StatusCode {
    world.state().captions = true;
    StatusCode::NO_CONTENT
}

/// In reality Mux's webhooks are set up in its dashboard.
async fn mux_webhooks(State(world): State<Shared>, body: bytes::Bytes) -> Response {
    done(parse::<Value>(&body).map(|body| world.state().mux.webhooks_to = body["url"].as_str().map(str::to_owned)))
}

impl crate::world::World {
    /// Dropping happens now; the other faults stay in force.
    pub(crate) fn add_ingest_fault(&self, fault: IngestFault) {
        let mut state = self.state();
        let IngestFault::DropNow { provider } = fault else { return state.faults.add_ingest(fault) };
        if provider != Some(Provider::Mux) {
            state.cloudflare.lives().for_each(crate::ingest::show::Live::cut);
        }
        if provider != Some(Provider::Cloudflare) {
            state.mux.lives().for_each(crate::ingest::show::Live::cut);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_written_as_documented() {
        assert!(parse::<Fault>(br#"{"type":"server_error","status":503,"on":{"provider":"mux","times":2}}"#).is_ok());
        assert!(parse::<Fault>(br#"{"type":"ignore_settings","fields":["recording.mode"]}"#).is_ok());
        assert!(parse::<Fault>(br#"{"type":"garbage","on":{"tmes":2}}"#).is_err(), "a slip must not pass for a fault");
        assert!(parse::<WebhookFault>(br#"{"type":"duplicated","copies":3,"provider":"mux"}"#).is_ok());
        assert!(parse::<IngestFault>(br#"{"type":"drop_every","seconds":1.5}"#).is_ok());
    }
}
