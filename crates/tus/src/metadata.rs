//! `Upload-Metadata`: pairs of a key and a value in Base64, parted by commas.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// What the client says about its upload. Only well-formed pairs are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata(Vec<(String, String)>);

impl Metadata {
    pub fn new(pairs: &[(&str, &str)]) -> Self {
        Self(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
    }

    /// Keys are not empty and hold neither spaces nor commas; values are Base64 of UTF-8, or missing.
    pub fn parse(header: &str) -> Self {
        let pair = |pair: &str| {
            let mut parts = pair.trim().splitn(2, ' ');
            let key = parts.next().filter(|key| !key.is_empty())?.to_owned();
            let value = STANDARD.decode(parts.next().unwrap_or_default().trim()).ok()?;
            Some((key, String::from_utf8(value).ok()?))
        };
        Self(header.split(',').filter_map(pair).collect())
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The value of the header field.
    pub fn to_header(&self) -> String {
        self.0.iter().map(|(key, value)| [key, " ", &STANDARD.encode(value)].concat()).collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_of_the_specification() {
        let metadata = Metadata::parse("filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential");
        assert_eq!(metadata.get("filename"), Some("world_domination_plan.pdf"));
        assert_eq!(metadata.get("is_confidential"), Some(""));
        assert_eq!(metadata.get("other"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(pairs in proptest::collection::btree_map("[a-z]{1,8}", ".*", 0..5)) {
            let pairs: Vec<_> = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            let metadata = Metadata::new(&pairs);
            prop_assert_eq!(Metadata::parse(&metadata.to_header()), metadata);
        }

        #[test]
        fn parsing_any_text_never_panics(text: String) {
            Metadata::parse(&text);
        }
    }
}
