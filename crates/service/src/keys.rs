//! The installation's secret key, and what is derived from it.

use domain::{
    InvitationId, StreamId, Token,
    privacy::{Passcode, PasscodeHash},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// 256 bits that only this installation knows. Never shown by `Debug`.
#[derive(Clone)]
pub struct Keys {
    secret: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys([redacted])")
    }
}

impl Keys {
    pub const fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    /// The token of a stream's link. Derived, not stored: whoever reads the database cannot film, staff can see the link
    /// again, and a new `generation` makes every earlier link worthless.
    pub fn streamer_token(&self, stream: StreamId, generation: i64) -> Token {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        mac.update(b"everlight streamer link v1\0");
        mac.update(stream.to_string().as_bytes());
        mac.update(&generation.to_be_bytes());
        Token::from_bytes(mac.finalize().into_bytes().into())
    }

    /// What is stored of a passcode. Six digits are tried out in a moment, however slow the hash: what protects them is
    /// that this key is not in the database. The salt makes each one new, so that setting the same passcode again shuts
    /// out whoever was let in before.
    pub(crate) fn passcode_hash(&self, stream: StreamId, salt: [u8; 16], passcode: &Passcode) -> PasscodeHash {
        let salt = hex(&salt);
        let mac = self.passcode_mac(stream, &salt, passcode);
        PasscodeHash(format!("v1:{salt}:{mac}"))
    }

    pub(crate) fn passcode_matches(&self, stream: StreamId, hash: &PasscodeHash, passcode: &Passcode) -> bool {
        let mut parts = hash.0.split(':');
        let (Some("v1"), Some(salt), Some(mac), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return false;
        };
        self.passcode_mac(stream, salt, passcode).as_bytes().ct_eq(mac.as_bytes()).into()
    }

    fn passcode_mac(&self, stream: StreamId, salt: &str, passcode: &Passcode) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        for part in ["everlight passcode v1", &stream.to_string(), salt, passcode.expose()] {
            mac.update(part.as_bytes());
            mac.update(b"\0");
        }
        hex(&mac.finalize().into_bytes())
    }

    /// What a browser keeps that has said the passcode. Worthless for another service, and once the passcode changes.
    pub(crate) fn viewer_pass(&self, stream: StreamId, hash: &PasscodeHash) -> Token {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        for part in ["everlight viewer pass v1", &stream.to_string(), &hash.0] {
            mac.update(part.as_bytes());
            mac.update(b"\0");
        }
        Token::from_bytes(mac.finalize().into_bytes().into())
    }

    /// What is stored of a submission. A passcode may be among it, for which the same holds.
    pub(crate) fn submission(&self, parts: &[&str]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        mac.update(b"everlight submission v1\0");
        for part in parts {
            mac.update(part.as_bytes());
            mac.update(b"\0");
        }
        hex(&mac.finalize().into_bytes())
    }

    /// Proves to another instance of this installation that a request comes from one.
    pub(crate) fn forwarded(&self, request: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        mac.update(b"everlight forwarded request v1\0");
        mac.update(request.as_bytes());
        hex(&mac.finalize().into_bytes())
    }

    /// The token of the set-up page where several instances share an installation: whichever is asked has to know it.
    pub fn setup_token(&self) -> Token {
        Token::from_bytes(self.derive(b"everlight set-up token v1\0"))
    }

    /// A key of its own for another purpose.
    pub(crate) fn derive(&self, purpose: &[u8]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        mac.update(purpose);
        mac.finalize().into_bytes().into()
    }

    /// The token of a link that is used once. Derived as above: whoever may give it can see it again until it is used.
    /// What it is looked up by is its SHA-256.
    pub fn invitation_token(&self, invitation: InvitationId) -> Token {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        mac.update(b"everlight invitation v1\0");
        mac.update(invitation.to_string().as_bytes());
        Token::from_bytes(mac.finalize().into_bytes().into())
    }

    /// Tells this installation's objects at a provider from those of others with the same account. No secret.
    pub fn installation(&self) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        mac.update(b"everlight installation v1\0");
        hex(&mac.finalize().into_bytes()[..8])
    }
}

/// What is stored or compared instead of a token.
pub(crate) fn sha256(token: &Token) -> [u8; 32] {
    Sha256::digest(token.expose().as_bytes()).into()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_one_stream_and_one_generation() {
        let keys = Keys::new([7; 32]);
        let (one, other) = (StreamId::from_parts(1, [1; 10]), StreamId::from_parts(1, [2; 10]));
        let token = keys.streamer_token(one, 0);
        assert_eq!(token, keys.streamer_token(one, 0));
        assert_ne!(token, keys.streamer_token(other, 0));
        assert_ne!(token, keys.streamer_token(one, 1));
        assert_ne!(token, Keys::new([8; 32]).streamer_token(one, 0));
    }

    #[test]
    fn a_passcode_opens_one_stream_until_it_is_set_again() {
        let keys = Keys::new([7; 32]);
        let (one, other) = (StreamId::from_parts(1, [1; 10]), StreamId::from_parts(1, [2; 10]));
        let (right, wrong) = (Passcode::parse("white rose").unwrap(), Passcode::parse("white roses").unwrap());
        let hash = keys.passcode_hash(one, [1; 16], &right);
        assert!(!hash.0.contains("rose"));
        assert!(keys.passcode_matches(one, &hash, &right));
        assert!(!keys.passcode_matches(one, &hash, &wrong) && !keys.passcode_matches(other, &hash, &right));
        assert!(!Keys::new([8; 32]).passcode_matches(one, &hash, &right), "the database alone tells nothing");
        let again = keys.passcode_hash(one, [2; 16], &right);
        assert_ne!(keys.viewer_pass(one, &hash), keys.viewer_pass(one, &again));
        assert_ne!(keys.viewer_pass(one, &hash), keys.viewer_pass(other, &hash));
        for broken in ["", "v1", "v1::", "v1:00", "v2:00:00", "v1:00:00:00"] {
            assert!(!keys.passcode_matches(one, &PasscodeHash(broken.into()), &right), "{broken}");
        }
    }
}
