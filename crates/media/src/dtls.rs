//! DTLS with encoders, whose certificates may be RSA ones.
//!
//! Browsers, OBS and FFmpeg come with ECDSA certificates, which is all that the DTLS of str0m (dimpl) knows. GStreamer's are RSA:
//! RFC 8827 §6.5 asks implementations to have ECDSA and forbids nothing else, so whoever films with an encoder gets a DTLS that
//! takes both, rtc-dtls. Phones keep str0m's own, with which they were tried. SRTP, STUN and all hashes stay str0m's in either case.
//!
//! Whose certificate it is, is str0m's to check, against the fingerprint of the offer; that the peer holds its key (the signature of
//! `CertificateVerify`) is checked here, by rtc-dtls.

use std::collections::VecDeque;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use rtc_dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::crypto_provider::{RTCCryptoProvider as _, SignatureScheme, providers::AwsLcRsProvider};
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::TransportProtocol;
use rtc_shared::error::Error;
use rustls::pki_types::CertificateDer;
use str0m::config::DtlsVersion;
use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, KeyingMaterial, ProtocolVersion, SrtpProfile,
};
use str0m::crypto::{CryptoError, CryptoProvider, from_feature_flags};

/// The label of DTLS-SRTP (RFC 5764 §4.2).
const EXPORTER: &str = "EXTRACTOR-dtls_srtp";
/// After how long a flight is sent again at first. RFC 6347 §4.2.4.1 has one second, for networks of which nothing is known; here
/// ICE has just been answered.
const FLIGHT: Duration = Duration::from_millis(250);
/// A packet comes without the time. While shaking hands, str0m is made to tell it this often.
const TICK: Duration = Duration::from_millis(50);
/// Nothing is due any more: only some time must be said.
const IDLE: Duration = Duration::from_secs(3600);
/// rtc-dtls tells associations apart by address. Here each has an endpoint of its own, and str0m knows the address.
const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

/// str0m's cryptography, with a DTLS that takes RSA certificates as well.
pub(crate) fn any_certificate() -> Arc<CryptoProvider> {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> =
        LazyLock::new(|| Arc::new(CryptoProvider { dtls_provider: &AnyCertificate, ..from_feature_flags() }));
    Arc::clone(&PROVIDER)
}

#[derive(Debug)]
struct AnyCertificate;

impl DtlsProvider for AnyCertificate {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        _version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let settings = |part| {
            settings(cert, mtu, part).map_err(|error| CryptoError::Other(format!("DTLS configuration: {error}")))
        };
        Ok(Box::new(Association::new(settings(Part::Active)?, settings(Part::Passive)?, now)))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Speaks first.
    Active,
    /// Waits for the other side's hello.
    Passive,
}

fn settings(cert: &DtlsCert, mtu: Option<usize>, part: Part) -> Result<Arc<HandshakeConfig>, Error> {
    let crypto = Arc::new(AwsLcRsProvider::new());
    let key = crypto
        .crypto()
        .import_signing_key(SignatureScheme::EcdsaP256Sha256, &cert.private_key)
        .map_err(|error| Error::Other(error.to_string()))?;
    let certificate = Certificate::from_signing_key(vec![CertificateDer::from(cert.certificate.clone())], key);
    let settings = ConfigBuilder::default()
        .with_crypto_provider(crypto)
        .with_certificates(vec![certificate])
        // RFC 8827 §6.5: both sides show a certificate that no authority has signed. Whose it is, the fingerprint says; that
        // its owner signs, is checked all the same.
        .with_client_auth(ClientAuthType::RequireAnyClientCert)
        .with_insecure_skip_verify(true)
        // A word that rtc-dtls wants and nobody looks at.
        .with_server_name("everlight".into())
        .with_extended_master_secret(ExtendedMasterSecretType::Require)
        .with_srtp_protection_profiles(vec![
            SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
            SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm,
            SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
        ])
        .with_flight_interval(FLIGHT);
    mtu.into_iter().fold(settings, ConfigBuilder::with_mtu).build(part == Part::Active, None).map(Arc::new)
}

/// One DTLS association. An offer that leaves it open who speaks first is answered passively; FFmpeg's wants to wait.
struct Association {
    /// str0m wants something that could be shared; it never is, and nobody waits for this lock.
    endpoint: Mutex<Endpoint>,
    /// For when we speak first.
    active: Arc<HandshakeConfig>,
    part: Part,
    ready: VecDeque<Ready>,
    now: Instant,
    connected: bool,
    closing: bool,
}

/// What str0m has not taken yet.
enum Ready {
    PeerCert(Vec<u8>),
    Keys(KeyingMaterial, SrtpProfile),
    Connected,
    Data(BytesMut),
    CloseNotify,
}

impl fmt::Debug for Association {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Association").field("connected", &self.connected).finish_non_exhaustive()
    }
}

impl Association {
    fn new(active: Arc<HandshakeConfig>, passive: Arc<HandshakeConfig>, now: Instant) -> Self {
        Self {
            endpoint: Mutex::new(Endpoint::new(PEER, TransportProtocol::UDP, Some(passive))),
            active,
            part: Part::Passive,
            ready: VecDeque::new(),
            now,
            connected: false,
            closing: false,
        }
    }

    fn endpoint(&mut self) -> &mut Endpoint {
        self.endpoint.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    fn happened(&mut self, event: EndpointEvent) -> Result<(), Error> {
        match event {
            EndpointEvent::HandshakeComplete => {
                let state = self.endpoint().get_connection_state(PEER).ok_or(Error::HandshakeInProgress)?;
                let certificate = state.peer_certificates.first().ok_or(Error::ErrClientCertificateRequired)?.clone();
                let profile = profile(state.srtp_protection_profile())?;
                let keys = state.export_keying_material(EXPORTER, &[], profile.keying_material_len())?;
                // In this order: a certificate that is not the offer's ends it before there are keys.
                self.ready.push_back(Ready::PeerCert(certificate));
                self.ready.push_back(Ready::Keys(KeyingMaterial::new(keys.as_ref()), profile));
                self.ready.push_back(Ready::Connected);
                self.connected = true;
            }
            EndpointEvent::ApplicationData(data) => self.ready.push_back(Ready::Data(data)),
            EndpointEvent::PeerClosed => self.ready.push_back(Ready::CloseNotify),
            _ => {}
        }
        Ok(())
    }
}

fn profile(profile: SrtpProtectionProfile) -> Result<SrtpProfile, Error> {
    match profile {
        SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm => Ok(SrtpProfile::AEAD_AES_128_GCM),
        SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm => Ok(SrtpProfile::AEAD_AES_256_GCM),
        SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80 => Ok(SrtpProfile::AES128_CM_SHA1_80),
        _ => Err(Error::Other("no SRTP profile in common".into())),
    }
}

/// str0m only needs to know that it is over.
fn over(error: &Error) -> DtlsImplError {
    tracing::debug!(%error, "DTLS with an encoder failed");
    DtlsImplError::ConnectionClosed
}

fn copied<'a>(buf: &'a mut [u8], data: &[u8]) -> Option<&'a [u8]> {
    let target = buf.get_mut(..data.len())?;
    target.copy_from_slice(data);
    Some(target)
}

impl DtlsInstance for Association {
    fn set_active(&mut self, active: bool) {
        self.part = if active { Part::Active } else { Part::Passive };
        let (now, settings) = (self.now, Arc::clone(&self.active));
        if active && let Err(error) = self.endpoint().connect(now, PEER, settings, None) {
            tracing::warn!(%error, "DTLS with an encoder cannot begin");
        }
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        if self.closing {
            return Ok(());
        }
        let now = self.now;
        let events = self.endpoint().read(now, PEER, None, BytesMut::from(packet)).map_err(|error| over(&error))?;
        events.into_iter().try_for_each(|event| self.happened(event)).map_err(|error| over(&error))
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        if let Some(transmit) = self.endpoint().poll_transmit() {
            return copied(buf, &transmit.message).map_or(DtlsOutput::Timeout(self.now), DtlsOutput::Packet);
        }
        match self.ready.pop_front() {
            Some(Ready::PeerCert(der)) => match copied(buf, &der) {
                Some(der) => DtlsOutput::PeerCert(der),
                None => {
                    // One that nobody could look at brings no keys: str0m ends the connection.
                    self.ready.clear();
                    DtlsOutput::BufferTooSmall { needed: der.len() }
                }
            },
            Some(Ready::Keys(keys, profile)) => DtlsOutput::KeyingMaterial(keys, profile),
            Some(Ready::Connected) => DtlsOutput::Connected,
            Some(Ready::Data(data)) => {
                copied(buf, &data).map_or(DtlsOutput::Timeout(self.now), DtlsOutput::ApplicationData)
            }
            Some(Ready::CloseNotify) => DtlsOutput::CloseNotify,
            None if self.connected => DtlsOutput::Timeout(self.now + IDLE),
            None => DtlsOutput::Timeout(self.now + TICK),
        }
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.now = now;
        if self.endpoint().poll_timeout(&PEER).is_none() {
            return Ok(());
        }
        self.endpoint().handle_timeout(PEER, now).map_err(|error| over(&error))
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        if !self.connected {
            return Ok(0);
        }
        let now = self.now;
        self.endpoint().write(now, PEER, data).map_err(|error| over(&error))?;
        Ok(data.len())
    }

    fn is_active(&self) -> bool {
        self.part == Part::Active
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.connected.then_some(ProtocolVersion::DTLS1_2)
    }

    fn is_closing(&self) -> bool {
        self.closing
    }

    fn is_closed(&self) -> bool {
        // What was still to be sent is taken out before str0m asks.
        self.closing
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.closing = true;
        // Queues close_notify; without an association there is nobody to tell.
        let now = self.now;
        self.endpoint().stop(now, PEER);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
