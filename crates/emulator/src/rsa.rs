//! RSA keys for signed playback: made, shown in the two forms that the providers use, and checked with.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{KeyPair, PKCS_RSA_SHA256, PublicKeyData as _, RsaKeySize};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use serde_json::{Value, json};

pub(crate) struct RsaKey {
    /// PKCS#1 (RFC 8017 appendix A.1.2).
    private: Vec<u8>,
    public: Vec<u8>,
}

impl RsaKey {
    pub(crate) fn generate() -> Result<Self, rcgen::Error> {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
        let pkcs8 = pair.serialize_der();
        // PrivateKeyInfo is SEQUENCE { version, algorithm, OCTET STRING { the PKCS#1 key } } (RFC 5208 §5).
        let private = der(&pkcs8, 0x30).map(|(inside, _)| inside);
        let private = private.and_then(|inside| skip(inside)).and_then(skip).and_then(|rest| der(rest, 0x04));
        let private = private.map(|(inside, _)| inside.to_vec()).ok_or(rcgen::Error::CouldNotParseKeyPair)?;
        Ok(Self { private, public: pair.subject_public_key_info() })
    }

    pub(crate) fn pkcs1_pem(&self) -> String {
        let text = STANDARD.encode(&self.private);
        let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..(at + 64).min(text.len())]).collect();
        format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n", lines.join("\n"))
    }

    /// The private key as a JSON Web Key (RFC 7518 §6.3).
    pub(crate) fn jwk(&self, id: &str) -> Value {
        let mut jwk = json!({ "use": "sig", "kty": "RSA", "kid": id, "alg": "RS256" });
        let mut rest = der(&self.private, 0x30).map(|(inside, _)| inside).and_then(skip);
        for name in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
            let Some((number, next)) = rest.and_then(|rest| der(rest, 0x02)) else { break };
            let number = number.strip_prefix(&[0]).unwrap_or(number);
            jwk[name] = json!(URL_SAFE_NO_PAD.encode(number));
            rest = Some(next);
        }
        jwk
    }

    /// RS256.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let algorithm = rustls::crypto::aws_lc_rs::default_provider().signature_verification_algorithms;
        let spki = SubjectPublicKeyInfoDer::from(self.public.as_slice());
        // Of SubjectPublicKeyInfo, the algorithms want what is in the BIT STRING, without its count of unused bits.
        let key = der(spki.as_ref(), 0x30).and_then(|(inside, _)| skip(inside)).and_then(|rest| der(rest, 0x03));
        let Some((_, key)) = key.and_then(|(bits, _)| bits.split_first()) else { return false };
        algorithm
            .all
            .iter()
            .filter(|algorithm| algorithm.signature_alg_id() == rustls::pki_types::alg_id::RSA_PKCS1_SHA256)
            .any(|algorithm| algorithm.verify_signature(key, message, signature).is_ok())
    }
}

/// The inside of the DER value at the beginning, if it has this tag, and what follows it.
fn der(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = bytes.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = if length < 0x80 {
        (usize::from(length), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
        (digits.iter().fold(0, |number, digit| number << 8 | usize::from(*digit)), rest)
    };
    (found == tag).then(|| rest.split_at_checked(length)).flatten()
}

fn skip(bytes: &[u8]) -> Option<&[u8]> {
    der(bytes, *bytes.first()?).map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_as_it_is() {
        let key = RsaKey::generate().unwrap();
        let jwk = key.jwk("k1");
        for field in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
            assert!(jwk[field].is_string(), "{field}");
        }
        assert_eq!(jwk["e"], "AQAB");
        assert!(key.pkcs1_pem().starts_with("-----BEGIN RSA PRIVATE KEY-----\nMII"));
        assert!(!key.verifies(b"message", b"signature"));
    }
}
