//! News goes to the other instances and comes from them, by way of the database. It says only that something changed; who
//! missed some takes everything as changed.

use std::{collections::HashSet, sync::Arc, time::Duration};

use domain::{InstanceId, StreamId};
use store::Listener;

use super::Instances;
use crate::{Everlight, events::News};

/// After a failure.
const AGAIN: Duration = Duration::from_secs(1);
/// Told in one go.
const AT_ONCE: usize = 256;

impl Everlight {
    /// Tells the others what changed here, for as long as the program runs.
    pub async fn tell_others_forever(self: Arc<Self>) {
        let Some(instances) = &self.instances else { return };
        let taken = instances.to_tell.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let Some(mut to_tell) = taken else { return };
        let mut news = Vec::new();
        while to_tell.recv_many(&mut news, AT_ONCE).await > 0 {
            // A burst about one stream is one piece of news.
            let messages: HashSet<_> = news.drain(..).map(|news| message(instances.me, news)).collect();
            let messages: Vec<_> = messages.into_iter().collect();
            while let Err(error) = self.store.say(&messages).await {
                tracing::warn!(%error, "other instances could not be told what changed; it is tried again");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }

    /// Hears what changed elsewhere, for as long as the program runs.
    pub async fn hear_others_forever(self: Arc<Self>) {
        let Some(instances) = &self.instances else { return };
        loop {
            match Listener::connect(&instances.database_url).await {
                Ok(mut listener) => {
                    // Whatever changed while nobody listened.
                    self.hear(instances, News::OfAny);
                    if let Err(error) = self.follow(instances, &mut listener).await {
                        tracing::warn!(%error, "the connection for news of other instances is lost");
                    }
                }
                Err(error) => tracing::warn!(%error, "news of other instances cannot be heard; it is tried again"),
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn follow(&self, instances: &Instances, listener: &mut Listener) -> Result<(), store::StoreError> {
        loop {
            match listener.next().await? {
                store::Heard::Gap => self.hear(instances, News::OfAny),
                store::Heard::Message(message) => match read(&message) {
                    Some((from, _)) if from == instances.me => {}
                    Some((_, news)) => self.hear(instances, news),
                    // A later version says something more.
                    None => self.hear(instances, News::OfAny),
                },
            }
        }
    }

    fn hear(&self, instances: &Instances, news: News) {
        // First: whoever hears it asks at once for the picture of a service that began, where it is now.
        instances.doubt(news);
        self.events.heard(news);
        self.wake_here(news);
        self.deletions.woken.notify_one();
        instances.look.notify_one();
    }
}

/// Who says it, and the stream or a star.
fn message(from: InstanceId, news: News) -> String {
    match news {
        News::Of(stream) => format!("{from} {stream}"),
        News::OfAny => format!("{from} *"),
    }
}

fn read(message: &str) -> Option<(InstanceId, News)> {
    let (from, news) = message.split_once(' ')?;
    let news = match news {
        "*" => News::OfAny,
        stream => News::Of(stream.parse::<StreamId>().ok()?),
    };
    Some((from.parse().ok()?, news))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_understood_and_nothing_else() {
        let (me, stream) = (InstanceId::from_parts(1, [1; 10]), StreamId::from_parts(1, [2; 10]));
        for news in [News::Of(stream), News::OfAny] {
            assert_eq!(read(&message(me, news)), Some((me, news)));
        }
        for other in ["", "*", "x *", &format!("{me}"), &format!("{me} x")] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
