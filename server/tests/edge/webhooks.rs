//! Webhooks: what is not proven to come from a provider is not taken, whatever is missing here or there.

use axum::http::StatusCode;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::SecretString;
use service::cloud::webhooks::WebhookSecrets;
use sha2::Sha256;

use crate::support::{Reply, Site};

/// The clock of the site, in seconds.
pub const NOW: i64 = 1_795_000_000;
const MUX: &str = "/api/webhooks/mux";
const STREAM: &str = "/api/webhooks/cloudflare/stream";
const LIVE: &str = "/api/webhooks/cloudflare/live";
const EVENT: &str = r#"{"type":"video.live_stream.active","id":"evt-1","created_at":"2026-11-19T00:00:00Z",
    "object":{"type":"live","id":"ls-1"},"data":{"id":"ls-1","status":"active","stream_key":"canary"}}"#;
const PING: &str = r#"{"text":"Hello World! This is a test message"}"#;

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

pub fn all() -> WebhookSecrets {
    WebhookSecrets {
        mux: vec![secret("mux now"), secret("mux before")],
        cloudflare_stream: Some(secret("cloudflare stream")),
        cloudflare_live: Some(secret("cloudflare live")),
    }
}

pub fn signed(secret: &str, time: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{time}.{body}").as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn mux(secret: &str, time: i64, body: &str) -> String {
    format!("t={time},v1={}", signed(secret, time, body))
}

async fn post(site: &Site, path: &str, header: Option<(&str, &str)>, body: &str) -> Reply {
    let headers: Vec<_> = header.into_iter().chain([("content-type", "application/json")]).collect();
    site.send("POST", path, &headers, body).await
}

#[tokio::test]
async fn without_a_secret_nothing_is_believed() {
    let site = Site::open().await;
    for (path, header, value) in [
        (MUX, "mux-signature", mux("", NOW, EVENT)),
        (MUX, "mux-signature", mux("mux now", NOW, EVENT)),
        (STREAM, "webhook-signature", format!("time={NOW},sig1={}", signed("", NOW, "{}"))),
        (LIVE, "cf-webhook-auth", String::new()),
        (LIVE, "cf-webhook-auth", "undefined".into()),
    ] {
        let reply = post(&site, path, Some((header, &value)), EVENT).await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{path} {value}");
        assert_eq!(post(&site, path, None, EVENT).await.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
}

#[tokio::test]
async fn what_a_provider_signed_is_taken_once() {
    let site = Site::with_secrets(all()).await;
    for secret in ["mux now", "mux before"] {
        let reply = post(&site, MUX, Some(("mux-signature", &mux(secret, NOW, EVENT))), EVENT).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT, "{secret}: {}", reply.body);
    }
    let reply = post(&site, LIVE, Some(("cf-webhook-auth", "cloudflare live")), PING).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT, "{}", reply.body);
    let body = r#"{"uid":"v1","readyToStream":true,"status":{"state":"ready"},"liveInput":"in-1"}"#;
    let signature = format!("time={NOW},sig1={}", signed("cloudflare stream", NOW, body));
    let reply = post(&site, STREAM, Some(("webhook-signature", &signature)), body).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT, "{}", reply.body);
}

/// One row for each way in which such checks are known to fail open.
#[tokio::test]
async fn what_is_not_proven_is_refused() {
    let site = Site::with_secrets(all()).await;
    let good = mux("mux now", NOW, EVENT);
    for (why, path, header) in [
        ("no header", MUX, None),
        ("an empty header", MUX, Some(("mux-signature", String::new()))),
        ("another secret", MUX, Some(("mux-signature", mux("else", NOW, EVENT)))),
        ("no secret", MUX, Some(("mux-signature", mux("", NOW, EVENT)))),
        ("another body", MUX, Some(("mux-signature", mux("mux now", NOW, "{}")))),
        ("too old", MUX, Some(("mux-signature", mux("mux now", NOW - 301, EVENT)))),
        ("from the future", MUX, Some(("mux-signature", mux("mux now", NOW + 301, EVENT)))),
        ("a second time", MUX, Some(("mux-signature", format!("{good},t={}", NOW - 9000)))),
        ("no time", MUX, Some(("mux-signature", good.replace("t=", "x=")))),
        ("a signature of another scheme", MUX, Some(("mux-signature", good.replace("v1=", "v0=")))),
        ("half a signature", MUX, Some(("mux-signature", good[..good.len() - 32].to_owned()))),
        ("a provider's secret at another address", STREAM, Some(("webhook-signature", good.clone()))),
        ("no header", STREAM, None),
        ("the secret itself instead of a signature", STREAM, Some(("webhook-signature", "cloudflare stream".into()))),
        ("no header", LIVE, None),
        ("an empty header", LIVE, Some(("cf-webhook-auth", String::new()))),
        ("the beginning of the secret", LIVE, Some(("cf-webhook-auth", "cloudflare".into()))),
        ("more than the secret", LIVE, Some(("cf-webhook-auth", "cloudflare live2".into()))),
    ] {
        let header = header.as_ref().map(|(name, value)| (*name, value.as_str()));
        let reply = post(&site, path, header, EVENT).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{why} at {path}: {}", reply.body);
    }
}

#[tokio::test]
async fn a_good_signature_over_nonsense_is_no_event() {
    let site = Site::with_secrets(all()).await;
    for body in ["", "null", "[]", "{}", "not JSON"] {
        let reply = post(&site, MUX, Some(("mux-signature", &mux("mux now", NOW, body))), body).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
    }
}
