//! Names of things. Ids are UUIDv7 (sortable by creation), slugs and tokens are random and unguessable.
//!
//! Nothing here makes randomness: the constructors take the random bytes, so that a test can choose them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not the id, slug or token it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0}")]
pub struct InvalidId(pub &'static str);

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// UUIDv7 (RFC 9562 §5.7) of a moment in Unix milliseconds and ten random bytes.
            pub fn from_parts(unix_millis: u64, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(unix_millis, &random).into_uuid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId($what))
            }
        }
    };
}

id!(
    /// A person who is remembered.
    MemorialId, "memorial id"
);
id!(
    /// One service (visitation, funeral, graveside) that is streamed.
    StreamId, "stream id"
);
id!(
    /// One copy of a stream's recording.
    RecordingId, "recording id"
);
id!(
    /// A file that is being delivered in pieces.
    UploadId, "upload id"
);
id!(
    /// A picture of a person who is remembered. Another picture has another id.
    PortraitId, "portrait id"
);
id!(
    /// A person who signs in.
    UserId, "user id"
);
id!(
    /// A funeral home.
    HomeId, "funeral home's id"
);
id!(
    /// A link that may be used once.
    InvitationId, "invitation id"
);
id!(
    /// One run of the program, where several share a database. Another start is another instance.
    InstanceId, "instance id"
);

/// The unguessable part of a mourner's link: 128 random bits in lower-case base 32 (26 characters), which can be read
/// aloud and typed: the alphabet (Crockford's) has no `i`, `l`, `o` or `u`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

const SLUG_ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SLUG_LENGTH: usize = 26;

impl Slug {
    pub fn from_random(random: [u8; 16]) -> Self {
        let bits = u128::from_be_bytes(random);
        let text = (0..SLUG_LENGTH)
            .map(|place| {
                let shift = 5 * (SLUG_LENGTH - 1 - place);
                char::from(SLUG_ALPHABET[(bits >> shift) as usize & 31])
            })
            .collect();
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let well_formed = text.len() == SLUG_LENGTH && text.bytes().all(|byte| SLUG_ALPHABET.contains(&byte));
        if well_formed { Ok(Self(text.to_owned())) } else { Err(InvalidId("link")) }
    }
}

impl TryFrom<String> for Slug {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A secret that opens something: 256 bits as 64 hexadecimal digits. Never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        use fmt::Write as _;
        let mut text = String::with_capacity(64);
        for byte in bytes {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The secret itself: for the link or the header it belongs in, nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Token {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let well_formed = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if well_formed { Ok(Self(text.to_owned())) } else { Err(InvalidId("token")) }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn slugs_keep_all_their_bits_and_parse(random: [u8; 16]) {
            let slug = Slug::from_random(random);
            prop_assert_eq!(slug.as_str().parse::<Slug>().unwrap(), slug.clone());
            let bits = slug.as_str().bytes().fold(0u128, |bits, byte| {
                (bits << 5) | SLUG_ALPHABET.iter().position(|&letter| letter == byte).unwrap() as u128
            });
            prop_assert_eq!(bits.to_be_bytes(), random);
        }

        #[test]
        fn ids_sort_by_time(earlier in 0u64..1 << 47, gap in 1u64..1 << 40, a: [u8; 10], b: [u8; 10]) {
            prop_assert!(StreamId::from_parts(earlier, a) < StreamId::from_parts(earlier + gap, b));
        }

        #[test]
        fn parsing_any_text_never_panics(text: String) {
            let _ = (text.parse::<Slug>(), text.parse::<Token>(), text.parse::<StreamId>());
        }
    }

    #[test]
    fn a_token_is_never_in_debug_output() {
        let token = Token::from_bytes([0xab; 32]);
        assert_eq!(format!("{token:?}"), "Token([redacted])");
        assert_eq!(token.expose().parse::<Token>().unwrap(), token);
    }
}
