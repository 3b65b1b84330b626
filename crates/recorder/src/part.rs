//! One fragmented MP4 file being written: append only, so that a crash costs no more than the fragment in hand.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::fragment::{Fragment, Tracks, init_segment};

/// How much media a power failure may cost: the file is synced this often.
const SYNC_EVERY: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(crate) struct PartWriter {
    file: File,
    path: PathBuf,
    tracks: Tracks,
    length: u64,
    sequence_number: u32,
    unsynced: Duration,
}

impl PartWriter {
    pub(crate) fn create(path: PathBuf, tracks: Tracks) -> io::Result<Self> {
        let init = init_segment(&tracks).map_err(io::Error::other)?;
        let mut file = OpenOptions::new().append(true).create_new(true).open(&path)?;
        if let Err(error) = file.write_all(&init) {
            // Nothing is in it yet, and nothing could be read from it.
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        let length = init.len() as u64;
        Ok(Self { file, path, tracks, length, sequence_number: 0, unsynced: Duration::ZERO })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Appends a fragment with one `write`, or leaves the file as it was.
    pub(crate) fn append(&mut self, fragment: &Fragment) -> io::Result<()> {
        self.sequence_number += 1;
        let bytes = fragment.encode(self.sequence_number, &self.tracks).map_err(io::Error::other)?;
        if let Err(error) = self.file.write_all(&bytes) {
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        self.length += bytes.len() as u64;
        self.unsynced += fragment.length;
        if self.unsynced >= SYNC_EVERY {
            self.file.sync_data()?;
            self.unsynced = Duration::ZERO;
        }
        Ok(())
    }

    pub(crate) fn close(self) -> io::Result<()> {
        self.file.sync_all()
    }
}
