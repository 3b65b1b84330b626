//! A recording on disk: a directory with the time it began and numbered parts.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Holds the wall-clock time of [`crate::Frame::time`] zero, in Unix milliseconds, as decimal text.
const ORIGIN: &str = "origin";

#[derive(Debug, Clone)]
pub(crate) struct Directory {
    path: PathBuf,
}

impl Directory {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// `part-0001.mp4`, and so on.
    pub(crate) fn part(&self, number: u32) -> PathBuf {
        self.path.join(format!("part-{number:04}.mp4"))
    }

    /// The parts there are, in order. None where there is no directory.
    pub(crate) fn parts(&self) -> io::Result<Vec<(u32, PathBuf)>> {
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut parts = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let number = name.and_then(|name| name.strip_prefix("part-")?.strip_suffix(".mp4")?.parse().ok());
            if let Some(number) = number {
                parts.push((number, path));
            }
        }
        parts.sort();
        Ok(parts)
    }

    /// When the recording began, if it has.
    pub(crate) fn origin(&self) -> Option<u64> {
        fs::read_to_string(self.path.join(ORIGIN)).ok()?.trim().parse().ok()
    }

    /// Makes the directory and keeps when the recording began.
    pub(crate) fn create(&self, origin_unix_ms: u64) -> io::Result<()> {
        fs::create_dir_all(&self.path)?;
        if self.origin().is_none() {
            let temporary = self.path.join("origin.new");
            let mut file = File::create(&temporary)?;
            writeln!(file, "{origin_unix_ms}")?;
            file.sync_all()?;
            fs::rename(&temporary, self.path.join(ORIGIN))?;
        }
        self.sync()
    }

    /// Makes new names in the directory last through a power failure.
    pub(crate) fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}
