//! `POST` and `PATCH`: what they ask for, and whether that can be.

use crate::{OFFSET_STREAM, VERSION, checksum::Checksum, metadata::Metadata};

/// Why a request cannot be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UploadError {
    /// HTTP: 412, with `Tus-Version`.
    #[error("this server speaks tus 1.0.0")]
    Version,
    #[error("a length is needed, or the word that it comes later")]
    NoLength,
    #[error("not a number of bytes")]
    Number,
    /// HTTP: 413.
    #[error("the upload is larger than this server takes")]
    TooLarge,
    /// HTTP: 415.
    #[error("the content type is not application/offset+octet-stream")]
    ContentType,
    /// HTTP: 409. Carries where the upload really stands.
    #[error("the upload stands at another place")]
    Offset { at: u64 },
    /// The length was said before, and was another; or is less than what is there.
    #[error("the upload's length contradicts what is known of it")]
    Length,
    #[error("checksums are taken as sha1 and sha256")]
    Algorithm,
    /// HTTP: 460.
    #[error("these are not the bytes that were sent: their checksum differs")]
    Checksum,
}

impl UploadError {
    /// The HTTP status code that the specification gives it.
    pub const fn status(self) -> u16 {
        match self {
            Self::Version => 412,
            Self::NoLength | Self::Number | Self::Length | Self::Algorithm => 400,
            Self::TooLarge => 413,
            Self::ContentType => 415,
            Self::Offset { .. } => 409,
            Self::Checksum => 460,
        }
    }
}

fn version(tus_resumable: Option<&str>) -> Result<(), UploadError> {
    if tus_resumable == Some(VERSION) { Ok(()) } else { Err(UploadError::Version) }
}

fn number(text: &str) -> Result<u64, UploadError> {
    // `parse` would take a sign.
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(UploadError::Number);
    }
    text.parse().map_err(|_| UploadError::Number)
}

/// A `POST` that makes an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create {
    /// `None`: it is still being made, and the length comes later.
    pub length: Option<u64>,
    pub metadata: Metadata,
}

impl Create {
    /// From the header fields `Tus-Resumable`, `Upload-Length`, `Upload-Defer-Length` and `Upload-Metadata`.
    ///
    /// # Errors
    /// See [`UploadError`].
    pub fn parse<'a>(field: impl Fn(&str) -> Option<&'a str>, largest: u64) -> Result<Self, UploadError> {
        version(field("tus-resumable"))?;
        let length = match (field("upload-length"), field("upload-defer-length")) {
            (Some(length), None) => Some(number(length)?),
            (None, Some("1")) => None,
            _ => return Err(UploadError::NoLength),
        };
        if length.is_some_and(|length| length > largest) {
            return Err(UploadError::TooLarge);
        }
        Ok(Self { length, metadata: field("upload-metadata").map(Metadata::parse).unwrap_or_default() })
    }
}

/// How an upload stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upload {
    /// Bytes that are there.
    pub offset: u64,
    /// `None`: not said yet.
    pub length: Option<u64>,
}

impl Upload {
    pub fn is_complete(self) -> bool {
        self.length == Some(self.offset)
    }
}

/// A `PATCH` that appends bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// Said with this request for the first time.
    pub new_length: Option<u64>,
    /// So many bytes may follow; more are a mistake.
    pub room: u64,
    /// Of the bytes that follow: where it differs, none of them is kept.
    pub checksum: Option<Checksum>,
}

impl Patch {
    /// From the header fields `Tus-Resumable`, `Content-Type`, `Upload-Offset`, `Upload-Length` and
    /// `Upload-Checksum`, for an upload that
    /// stands like this. `largest`: what an upload may have in all.
    ///
    /// # Errors
    /// See [`UploadError`].
    pub fn parse<'a>(
        field: impl Fn(&str) -> Option<&'a str>,
        upload: Upload,
        largest: u64,
    ) -> Result<Self, UploadError> {
        version(field("tus-resumable"))?;
        if field("content-type") != Some(OFFSET_STREAM) {
            return Err(UploadError::ContentType);
        }
        let offset = number(field("upload-offset").ok_or(UploadError::Number)?)?;
        let said = field("upload-length").map(number).transpose()?;
        let new_length = match (upload.length, said) {
            (Some(known), Some(said)) if known != said => return Err(UploadError::Length),
            (None, Some(said)) if said < upload.offset => return Err(UploadError::Length),
            (None, Some(said)) if said > largest => return Err(UploadError::TooLarge),
            (None, said) => said,
            (Some(_), _) => None,
        };
        if offset != upload.offset {
            return Err(UploadError::Offset { at: upload.offset });
        }
        let checksum = field("upload-checksum").map(Checksum::parse).transpose()?;
        let end = upload.length.or(new_length).unwrap_or(largest);
        Ok(Self { new_length, room: end.saturating_sub(offset), checksum })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<&'a str> {
        |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }

    const V: (&str, &str) = ("tus-resumable", "1.0.0");
    const T: (&str, &str) = ("content-type", OFFSET_STREAM);

    #[test]
    fn an_upload_is_made_with_a_length_or_without() {
        let create = |pairs: &[(&str, &str)]| Create::parse(fields(pairs), 100).map(|create| create.length);
        assert_eq!(create(&[V, ("upload-length", "7")]), Ok(Some(7)));
        assert_eq!(create(&[V, ("upload-defer-length", "1")]), Ok(None));
        for (pairs, error) in [
            (&[V][..], UploadError::NoLength),
            (&[V, ("upload-defer-length", "0")], UploadError::NoLength),
            (&[V, ("upload-length", "7"), ("upload-defer-length", "1")], UploadError::NoLength),
            (&[V, ("upload-length", "-7")], UploadError::Number),
            (&[V, ("upload-length", "+7")], UploadError::Number),
            (&[V, ("upload-length", "101")], UploadError::TooLarge),
            (&[("tus-resumable", "0.2.2"), ("upload-length", "7")], UploadError::Version),
            (&[("upload-length", "7")], UploadError::Version),
        ] {
            assert_eq!(create(pairs), Err(error), "{pairs:?}");
        }
    }

    #[test]
    fn bytes_are_appended_where_the_upload_stands() {
        let upload = Upload { offset: 5, length: Some(10) };
        let patch = |pairs: &[(&str, &str)]| Patch::parse(fields(pairs), upload, 100);
        assert_eq!(patch(&[V, T, ("upload-offset", "5")]), Ok(Patch { new_length: None, room: 5, checksum: None }));
        assert_eq!(patch(&[V, T, ("upload-offset", "4")]), Err(UploadError::Offset { at: 5 }));
        assert_eq!(patch(&[V, T, ("upload-offset", "5"), ("upload-length", "9")]), Err(UploadError::Length));
        assert_eq!(patch(&[V, ("upload-offset", "5")]), Err(UploadError::ContentType));
        assert_eq!(patch(&[V, T]), Err(UploadError::Number));
        assert_eq!(patch(&[V, T, ("upload-offset", "5"), ("upload-checksum", "md5 x")]), Err(UploadError::Algorithm));
        assert_eq!(patch(&[T, ("upload-offset", "5")]), Err(UploadError::Version));
    }

    #[test]
    fn the_length_may_come_with_the_last_bytes() {
        let upload = Upload { offset: 5, length: None };
        let patch = |pairs: &[(&str, &str)]| Patch::parse(fields(pairs), upload, 100);
        let at = ("upload-offset", "5");
        assert_eq!(patch(&[V, T, at]), Ok(Patch { new_length: None, room: 95, checksum: None }));
        assert_eq!(
            patch(&[V, T, at, ("upload-length", "8")]),
            Ok(Patch { new_length: Some(8), room: 3, checksum: None })
        );
        assert_eq!(
            patch(&[V, T, at, ("upload-length", "5")]),
            Ok(Patch { new_length: Some(5), room: 0, checksum: None })
        );
        assert_eq!(patch(&[V, T, at, ("upload-length", "4")]), Err(UploadError::Length));
        assert_eq!(patch(&[V, T, at, ("upload-length", "101")]), Err(UploadError::TooLarge));
    }

    proptest! {
        /// Whatever a client says, no more bytes are let in than the upload has room for.
        #[test]
        fn there_is_never_room_beyond_the_length(
            offset in 0u64..200, length in proptest::option::of(0u64..200), said: String, at: String,
        ) {
            let pairs = [V, T, ("upload-offset", at.as_str()), ("upload-length", said.as_str())];
            if let Ok(patch) = Patch::parse(fields(&pairs), Upload { offset, length }, 150) {
                let end = length.or(patch.new_length).unwrap_or(150);
                prop_assert!(offset.saturating_add(patch.room) <= end.max(offset));
            }
        }
    }
}
