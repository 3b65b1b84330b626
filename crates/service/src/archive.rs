//! The recorders of the streams that are on air.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::StreamId;
use recorder::{HlsLive, RecordError, Recorder, RecorderConfig};

#[derive(Default)]
pub(crate) struct Archive {
    live: Mutex<HashMap<StreamId, Recorder>>,
}

impl Archive {
    /// The stream's recorder; started, or continued from what is on disk, when there is none.
    pub(crate) fn open(&self, stream: StreamId, dir: PathBuf, origin_unix_ms: u64) -> Result<Recorder, RecordError> {
        let mut live = self.live();
        if let Some(recorder) = live.get(&stream) {
            return Ok(recorder.clone());
        }
        let recorder = Recorder::spawn(&RecorderConfig::new(dir, origin_unix_ms))?;
        live.insert(stream, recorder.clone());
        Ok(recorder)
    }

    /// Takes the recorder of a stream that is over.
    pub(crate) fn take(&self, stream: StreamId) -> Option<Recorder> {
        self.live().remove(&stream)
    }

    /// Takes all of them.
    pub(crate) fn take_all(&self) -> Vec<Recorder> {
        self.live().drain().map(|(_, recorder)| recorder).collect()
    }

    pub(crate) fn hls(&self, stream: StreamId) -> Option<Arc<HlsLive>> {
        self.live().get(&stream).map(Recorder::hls)
    }

    /// How much of the stream's recording is on disk, from its beginning; zero when it is not being recorded.
    pub(crate) fn saved_ms(&self, stream: StreamId) -> u64 {
        let saved = self.live().get(&stream).map(|recorder| recorder.status().duration);
        saved.map_or(0, |saved| u64::try_from(saved.as_millis()).unwrap_or(u64::MAX))
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
