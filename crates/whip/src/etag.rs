//! Entity tags and `If-Match` (RFC 9110 §8.8.3 and §13.1.1): in WHIP they name one ICE session (RFC 9725 §4.3.1).

use std::fmt;

/// A strong entity tag. Weak ones cannot name an ICE session: `If-Match` compares strongly.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntityTag(String);

impl EntityTag {
    /// From what stands between the quotes; `None` if it holds a character that may not stand there.
    pub fn new(opaque: impl Into<String>) -> Option<Self> {
        let opaque = opaque.into();
        opaque.chars().all(is_etag_char).then_some(Self(opaque))
    }

    /// Reads an `ETag` field. `None` for weak tags and for the malformed ones seen in the wild (`*`, an unquoted number),
    /// which a client must treat as no tag at all.
    pub fn parse(value: &str) -> Option<Self> {
        Self::new(value.trim().strip_prefix('"')?.strip_suffix('"')?)
    }

    /// What stands between the quotes.
    pub fn opaque(&self) -> &str {
        &self.0
    }
}

/// The field value, with its quotes.
impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// An `If-Match` field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: whatever the current session is.
    Any,
    /// The strong tags of the list. Weak ones never match, and are left out.
    Tags(Vec<EntityTag>),
}

/// The value is neither `*` nor a list of entity tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("If-Match is neither * nor a list of entity tags")]
pub struct IfMatchError;

impl IfMatch {
    /// Reads the field's value. The quoted `"*"` counts as `*`: the examples of the RFC's draft print it so, and clients
    /// were written after them.
    pub fn parse(value: &str) -> Result<Self, IfMatchError> {
        let value = value.trim();
        if value == "*" || value == "\"*\"" {
            return Ok(Self::Any);
        }
        let mut tags = Vec::new();
        let mut rest = value;
        loop {
            // A list may hold empty elements (RFC 9110 §5.6.1.2).
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                break;
            }
            let (weak, quoted) = rest.strip_prefix("W/").map_or((false, rest), |it| (true, it));
            let (opaque, after) = quoted.strip_prefix('"').and_then(|it| it.split_once('"')).ok_or(IfMatchError)?;
            let tag = EntityTag::new(opaque).ok_or(IfMatchError)?;
            if !weak {
                tags.push(tag);
            }
            rest = after.trim_start();
            if !rest.is_empty() && !rest.starts_with(',') {
                return Err(IfMatchError);
            }
        }
        if tags.is_empty() && !value.contains('"') { Err(IfMatchError) } else { Ok(Self::Tags(tags)) }
    }

    /// Strong comparison (RFC 9110 §8.8.3.2).
    pub fn matches(&self, current: &EntityTag) -> bool {
        match self {
            Self::Any => true,
            Self::Tags(tags) => tags.contains(current),
        }
    }
}

/// `etagc` without the octets above ASCII, which a header value of a browser cannot carry unharmed.
fn is_etag_char(character: char) -> bool {
    character == '!' || ('#'..='~').contains(&character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tag(opaque: &str) -> EntityTag {
        EntityTag::new(opaque).unwrap()
    }

    #[test]
    fn c12_only_a_strong_quoted_tag_is_taken() {
        assert_eq!(EntityTag::parse("\"xyzzy\""), Some(tag("xyzzy")));
        assert_eq!(EntityTag::parse(" \"\" "), Some(tag("")));
        for malformed in
            ["*", "3141592653", "W/\"xyzzy\"", "\"xy", "xy\"", "\"", "", "\"a\"b\"", "\"a b\"", "\"a\u{7}\""]
        {
            assert_eq!(EntityTag::parse(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn s8_a_tag_is_written_strong_and_quoted() {
        assert_eq!(tag("01").to_string(), "\"01\"");
    }

    #[test]
    fn s10_star_is_taken_bare_and_quoted() {
        for value in ["*", "\"*\"", " * "] {
            assert_eq!(IfMatch::parse(value), Ok(IfMatch::Any));
        }
    }

    #[test]
    fn s10_lists_match_strongly() {
        let list = IfMatch::parse("\"a\", W/\"b\",,\t\"c,d\"").unwrap();
        assert!(list.matches(&tag("a")));
        assert!(!list.matches(&tag("b")), "a weak tag never matches");
        assert!(list.matches(&tag("c,d")));
        assert!(!list.matches(&tag("e")));
    }

    #[test]
    fn s10_malformed_lists_are_refused() {
        for value in ["", "a", "\"a", "\"a\"\"b\"", "\"a\" b", ",", "W/a", "*, \"a\"x"] {
            assert_eq!(IfMatch::parse(value), Err(IfMatchError), "{value}");
        }
    }

    proptest! {
        #[test]
        fn every_tag_survives_writing_and_reading(opaque in "[!#-~]{0,40}") {
            let tag = tag(&opaque);
            prop_assert_eq!(EntityTag::parse(&tag.to_string()), Some(tag.clone()));
            let quoted = tag.to_string();
            prop_assert!(IfMatch::parse(&quoted).unwrap().matches(&tag));
            let padded = format!("\"other\" ,W/\"weak\", {quoted}");
            prop_assert!(IfMatch::parse(&padded).unwrap().matches(&tag));
        }

        #[test]
        fn any_text_is_read_or_refused(value in "[\"W/*, a-c\\t\u{e9}]{0,30}") {
            let _ = IfMatch::parse(&value);
            let _ = EntityTag::parse(&value);
        }
    }
}
