//! Who waits for news of a stream. News says only *that* something changed: whoever hears it reads the stream again, so
//! that news that is late, doubled or lost in a full queue can do no harm.

use domain::StreamId;
use tokio::sync::broadcast;

pub(crate) struct Events {
    changed: broadcast::Sender<StreamId>,
}

impl Default for Events {
    fn default() -> Self {
        Self { changed: broadcast::channel(256).0 }
    }
}

impl Events {
    pub(crate) fn changed(&self, stream: StreamId) {
        // Nobody listening is no error.
        let _ = self.changed.send(stream);
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<StreamId> {
        self.changed.subscribe()
    }
}

/// Waits for news of any stream.
#[derive(Debug)]
pub struct AnyNews(broadcast::Receiver<StreamId>);

impl AnyNews {
    pub(crate) const fn new(receiver: broadcast::Receiver<StreamId>) -> Self {
        Self(receiver)
    }

    /// Returns when any stream may have changed; `false` when there will be no more news.
    pub async fn next(&mut self) -> bool {
        !matches!(self.0.recv().await, Err(broadcast::error::RecvError::Closed))
    }
}

/// Waits for news of one stream. Dropped with the connection that it serves.
#[derive(Debug)]
pub struct StreamNews {
    stream: StreamId,
    receiver: broadcast::Receiver<StreamId>,
}

impl StreamNews {
    pub(crate) const fn new(stream: StreamId, receiver: broadcast::Receiver<StreamId>) -> Self {
        Self { stream, receiver }
    }

    /// Returns when the stream may have changed; `false` when there will be no more news.
    pub async fn next(&mut self) -> bool {
        loop {
            match self.receiver.recv().await {
                Ok(stream) if stream == self.stream => return true,
                Ok(_) => {}
                // Some news was missed: it may have been ours.
                Err(broadcast::error::RecvError::Lagged(_)) => return true,
                Err(broadcast::error::RecvError::Closed) => return false,
            }
        }
    }
}
