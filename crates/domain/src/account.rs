//! What a person signs in with, and the funeral home they work for, as checked values.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An e-mail address in the form it is stored and compared: trimmed and in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailAddress(String);

/// A password that is long enough. Never shown by `Debug`.
#[derive(Clone)]
pub struct Password(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAccount {
    #[error("Please write an e-mail address, for example name@example.com.")]
    Email,
    #[error(
        "Please choose a password of at least {} characters. Three or four words are easy to remember.",
        Password::MIN
    )]
    PasswordTooShort,
    #[error("That password is longer than {} characters.", Password::MAX)]
    PasswordTooLong,
    #[error(
        "That password is one of the first that anybody tries. Three or four words that only you put together are better."
    )]
    PasswordTooCommon,
    #[error("Please write the name of the funeral home, in at most {} letters.", HomeName::MAX)]
    HomeName,
}

/// The name of a funeral home: trimmed, not empty, one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HomeName(String);

impl HomeName {
    /// In characters.
    pub const MAX: usize = 120;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HomeName {
    type Error = InvalidAccount;

    fn try_from(text: String) -> Result<Self, InvalidAccount> {
        let name = text.trim();
        let fits = !name.is_empty() && name.chars().count() <= Self::MAX && !name.chars().any(char::is_control);
        if fits { Ok(Self(name.to_owned())) } else { Err(InvalidAccount::HomeName) }
    }
}

impl From<HomeName> for String {
    fn from(name: HomeName) -> Self {
        name.0
    }
}

impl EmailAddress {
    /// One `@` with something on both sides and no space: the only true test is a letter that arrives.
    pub fn parse(text: &str) -> Result<Self, InvalidAccount> {
        let address = text.trim().to_lowercase();
        let well_formed = address.len() <= 254
            && !address.chars().any(|letter| letter.is_whitespace() || letter.is_control())
            && address.split_once('@').is_some_and(|(local, host)| {
                !local.is_empty() && !host.is_empty() && !host.contains('@') && !host.starts_with('.')
            });
        if well_formed { Ok(Self(address)) } else { Err(InvalidAccount::Email) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Password {
    /// In characters. NIST SP 800-63B-4 asks for 15 where a password is the only factor; OWASP ASVS 5.0 §6.2.1 for 8,
    /// and recommends 15.
    pub const MIN: usize = 12;
    /// Long enough for any pass phrase (ASVS 5.0 §6.2.9 asks for at least 64), short enough to hash.
    pub const MAX: usize = 256;

    pub fn parse(text: String) -> Result<Self, InvalidAccount> {
        match text.chars().count() {
            0..Self::MIN => Err(InvalidAccount::PasswordTooShort),
            Self::MIN..=Self::MAX if is_common(&text) => Err(InvalidAccount::PasswordTooCommon),
            Self::MIN..=Self::MAX => Ok(Self(text)),
            _ => Err(InvalidAccount::PasswordTooLong),
        }
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password([redacted])")
    }
}

/// Those of the usual lists of common passwords that are long enough (OWASP ASVS 5.0 §6.2.4), one a line.
const COMMON: &str = include_str!("common_passwords.txt");
/// A password with fewer different letters than this is one letter, or a few, over and over.
const DIFFERENT_LETTERS: usize = 5;

fn is_common(text: &str) -> bool {
    let lower = text.to_lowercase();
    let different: std::collections::HashSet<char> = lower.chars().collect();
    different.len() < DIFFERENT_LETTERS || COMMON.lines().any(|common| common == lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_in_one_form() {
        assert_eq!(EmailAddress::parse(" Ada@Example.COM ").unwrap().as_str(), "ada@example.com");
        for text in ["", "ada", "@example.com", "ada@", "a da@example.com", "ada@b@c"] {
            assert_eq!(EmailAddress::parse(text), Err(InvalidAccount::Email), "{text}");
        }
    }

    #[test]
    fn a_short_password_is_refused_and_none_is_printed() {
        assert_eq!(Password::parse("short".into()).unwrap_err(), InvalidAccount::PasswordTooShort);
        assert_eq!(Password::parse("x".repeat(257)).unwrap_err(), InvalidAccount::PasswordTooLong);
        for common in ["Password1234", "qwertyuiop123", "aaaaaaaaaaaaaaaa", "abababababab"] {
            assert_eq!(Password::parse(common.into()).unwrap_err(), InvalidAccount::PasswordTooCommon, "{common}");
        }
        assert_eq!(format!("{:?}", Password::parse("correct horse battery".into()).unwrap()), "Password([redacted])");
    }
}
