use proptest::prelude::*;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, SignatureAlgorithm};
use rtc_dtls::config::ExtendedMasterSecretType;
use str0m::crypto::dtls::DtlsOutput;

use super::*;

/// The other side, which has a certificate of this kind, or none, and takes this part.
fn peer(part: Part, certificate: Option<&'static SignatureAlgorithm>) -> (Endpoint, Option<Vec<u8>>) {
    let crypto = Arc::new(AwsLcRsProvider::new());
    let certificate = certificate.map(|algorithm| {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let der = CertificateParams::new(vec![]).unwrap().self_signed(&key).unwrap().der().to_owned();
        let scheme = if algorithm == &PKCS_RSA_SHA256 {
            SignatureScheme::RsaPkcs1Sha256
        } else {
            SignatureScheme::EcdsaP256Sha256
        };
        let key = crypto.crypto().import_signing_key(scheme, &key.serialize_der()).unwrap();
        Certificate::from_signing_key(vec![der], key)
    });
    let der = certificate.as_ref().map(|certificate| certificate.certificate[0].to_vec());
    let config = ConfigBuilder::default()
        .with_crypto_provider(crypto)
        .with_certificates(certificate.into_iter().collect())
        .with_srtp_protection_profiles(vec![SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80])
        .with_extended_master_secret(ExtendedMasterSecretType::Require)
        .with_insecure_skip_verify(true)
        .with_client_auth(ClientAuthType::RequireAnyClientCert)
        .build(part == Part::Active, None)
        .unwrap();
    let config = Arc::new(config);
    let mut endpoint = Endpoint::new(PEER, TransportProtocol::UDP, Some(Arc::clone(&config)));
    if part == Part::Active {
        endpoint.connect(Instant::now(), PEER, config, None).unwrap();
    }
    (endpoint, der)
}

fn ours(part: Part) -> Box<dyn DtlsInstance> {
    let provider = any_certificate().dtls_provider;
    let certificate = provider.generate_certificate().unwrap();
    let mut ours = provider.new_dtls(&certificate, Instant::now(), DtlsVersion::Auto, Some(1200)).unwrap();
    ours.set_active(part == Part::Active);
    ours
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    certificate: Option<Vec<u8>>,
    keys: Option<(Vec<u8>, SrtpProfile)>,
    connected: bool,
    closed: bool,
}

/// Carries packets to and fro until neither side has any.
fn talk(peer: &mut Endpoint, ours: &mut dyn DtlsInstance) -> Result<Seen, DtlsImplError> {
    let mut seen = Seen::default();
    let mut buf = vec![0; 2048];
    loop {
        let mut quiet = true;
        while let Some(transmit) = peer.poll_transmit() {
            quiet = false;
            ours.handle_packet(&transmit.message)?;
        }
        loop {
            match ours.poll_output(&mut buf) {
                DtlsOutput::Packet(packet) => {
                    quiet = false;
                    // What the peer makes of it, its connection's state says.
                    let _ = peer.read(Instant::now(), PEER, None, BytesMut::from(packet));
                }
                DtlsOutput::PeerCert(der) => seen.certificate = Some(der.to_vec()),
                DtlsOutput::KeyingMaterial(keys, profile) => {
                    assert!(seen.certificate.is_some(), "the certificate is looked at before there are keys");
                    seen.keys = Some((keys.to_vec(), profile));
                }
                DtlsOutput::Connected => seen.connected = true,
                DtlsOutput::CloseNotify => seen.closed = true,
                _ => break,
            }
        }
        if quiet {
            return Ok(seen);
        }
    }
}

fn shakes_hands(theirs: Part, algorithm: &'static SignatureAlgorithm) {
    let (mut peer, certificate) = peer(theirs, Some(algorithm));
    let mut ours = ours(if theirs == Part::Active { Part::Passive } else { Part::Active });
    let seen = talk(&mut peer, ours.as_mut()).unwrap();
    assert!(seen.connected);
    assert_eq!(seen.certificate, certificate);
    let (keys, profile) = seen.keys.unwrap();
    assert_eq!(profile, SrtpProfile::AES128_CM_SHA1_80);
    let theirs = peer.get_connection_state(PEER).unwrap().export_keying_material(EXPORTER, &[], keys.len());
    assert_eq!(theirs.unwrap().as_ref(), keys);

    ours.close().unwrap();
    assert!(ours.is_closing());
    talk(&mut peer, ours.as_mut()).unwrap();
    assert!(peer.get_connection_state(PEER).is_none(), "close_notify arrived");
}

#[test]
fn an_rsa_certificate_is_taken_from_whoever_speaks_first() {
    shakes_hands(Part::Active, &PKCS_RSA_SHA256);
}

#[test]
fn an_rsa_certificate_is_taken_from_whoever_waits() {
    shakes_hands(Part::Passive, &PKCS_RSA_SHA256);
}

#[test]
fn an_ecdsa_certificate_is_taken_in_either_part() {
    shakes_hands(Part::Active, &PKCS_ECDSA_P256_SHA256);
    shakes_hands(Part::Passive, &PKCS_ECDSA_P256_SHA256);
}

#[test]
fn without_a_certificate_there_are_no_keys() {
    let (mut peer, _) = peer(Part::Active, None);
    let seen = talk(&mut peer, ours(Part::Passive).as_mut()).unwrap_or_default();
    assert_eq!(seen, Seen::default());
}

#[test]
fn a_certificate_that_cannot_be_looked_at_brings_no_keys() {
    let (mut peer, _) = peer(Part::Active, Some(&PKCS_RSA_SHA256));
    let mut ours = ours(Part::Passive);
    let (mut buf, mut small) = (vec![0; 2048], [0; 64]);
    for _ in 0..8 {
        while let Some(transmit) = peer.poll_transmit() {
            ours.handle_packet(&transmit.message).unwrap();
        }
        // Once it is connected only outputs are left that str0m has no room for.
        if ours.protocol_version().is_some() {
            break;
        }
        while let DtlsOutput::Packet(packet) = ours.poll_output(&mut buf) {
            let _ = peer.read(Instant::now(), PEER, None, BytesMut::from(packet));
        }
    }
    assert!(ours.protocol_version().is_some());
    // Its last flight, in one packet.
    assert!(matches!(ours.poll_output(&mut buf), DtlsOutput::Packet(_)));
    assert!(matches!(ours.poll_output(&mut small), DtlsOutput::BufferTooSmall { .. }));
    assert!(matches!(ours.poll_output(&mut buf), DtlsOutput::Timeout(_)), "neither keys nor a connection");
}

#[test]
fn a_goodbye_is_told() {
    let (mut peer, _) = peer(Part::Active, Some(&PKCS_RSA_SHA256));
    let mut ours = ours(Part::Passive);
    assert!(!talk(&mut peer, ours.as_mut()).unwrap().closed);
    peer.stop(Instant::now(), PEER);
    assert!(talk(&mut peer, ours.as_mut()).unwrap().closed);
}

#[test]
fn what_was_lost_is_sent_again() {
    let (mut peer, _) = peer(Part::Active, Some(&PKCS_RSA_SHA256));
    let mut ours = ours(Part::Passive);
    let hello = peer.poll_transmit().unwrap();
    ours.handle_packet(&hello.message).unwrap();
    // The whole first answer is lost.
    let mut buf = vec![0; 2048];
    while matches!(ours.poll_output(&mut buf), DtlsOutput::Packet(_)) {}
    let mut later = Instant::now() + FLIGHT;
    for _ in 0..8 {
        later += FLIGHT;
        peer.handle_timeout(PEER, later).unwrap();
        ours.handle_timeout(later).unwrap();
        if talk(&mut peer, ours.as_mut()).unwrap().connected {
            return;
        }
    }
    panic!("it never connected");
}

#[test]
fn garbage_ends_nothing() {
    let (mut peer, _) = peer(Part::Active, Some(&PKCS_RSA_SHA256));
    let mut ours = ours(Part::Passive);
    for garbage in [&[][..], &[22], &[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255], &[255; 1400]] {
        let _ = ours.handle_packet(garbage);
    }
    assert!(talk(&mut peer, ours.as_mut()).unwrap().connected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whoever has the token of a service may send what they like: the thread that has all of them goes on.
    #[test]
    fn a_handshake_that_is_spoilt_anywhere_panics_nowhere(
        spoilt in 0_usize..6,
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        length in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let (mut peer, _) = peer(Part::Active, Some(&PKCS_ECDSA_P256_SHA256));
        let mut ours = ours(Part::Passive);
        let mut buf = vec![0; 2048];
        let mut number = 0;
        for _ in 0..6 {
            while let Some(transmit) = peer.poll_transmit() {
                let mut packet = transmit.message.to_vec();
                if number == spoilt {
                    let at = at.index(packet.len());
                    packet[at] = byte;
                    if cut {
                        packet.truncate(length.index(packet.len()));
                    }
                }
                number += 1;
                let _ = ours.handle_packet(&packet);
            }
            while let DtlsOutput::Packet(packet) = ours.poll_output(&mut buf) {
                let _ = peer.read(Instant::now(), PEER, None, BytesMut::from(packet));
            }
        }
        let _ = ours.handle_timeout(Instant::now() + FLIGHT * 2);
        let _ = ours.close();
    }
}
