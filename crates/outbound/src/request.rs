use crate::{Call, Failure, failure::plain};
use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use std::{path::PathBuf, time::Duration};

/// May the call be sent again when its outcome is not known?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Sending it twice is the same as sending it once.
    Safe,
    /// It creates something.
    Once,
}

/// How a provider knows us.
#[derive(Debug, Clone)]
pub enum Authorization {
    Bearer(SecretString),
    Basic { user: String, password: SecretString },
}

impl Authorization {
    /// What follows the name of the scheme.
    fn credentials(&self) -> SecretString {
        match self {
            Self::Bearer(token) => token.clone(),
            Self::Basic { user, password } => {
                let pair = format!("{user}:{}", password.expose_secret());
                base64::engine::general_purpose::STANDARD.encode(pair).into()
            }
        }
    }

    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let scheme = match self {
            Self::Bearer(_) => "Bearer",
            Self::Basic { .. } => "Basic",
        };
        let mut value = HeaderValue::from_str(&format!("{scheme} {}", self.credentials().expose_secret())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    pub(crate) fn secret(&self) -> &SecretString {
        match self {
            Self::Bearer(secret) | Self::Basic { password: secret, .. } => secret,
        }
    }

    /// Every form in which an answer might repeat it.
    pub(crate) fn secrets(&self) -> [SecretString; 2] {
        [self.secret().clone(), self.credentials()]
    }
}

/// A part of a file, read while it is sent.
#[derive(Debug, Clone)]
pub struct FilePart {
    pub path: PathBuf,
    pub offset: u64,
    pub len: u64,
}

#[derive(Clone)]
pub(crate) enum Body {
    None,
    Bytes(Bytes),
    File(FilePart),
}

/// What must not be shown, should a provider repeat it.
#[derive(Clone, Default)]
pub(crate) struct Secrets(pub(crate) Vec<SecretString>);

impl Secrets {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(secrecy::ExposeSecret::expose_secret)
    }
}

/// One call. Made by [`crate::Transport::request`].
pub struct Request {
    pub(crate) call: Call,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) repeat: Repeat,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    pub(crate) timeout: Option<Duration>,
    pub(crate) secrets: Secrets,
}

impl std::fmt::Debug for Request {
    // Not the address: an upload's is a credential.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request({} {})", self.method, self.call)
    }
}

impl Request {
    pub(crate) fn new(call: Call, method: Method, url: Url, secrets: Vec<SecretString>) -> Self {
        let repeat = if matches!(method, Method::POST | Method::PATCH) { Repeat::Once } else { Repeat::Safe };
        let headers = HeaderMap::new();
        Self { call, method, url, repeat, headers, body: Body::None, timeout: None, secrets: Secrets(secrets) }
    }

    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// A `POST` that only asks, or a `PUT` that counts: the caller knows better than the method does.
    #[must_use]
    pub fn repeat(mut self, repeat: Repeat) -> Self {
        self.repeat = repeat;
        self
    }

    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// # Errors
    /// [`Failure::NotSent`] if `body` cannot be written as JSON.
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Result<Self, Failure> {
        // The error is not passed on: it may quote what is secret.
        let body = serde_json::to_vec(body)
            .map_err(|_| Failure::NotSent { call: self.call, why: "the body cannot be written as JSON".to_owned() })?;
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.body = Body::Bytes(body.into());
        Ok(self)
    }

    #[must_use]
    pub fn file(mut self, part: FilePart) -> Self {
        self.headers.insert(header::CONTENT_LENGTH, part.len.into());
        self.body = Body::File(part);
        self
    }

    /// Sent with `Content-Length: 0`, as some servers want of an empty `PUT` or `POST`.
    #[must_use]
    pub fn empty(mut self) -> Self {
        self.headers.insert(header::CONTENT_LENGTH, 0.into());
        self
    }

    /// The longest that the call may take, all attempts and waits together.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// A secret that is part of this call: should the provider's message repeat it, it is not shown.
    #[must_use]
    pub fn hide(mut self, secret: &SecretString) -> Self {
        self.secrets.0.push(secret.clone());
        self
    }
}

/// An answer with a status from 200 to 299 (or one that the request allows).
pub struct Response {
    pub(crate) call: Call,
    pub(crate) repeat: Repeat,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) secrets: Secrets,
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Response({} {}, {} bytes)", self.call, self.status, self.body.len())
    }
}

impl Response {
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// # Errors
    /// [`Failure::Garbled`] if it is not `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| self.garbled(place(&error)))
    }

    /// A no that came with a status of yes.
    #[must_use]
    pub fn refused(&self, code: Option<&str>, message: &str) -> Failure {
        let plain = |text: &str| plain(text, self.secrets.iter());
        let (code, message) = (code.map(plain), plain(message));
        Failure::Refused { call: self.call, status: self.status, code, message }
    }

    #[must_use]
    pub fn garbled(&self, why: String) -> Failure {
        Failure::Garbled { call: self.call, why, repeatable: self.repeat == Repeat::Safe }
    }
}

/// Where and what, but not with which value: that may be a secret.
fn place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let missing = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    match missing {
        Some(field) => format!("`{field}` is missing"),
        None => format!("{:?} error at line {}, column {}", error.classify(), error.line(), error.column()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(body: &'static str) -> Response {
        let call = Call { provider: "Mux", what: "test" };
        let headers = HeaderMap::new();
        let (body, secrets) = (Bytes::from_static(body.as_bytes()), Secrets::default());
        Response { call, repeat: Repeat::Once, status: 200, headers, body, secrets }
    }

    #[test]
    fn an_undocumented_answer_is_named_without_its_values() {
        #[derive(Debug, serde::Deserialize)]
        #[expect(dead_code, reason = "only decoded")]
        struct Wanted {
            count: u32,
        }
        let failure = response(r#"{"count":"canary-key"}"#).json::<Wanted>().unwrap_err();
        assert!(!format!("{failure} {failure:?}").contains("canary"), "{failure}");
        let failure = response("{}").json::<Wanted>().unwrap_err();
        assert!(failure.to_string().contains("`count` is missing"), "{failure}");
        assert!(failure.outcome_unknown());
    }

    #[test]
    fn nothing_secret_is_in_the_debug_of_an_authorization() {
        let secret = || SecretString::from("canary");
        let basic = Authorization::Basic { user: "id".into(), password: secret() };
        assert!(!format!("{basic:?} {:?}", Authorization::Bearer(secret())).contains("canary"));
    }
}
