use crate::{
    Client, InputStatus, Meta,
    meta::{MARK, or_default},
};
use outbound::{Failure, Method, Url};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

/// Where an encoder sends to.
#[derive(Debug, Clone)]
pub struct Ingest {
    pub url: String,
    pub stream_key: SecretString,
}

#[derive(Debug, Clone)]
pub struct NewLiveInput {
    pub name: String,
    /// Our stream's id.
    pub mark: String,
    pub installation: String,
    /// How long a publisher may be away and still continue the same recording, 1 to 86,400 s; 0: Cloudflare's default.
    pub timeout_seconds: u32,
    pub require_signed_urls: bool,
    /// 30 to 1,096; `None`: kept until deleted.
    pub delete_recording_after_days: Option<u32>,
    /// Hosts whose pages may play it; empty: all.
    pub allowed_origins: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RecordingSettings {
    /// `automatic`: recorded and playable over HLS. `off`: neither.
    pub mode: Option<String>,
    pub timeout_seconds: Option<u32>,
    #[serde(rename = "requireSignedURLs", deserialize_with = "or_default")]
    pub require_signed_urls: bool,
    #[serde(deserialize_with = "or_default")]
    pub allowed_origins: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct LiveInput {
    pub uid: String,
    pub rtmps: Ingest,
    /// The address is a credential: WHIP has no other here.
    pub whip_url: Option<SecretString>,
    pub whep_url: Option<SecretString>,
    pub status: InputStatus,
    pub enabled: bool,
    pub meta: Meta,
    pub recording: RecordingSettings,
    pub delete_recording_after_days: Option<u32>,
    /// `https://customer-….cloudflarestream.com`, where it is played: see [`crate::Playback`].
    pub playback_origin: Option<String>,
    /// RFC 3339.
    pub created: Option<String>,
}

/// What the list shows of an input: no credentials.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LiveInputSummary {
    pub uid: String,
    #[serde(default, deserialize_with = "or_default")]
    pub meta: Meta,
    #[serde(default)]
    pub created: Option<String>,
    #[serde(default)]
    pub modified: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    uid: String,
    rtmps: WireIngest,
    #[serde(rename = "webRTC")]
    whip: Option<WireUrl>,
    #[serde(rename = "webRTCPlayback")]
    whep: Option<WireUrl>,
    playback: Option<Value>,
    #[serde(default)]
    status: InputStatus,
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "or_default")]
    meta: Meta,
    #[serde(default, deserialize_with = "or_default")]
    recording: RecordingSettings,
    delete_recording_after_days: Option<u32>,
    created: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireIngest {
    url: String,
    stream_key: String,
}

#[derive(Deserialize)]
struct WireUrl {
    url: String,
}

impl From<Wire> for LiveInput {
    fn from(wire: Wire) -> Self {
        let hls = wire.playback.as_ref().and_then(|playback| playback.get("hls")?.as_str());
        let addresses =
            [wire.whep.as_ref().map(|whep| whep.url.as_str()), hls, wire.whip.as_ref().map(|whip| whip.url.as_str())];
        let playback_origin = addresses.into_iter().flatten().find_map(origin);
        let secret = |url: WireUrl| SecretString::from(url.url);
        Self {
            uid: wire.uid,
            rtmps: Ingest { url: wire.rtmps.url, stream_key: wire.rtmps.stream_key.into() },
            whip_url: wire.whip.map(secret),
            whep_url: wire.whep.map(secret),
            status: wire.status,
            enabled: wire.enabled.unwrap_or(true),
            meta: wire.meta,
            recording: wire.recording,
            delete_recording_after_days: wire.delete_recording_after_days,
            playback_origin,
            created: wire.created,
        }
    }
}

/// Scheme, host and port of an address of a web page.
pub(crate) fn origin(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    matches!(url.scheme(), "https" | "http").then(|| url.origin().ascii_serialization())
}

impl NewLiveInput {
    fn body(&self) -> Value {
        let mut recording = json!({
            "mode": "automatic",
            "timeoutSeconds": self.timeout_seconds,
            "requireSignedURLs": self.require_signed_urls,
        });
        if !self.allowed_origins.is_empty() {
            recording["allowedOrigins"] = json!(self.allowed_origins);
        }
        let meta = Meta::ours(&self.name, &self.mark, &self.installation);
        let mut body = json!({ "meta": meta, "enabled": true, "recording": recording });
        if let Some(days) = self.delete_recording_after_days {
            // At the top: inside `recording` it is dropped silently.
            body["deleteRecordingAfterDays"] = json!(days);
        }
        body
    }

    /// The first setting that `made` does not have as it was sent.
    fn ignored(&self, made: &LiveInput) -> Option<(&'static str, String, String)> {
        let is = &made.recording;
        // 0 asks for the platform's default, whatever that is; it comes back as null.
        let asked = self.timeout_seconds != 0;
        let (timeout, timeout_is) = (asked.then_some(self.timeout_seconds), is.timeout_seconds.filter(|_| asked));
        let text = |value: &dyn std::fmt::Debug| format!("{value:?}");
        let set = |origins: &[String]| text(&origins.iter().collect::<std::collections::BTreeSet<_>>());
        [
            ("recording.mode", text(&Some("automatic")), text(&is.mode.as_deref())),
            ("recording.timeoutSeconds", text(&timeout), text(&timeout_is)),
            ("recording.requireSignedURLs", text(&self.require_signed_urls), text(&is.require_signed_urls)),
            ("recording.allowedOrigins", set(&self.allowed_origins), set(&is.allowed_origins)),
            (
                "deleteRecordingAfterDays",
                text(&self.delete_recording_after_days),
                text(&made.delete_recording_after_days),
            ),
            ("enabled", text(&true), text(&made.enabled)),
            ("meta", text(&Some(self.mark.as_str())), text(&made.meta.mark())),
        ]
        .into_iter()
        .find(|(_, sent, got)| sent != got)
    }
}

impl Client {
    /// Creates an input that records and plays (when it is fed by RTMPS or SRT).
    ///
    /// # Errors
    /// [`Failure`]. After [`Failure::outcome_unknown`] look with [`Self::find_live_input`]; [`Failure::Ignored`] names
    /// the input that now exists.
    pub async fn create_live_input(&self, new: &NewLiveInput) -> Result<LiveInput, Failure> {
        let request = self.stream("create a live input", Method::POST, &["live_inputs"])?.json(&new.body())?;
        let made = LiveInput::from(self.result::<Wire>(&request).await?);
        match new.ignored(&made) {
            None => Ok(made),
            Some((setting, sent, got)) => {
                let call = self.api.call("create a live input");
                Err(Failure::Ignored { call, object: made.uid, setting, sent, got })
            }
        }
    }

    /// # Errors
    /// [`Failure`]
    pub async fn live_inputs(&self) -> Result<Vec<LiveInputSummary>, Failure> {
        Ok(self.list_live_inputs().await?.0)
    }

    /// The input that carries our mark: after a creation whose outcome is not known. Of several the oldest.
    ///
    /// # Errors
    /// [`Failure`]; also if the input is not in the list and the list is not whole.
    pub async fn find_live_input(&self, mark: &str) -> Result<Option<LiveInputSummary>, Failure> {
        let (inputs, total) = self.list_live_inputs().await?;
        let listed = inputs.len();
        let found = inputs.into_iter().filter(|input| input.meta.mark() == Some(mark));
        match found.min_by(|a, b| a.created.cmp(&b.created)) {
            None if total.is_some_and(|total| total > listed as u64) => Err(Failure::Garbled {
                call: self.api.call("look for a live input"),
                why: format!("the list has {listed} inputs of {}", total.unwrap_or_default()),
                repeatable: true,
            }),
            found => Ok(found),
        }
    }

    async fn list_live_inputs(&self) -> Result<(Vec<LiveInputSummary>, Option<u64>), Failure> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum List {
            Bare(Vec<LiveInputSummary>),
            Counted {
                #[serde(rename = "liveInputs", deserialize_with = "or_default")]
                inputs: Vec<LiveInputSummary>,
                total: Option<u64>,
            },
        }
        let request =
            self.stream("list the live inputs", Method::GET, &["live_inputs"])?.query("include_counts", "true");
        Ok(match self.result(&request).await? {
            List::Bare(inputs) => (inputs, None),
            List::Counted { inputs, total } => (inputs, total),
        })
    }

    /// # Errors
    /// [`Failure`]; [`Failure::is_not_found`] if there is none.
    pub async fn live_input(&self, uid: &str) -> Result<LiveInput, Failure> {
        let request = self.stream("read a live input", Method::GET, &["live_inputs", uid])?;
        Ok(self.result::<Wire>(&request).await?.into())
    }

    /// Disabled, it refuses RTMPS and SRT. (Nothing is documented about WHIP: [`Self::rotate_keys`] is surer.)
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn set_enabled(&self, uid: &str, enabled: bool) -> Result<LiveInput, Failure> {
        const WHAT: &str = "enable or disable a live input";
        let request = self.stream(WHAT, Method::PUT, &["live_inputs", uid])?.json(&json!({ "enabled": enabled }))?;
        let input = LiveInput::from(self.result::<Wire>(&request).await?);
        if input.enabled != enabled {
            let (sent, got) = (enabled.to_string(), input.enabled.to_string());
            return Err(Failure::Ignored {
                call: self.api.call(WHAT),
                object: input.uid,
                setting: "enabled",
                sent,
                got,
            });
        }
        Ok(input)
    }

    /// Cuts whoever publishes and makes the old keys and addresses worthless.
    ///
    /// # Errors
    /// [`Failure`]. After [`Failure::outcome_unknown`] read the input: its keys are what they are.
    pub async fn rotate_keys(&self, uid: &str) -> Result<LiveInput, Failure> {
        let request = self.stream("rotate the keys", Method::POST, &["live_inputs", uid, "rotate_keys"])?.empty();
        Ok(self.result::<Wire>(&request).await?.into())
    }

    /// Its recordings stay, and cost. An input that is not there has been deleted.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn delete_live_input(&self, uid: &str) -> Result<(), Failure> {
        self.delete(&self.stream("delete a live input", Method::DELETE, &["live_inputs", uid])?).await
    }
}

impl LiveInputSummary {
    /// Made by this installation?
    #[must_use]
    pub fn is_of(&self, installation: &str) -> bool {
        self.meta.installation() == Some(installation) && self.meta.get(MARK).is_some()
    }
}
