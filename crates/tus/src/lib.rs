//! Resumable uploads over HTTP, tus 1.0 (<https://tus.io/protocols/resumable-upload>): the core protocol and the extensions
//! `creation`, `creation-defer-length`, `termination` and `checksum`. Nothing here does I/O: header fields come in as text, decisions
//! go out.

mod checksum;
mod metadata;
mod request;

pub use checksum::{Checksum, Summing};
pub use metadata::Metadata;
pub use request::{Create, Patch, Upload, UploadError};

/// The one version of the protocol that is spoken here.
pub const VERSION: &str = "1.0.0";
/// What `OPTIONS` tells beside the version.
pub const EXTENSIONS: &str = "creation,creation-defer-length,termination,checksum";
/// What `OPTIONS` tells of checksums.
pub const CHECKSUM_ALGORITHMS: &str = "sha1,sha256";
/// The type of a `PATCH`'s body.
pub const OFFSET_STREAM: &str = "application/offset+octet-stream";
