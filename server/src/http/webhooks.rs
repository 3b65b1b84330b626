//! What providers tell us. Their signature is checked on the bytes as they came; what is good is stored, then answered.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use service::{
    Everlight,
    cloud::webhooks::{Webhook, WebhookRefusal},
};

use super::{refusals, reply};

pub async fn mux(State(everlight): State<Arc<Everlight>>, headers: HeaderMap, body: Bytes) -> Response {
    receive(&everlight, Webhook::Mux, &headers, "mux-signature", &body).await
}

pub async fn cloudflare_stream(State(everlight): State<Arc<Everlight>>, headers: HeaderMap, body: Bytes) -> Response {
    receive(&everlight, Webhook::CloudflareStream, &headers, "webhook-signature", &body).await
}

pub async fn cloudflare_live(State(everlight): State<Arc<Everlight>>, headers: HeaderMap, body: Bytes) -> Response {
    receive(&everlight, Webhook::CloudflareLive, &headers, "cf-webhook-auth", &body).await
}

async fn receive(
    everlight: &Arc<Everlight>,
    webhook: Webhook,
    headers: &HeaderMap,
    signature: &str,
    body: &[u8],
) -> Response {
    let signature = headers.get(signature).and_then(|value| value.to_str().ok());
    match everlight.receive_webhook(webhook, signature, body).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => {
            let (status, reason) = match refusal {
                WebhookRefusal::NotSetUp => (StatusCode::SERVICE_UNAVAILABLE, "no secret is set for this webhook"),
                WebhookRefusal::Service(_) => (StatusCode::SERVICE_UNAVAILABLE, "the webhook could not be kept"),
                WebhookRefusal::NotGenuine => (StatusCode::UNAUTHORIZED, "the webhook is not signed by the provider"),
                WebhookRefusal::NotUnderstood => (StatusCode::BAD_REQUEST, "the webhook is not as documented"),
            };
            // The signature was good: a provider says it, and what it said is worth a line each time.
            if !matches!(refusal, WebhookRefusal::NotSetUp | WebhookRefusal::NotGenuine) {
                tracing::warn!(?webhook, %refusal, "a webhook was not taken");
            }
            refusals::because(reason, reply::problem(status, &refusal.to_string()))
        }
    }
}
