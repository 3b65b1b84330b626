//! What whoever filmed says of how it went: one tap, and a word if they like.

use serde::{Deserialize, Serialize};

/// From one to five.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Stars(u8);

impl Stars {
    pub const ALL: [Self; 5] = [Self(1), Self(2), Self(3), Self(4), Self(5)];

    pub const fn number(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Stars {
    type Error = InvalidFeedback;

    fn try_from(number: u8) -> Result<Self, InvalidFeedback> {
        if (1..=5).contains(&number) { Ok(Self(number)) } else { Err(InvalidFeedback::Stars) }
    }
}

impl From<Stars> for u8 {
    fn from(stars: Stars) -> Self {
        stars.0
    }
}

/// Some words, trimmed; may be empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Remarks(String);

impl Remarks {
    /// In characters.
    pub const MAX: usize = 1_000;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Remarks {
    type Error = InvalidFeedback;

    fn try_from(text: String) -> Result<Self, InvalidFeedback> {
        let text = text.trim();
        let odd = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
        let fits = text.chars().count() <= Self::MAX && !text.chars().any(odd);
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidFeedback::Remarks) }
    }
}

impl From<Remarks> for String {
    fn from(remarks: Remarks) -> Self {
        remarks.0
    }
}

/// Ordered, so that of two at the same moment one counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Feedback {
    pub stars: Stars,
    #[serde(default)]
    pub remarks: Remarks,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFeedback {
    #[error("stars are from one to five")]
    Stars,
    #[error("that is more than can be kept")]
    Remarks,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_kept_is_read() {
        let read = |text: &str| serde_json::from_str::<Feedback>(text).ok();
        let feedback = read(r#"{"stars":4,"remarks":"  Thank you.\nIt was easy. "}"#).unwrap();
        assert_eq!((feedback.stars.number(), feedback.remarks.as_str()), (4, "Thank you.\nIt was easy."));
        assert!(read(r#"{"stars":1}"#).unwrap().remarks.as_str().is_empty());
        for text in [r#"{"stars":0}"#, r#"{"stars":6}"#, r#"{"stars":2.5}"#, "{}", r#"{"stars":1,"remarks":"\u0000"}"#]
        {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(Remarks::try_from("ä".repeat(Remarks::MAX)).is_ok());
        assert_eq!(Remarks::try_from("ä".repeat(Remarks::MAX + 1)), Err(InvalidFeedback::Remarks));
    }
}
