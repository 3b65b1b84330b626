//! Where the frames of a publisher go: the recorder, or in a test a list.

use std::time::Instant;

use recorder::{Frame, Pushed, Recorder};

/// Takes the frames of one publisher session, in the media thread: it must not block.
pub trait FrameSink: Send {
    /// A frame, in the order of its track.
    fn push(&mut self, frame: Frame) -> Pushed;

    /// The frames from here on come from another connection than those before; called once, when this sink's publisher
    /// is connected and before its first frame.
    fn publisher_changed(&mut self);
}

impl FrameSink for Recorder {
    fn push(&mut self, frame: Frame) -> Pushed {
        Self::push(self, frame)
    }

    fn publisher_changed(&mut self) {
        Self::publisher_changed(self);
    }
}

/// What a publisher's frames are recorded into.
pub struct Recording {
    /// When the recording's clock said zero. A publisher that comes back passes the same, so that time goes on.
    pub origin: Instant,
    pub sink: Box<dyn FrameSink>,
}

impl std::fmt::Debug for Recording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recording").field("origin", &self.origin).finish_non_exhaustive()
    }
}
