//! Where a provider takes a stream in.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use futures::future::BoxFuture;
use secrecy::SecretString;
use url::Url;

/// Asked again for each connection, since a provider may change its keys. The error is a reason in plain words,
/// without secrets.
pub type IngestSource = Arc<dyn Fn() -> BoxFuture<'static, Result<Ingest, String>> + Send + Sync>;

/// The address and the key of a stream at a provider.
#[derive(Debug, Clone)]
pub struct Ingest {
    pub url: IngestUrl,
    pub key: SecretString,
}

/// `rtmps://host[:port]/app`, or `rtmp://…` (RTMP specification §7.2.1.1: the key is not part of it).
#[derive(Clone, PartialEq, Eq)]
pub struct IngestUrl {
    pub(crate) tls: bool,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) app: String,
}

/// The address is not one that can be pushed to. Does not repeat it: a key may have been pasted with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IngestUrlError {
    #[error("the address to push to is no URL")]
    NotAUrl,
    #[error("the address to push to begins neither with rtmps:// nor with rtmp://")]
    Scheme,
    #[error("the address to push to names no host")]
    Host,
    #[error("the address to push to names no application after the host")]
    App,
    #[error("the address to push to holds a user name, a query or a fragment")]
    Extra,
}

impl FromStr for IngestUrl {
    type Err = IngestUrlError;

    fn from_str(text: &str) -> Result<Self, IngestUrlError> {
        let url = Url::parse(text).map_err(|_| IngestUrlError::NotAUrl)?;
        let (tls, default_port) = match url.scheme() {
            "rtmps" => (true, 443),
            "rtmp" => (false, 1935),
            _ => return Err(IngestUrlError::Scheme),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(IngestUrlError::Host)?;
        let extra = url.query().is_some() || url.fragment().is_some();
        if extra || !url.username().is_empty() || url.password().is_some() {
            return Err(IngestUrlError::Extra);
        }
        // Cloudflare writes a slash behind the application, Mux does not.
        let app = url.path().trim_matches('/');
        if app.is_empty() {
            return Err(IngestUrlError::App);
        }
        let port = url.port().unwrap_or(default_port);
        Ok(Self { tls, host: host.to_ascii_lowercase(), port, app: app.to_owned() })
    }
}

impl IngestUrl {
    /// The host without the brackets of an IPv6 address.
    pub(crate) fn bare_host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }
}

impl fmt::Display for IngestUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "rtmps" } else { "rtmp" };
        write!(f, "{scheme}://{}:{}/{}", self.host, self.port, self.app)
    }
}

impl fmt::Debug for IngestUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Somebody may have pasted the key behind the application.
        write!(f, "IngestUrl({}:{})", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_addresses() {
        for (text, shown) in [
            ("rtmps://live.cloudflare.com:443/live/", "rtmps://live.cloudflare.com:443/live"),
            ("rtmps://global-live.mux.com/app", "rtmps://global-live.mux.com:443/app"),
            ("rtmp://global-live.mux.com:5222/app", "rtmp://global-live.mux.com:5222/app"),
            ("rtmp://127.0.0.1/a/b", "rtmp://127.0.0.1:1935/a/b"),
            ("rtmp://[::1]:7/a", "rtmp://[::1]:7/a"),
        ] {
            assert_eq!(text.parse::<IngestUrl>().map(|url| url.to_string()), Ok(shown.to_owned()));
        }
    }

    #[test]
    fn what_is_no_address() {
        for (text, error) in [
            ("live.cloudflare.com", IngestUrlError::NotAUrl),
            ("https://live.cloudflare.com/live", IngestUrlError::Scheme),
            ("rtmps:///live", IngestUrlError::Host),
            ("rtmps://live.cloudflare.com:443/", IngestUrlError::App),
            ("rtmps://me:secret@live.cloudflare.com/live", IngestUrlError::Extra),
            ("rtmps://live.cloudflare.com/live?key=secret", IngestUrlError::Extra),
        ] {
            assert_eq!(text.parse::<IngestUrl>(), Err(error), "{text}");
        }
    }
}
