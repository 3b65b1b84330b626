//! Cloudflare Stream, as documented at developers.cloudflare.com/stream and in Cloudflare's OpenAPI document.

mod alerting;
mod api;
mod downloads;
mod envelope;
mod keys;
mod live;
mod live_inputs;
mod outputs;
mod playback;
mod settings;
mod uploads;
mod videos;
pub(crate) mod webrtc;

use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) use api::{api, open};
pub(crate) use envelope::{rate_limited, server_error};

use crate::clock;
use crate::ingest::show::Live;
use crate::world::World;
use live_inputs::LiveInput;
use videos::Video;

/// Everything in one account. Lists keep the order of creation.
#[derive(Default)]
pub(crate) struct Account {
    inputs: Vec<LiveInput>,
    videos: Vec<Video>,
    vod_webhook: Option<VodWebhook>,
    destinations: Vec<alerting::Destination>,
    policies: Vec<alerting::Policy>,
    uploads: Vec<uploads::Upload>,
    tokens: Vec<keys::Token>,
    keys: Vec<keys::SigningKey>,
}

struct VodWebhook {
    url: String,
    modified: Timestamp,
    secret: String,
}

impl Account {
    /// The live input with this stream key, if it takes publishers.
    pub(crate) fn input_of_key(&self, key: &str) -> Option<String> {
        let input = self.inputs.iter().find(|input| input.stream_key == key)?;
        input.enabled.then(|| input.uid.clone())
    }

    pub(crate) fn live(&mut self, uid: &str) -> Option<&mut Live> {
        self.input(uid).map(|input| &mut input.live)
    }

    pub(crate) fn lives(&self) -> impl Iterator<Item = &Live> {
        self.inputs.iter().map(|input| &input.live)
    }

    fn input(&mut self, uid: &str) -> Option<&mut LiveInput> {
        self.inputs.iter_mut().find(|input| input.uid == uid)
    }

    fn video(&mut self, uid: &str) -> Option<&mut Video> {
        self.videos.iter_mut().find(|video| video.uid == uid)
    }

    /// What a user of the dashboard does by hand: both kinds of webhooks.
    pub(crate) fn register(&mut self, vod: &str, vod_secret: &str, live: &str, live_secret: &str) {
        let (url, secret) = (vod.to_owned(), vod_secret.to_owned());
        self.vod_webhook = Some(VodWebhook { url, modified: clock::now(), secret });
        let destination = alerting::Destination::new("Everlight", live, Some(live_secret));
        self.policies.push(alerting::Policy::all(&destination.id));
        self.destinations.push(destination);
    }

    pub(crate) fn describe(&self, world: &World) -> Value {
        json!({
            "liveInputs": self.inputs.iter().map(|input| {
                let mut shown = input.show(world);
                shown["outputs"] = input.outputs.iter().map(outputs::Output::show).collect();
                shown["onAir"] = json!(input.live.is_on_air());
                shown["publishedByWhip"] = json!(world.webrtc.is_published(&input.uid));
                shown
            }).collect::<Value>(),
            "videos": self.videos.iter().map(|video| video.show(world)).collect::<Value>(),
            "destinations": self.destinations.iter().map(alerting::Destination::show).collect::<Value>(),
            "policies": self.policies.iter().map(alerting::Policy::show).collect::<Value>(),
        })
    }
}
