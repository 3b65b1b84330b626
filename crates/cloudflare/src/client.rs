use outbound::{
    Authorization, Failure, Method, Misconfigured, Request, Response, Settings, SigningKey, Transport, budget::Budget,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use std::time::Duration;

#[derive(Debug, Clone)]
pub struct Config {
    pub account_id: String,
    /// With the permission Account → Stream → Edit.
    pub api_token: SecretString,
    pub base_url: String,
    /// For what requires signed URLs.
    pub signing: Option<SigningKey>,
}

impl Config {
    pub const BASE_URL: &'static str = "https://api.cloudflare.com/client/v4";

    #[must_use]
    pub fn new(account_id: &str, api_token: SecretString) -> Self {
        Self { account_id: account_id.to_owned(), api_token, base_url: Self::BASE_URL.to_owned(), signing: None }
    }
}

/// The Stream API of one account.
#[derive(Debug)]
pub struct Client {
    account: String,
    token: SecretString,
    pub(crate) api: Transport,
    /// For the hosts that take and serve media: when one of them is down, the API is still asked.
    pub(crate) media: Transport,
    pub(crate) signing: Option<SigningKey>,
}

/// What `tokens/verify` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenCheck {
    pub id: Option<String>,
    /// `active`, `disabled` or `expired`.
    pub status: String,
}

impl TokenCheck {
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }
}

/// Minutes of recordings that the account holds, and may hold. An input is created without complaint when there is no
/// room left; the broadcast then fails.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Storage {
    #[serde(rename = "totalStorageMinutes", default)]
    pub used_minutes: Option<f64>,
    #[serde(rename = "totalStorageMinutesLimit", default)]
    pub limit_minutes: Option<f64>,
}

impl Client {
    /// # Errors
    /// [`Misconfigured`] if no call can be made with this.
    pub fn new(config: &Config) -> Result<Self, Misconfigured> {
        let account = config.account_id.trim();
        if account.is_empty() {
            return Err(Misconfigured::Empty("the account's id"));
        }
        let token = SecretString::from(config.api_token.expose_secret().trim());
        let mut settings = Settings::new("Cloudflare", &config.base_url, Authorization::Bearer(token.clone()))?;
        // 1200 calls in five minutes for the account's owner, dashboard included; over it, *all* calls are refused for
        // five minutes (https://developers.cloudflare.com/fundamentals/api/reference/limits/). This leaves a sixth.
        settings.creations = Budget::new(Duration::from_millis(333), 100);
        settings.explain = explain;
        let media = Transport::new(settings.clone())?;
        let signing = config.signing.clone();
        Ok(Self { account: account.to_owned(), token, api: Transport::new(settings)?, media, signing })
    }

    /// Whether what plays at this address may be read from here: an answer cannot lead into our own network.
    #[must_use]
    pub fn may_read(&self, address: &str) -> bool {
        self.media.may_call(address)
    }

    /// Is the token good? Tokens that belong to the account (`cfat_…`) and tokens of a user are asked about at different
    /// places, and the wrong place calls a good token invalid.
    ///
    /// # Errors
    /// [`Failure`]; [`Failure::is_denied`] or a code of `1000` for a token that nobody knows.
    pub async fn verify_token(&self) -> Result<TokenCheck, Failure> {
        let of_user: &[&str] = &["user", "tokens", "verify"];
        let of_account: &[&str] = &["accounts", &self.account, "tokens", "verify"];
        let belongs_to_account = self.token.expose_secret().starts_with("cfat_");
        let (first, second) = if belongs_to_account { (of_account, of_user) } else { (of_user, of_account) };
        match self.verify_at(first).await {
            Err(Failure::Refused { .. }) => self.verify_at(second).await,
            other => other,
        }
    }

    async fn verify_at(&self, segments: &[&str]) -> Result<TokenCheck, Failure> {
        #[derive(Deserialize)]
        struct Wire {
            id: Option<String>,
            status: String,
        }
        let request = self.api.request("check the token", Method::GET, segments)?;
        let Wire { id, status } = self.result(&request).await?;
        Ok(TokenCheck { id, status })
    }

    /// # Errors
    /// [`Failure`]; refused if the token may not use Stream.
    pub async fn storage(&self) -> Result<Storage, Failure> {
        self.result(&self.stream("ask for the storage used", Method::GET, &["storage-usage"])?).await
    }

    /// A call below `/accounts/{account}/stream`.
    pub(crate) fn stream(&self, what: &'static str, method: Method, below: &[&str]) -> Result<Request, Failure> {
        let mut segments = vec!["accounts", self.account.as_str(), "stream"];
        segments.extend(below);
        self.api.request(what, method, &segments)
    }

    /// Whether Cloudflare knows a signing key by this name.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn knows_signing_key(&self, id: &str) -> Result<bool, Failure> {
        #[derive(Deserialize)]
        struct Key {
            id: String,
        }
        let request = self.stream("look for the signing key", Method::GET, &["keys"])?;
        let keys: Vec<Key> = self.result(&request).await?;
        Ok(keys.iter().any(|key| key.id == id))
    }

    /// Sends, and takes the `result` out of the envelope.
    pub(crate) async fn result<T: DeserializeOwned>(&self, request: &Request) -> Result<T, Failure> {
        unwrap(&self.api.send(request).await?)
    }

    /// Sends a deletion: what is not there has been deleted.
    pub(crate) async fn delete(&self, request: &Request) -> Result<(), Failure> {
        match self.api.send(request).await {
            // Nothing, or an envelope without a result.
            Ok(response) => refusal(&response).map_or(Ok(()), Err),
            Err(failure) if failure.is_not_found() => Ok(()),
            Err(failure) => Err(failure),
        }
    }
}

#[derive(Deserialize)]
struct Envelope<T> {
    success: Option<bool>,
    errors: Option<Vec<Said>>,
    #[serde(default = "Option::default")]
    result: Option<T>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Said {
    code: serde_json::Value,
    message: Option<String>,
}

fn unwrap<T: DeserializeOwned>(response: &Response) -> Result<T, Failure> {
    // First, because the `result` of a refusal need not be a `T`.
    if let Some(failure) = refusal(response) {
        return Err(failure);
    }
    let Envelope { result, .. } = response.json::<Envelope<T>>()?;
    result.ok_or_else(|| response.garbled("`result` is missing".to_owned()))
}

/// `"success": false` under a status that says otherwise.
fn refusal(response: &Response) -> Option<Failure> {
    let Envelope { success, errors, .. } = response.json::<Envelope<serde::de::IgnoredAny>>().ok()?;
    if success != Some(false) {
        return None;
    }
    let said = error(errors.unwrap_or_default().into_iter().next().unwrap_or_default());
    Some(response.refused(said.code.as_deref(), &said.message))
}

fn error(said: Said) -> outbound::ProviderError {
    let code = match said.code {
        serde_json::Value::Number(code) => Some(code.to_string()),
        serde_json::Value::String(code) => Some(code),
        _ => None,
    };
    outbound::ProviderError { code, message: said.message.unwrap_or_default() }
}

/// `{"errors":[{"code":10060,"message":"…"}]}`, or one such object alone.
fn explain(body: &[u8]) -> outbound::ProviderError {
    let listed =
        serde_json::from_slice::<Envelope<serde::de::IgnoredAny>>(body).ok().and_then(|envelope| envelope.errors);
    let said = listed.and_then(|errors| errors.into_iter().next());
    error(said.or_else(|| serde_json::from_slice(body).ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_errors_are_read() {
        let said = explain(br#"{"success":false,"errors":[{"code":10060,"message":"must be between"}],"result":null}"#);
        assert_eq!((said.code.as_deref(), said.message.as_str()), (Some("10060"), "must be between"));
        assert_eq!(explain(br#"{"code":1000,"message":"Invalid API Token"}"#).code.as_deref(), Some("1000"));
        for nonsense in ["", "<html>", "[]", "7", "{\"errors\":7}", "null"] {
            assert_eq!(explain(nonsense.as_bytes()), outbound::ProviderError::default(), "{nonsense}");
        }
    }

    #[test]
    fn half_a_configuration_is_refused() {
        let config = |account: &str, token: &str| Config::new(account, token.into());
        assert!(Client::new(&config("a", "t")).is_ok());
        for (account, token) in [("", "t"), ("a", ""), ("a", " "), ("a", "t\nu")] {
            assert!(Client::new(&config(account, token)).is_err(), "{account:?} {token:?}");
        }
    }
}
