//! Webhooks of all three kinds: signed, sent in order, repeated until answered with 2xx, and spoiled on demand.

use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::mpsc;

use crate::clock;
use crate::faults::{DeliveryFault, Provider};
use crate::world::{Shared, World};

/// Mux gives up waiting for an answer after 5 s (docs.mux.com, "Listen for webhooks").
const PATIENCE: Duration = Duration::from_secs(5);

/// One event on its way to one address.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub(crate) provider: Provider,
    pub(crate) event: String,
    pub(crate) url: String,
    pub(crate) proof: Proof,
    pub(crate) body: Value,
}

/// How a receiver knows the sender.
#[derive(Clone)]
pub(crate) enum Proof {
    /// `Mux-Signature: t=…,v1=…`.
    Mux(String),
    /// `Webhook-Signature: time=…,sig1=…`.
    CloudflareVod(String),
    /// `cf-webhook-auth`: the secret itself, no signature.
    CloudflareNotification(Option<String>),
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Mux(_) => "Mux",
            Self::CloudflareVod(_) => "CloudflareVod",
            Self::CloudflareNotification(_) => "CloudflareNotification",
        })
    }
}

/// HMAC-SHA256 of `{unix}.{body}` in lower-case hexadecimal: what both providers sign.
pub fn signature(secret: &str, unix: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(unix.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

impl Proof {
    fn header(&self, unix: i64, body: &[u8]) -> Option<(&'static str, String)> {
        match self {
            Self::Mux(secret) => Some(("mux-signature", format!("t={unix},v1={}", signature(secret, unix, body)))),
            Self::CloudflareVod(secret) => {
                Some(("webhook-signature", format!("time={unix},sig1={}", signature(secret, unix, body))))
            }
            Self::CloudflareNotification(secret) => secret.clone().map(|secret| ("cf-webhook-auth", secret)),
        }
    }
}

/// Sends what comes, until the last sender is gone.
pub(crate) async fn dispatch(world: Shared, mut queue: mpsc::UnboundedReceiver<Webhook>) {
    let mut held: Vec<Webhook> = Vec::new();
    while let Some(webhook) = queue.recv().await {
        let fault = world.state().faults.for_webhook(webhook.provider, &webhook.event);
        match fault {
            None => deliver(&world, webhook).await,
            Some(DeliveryFault::Lost) => note(&world, &webhook, &json!("lost")),
            Some(DeliveryFault::Duplicated { copies }) => {
                for _ in 0..copies {
                    deliver(&world, webhook.clone()).await;
                }
            }
            Some(DeliveryFault::Delayed { millis }) => {
                let world = Arc::clone(&world);
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(millis)).await;
                    deliver(&world, webhook).await;
                });
            }
            Some(DeliveryFault::Shuffled { hold }) => {
                held.push(webhook);
                if held.len() >= hold {
                    while let Some(webhook) = held.pop() {
                        deliver(&world, webhook).await;
                    }
                }
            }
        }
    }
}

/// The first attempt now and in order; repetitions later, beside what follows.
async fn deliver(world: &Shared, webhook: Webhook) {
    if attempt(world, &webhook).await {
        return;
    }
    let world = Arc::clone(world);
    tokio::spawn(async move {
        let mut wait = world.config.timing.webhook_retry;
        for _ in 1..world.config.timing.webhook_attempts {
            tokio::time::sleep(wait).await;
            if attempt(&world, &webhook).await {
                return;
            }
            wait *= 2;
        }
    });
}

async fn attempt(world: &World, webhook: &Webhook) -> bool {
    // The same bytes are signed and sent.
    let body = webhook.body.to_string().into_bytes();
    let mut request = world.http.post(&webhook.url).timeout(PATIENCE).header("content-type", "application/json");
    if let Some((name, value)) = webhook.proof.header(clock::unix(), &body) {
        request = request.header(name, value);
    }
    let result = match request.body(body).send().await {
        Ok(response) => json!(response.status().as_u16()),
        Err(error) => json!(error.without_url().to_string()),
    };
    note(world, webhook, &result);
    result.as_u64().is_some_and(|status| (200..300).contains(&status))
}

fn note(world: &World, webhook: &Webhook, result: &Value) {
    world.state().log.webhooks.push(json!({
        "provider": webhook.provider,
        "type": webhook.event,
        "url": webhook.url,
        "result": result,
        "body": webhook.body,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_that_mux_published() {
        let vectors: Value =
            serde_json::from_str(include_str!("../tests/fixtures/mux-webhook-signature-vectors.json")).unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 3);
        for case in cases {
            let text = |name: &str| case[name].as_str().unwrap();
            let unix = case["now"].as_i64().unwrap();
            let header = Proof::Mux(text("secret").into()).header(unix, text("body").as_bytes());
            assert_eq!(header, Some(("mux-signature", text("header").into())));
        }
    }

    #[test]
    fn cloudflare_signs_time_and_raw_body() {
        let vectors: Value =
            serde_json::from_str(include_str!("../tests/fixtures/cf-webhook-signature-vectors.COMPUTED.json")).unwrap();
        for case in vectors["vectors"].as_array().unwrap() {
            let text = |name: &str| case[name].as_str().unwrap();
            let unix = case["time"].as_i64().unwrap();
            let header = Proof::CloudflareVod(text("secret").into()).header(unix, text("body_utf8").as_bytes());
            assert_eq!(header, Some(("webhook-signature", text("header").into())));
        }
    }
}
