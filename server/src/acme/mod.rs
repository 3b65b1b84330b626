//! `EVERLIGHT_TLS=acme`: the server gets and renews its certificate itself, from Let's Encrypt or any other authority that
//! speaks ACME (RFC 8555), over the port that it serves (tls-alpn-01, RFC 8737). No other program and no other port is needed.

mod certificates;
mod kept;
mod order;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum_server::tls_rustls::RustlsConfig;
use service::Clock;

use certificates::Certificates;
pub use kept::{Kept, folder};

/// Let's Encrypt's.
pub const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// Who signs, for which name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The host of the public address.
    pub host: String,
    /// Where the authority's directory is (RFC 8555 §7.1.1).
    pub directory: String,
    /// Whom it writes to when something is wrong with the certificate.
    pub contact: Option<String>,
    /// The only root that the authority's own address is believed with, where it is not one that everybody knows.
    pub root: Option<PathBuf>,
}

/// What serves TLS. The certificate that was kept is there at once; without one, nobody can connect until it came.
pub async fn tls(authority: Authority, data_dir: &Path, now: Clock) -> anyhow::Result<RustlsConfig> {
    // A provider that is installed already is the same one.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = folder(data_dir, &authority);
    let kept = Kept::read(&folder).context("The certificate that was kept cannot be read")?;
    let certificates = Arc::new(Certificates::default());
    let mut config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_cert_resolver(Arc::clone(&certificates) as Arc<dyn rustls::server::ResolvesServerCert>);
    // HTTP/1.1 only, as `lan.rs` says; the other is the authority's, when it looks whether the name is ours.
    config.alpn_protocols = vec![b"http/1.1".to_vec(), certificates::ACME_TLS.to_vec()];
    tokio::spawn(renew_forever(authority, folder, certificates, kept, now));
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

async fn renew_forever(
    authority: Authority,
    folder: PathBuf,
    certificates: Arc<Certificates>,
    mut kept: Option<Kept>,
    now: Clock,
) {
    let mut failures = 0;
    loop {
        if let Some(kept) = &kept
            && let Err(error) = certificates.serve(kept)
        {
            tracing::error!(%error, "the certificate that was kept cannot be served");
        }
        let until_due = kept.as_ref().map_or(Duration::ZERO, |kept| kept.renew_at().since(now()));
        if !until_due.is_zero() {
            // In steps: a machine that slept wakes up to a certificate that is due.
            tokio::time::sleep(until_due.min(LONGEST_SLEEP)).await;
            continue;
        }
        match order::order(&authority, &folder, &certificates).await {
            Ok(new) => {
                tracing::info!(host = authority.host, "the certificate came");
                failures = 0;
                kept = Some(new);
            }
            Err(error) => {
                let wait = patience(failures);
                failures += 1;
                let minutes = wait.as_secs() / 60;
                // With all that led to it.
                let error = format!("{error:#}");
                tracing::error!(host = authority.host, error, "no certificate came; trying again in {minutes} minutes");
                tokio::time::sleep(wait).await;
            }
        }
    }
}

const LONGEST_SLEEP: Duration = Duration::from_secs(60 * 60);

/// 1, 3, 9, 27, 81 minutes, then every three hours: Let's Encrypt allows a name five failures an hour.
fn patience(failures: u32) -> Duration {
    Duration::from_secs(60 * 3_u64.saturating_pow(failures).min(180))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_not_asked_more_often_than_it_allows() {
        let minutes: Vec<u64> = (0..8).map(|failures| patience(failures).as_secs() / 60).collect();
        assert_eq!(minutes, [1, 3, 9, 27, 81, 180, 180, 180]);
    }
}
