//! Where calls go: addresses are parsed once, and no part that came from outside can lead a call elsewhere.

pub use reqwest::Url;
use std::net::IpAddr;

/// A setting that no call can be made with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misconfigured {
    #[error("`{0}` is not the address of an HTTP service")]
    NotAnAddress(String),
    #[error("the address of {0} must begin with https:// (http:// is for this machine only)")]
    NotSecret(String),
    #[error("{0} is empty")]
    Empty(&'static str),
    #[error("{0} cannot be sent in a header field")]
    NotAHeader(&'static str),
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

/// The base address of an API: HTTPS, or HTTP on this machine.
///
/// # Errors
/// [`Misconfigured`], without what may be secret in the address.
pub fn base(text: &str) -> Result<Url, Misconfigured> {
    let not_an_address = || Misconfigured::NotAnAddress(text.split(['?', '@']).next().unwrap_or_default().to_owned());
    let mut url = Url::parse(text.trim()).map_err(|_| not_an_address())?;
    if url.host_str().is_none() || url.cannot_be_a_base() || !url.username().is_empty() || url.password().is_some() {
        return Err(not_an_address());
    }
    url.set_query(None);
    url.set_fragment(None);
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_local(&url) => Ok(url),
        "http" => Err(Misconfigured::NotSecret(url.host_str().unwrap_or_default().to_owned())),
        _ => Err(not_an_address()),
    }
}

/// `base` and path segments below it. Each segment is one segment: it cannot be empty, nor climb.
pub(crate) fn below(base: &Url, segments: &[&str]) -> Result<Url, String> {
    // `push` leaves these out silently: `DELETE …/live_inputs/` would then be another call.
    if let Some(bad) = segments.iter().find(|segment| matches!(**segment, "" | "." | "..")) {
        return Err(format!("“{bad}” cannot be part of an address"));
    }
    let mut url = base.clone();
    url.path_segments_mut().map_err(|()| "the base address has no path".to_owned())?.pop_if_empty().extend(segments);
    Ok(url)
}

/// An address that a provider's answer names (`Location`, an upload): on the provider's own API, or HTTPS to a host
/// with a name. Never this machine or its network by number.
pub(crate) fn named_by_answer(base: &Url, text: &str) -> Option<Url> {
    let url = base.join(text).ok()?;
    if url.origin() == base.origin() {
        return Some(url);
    }
    let named = url.domain().is_some_and(|domain| domain.contains('.')) && !is_local(&url);
    (url.scheme() == "https" && named).then_some(url)
}

/// Whether it is an address of this computer, to which no proxy leads.
#[must_use]
pub fn is_local(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        host == "localhost" || host.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        for good in ["https://api.mux.com", "http://127.0.0.1:8080/client/v4/", "http://localhost:1", "http://[::1]:9"]
        {
            assert!(base(good).is_ok(), "{good}");
        }
        for bad in ["http://api.mux.com", "ftp://x.com", "api.mux.com", "", "https://u:p@x.com", "http://10.0.0.1"] {
            assert!(base(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_id_cannot_lead_elsewhere() {
        let base = base("https://api.cloudflare.com/client/v4/").unwrap();
        let url = below(&base, &["accounts", "a/../b?x#y", "stream"]).unwrap();
        assert_eq!(url.as_str(), "https://api.cloudflare.com/client/v4/accounts/a%2F..%2Fb%3Fx%23y/stream");
        for bad in ["", ".", ".."] {
            assert!(below(&base, &["stream", bad]).is_err());
        }
    }

    #[test]
    fn an_answer_cannot_lead_into_our_network() {
        let base = base("https://api.cloudflare.com/client/v4").unwrap();
        for good in ["/client/v4/x", "https://upload.videodelivery.net/tus/1?k=2"] {
            assert!(named_by_answer(&base, good).is_some(), "{good}");
        }
        for bad in [
            "http://upload.videodelivery.net/x",
            "https://127.0.0.1/",
            "https://169.254.169.254/",
            "https://localhost/",
            "https://intern/",
            "file:///etc/passwd",
            "https://[::1]/",
        ] {
            assert!(named_by_answer(&base, bad).is_none(), "{bad}");
        }
    }
}
