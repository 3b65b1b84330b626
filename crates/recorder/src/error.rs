//! Why the recording cannot be written.

use std::io;
use std::path::{Path, PathBuf};

/// What keeps a recorder from writing. Live playback goes on meanwhile, and so does the attempt to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    #[error("the disk that holds {} is full", path.display())]
    StorageFull { path: PathBuf },
    #[error("{} cannot be written: {reason}", path.display())]
    NotWritable { path: PathBuf, reason: String },
    #[error("writing {} failed: {reason}", path.display())]
    Io { path: PathBuf, reason: String },
    #[error("the recorder's thread could not be started: {reason}")]
    Thread { reason: String },
    #[error("the recorder stopped unexpectedly")]
    Stopped,
}

impl RecordError {
    pub(crate) fn new(path: &Path, error: &io::Error) -> Self {
        use io::ErrorKind as Kind;
        let (path, reason) = (path.to_owned(), error.to_string());
        match error.kind() {
            Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => Self::StorageFull { path },
            // A file where a directory should be "already exists".
            Kind::PermissionDenied
            | Kind::ReadOnlyFilesystem
            | Kind::NotADirectory
            | Kind::NotFound
            | Kind::AlreadyExists => Self::NotWritable { path, reason },
            _ => Self::Io { path, reason },
        }
    }
}
