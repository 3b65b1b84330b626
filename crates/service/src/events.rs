//! Who waits for news of a stream. News says only *that* something changed: whoever hears it reads the stream again, so
//! that news that is late, doubled or lost in a full queue can do no harm.

use domain::StreamId;
use tokio::sync::{broadcast, mpsc::UnboundedSender};

/// What may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    Of(StreamId),
    /// Nobody knows: some news was not heard.
    OfAny,
}

pub(crate) struct Events {
    changed: broadcast::Sender<News>,
    /// Where several instances share a database: what goes to the others.
    others: Option<UnboundedSender<News>>,
}

impl Default for Events {
    fn default() -> Self {
        Self { changed: broadcast::channel(256).0, others: None }
    }
}

impl Events {
    pub(crate) fn telling(others: UnboundedSender<News>) -> Self {
        Self { others: Some(others), ..Self::default() }
    }

    pub(crate) fn changed(&self, stream: StreamId) {
        self.heard(News::Of(stream));
        self.tell_others(News::Of(stream));
    }

    /// To whoever waits here.
    pub(crate) fn heard(&self, news: News) {
        // Nobody listening is no error.
        let _ = self.changed.send(news);
    }

    /// Here it is known already.
    pub(crate) fn tell_others(&self, news: News) {
        if let Some(others) = &self.others {
            // Whoever tells them has stopped with the program.
            let _ = others.send(news);
        }
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<News> {
        self.changed.subscribe()
    }
}

/// Waits for news of any stream.
#[derive(Debug)]
pub struct AnyNews(broadcast::Receiver<News>);

impl AnyNews {
    pub(crate) const fn new(receiver: broadcast::Receiver<News>) -> Self {
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
    receiver: broadcast::Receiver<News>,
}

impl StreamNews {
    pub(crate) const fn new(stream: StreamId, receiver: broadcast::Receiver<News>) -> Self {
        Self { stream, receiver }
    }

    /// Returns when the stream may have changed; `false` when there will be no more news.
    pub async fn next(&mut self) -> bool {
        loop {
            match self.receiver.recv().await {
                Ok(News::Of(stream)) if stream == self.stream => return true,
                Ok(News::Of(_)) => {}
                // Some news was missed: it may have been ours.
                Ok(News::OfAny) | Err(broadcast::error::RecvError::Lagged(_)) => return true,
                Err(broadcast::error::RecvError::Closed) => return false,
            }
        }
    }
}
