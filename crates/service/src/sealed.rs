//! Secrets that must be read again, encrypted at rest: XChaCha20-Poly1305, bound to the row that they belong to, under a
//! key that is not in the database.

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};

use crate::keys::{Keys, hex};

/// Of the key and the format; another key gets another name, and both can be read.
const VERSION: &str = "v1";
const NONCE: usize = 24;

impl Keys {
    /// `place` names the row and column: moved elsewhere, it cannot be opened.
    pub(crate) fn seal(&self, place: &str, nonce: [u8; NONCE], secret: &[u8]) -> String {
        let payload = Payload { msg: secret, aad: place.as_bytes() };
        let sealed = self.sealing().encrypt(&XNonce::from(nonce), payload).expect("what we seal is short");
        format!("{VERSION}:{}{}", hex(&nonce), hex(&sealed))
    }

    /// `None` for whatever was not sealed here for this place.
    pub(crate) fn open(&self, place: &str, sealed: &str) -> Option<Vec<u8>> {
        let bytes = from_hex(sealed.strip_prefix(VERSION)?.strip_prefix(':')?)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        self.sealing().decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: place.as_bytes() }).ok()
    }

    fn sealing(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.derive(b"everlight sealing key v1\0").into())
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    digits.chunks_exact(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_sealed_opens_in_its_place_with_its_key_and_unchanged() {
        let keys = Keys::new([7; 32]);
        let sealed = keys.seal("second_factors|secret|ada", [1; NONCE], b"a secret");
        assert_eq!(keys.open("second_factors|secret|ada", &sealed).as_deref(), Some(b"a secret".as_slice()));
        assert_eq!(keys.open("second_factors|secret|eve", &sealed), None);
        assert_eq!(Keys::new([8; 32]).open("second_factors|secret|ada", &sealed), None);
        let last = if sealed.ends_with('0') { "1" } else { "0" };
        let changed = format!("{}{last}", &sealed[..sealed.len() - 1]);
        assert_eq!(keys.open("second_factors|secret|ada", &changed), None);
        assert!(!sealed.contains(&hex(b"a secret")));
    }

    proptest! {
        #[test]
        fn any_text_is_refused_and_never_panics(text in "(v1:)?\\PC*") {
            prop_assert_eq!(Keys::new([7; 32]).open("x", &text), None);
        }
    }
}
