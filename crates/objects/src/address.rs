//! `s3://bucket/prefix`.

use std::{fmt, str::FromStr};

/// A bucket and, in it, what the keys of all our objects begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    bucket: String,
    /// Without a slash at either end; may be empty.
    prefix: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an address such as s3://bucket or s3://bucket/folder")]
pub struct InvalidAddress;

impl Address {
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    pub(crate) fn key(&self, name: &str) -> String {
        match self.prefix.as_str() {
            "" => name.to_owned(),
            prefix => format!("{prefix}/{name}"),
        }
    }

    /// The other way.
    pub(crate) fn name_of(&self, key: &str) -> String {
        key.strip_prefix(&self.prefix).unwrap_or(key).trim_start_matches('/').to_owned()
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.strip_prefix("s3://").ok_or(InvalidAddress)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_end_matches('/');
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let folders =
            || prefix.split('/').all(|folder| !matches!(folder, "" | "." | "..") && folder.bytes().all(letter));
        if bucket.len() < 3 || !bucket.bytes().all(letter) || !(prefix.is_empty() || folders()) {
            return Err(InvalidAddress);
        }
        Ok(Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.bucket)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_bucket_and_maybe_a_folder() {
        for (written, key) in [
            ("s3://services", "recordings/a"),
            ("s3://services/", "recordings/a"),
            ("s3://services/ever/light", "ever/light/recordings/a"),
            ("s3://services/everlight/", "everlight/recordings/a"),
        ] {
            let address: Address = written.parse().unwrap();
            assert_eq!(address.key("recordings/a"), key);
            assert_eq!(address.name_of(key), "recordings/a");
            assert_eq!(address.to_string(), written.trim_end_matches('/'));
        }
        for wrong in [
            "",
            "services",
            "https://services",
            "s3://",
            "s3://ab",
            "s3://services//a",
            "s3://services/../a",
            "s3://a b c",
        ] {
            assert!(wrong.parse::<Address>().is_err(), "{wrong}");
        }
    }
}
