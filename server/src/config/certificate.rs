//! Who signs the server's certificate, where it gets one itself.

use std::{net::IpAddr, path::PathBuf};

use super::{ConfigError, public_url, wrong};
use crate::acme::Authority;

/// The name is that of the public address. `root`: the one that the authority is believed with, where not everybody knows it.
pub(super) fn authority(
    url: Option<&str>,
    directory: &str,
    contact: &str,
    root: Option<PathBuf>,
) -> Result<Authority, ConfigError> {
    let url = url.ok_or(ConfigError::Needs { name: "EVERLIGHT_TLS", needed: "EVERLIGHT_PUBLIC_URL" })?;
    let expected = "an address such as https://live.example.com, with a name for which a certificate can be had";
    let host = public_url(url)?
        .strip_prefix("https://")
        .and_then(|host| host.split(':').next())
        // An address of numbers, and [::1].
        .filter(|host| !host.starts_with('[') && host.parse::<IpAddr>().is_err())
        .ok_or_else(|| wrong("EVERLIGHT_PUBLIC_URL", url, expected))?
        .to_owned();
    if !directory.starts_with("https://") {
        return Err(wrong("EVERLIGHT_ACME_DIRECTORY", directory, "the https address of an ACME directory"));
    }
    let contact = match contact.trim() {
        "" => None,
        address if address.contains('@') && !address.contains(char::is_whitespace) => Some(address.to_owned()),
        other => return Err(wrong("EVERLIGHT_ACME_CONTACT", other, "an e-mail address")),
    };
    Ok(Authority { host, directory: directory.to_owned(), contact, root })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acme::LETS_ENCRYPT;

    fn of(url: &str, directory: &str, contact: &str) -> Result<Authority, String> {
        authority(Some(url), directory, contact, None).map_err(|error| error.to_string())
    }

    #[test]
    fn a_name_is_needed_for_which_there_can_be_a_certificate() {
        let authority = of("https://live.example.com", LETS_ENCRYPT, " office@example.com ").unwrap();
        assert_eq!(authority.host, "live.example.com");
        assert_eq!(authority.contact.as_deref(), Some("office@example.com"));
        for url in ["http://live.example.com", "https://203.0.113.9", "https://[2001:db8::1]"] {
            assert!(of(url, LETS_ENCRYPT, "").unwrap_err().contains("EVERLIGHT_PUBLIC_URL"), "{url}");
        }
    }

    #[test]
    fn each_wrong_value_is_named() {
        let url = "https://live.example.com";
        assert!(of(url, "http://ca.example.com", "").unwrap_err().contains("EVERLIGHT_ACME_DIRECTORY"));
        assert!(of(url, LETS_ENCRYPT, "somebody").unwrap_err().contains("EVERLIGHT_ACME_CONTACT"));
    }
}
