//! The extension `checksum`: the bytes of one `PATCH` are what was sent, or none of them is kept.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::UploadError;

/// `Upload-Checksum`: the name of an algorithm, and the sum in Base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum {
    algorithm: Algorithm,
    sum: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Sha1,
    Sha256,
}

impl Checksum {
    /// # Errors
    /// [`UploadError::Algorithm`] for anything but `sha1` and `sha256` with a sum of their length.
    pub fn parse(header: &str) -> Result<Self, UploadError> {
        let (name, sum) = header.trim().split_once(' ').ok_or(UploadError::Algorithm)?;
        let (algorithm, length) = match name {
            "sha1" => (Algorithm::Sha1, 20),
            "sha256" => (Algorithm::Sha256, 32),
            _ => return Err(UploadError::Algorithm),
        };
        let sum = STANDARD.decode(sum.trim()).map_err(|_| UploadError::Algorithm)?;
        if sum.len() == length { Ok(Self { algorithm, sum }) } else { Err(UploadError::Algorithm) }
    }

    /// Begins to sum up the bytes as they come.
    pub fn begin(self) -> Summing {
        let so_far = match self.algorithm {
            Algorithm::Sha1 => State::Sha1(Sha1::default()),
            Algorithm::Sha256 => State::Sha256(Sha256::default()),
        };
        Summing { expected: self.sum, so_far }
    }
}

/// A sum of the bytes that have come.
#[derive(Debug)]
pub struct Summing {
    expected: Vec<u8>,
    so_far: State,
}

#[derive(Debug)]
enum State {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Summing {
    pub fn add(&mut self, bytes: &[u8]) {
        match &mut self.so_far {
            State::Sha1(sum) => sum.update(bytes),
            State::Sha256(sum) => sum.update(bytes),
        }
    }

    /// # Errors
    /// [`UploadError::Checksum`] when these are not the bytes that were sent.
    pub fn check(self) -> Result<(), UploadError> {
        let right = match self.so_far {
            State::Sha1(sum) => sum.finalize().as_slice() == self.expected,
            State::Sha256(sum) => sum.finalize().as_slice() == self.expected,
        };
        if right { Ok(()) } else { Err(UploadError::Checksum) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_the_specification_is_read() {
        let checksum = Checksum::parse("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=").unwrap();
        let mut summing = checksum.begin();
        summing.add(b"hello ");
        summing.add(b"world");
        assert_eq!(summing.check(), Ok(()));
    }

    #[test]
    fn other_bytes_are_noticed() {
        for header in ["sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="] {
            let sum = |bytes: &[u8]| {
                let mut summing = Checksum::parse(header).unwrap().begin();
                summing.add(bytes);
                summing.check()
            };
            assert_eq!(sum(b"hello world"), Ok(()), "{header}");
            for wrong in [&b"hello worle"[..], b"hello worl", b"hello world ", b""] {
                assert_eq!(sum(wrong), Err(UploadError::Checksum), "{header}");
            }
        }
    }

    #[test]
    fn what_is_no_checksum_is_refused() {
        for header in [
            "",
            "sha1",
            "md5 XrY7u+Ae7tCTyyK7j1rNww==",
            "sha1 XrY7u+Ae7tCTyyK7j1rNww==",
            "sha256 !",
            "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
        ] {
            assert_eq!(Checksum::parse(header), Err(UploadError::Algorithm), "{header}");
        }
    }

    proptest! {
        #[test]
        fn parsing_any_text_never_panics(text: String) {
            let _ = Checksum::parse(&text);
        }
    }
}
