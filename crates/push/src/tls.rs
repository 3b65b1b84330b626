//! Whom to believe that it is the provider.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// The certificate authorities that a provider's certificate may come from: those of Mozilla's programme.
#[derive(Clone)]
pub struct TlsRoots {
    pub(crate) client: Arc<ClientConfig>,
}

/// Certificates that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsRootsError {
    #[error("the extra certificates are not PEM: {0}")]
    Pem(rustls::pki_types::pem::Error),
    #[error("there is no certificate in what was given as extra certificates")]
    Empty,
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

impl TlsRoots {
    /// The authorities that everybody trusts.
    ///
    /// # Errors
    /// When the cryptography library supports no version of TLS that is wanted here.
    pub fn public() -> Result<Self, TlsRootsError> {
        Self::new(&[])
    }

    /// Those, and the certificates in `pem`: for tests and development.
    ///
    /// # Errors
    /// When `pem` holds no certificate, or something else.
    pub fn with_extra(pem: &[u8]) -> Result<Self, TlsRootsError> {
        let extra: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let extra = extra.map_err(TlsRootsError::Pem)?;
        if extra.is_empty() { Err(TlsRootsError::Empty) } else { Self::new(&extra) }
    }

    fn new(extra: &[CertificateDer<'static>]) -> Result<Self, TlsRootsError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for certificate in extra {
            roots.add(certificate.clone())?;
        }
        // Named, and not the process's default: that is not ours to set.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { client: Arc::new(client) })
    }
}

impl fmt::Debug for TlsRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsRoots").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_certificates() {
        TlsRoots::public().unwrap();
        let key = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
        TlsRoots::with_extra(key.cert.pem().as_bytes()).unwrap();
        assert!(matches!(TlsRoots::with_extra(b""), Err(TlsRootsError::Empty)));
        assert!(TlsRoots::with_extra(b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n").is_err());
    }
}
