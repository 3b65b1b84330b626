//! The ICE user fragment and password (RFC 8839 §5.4).

use std::fmt;

/// What one side of an ICE session is known by. A change of either is an ICE restart.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    ufrag: String,
    pwd: String,
}

impl Credentials {
    /// `None` unless `ufrag` has 4–256 and `pwd` 22–256 characters, all of them `ice-char` (letters, digits, `+`, `/`).
    /// `-`, `_` and `=` are let through as well: deployed servers use them, and they break no line.
    pub fn new(ufrag: &str, pwd: &str) -> Option<Self> {
        let valid = |text: &str, least: usize| (least..=256).contains(&text.len()) && text.bytes().all(is_ice_char);
        (valid(ufrag, 4) && valid(pwd, 22)).then(|| Self { ufrag: ufrag.into(), pwd: pwd.into() })
    }

    pub fn ufrag(&self) -> &str {
        &self.ufrag
    }

    pub fn pwd(&self) -> &str {
        &self.pwd
    }
}

/// The password stays out of logs.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("ufrag", &self.ufrag).finish_non_exhaustive()
    }
}

pub(crate) fn is_ice_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_characters_are_checked() {
        let pwd = "P2uYro0UCOQ4zxjKXaWCBui1";
        assert!(Credentials::new("EsAw", pwd).is_some());
        assert!(Credentials::new("EsA", pwd).is_none());
        assert!(Credentials::new("EsAw", "short").is_none());
        assert!(Credentials::new("Es w", pwd).is_none());
        assert!(Credentials::new("Es\r\nw", pwd).is_none());
        assert!(Credentials::new(&"x".repeat(257), pwd).is_none());
    }

    #[test]
    fn the_password_is_not_printed() {
        let credentials = Credentials::new("EsAw", "P2uYro0UCOQ4zxjKXaWCBui1").unwrap();
        assert!(!format!("{credentials:?}").contains("P2uYro"));
    }
}
