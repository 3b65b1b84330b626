//! Tokens that a provider asks for before it plays something: signed here with a key that the provider made (RS256,
//! RFC 7515), so that nobody has to be called for each viewer.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use rustls::{
    SignatureAlgorithm, SignatureScheme,
    crypto::aws_lc_rs::sign::any_supported_type,
    pki_types::{PrivateKeyDer, pem::PemObject as _},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use std::{fmt, sync::Arc};

/// A key for tokens, and the name by which the provider knows it.
#[derive(Clone)]
pub struct SigningKey {
    id: String,
    key: Arc<dyn rustls::sign::SigningKey>,
}

/// Says nothing of what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSigningKey {
    #[error("it is not a private key in PEM, or that in base64")]
    NotPem,
    #[error("it is not an RSA key of 2048 bits or more")]
    NotRsa,
}

impl SigningKey {
    /// `private` is the PEM, or the PEM in base64, which is how both providers show it.
    ///
    /// # Errors
    /// [`InvalidSigningKey`] if nothing can be signed with it.
    pub fn parse(id: &str, private: &SecretString) -> Result<Self, InvalidSigningKey> {
        let text = private.expose_secret().trim();
        let pem = match text.starts_with("-----BEGIN") {
            true => text.as_bytes().to_vec(),
            false => STANDARD.decode(text).map_err(|_| InvalidSigningKey::NotPem)?,
        };
        let der = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| InvalidSigningKey::NotPem)?;
        let key = any_supported_type(&der).map_err(|_| InvalidSigningKey::NotRsa)?;
        if key.algorithm() != SignatureAlgorithm::RSA {
            return Err(InvalidSigningKey::NotRsa);
        }
        Ok(Self { id: id.trim().to_owned(), key })
    }

    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The compact form (RFC 7515 §7.1). `None` if it cannot be signed: nothing is opened then.
    #[must_use]
    pub fn token(&self, header: &Value, claims: &Value) -> Option<String> {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        self.sign(&format!("{}.{}", part(header), part(claims)))
    }

    fn sign(&self, signed: &str) -> Option<String> {
        let signer = self.key.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256])?;
        let signature = signer.sign(signed.as_bytes()).ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The key of RFC 7515, appendix A.2.
    const PEM: &str = include_str!("../tests/fixtures/rfc7515-a2.pem");

    fn key() -> SigningKey {
        SigningKey::parse(" key-1 ", &PEM.into()).unwrap()
    }

    #[test]
    fn what_the_standard_signs_is_signed_alike() {
        let signed = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9p\
                      c19yb290Ijp0cnVlfQ";
        let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5ju\
                         jGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07\
                         Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipU\
                         TI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
        assert_eq!(key().sign(signed).unwrap(), format!("{signed}.{signature}"));
    }

    #[test]
    fn a_token_holds_what_it_was_given() {
        let (header, claims) = (json!({ "alg": "RS256" }), json!({ "sub": "a", "exp": 7 }));
        let token = key().token(&header, &claims).unwrap();
        let parts: Vec<_> = token.split('.').collect();
        let read = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        assert_eq!((parts.len(), read(parts[0]), read(parts[1])), (3, header, claims));
    }

    #[test]
    fn the_key_is_taken_as_the_providers_show_it() {
        let in_base64 = SigningKey::parse("key-1", &STANDARD.encode(PEM).into()).unwrap();
        assert_eq!(in_base64.sign("a.b"), key().sign("a.b"));
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_repeated() {
        let elliptic = "-----BEGIN PRIVATE KEY-----\n\
                        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCjo6s+FdmSt+BKqD\n\
                        e/72oRo0mmuqG8QMAt//Lp54en6hRANCAASyx49RgA0M+rBg5Ll7zBV1JWXRDN6V\n\
                        FIPXQR8rlDoZbtC4w9hvKgtiX/QsZYKQMq6yYkcJuhS6eE2jR/ZgIWP+\n\
                        -----END PRIVATE KEY-----";
        for (text, expected) in [
            ("", InvalidSigningKey::NotPem),
            ("hunter2", InvalidSigningKey::NotPem),
            (&STANDARD.encode("hunter2"), InvalidSigningKey::NotPem),
            ("-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----", InvalidSigningKey::NotRsa),
            ("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----", InvalidSigningKey::NotRsa),
            (elliptic, InvalidSigningKey::NotRsa),
        ] {
            let error = SigningKey::parse("key-1", &text.into()).unwrap_err();
            assert!(error == expected && !error.to_string().contains("hunter2"), "{text}: {error}");
        }
        assert_eq!(format!("{:?}", key()), "SigningKey(key-1)");
    }
}
