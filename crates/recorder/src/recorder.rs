//! The recorder of one stream: one thread behind a bounded queue.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::directory::Directory;
use crate::error::RecordError;
use crate::fragment::Fragment;
use crate::frame::{Frame, Payload};
use crate::hls::HlsLive;
use crate::muxer::{Muxer, Output};
use crate::recover::recover;
use crate::storage::Storage;

/// Where nothing comes for this long, what is complete is written.
const IDLE: Duration = Duration::from_millis(500);

#[derive(Debug, Clone)]
pub struct RecorderConfig {
    /// The recording's directory. One that holds parts already is continued.
    pub dir: PathBuf,
    /// When [`Frame::time`] is zero, in Unix milliseconds. A directory that is continued keeps its own.
    pub origin_unix_ms: u64,
    /// How many frames may wait for the disk.
    pub queue: usize,
}

impl RecorderConfig {
    /// A queue of about twelve seconds of picture and sound.
    pub fn new(dir: impl Into<PathBuf>, origin_unix_ms: u64) -> Self {
        Self { dir: dir.into(), origin_unix_ms, queue: 1024 }
    }
}

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Pushed {
    Accepted,
    /// The queue is full, or the recorder has ended.
    Dropped,
    /// No picture is of use before the next key frame: ask the sender for one.
    DroppedNeedKeyframe,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecorderStatus {
    /// Written by this recorder.
    pub bytes: u64,
    /// From the recording's origin to the end of what is written.
    pub duration: Duration,
    /// Pictures written by this recorder.
    pub video_frames: u64,
    /// Audio packets written by this recorder.
    pub audio_packets: u64,
    /// Frames that came and were not written: the queue was full, the disk refused, or nothing could be made of them.
    pub dropped: u64,
    /// Files begun by this recorder.
    pub parts: u32,
    /// What keeps the recorder from writing now. `None` once it writes again.
    pub last_error: Option<RecordError>,
    pub finished: bool,
}

/// A handle on the recorder of one stream; cheap to clone. The recording ends with [`Recorder::finish`], or when the
/// last handle goes.
#[derive(Debug, Clone)]
pub struct Recorder {
    queue: SyncSender<Message>,
    shared: Arc<Shared>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

#[derive(Debug)]
struct Shared {
    origin_unix_ms: u64,
    hls: Arc<HlsLive>,
    status: Mutex<RecorderStatus>,
    /// How many publishers there have been; every frame carries its own.
    publisher: AtomicU64,
    need_key: AtomicBool,
    dropped: AtomicU64,
    finishing: AtomicBool,
}

#[derive(Debug)]
enum Message {
    Frame { publisher: u64, frame: Frame },
    Finish,
}

impl Recorder {
    /// Starts or continues the recording in `config.dir`. A directory that cannot be written is no error here: it shows
    /// in [`Recorder::status`], live playback works, and writing is tried again every second of media.
    ///
    /// # Errors
    /// [`RecordError::Thread`] when the system gives no thread.
    pub fn spawn(config: &RecorderConfig) -> Result<Self, RecordError> {
        let directory = Directory::new(&config.dir);
        let origin_unix_ms = directory.origin().unwrap_or(config.origin_unix_ms);
        let earlier_parts = directory.parts().ok().and_then(|parts| parts.last().map(|(number, _)| *number));
        let hls = Arc::new(HlsLive::new(earlier_parts.unwrap_or(0)));
        let shared = Arc::new(Shared {
            origin_unix_ms,
            hls,
            status: Mutex::default(),
            publisher: AtomicU64::new(0),
            need_key: AtomicBool::new(false),
            dropped: AtomicU64::new(0),
            finishing: AtomicBool::new(false),
        });
        let (queue, frames) = sync_channel(config.queue.max(1));
        let worker = Worker {
            shared: shared.clone(),
            muxer: Muxer::new(),
            storage: Storage::new(directory, origin_unix_ms),
            publisher: 0,
            lost: 0,
            outputs: Vec::new(),
        };
        let thread = thread::Builder::new()
            .name("recorder".into())
            .spawn(move || worker.run(&frames))
            .map_err(|error| RecordError::Thread { reason: error.to_string() })?;
        Ok(Self { queue, shared, thread: Arc::new(Mutex::new(Some(thread))) })
    }

    /// When [`Frame::time`] is zero, in Unix milliseconds.
    pub fn origin_unix_ms(&self) -> u64 {
        self.shared.origin_unix_ms
    }

    /// Hands a frame over. Never blocks.
    pub fn push(&self, frame: Frame) -> Pushed {
        let shared = &self.shared;
        let key = match frame.payload {
            Payload::Video { key, .. } => Some(key),
            Payload::Audio => None,
        };
        if key == Some(false) && shared.need_key.load(Ordering::Relaxed) {
            shared.dropped.fetch_add(1, Ordering::Relaxed);
            return Pushed::DroppedNeedKeyframe;
        }
        let publisher = shared.publisher.load(Ordering::Relaxed);
        match self.queue.try_send(Message::Frame { publisher, frame }) {
            Ok(()) => {
                if key == Some(true) {
                    shared.need_key.store(false, Ordering::Relaxed);
                }
                Pushed::Accepted
            }
            Err(error) => {
                shared.dropped.fetch_add(1, Ordering::Relaxed);
                if key.is_some() && matches!(error, TrySendError::Full(_)) {
                    shared.need_key.store(true, Ordering::Relaxed);
                    return Pushed::DroppedNeedKeyframe;
                }
                Pushed::Dropped
            }
        }
    }

    /// The frames that follow are of another publisher or session: they start a new part.
    pub fn publisher_changed(&self) {
        self.shared.publisher.fetch_add(1, Ordering::Relaxed);
        self.shared.need_key.store(true, Ordering::Relaxed);
    }

    pub fn status(&self) -> RecorderStatus {
        let mut status = self.shared.status().clone();
        status.dropped += self.shared.dropped.load(Ordering::Relaxed);
        status
    }

    /// The live playlist of the same frames.
    pub fn hls(&self) -> Arc<HlsLive> {
        self.shared.hls.clone()
    }

    /// Ends the recording once the queue is empty, without waiting for that. [`RecorderStatus::finished`] tells when.
    pub fn finish(&self) {
        self.shared.finishing.store(true, Ordering::Relaxed);
        // A full queue has the worker awake: it looks at the flag.
        let _ = self.queue.try_send(Message::Finish);
    }

    /// Ends the recording and waits until all is written and synced.
    ///
    /// # Errors
    /// What kept the recorder from writing at the end, if anything did.
    pub fn finish_blocking(&self) -> Result<RecorderStatus, RecordError> {
        self.finish();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            thread.join().map_err(|_| RecordError::Stopped)?;
        }
        let status = self.status();
        status.last_error.clone().map_or(Ok(status), Err)
    }
}

impl Shared {
    fn status(&self) -> MutexGuard<'_, RecorderStatus> {
        // Numbers only: a panic elsewhere leaves them usable.
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Worker {
    shared: Arc<Shared>,
    muxer: Muxer,
    storage: Storage,
    publisher: u64,
    /// Frames that the disk refused.
    lost: u64,
    outputs: Vec<Output>,
}

impl Worker {
    fn run(mut self, frames: &Receiver<Message>) {
        if let Err(error) = recover(self.storage.directory().path()) {
            tracing::warn!(%error, "what an earlier run left could not be checked");
        }
        loop {
            let message = match self.shared.finishing.load(Ordering::Relaxed) {
                true => frames.try_recv().map_err(|_| RecvTimeoutError::Disconnected),
                false => frames.recv_timeout(IDLE),
            };
            match message {
                Ok(Message::Frame { publisher, frame }) => {
                    if publisher != self.publisher {
                        self.publisher = publisher;
                        self.muxer.end_part(&mut self.outputs);
                    }
                    self.muxer.push(frame, &mut self.outputs);
                }
                // Wakes the thread up; the flag is looked at above, when the queue is empty.
                Ok(Message::Finish) => {}
                Err(RecvTimeoutError::Timeout) => self.muxer.idle(&mut self.outputs),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.deliver();
        }
        self.muxer.end_part(&mut self.outputs);
        self.deliver();
        self.shared.hls.end();
        let closed = self.storage.close();
        let mut status = self.shared.status();
        if let Err(error) = closed {
            status.last_error = Some(error);
        }
        status.finished = true;
    }

    /// Carries out what the muxer decided.
    fn deliver(&mut self) {
        for output in std::mem::take(&mut self.outputs) {
            match output {
                Output::Part(tracks) => {
                    self.shared.hls.begin(&tracks);
                    if let Err(error) = self.storage.begin(tracks) {
                        self.refused(error);
                    }
                }
                Output::Fragment(fragment) => {
                    self.shared.hls.push(&fragment);
                    self.write(&fragment);
                }
            }
        }
        self.shared.status().dropped = self.lost + self.muxer.unusable;
    }

    fn write(&mut self, fragment: &Fragment) {
        let (pictures, packets) = (fragment.video.len() as u64, fragment.audio.len() as u64);
        match self.storage.write(fragment) {
            Ok(true) => {
                let mut status = self.shared.status();
                if status.last_error.take().is_some() {
                    tracing::info!("the recording is written again");
                }
                status.video_frames += pictures;
                status.audio_packets += packets;
                status.bytes = self.storage.bytes();
                status.duration = fragment.start + fragment.length;
                status.parts = self.storage.parts;
            }
            Ok(false) => self.lost += pictures + packets,
            Err(error) => {
                self.lost += pictures + packets;
                self.refused(error);
            }
        }
    }

    fn refused(&self, error: RecordError) {
        let mut status = self.shared.status();
        if status.last_error.as_ref() != Some(&error) {
            tracing::error!(%error, "the recording is not being written");
        }
        status.last_error = Some(error);
    }
}
