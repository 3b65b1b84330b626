//! Which certificate a connection is shown: ours, or to the authority the proof that the name is ours.

use std::sync::{Arc, PoisonError, RwLock};

use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::kept::Kept;

/// The protocol by which an authority says that it only wants the proof (RFC 8737 §3).
pub const ACME_TLS: &[u8] = b"acme-tls/1";

#[derive(Debug, Default)]
pub struct Certificates {
    ours: Slot,
    /// While an order runs.
    proof: Slot,
}

type Slot = RwLock<Option<Arc<CertifiedKey>>>;

fn put(slot: &Slot, key: Option<CertifiedKey>) {
    *slot.write().unwrap_or_else(PoisonError::into_inner) = key.map(Arc::new);
}

fn get(slot: &Slot) -> Option<Arc<CertifiedKey>> {
    slot.read().unwrap_or_else(PoisonError::into_inner).clone()
}

impl Certificates {
    /// From now on everybody is shown this one.
    pub fn serve(&self, kept: &Kept) -> anyhow::Result<()> {
        let chain = CertificateDer::pem_slice_iter(kept.pem().as_bytes()).collect::<Result<Vec<_>, _>>()?;
        let key = PrivateKeyDer::from_pem_slice(kept.pem().as_bytes())?;
        put(&self.ours, Some(CertifiedKey::new(chain, any_supported_type(&key)?)));
        Ok(())
    }

    /// Shows the authority this digest of the key authorization (RFC 8737 §3), until [`Self::proven`].
    pub fn prove(&self, host: &str, digest: &[u8]) -> anyhow::Result<()> {
        let mut parameters = CertificateParams::new([host.to_owned()])?;
        parameters.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
        let key = KeyPair::generate()?;
        let certificate = parameters.self_signed(&key)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        put(&self.proof, Some(CertifiedKey::new(vec![certificate.der().clone()], any_supported_type(&key)?)));
        Ok(())
    }

    pub fn proven(&self) {
        put(&self.proof, None);
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let asks_for_proof = hello.alpn().is_some_and(|protocols| protocols.eq([ACME_TLS]));
        get(if asks_for_proof { &self.proof } else { &self.ours })
    }
}
