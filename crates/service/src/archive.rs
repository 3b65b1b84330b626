//! The recorders of the streams that are on air.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::StreamId;
use recorder::{HlsLive, RecordError, Recorder, RecorderConfig};

#[derive(Default)]
pub(crate) struct Archive {
    live: Mutex<HashMap<StreamId, Recorder>>,
    /// The program stops: what would begin now would be torn.
    closed: AtomicBool,
}

impl Archive {
    /// The stream's recorder; started, or continued from what is on disk, when there is none.
    pub(crate) fn open(&self, stream: StreamId, dir: PathBuf, origin_unix_ms: u64) -> Result<Recorder, RecordError> {
        let mut live = self.live();
        if let Some(recorder) = live.get(&stream) {
            return Ok(recorder.clone());
        }
        if self.closed.load(Ordering::SeqCst) {
            return Err(RecordError::Stopped);
        }
        let recorder = Recorder::spawn(&RecorderConfig::new(dir, origin_unix_ms))?;
        live.insert(stream, recorder.clone());
        Ok(recorder)
    }

    /// Takes the recorder of a stream that is over.
    pub(crate) fn take(&self, stream: StreamId) -> Option<Recorder> {
        self.live().remove(&stream)
    }

    /// Begins no more of them.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// Takes all of them, and begins no more.
    pub(crate) fn close_and_take_all(&self) -> Vec<Recorder> {
        let mut live = self.live();
        self.close();
        live.drain().map(|(_, recorder)| recorder).collect()
    }

    pub(crate) fn hls(&self, stream: StreamId) -> Option<Arc<HlsLive>> {
        self.live().get(&stream).map(Recorder::hls)
    }

    /// How much of the stream's recording is on disk, from its beginning; zero when it is not being recorded.
    pub(crate) fn saved_ms(&self, stream: StreamId) -> u64 {
        let saved = self.live().get(&stream).map(|recorder| recorder.status().duration);
        saved.map_or(0, |saved| u64::try_from(saved.as_millis()).unwrap_or(u64::MAX))
    }

    /// How each recorder is doing.
    pub(crate) fn statuses(&self) -> Vec<(StreamId, recorder::RecorderStatus)> {
        self.live().iter().map(|(stream, recorder)| (*stream, recorder.status())).collect()
    }

    /// What keeps each stream's recorder from writing, if anything does.
    pub(crate) fn troubles(&self) -> Vec<(StreamId, Option<RecordError>)> {
        self.live().iter().map(|(stream, recorder)| (*stream, recorder.status().last_error)).collect()
    }

    fn live(&self) -> MutexGuard<'_, HashMap<StreamId, Recorder>> {
        // The map is consistent between any two statements: a panic elsewhere leaves it usable.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_begins_once_the_program_stops() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::default();
        let open = |n: u8| archive.open(StreamId::from_parts(1, [n; 10]), folder.path().join(n.to_string()), 0);
        open(1).unwrap();
        archive.close();
        assert!(open(1).is_ok(), "what runs goes on");
        assert!(matches!(open(2), Err(RecordError::Stopped)));
        assert_eq!(archive.close_and_take_all().len(), 1);
        for again in [1, 2] {
            assert!(matches!(open(again), Err(RecordError::Stopped)));
        }
    }
}
