//! Mux Video, as documented at docs.mux.com.

mod api;
mod assets;
mod events;
mod live;
mod live_streams;
mod playback;
mod renditions;
mod reply;
mod settings;
mod signing;
mod uploads;

use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) use api::{api, open};
pub(crate) use reply::{rate_limited, server_error};

use crate::ids;
use crate::ingest::show::Live;
use crate::world::World;
use assets::Asset;
use live_streams::LiveStream;

/// Everything in one environment. Lists keep the order of creation.
#[derive(Default)]
pub(crate) struct Environment {
    streams: Vec<LiveStream>,
    assets: Vec<Asset>,
    uploads: Vec<uploads::Upload>,
    keys: Vec<signing::SigningKey>,
    /// In reality set in the dashboard, for all events of the environment.
    pub(crate) webhooks_to: Option<String>,
}

#[derive(Debug, Clone)]
struct PlaybackId {
    id: String,
    policy: Policy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Policy {
    Public,
    Signed,
}

impl PlaybackId {
    fn new(policy: Policy) -> Self {
        Self { id: ids::alphanumeric(44), policy }
    }

    fn show(&self) -> Value {
        let policy = match self.policy {
            Policy::Public => "public",
            Policy::Signed => "signed",
        };
        json!({ "id": self.id, "policy": policy })
    }

    fn show_all(all: &[Self]) -> Value {
        all.iter().map(Self::show).collect()
    }
}

impl Environment {
    /// The live stream with this key, unless it is disabled.
    pub(crate) fn stream_of_key(&self, key: &str) -> Option<String> {
        let stream = self.streams.iter().find(|stream| stream.stream_key == key)?;
        stream.takes_publishers().then(|| stream.id.clone())
    }

    pub(crate) fn live(&mut self, id: &str) -> Option<&mut Live> {
        self.stream(id).map(|stream| &mut stream.live)
    }

    pub(crate) fn lives(&self) -> impl Iterator<Item = &Live> {
        self.streams.iter().map(|stream| &stream.live)
    }

    fn stream(&mut self, id: &str) -> Option<&mut LiveStream> {
        self.streams.iter_mut().find(|stream| stream.id == id)
    }

    fn asset(&mut self, id: &str) -> Option<&mut Asset> {
        self.assets.iter_mut().find(|asset| asset.id == id)
    }

    pub(crate) fn describe(&self, _: &World) -> Value {
        json!({
            "liveStreams": self.streams.iter().map(|stream| {
                let mut shown = stream.show();
                shown["connected"] = json!(stream.live.is_on_air());
                shown
            }).collect::<Value>(),
            "assets": self.assets.iter().map(Asset::show).collect::<Value>(),
            "webhooksTo": self.webhooks_to,
        })
    }
}
