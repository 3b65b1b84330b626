//! Notifications: webhook destinations, policies, and what is sent to them.

use axum::extract::{Path, State};
use bytes::Bytes;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Account;
use super::envelope::{ApiError, Reply, body, ok, ok_with_status};
use crate::faults::Provider;
use crate::webhooks::{Proof, Webhook};
use crate::world::Shared;
use crate::{clock, ids};

pub(super) struct Destination {
    pub(super) id: String,
    name: String,
    url: String,
    secret: Option<String>,
    created: Timestamp,
}

pub(super) struct Policy {
    id: String,
    created: Timestamp,
    modified: Timestamp,
    /// As it was sent.
    settings: Value,
}

const LIVE_NOTIFICATIONS: &str = "stream_live_notifications";

impl Destination {
    pub(super) fn new(name: &str, url: &str, secret: Option<&str>) -> Self {
        let secret = secret.map(str::to_owned);
        Self { id: ids::hex(32), name: name.to_owned(), url: url.to_owned(), secret, created: clock::now() }
    }

    /// Without the secret, which is never shown again.
    pub(super) fn show(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "url": self.url,
            "type": "generic",
            "created_at": clock::micros(self.created),
        })
    }
}

impl Policy {
    fn new(settings: Value) -> Self {
        let now = clock::now();
        Self { id: ids::hex(32), created: now, modified: now, settings }
    }

    /// Everything about every live input.
    pub(super) fn all(destination: &str) -> Self {
        Self::new(json!({
            "name": "Everlight",
            "enabled": true,
            "alert_type": LIVE_NOTIFICATIONS,
            "mechanisms": { "webhooks": [{ "id": destination }] },
        }))
    }

    pub(super) fn show(&self) -> Value {
        let mut shown = self.settings.clone();
        shown["id"] = json!(self.id);
        shown["created"] = json!(clock::micros(self.created));
        shown["modified"] = json!(clock::micros(self.modified));
        shown
    }

    fn wants(&self, input: &str, event: &str) -> bool {
        let listed = |filter: &str, value: &str| match self.settings["filters"][filter].as_array() {
            Some(values) if !values.is_empty() => values.iter().any(|known| known == value),
            _ => true,
        };
        self.settings["alert_type"] == LIVE_NOTIFICATIONS
            && self.settings["enabled"] != false
            && listed("input_id", input)
            && listed("event_type", event)
    }
}

impl Account {
    pub(super) fn notifications(
        &self,
        account: &str,
        input: &str,
        event: &str,
        errored: Option<Value>,
    ) -> Vec<Webhook> {
        let now = clock::now();
        let updated = clock::nanos(now);
        let mut data = json!({
            "notification_name": "Stream Live Input",
            "input_id": input,
            "event_type": event,
            "updated_at": updated,
        });
        let mut text = format!(
            "Notification type: Stream Live Input\nInput ID: {input}\nEvent type: {event}\nUpdated at: {updated}"
        );
        if let Some(errored) = errored {
            let part = |name: &str| errored["error"][name].as_str().unwrap_or_default().to_owned();
            let (code, message) = (part("code"), part("message"));
            text += &format!("\nError Code: {code}\nError Message: {message}\nVideo Codec: \nAudio Codec: ");
            data["live_input_errored"] = errored;
        }
        let mut out = Vec::new();
        for policy in self.policies.iter().filter(|policy| policy.wants(input, event)) {
            let wanted = policy.settings["mechanisms"]["webhooks"].as_array().into_iter().flatten();
            for destination in
                wanted.filter_map(|wanted| self.destinations.iter().find(|known| wanted["id"] == *known.id))
            {
                out.push(Webhook {
                    provider: Provider::Cloudflare,
                    event: event.to_owned(),
                    url: destination.url.clone(),
                    proof: Proof::CloudflareNotification(destination.secret.clone()),
                    body: json!({
                        "name": policy.settings["name"],
                        "text": text,
                        "data": data,
                        "ts": now.as_second(),
                        "account_id": account,
                        "policy_id": policy.id,
                        "policy_name": policy.settings["name"],
                        "alert_type": LIVE_NOTIFICATIONS,
                        "alert_correlation_id": ids::hex(32),
                        "alert_event": "ALERT_STATE_EVENT_START",
                    }),
                });
            }
        }
        out
    }
}

#[derive(Deserialize)]
struct CreateDestination {
    name: String,
    url: String,
    secret: Option<String>,
}

/// "Save and Test" of the dashboard is a message with no `data`; creating by API sends none.
pub(super) async fn create_destination(State(world): State<Shared>, bytes: Bytes) -> Reply {
    let CreateDestination { name, url, secret } = body(&bytes)?;
    let destination = Destination::new(&name, &url, secret.as_deref());
    let id = destination.id.clone();
    world.state().cloudflare.destinations.push(destination);
    Ok(ok_with_status(StatusCode::CREATED, json!({ "id": id })))
}

pub(super) async fn destinations(State(world): State<Shared>) -> Reply {
    Ok(ok(world.state().cloudflare.destinations.iter().map(Destination::show).collect()))
}

type Id = Path<(String, String)>;

pub(super) async fn destination(State(world): State<Shared>, Path((_, id)): Id) -> Reply {
    let state = world.state();
    state
        .cloudflare
        .destinations
        .iter()
        .find(|known| known.id == id)
        .map(|known| ok(known.show()))
        .ok_or(ApiError::NotFound)
}

pub(super) async fn update_destination(State(world): State<Shared>, Path((_, id)): Id, bytes: Bytes) -> Reply {
    let CreateDestination { name, url, secret } = body(&bytes)?;
    let mut state = world.state();
    let known = state.cloudflare.destinations.iter_mut().find(|known| known.id == id).ok_or(ApiError::NotFound)?;
    (known.name, known.url, known.secret) = (name, url, secret);
    Ok(ok(json!({ "id": id })))
}

pub(super) async fn delete_destination(State(world): State<Shared>, Path((_, id)): Id) -> Reply {
    let mut state = world.state();
    let destinations = &mut state.cloudflare.destinations;
    let at = destinations.iter().position(|known| known.id == id).ok_or(ApiError::NotFound)?;
    destinations.remove(at);
    Ok(ok(json!(null)))
}

pub(super) async fn create_policy(State(world): State<Shared>, bytes: Bytes) -> Reply {
    let settings: Value = body(&bytes)?;
    for field in ["name", "enabled", "alert_type", "mechanisms"] {
        if settings.get(field).is_none() {
            return Err(ApiError::BadRequest(format!("{field} is required")));
        }
    }
    let policy = Policy::new(settings);
    let id = policy.id.clone();
    world.state().cloudflare.policies.push(policy);
    Ok(ok(json!({ "id": id })))
}

pub(super) async fn policies(State(world): State<Shared>) -> Reply {
    Ok(ok(world.state().cloudflare.policies.iter().map(Policy::show).collect()))
}

pub(super) async fn policy(State(world): State<Shared>, Path((_, id)): Id) -> Reply {
    let state = world.state();
    state
        .cloudflare
        .policies
        .iter()
        .find(|known| known.id == id)
        .map(|known| ok(known.show()))
        .ok_or(ApiError::NotFound)
}

pub(super) async fn update_policy(State(world): State<Shared>, Path((_, id)): Id, bytes: Bytes) -> Reply {
    let change: serde_json::Map<String, Value> = body(&bytes)?;
    let mut state = world.state();
    let known = state.cloudflare.policies.iter_mut().find(|known| known.id == id).ok_or(ApiError::NotFound)?;
    for (field, value) in change {
        known.settings[field] = value;
    }
    known.modified = clock::now();
    Ok(ok(json!({ "id": id })))
}

pub(super) async fn delete_policy(State(world): State<Shared>, Path((_, id)): Id) -> Reply {
    let mut state = world.state();
    let policies = &mut state.cloudflare.policies;
    let at = policies.iter().position(|known| known.id == id).ok_or(ApiError::NotFound)?;
    policies.remove(at);
    Ok(ok(json!(null)))
}
