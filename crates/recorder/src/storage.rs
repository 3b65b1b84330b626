//! The parts of one recording as they are written, and what to do while the disk refuses.

use std::time::Duration;

use crate::directory::Directory;
use crate::error::RecordError;
use crate::fragment::{Fragment, Tracks};
use crate::part::PartWriter;

/// A refusal is answered by trying again after this much media.
const RETRY: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct Storage {
    directory: Directory,
    origin_unix_ms: u64,
    tracks: Option<Tracks>,
    part: Option<PartWriter>,
    closed_bytes: u64,
    pub(crate) parts: u32,
    /// Set while the disk refuses: no attempt before this time of the recording.
    retry_at: Option<Duration>,
}

impl Storage {
    pub(crate) fn new(directory: Directory, origin_unix_ms: u64) -> Self {
        Self { directory, origin_unix_ms, tracks: None, part: None, closed_bytes: 0, parts: 0, retry_at: None }
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Bytes written by this recorder.
    pub(crate) fn bytes(&self) -> u64 {
        self.closed_bytes + self.part.as_ref().map_or(0, PartWriter::length)
    }

    /// The next fragment belongs into a new part with these tracks.
    pub(crate) fn begin(&mut self, tracks: Tracks) -> Result<(), RecordError> {
        self.tracks = Some(tracks);
        self.close()
    }

    /// Writes a fragment. `Ok(false)`: not now, the disk refused a moment ago.
    pub(crate) fn write(&mut self, fragment: &Fragment) -> Result<bool, RecordError> {
        let Some(tracks) = &self.tracks else { return Ok(false) };
        if let Some(retry_at) = self.retry_at {
            let decodable = fragment.starts_with_key() || tracks.video.is_none();
            if fragment.start < retry_at || !decodable {
                return Ok(false);
            }
        }
        self.try_write(fragment).inspect_err(|_| self.retry_at = Some(fragment.start + RETRY))?;
        self.retry_at = None;
        Ok(true)
    }

    fn try_write(&mut self, fragment: &Fragment) -> Result<(), RecordError> {
        let Some(tracks) = &self.tracks else { return Ok(()) };
        let part = match &mut self.part {
            Some(part) => part,
            none => {
                let at = |error| RecordError::new(self.directory.path(), &error);
                self.directory.create(self.origin_unix_ms).map_err(at)?;
                let last = self.directory.parts().map_err(at)?.last().map_or(0, |(number, _)| *number);
                let path = self.directory.part(last + 1);
                let part = PartWriter::create(path.clone(), tracks.clone());
                let part = part.map_err(|error| RecordError::new(&path, &error))?;
                self.directory.sync().map_err(at)?;
                self.parts += 1;
                none.insert(part)
            }
        };
        if let Err(error) = part.append(fragment) {
            let error = RecordError::new(part.path(), &error);
            // What follows without this fragment would not decode: it goes into another part.
            let _ = self.close();
            return Err(error);
        }
        Ok(())
    }

    /// Closes the open part.
    pub(crate) fn close(&mut self) -> Result<(), RecordError> {
        let Some(part) = self.part.take() else { return Ok(()) };
        self.closed_bytes += part.length();
        let path = part.path().to_owned();
        part.close().map_err(|error| RecordError::new(&path, &error))
    }
}
