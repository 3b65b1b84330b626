//! HTTPS for phones in the same network: a certificate of our own making, kept across restarts so that a phone that was
//! told to trust it once goes on doing so.

use std::{net::IpAddr, path::Path, sync::Arc};

use anyhow::Context as _;
use axum_server::tls_rustls::RustlsConfig;

use crate::start::write_secret;

/// Reads the certificate, or makes one for the host of the public address.
pub async fn tls(data_dir: &Path, public_url: &str) -> anyhow::Result<RustlsConfig> {
    // A provider that is installed already is the same one.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let (certificate, key) = (data_dir.join("lan-certificate.pem"), data_dir.join("lan-key.pem"));
    let host = host(public_url);
    let names_host = std::fs::read_to_string(data_dir.join("lan-host")).is_ok_and(|known| known == host);
    if !(certificate.is_file() && key.is_file() && names_host) {
        for stale in [&certificate, &key, &data_dir.join("lan-host")] {
            if stale.exists() {
                std::fs::remove_file(stale).context("An old certificate cannot be replaced")?;
            }
        }
        let made = make(host).context("A certificate could not be made")?;
        write_secret(&key, &made.1).context("The certificate's key cannot be written")?;
        std::fs::write(&certificate, made.0).context("The certificate cannot be written")?;
        std::fs::write(data_dir.join("lan-host"), host).context("The certificate cannot be written")?;
    }
    let mut config = RustlsConfig::from_pem_file(&certificate, &key).await.context("The certificate cannot be read")?;
    // HTTP/1.1 only: server-sent events and uploads need nothing else, and one thing less can go wrong on a phone.
    let mut inner = (*config.get_inner()).clone();
    inner.alpn_protocols = vec![b"http/1.1".to_vec()];
    config = RustlsConfig::from_config(Arc::new(inner));
    Ok(config)
}

fn host(public_url: &str) -> &str {
    let rest = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
    match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((ipv6, _)) => ipv6,
        None => rest.split_once(':').map_or(rest, |(host, _)| host),
    }
}

/// Certificate and key in PEM. Valid for 825 days, the longest that Apple's systems accept.
fn make(host: &str) -> Result<(String, String), rcgen::Error> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    if !names.iter().any(|name| name == host) {
        names.push(host.to_owned());
    }
    let mut parameters = rcgen::CertificateParams::new(names)?;
    let name = if host.parse::<IpAddr>().is_ok() { "Everlight on this network" } else { host };
    parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
    parameters.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    parameters.not_before = rcgen::date_time_ymd(2026, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2028, 4, 1);
    let key = rcgen::KeyPair::generate()?;
    Ok((parameters.self_signed(&key)?.pem(), key.serialize_pem()))
}

/// A QR code for the terminal.
pub fn qr(text: &str) -> Option<String> {
    fast_qr::QRBuilder::new(text).build().ok().map(|code| code.to_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_what_a_certificate_names() {
        assert_eq!(host("https://192.168.1.7:3443"), "192.168.1.7");
        assert_eq!(host("https://[2001:db8::1]:3443"), "2001:db8::1");
        assert_eq!(host("https://live.example.com"), "live.example.com");
    }

    #[tokio::test]
    async fn the_certificate_is_kept_across_restarts() {
        let folder = tempfile::tempdir().unwrap();
        let read = || std::fs::read(folder.path().join("lan-certificate.pem")).unwrap();
        tls(folder.path(), "https://192.168.1.7:3443").await.unwrap();
        let first = read();
        tls(folder.path(), "https://192.168.1.7:3443").await.unwrap();
        assert_eq!(read(), first);
        tls(folder.path(), "https://192.168.1.8:3443").await.unwrap();
        assert_ne!(read(), first, "another address needs another certificate");
    }
}
