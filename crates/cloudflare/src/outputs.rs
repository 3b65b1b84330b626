use crate::Client;
use outbound::{Failure, Method};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

/// Where Cloudflare sends a live input on to. It carries nothing while the input is fed by WHIP.
#[derive(Debug, Clone)]
pub struct Output {
    pub uid: String,
    pub url: String,
    pub stream_key: SecretString,
    /// `None`: the answer did not say.
    pub enabled: Option<bool>,
    /// Seen in answers, not documented.
    pub state: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    uid: String,
    url: String,
    stream_key: Option<String>,
    enabled: Option<bool>,
    status: Option<Value>,
}

impl From<Wire> for Output {
    fn from(wire: Wire) -> Self {
        let state = wire.status.as_ref().and_then(|status| status.pointer("/current/state").or(Some(status)));
        Self {
            state: state.and_then(Value::as_str).map(str::to_owned),
            uid: wire.uid,
            url: wire.url,
            stream_key: wire.stream_key.unwrap_or_default().into(),
            enabled: wire.enabled,
        }
    }
}

impl Client {
    /// # Errors
    /// [`Failure`]. After [`Failure::outcome_unknown`] look through [`Self::outputs`].
    pub async fn create_output(&self, input: &str, url: &str, key: &SecretString) -> Result<Output, Failure> {
        use secrecy::ExposeSecret as _;
        let body = json!({ "url": url, "streamKey": key.expose_secret(), "enabled": true });
        let request = self.stream("create an output", Method::POST, &["live_inputs", input, "outputs"])?;
        let request = request.hide(key).json(&body)?;
        let output = Output::from(self.result::<Wire>(&request).await?);
        let ignored = |setting, sent: &str, got: &str| Failure::Ignored {
            call: self.api.call("create an output"),
            object: output.uid.clone(),
            setting,
            sent: sent.to_owned(),
            got: got.to_owned(),
        };
        if output.url.trim_end_matches('/') != url.trim_end_matches('/') {
            return Err(ignored("url", url, &output.url));
        }
        if output.enabled == Some(false) {
            return Err(ignored("enabled", "true", "false"));
        }
        Ok(output)
    }

    /// # Errors
    /// [`Failure`]
    pub async fn outputs(&self, input: &str) -> Result<Vec<Output>, Failure> {
        let request = self.stream("list the outputs", Method::GET, &["live_inputs", input, "outputs"])?;
        Ok(self.result::<Vec<Wire>>(&request).await?.into_iter().map(Output::from).collect())
    }

    /// # Errors
    /// [`Failure`]
    pub async fn set_output_enabled(&self, input: &str, output: &str, enabled: bool) -> Result<Output, Failure> {
        const WHAT: &str = "enable or disable an output";
        let request = self.stream(WHAT, Method::PUT, &["live_inputs", input, "outputs", output])?;
        let output = Output::from(self.result::<Wire>(&request.json(&json!({ "enabled": enabled }))?).await?);
        match output.enabled {
            Some(got) if got != enabled => Err(Failure::Ignored {
                call: self.api.call(WHAT),
                object: output.uid,
                setting: "enabled",
                sent: enabled.to_string(),
                got: got.to_string(),
            }),
            _ => Ok(output),
        }
    }

    /// It stops within 30 s.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn delete_output(&self, input: &str, output: &str) -> Result<(), Failure> {
        self.delete(&self.stream("delete an output", Method::DELETE, &["live_inputs", input, "outputs", output])?).await
    }
}
