//! Webhooks: the envelope and what goes into it.

use serde_json::{Value, json};

use super::Environment;
use crate::faults::Provider;
use crate::webhooks::{Proof, Webhook};
use crate::world::World;
use crate::{clock, ids};

impl World {
    pub(super) fn mux_event(&self, mux: &Environment, event: &str, (kind, id): (&str, &str), mut data: Value) {
        let Some(url) = mux.webhooks_to.clone() else { return };
        // A string in the API, a number here.
        if let Some(created) = data["created_at"].as_str().and_then(|text| text.parse::<i64>().ok()) {
            data["created_at"] = json!(created);
        }
        let body = json!({
            "type": event,
            "object": { "type": kind, "id": id },
            "id": ids::uuid(),
            "environment": { "name": "Production", "id": "emulat" },
            "data": data,
            "created_at": clock::micros(clock::now()),
            "attempts": [],
            "accessor_source": null,
            "accessor": null,
            "request_id": null,
        });
        let proof = Proof::Mux(self.config.mux.webhook_secret.clone());
        // Fails only when the emulator stops.
        let _ = self.webhooks.send(Webhook { provider: Provider::Mux, event: event.to_owned(), url, proof, body });
    }

    /// `video.live_stream.…` with the stream as it is now (with its key), and what is said besides.
    pub(super) fn mux_live_event(&self, mux: &mut Environment, event: &str, id: &str, besides: &Value) {
        let Some(mut data) = mux.stream(id).map(|stream| stream.show()) else { return };
        for (name, value) in besides.as_object().into_iter().flatten() {
            data[name] = value.clone();
        }
        self.mux_event(mux, &format!("video.live_stream.{event}"), ("live", id), data);
    }

    /// `video.asset.…` with the asset as it is now.
    pub(super) fn mux_asset_event(&self, mux: &mut Environment, event: &str, id: &str) {
        let Some(data) = mux.asset(id).map(|asset| asset.show()) else { return };
        self.mux_event(mux, &format!("video.asset.{event}"), ("asset", id), data);
    }
}
