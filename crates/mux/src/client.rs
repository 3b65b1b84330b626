use outbound::{
    Authorization, Failure, Method, Misconfigured, ProviderError, Request, Settings, SigningKey, Transport,
    budget::Budget,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use std::time::Duration;

#[derive(Debug, Clone)]
pub struct Config {
    pub token_id: String,
    pub token_secret: SecretString,
    pub base_url: String,
    /// Where recordings are played.
    pub playback_base_url: String,
    /// Where encoders send to.
    pub ingest_url: String,
    /// For what is made with the policy `signed`.
    pub signing: Option<SigningKey>,
}

impl Config {
    pub const BASE_URL: &'static str = "https://api.mux.com";
    pub const PLAYBACK_BASE_URL: &'static str = "https://stream.mux.com";
    pub const INGEST_URL: &'static str = "rtmps://global-live.mux.com:443/app";

    #[must_use]
    pub fn new(token_id: &str, token_secret: SecretString) -> Self {
        Self {
            token_id: token_id.to_owned(),
            token_secret,
            base_url: Self::BASE_URL.to_owned(),
            playback_base_url: Self::PLAYBACK_BASE_URL.to_owned(),
            ingest_url: Self::INGEST_URL.to_owned(),
            signing: None,
        }
    }
}

/// The Video API of one environment.
#[derive(Debug)]
pub struct Client {
    pub(crate) api: Transport,
    /// For the hosts that take uploads: when one of them is down, the API is still asked.
    pub(crate) media: Transport,
    pub(crate) playback_base_url: String,
    ingest_url: String,
    pub(crate) signing: Option<SigningKey>,
}

impl Client {
    /// # Errors
    /// [`Misconfigured`] if no call can be made with this.
    pub fn new(config: &Config) -> Result<Self, Misconfigured> {
        let user = config.token_id.trim().to_owned();
        if user.is_empty() {
            return Err(Misconfigured::Empty("the token's id"));
        }
        let password = SecretString::from(config.token_secret.expose_secret().trim());
        let mut settings = Settings::new("Mux", &config.base_url, Authorization::Basic { user, password })?;
        // One POST a second and five of everything else, with short bursts
        // (https://www.mux.com/docs/core/make-api-requests#rate-limits).
        settings.creations = Budget::new(Duration::from_secs(1), 3);
        settings.others = Some(Budget::new(Duration::from_millis(200), 10));
        settings.explain = explain;
        let media = Transport::new(settings.clone())?;
        let playback_base_url = outbound::base(&config.playback_base_url)?.as_str().trim_end_matches('/').to_owned();
        let ingest_url = config.ingest_url.trim().to_owned();
        if !ingest_url.starts_with("rtmps://") && !ingest_url.starts_with("rtmp://") {
            return Err(Misconfigured::NotAnAddress(ingest_url));
        }
        let signing = config.signing.clone();
        Ok(Self { api: Transport::new(settings)?, media, playback_base_url, ingest_url, signing })
    }

    /// Where an encoder sends to, with the stream key as the name of the stream.
    #[must_use]
    pub fn ingest_url(&self) -> &str {
        &self.ingest_url
    }

    /// Are the credentials good for Video?
    ///
    /// # Errors
    /// [`Failure`]; [`Failure::is_denied`] if they are not.
    pub async fn verify(&self) -> Result<(), Failure> {
        let request = self.video("check the token", Method::GET, &["live-streams"])?.query("limit", "1");
        self.api.send(&request).await.map(drop)
    }

    /// Whether Mux knows a signing key by this name.
    ///
    /// # Errors
    /// [`Failure`]; [`Failure::is_denied`] if the token may not ask: that needs a right of its own.
    pub async fn knows_signing_key(&self, id: &str) -> Result<bool, Failure> {
        let request =
            self.api.request("look for the signing key", Method::GET, &["system", "v1", "signing-keys", id])?;
        match self.api.send(&request).await {
            Ok(_) => Ok(true),
            Err(failure) if failure.is_not_found() => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// A call below `/video/v1`.
    pub(crate) fn video(&self, what: &'static str, method: Method, below: &[&str]) -> Result<Request, Failure> {
        let mut segments = vec!["video", "v1"];
        segments.extend(below);
        self.api.request(what, method, &segments)
    }

    /// Sends, and takes the `data` out of the envelope.
    pub(crate) async fn data<T: DeserializeOwned>(&self, request: &Request) -> Result<T, Failure> {
        #[derive(Deserialize)]
        struct Envelope<T> {
            data: T,
        }
        Ok(self.api.send(request).await?.json::<Envelope<T>>()?.data)
    }

    /// Sends a deletion: what is not there has been deleted.
    pub(crate) async fn delete(&self, request: &Request) -> Result<(), Failure> {
        match self.api.send(request).await {
            Ok(_) => Ok(()),
            Err(failure) if failure.is_not_found() => Ok(()),
            Err(failure) => Err(failure),
        }
    }
}

/// `{"error":{"type":"invalid_parameters","messages":["…"]}}`
fn explain(body: &[u8]) -> ProviderError {
    #[derive(Deserialize, Default)]
    struct Envelope {
        error: Said,
    }
    #[derive(Deserialize, Default)]
    struct Said {
        #[serde(rename = "type")]
        kind: Option<String>,
        messages: Option<Vec<String>>,
    }
    let said = serde_json::from_slice::<Envelope>(body).unwrap_or_default().error;
    ProviderError { code: said.kind, message: said.messages.unwrap_or_default().join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_errors_are_read() {
        let said = explain(br#"{"error":{"type":"invalid_parameters","messages":["Failed to parse ID","x"]}}"#);
        assert_eq!(
            (said.code.as_deref(), said.message.as_str()),
            (Some("invalid_parameters"), "Failed to parse ID; x")
        );
        for nonsense in ["", "<html>", "[]", "7", r#"{"error":"x"}"#, r#"{"error":{"messages":null}}"#] {
            assert_eq!(explain(nonsense.as_bytes()), ProviderError::default(), "{nonsense}");
        }
    }

    #[test]
    fn half_a_configuration_is_refused() {
        let good = || Config::new("id", "secret".into());
        assert!(Client::new(&good()).is_ok());
        let bad = [
            Config::new("", "secret".into()),
            Config::new("id", "".into()),
            Config { base_url: "http://api.mux.com".into(), ..good() },
            Config { playback_base_url: "stream.mux.com".into(), ..good() },
            Config { ingest_url: "https://x.com".into(), ..good() },
        ];
        for config in bad {
            assert!(Client::new(&config).is_err(), "{config:?}");
        }
    }
}
