//! What one publisher sends, for whoever takes it further.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rml_rtmp::sessions::StreamMetadata;
use tokio::sync::broadcast;

use super::flv::{Kind, Tag};

/// More than ten seconds of 720p: who is slower begins again at a key frame.
const ROOM: usize = 2048;

pub(crate) struct Feed {
    headers: Mutex<Headers>,
    /// `None`: the publisher has gone.
    tags: Mutex<Option<broadcast::Sender<Tag>>>,
    /// No longer recorded, though the encoder still sends.
    detached: AtomicBool,
}

/// What a decoder needs before the first frame.
#[derive(Default, Clone)]
pub(crate) struct Headers {
    pub(crate) metadata: Option<StreamMetadata>,
    pub(crate) video: Option<Tag>,
    pub(crate) audio: Option<Tag>,
}

impl Feed {
    pub(crate) fn new() -> Self {
        Self {
            headers: Mutex::default(),
            tags: Mutex::new(Some(broadcast::channel(ROOM).0)),
            detached: AtomicBool::new(false),
        }
    }

    pub(crate) fn metadata(&self, metadata: StreamMetadata) {
        self.headers.lock().unwrap_or_else(PoisonError::into_inner).metadata = Some(metadata);
    }

    pub(crate) fn send(&self, tag: &Tag) {
        if tag.is_sequence_header() {
            let mut headers = self.headers.lock().unwrap_or_else(PoisonError::into_inner);
            match tag.kind {
                Kind::Audio => headers.audio = Some(tag.clone()),
                Kind::Video => headers.video = Some(tag.clone()),
            }
        }
        if let Some(tags) = &*self.tags.lock().unwrap_or_else(PoisonError::into_inner) {
            // Nobody listening is fine.
            let _ = tags.send(tag.clone());
        }
    }

    /// What comes from now on; `None` when the publisher has gone.
    pub(crate) fn follow(&self) -> Option<broadcast::Receiver<Tag>> {
        self.tags.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(broadcast::Sender::subscribe)
    }

    /// The publisher has gone: whoever follows gets what is left, then the end.
    pub(crate) fn close(&self) {
        self.tags.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    pub(crate) fn headers(&self) -> Headers {
        self.headers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn detach(&self) {
        self.detached.store(true, Ordering::Release);
    }

    pub(crate) fn is_detached(&self) -> bool {
        self.detached.load(Ordering::Acquire)
    }
}
