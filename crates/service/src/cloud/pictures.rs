//! Where a provider shows the live pictures of its objects: asked of it once for everybody who watches. Calls to a provider
//! are counted, and a thousand people come in the same second, when a service begins.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::Timestamp;
use tokio::sync::Mutex as Turns;

use super::{LiveHost, LivePicture};

/// What was heard is believed for so long: an address stays, and its settings are changed by hand only.
const KNOWN_FOR: Duration = Duration::from_secs(60 * 60);
/// When to ask again, after an answer without an address, or none.
const ASK_AGAIN: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(super) struct Pictures(Mutex<HashMap<String, Arc<Turns<Option<Known>>>>>);

struct Known {
    picture: Option<LivePicture>,
    until: Timestamp,
}

impl Pictures {
    /// Of one object. Whoever comes while the provider is asked waits for that answer.
    pub(super) async fn of(&self, object: &str, host: &dyn LiveHost, now: Timestamp) -> Option<LivePicture> {
        let place = self.place(object, now);
        let mut known = place.lock().await;
        if let Some(known) = known.as_ref().filter(|known| now < known.until) {
            return known.picture.clone();
        }
        let before = known.take().and_then(|known| known.picture);
        let (picture, good_for) = match host.hls(object).await {
            Ok(Some(picture)) => (Some(picture), KNOWN_FOR),
            Ok(None) => (None, ASK_AGAIN),
            Err(failure) => {
                tracing::warn!(%failure, "where a live picture plays is not known");
                // Where it was is a better guess than nowhere.
                (before, ASK_AGAIN)
            }
        };
        *known = Some(Known { picture: picture.clone(), until: now.plus(good_for) });
        picture
    }

    /// Forgets what is not believed any more, and nobody waits for.
    fn place(&self, object: &str, now: Timestamp) -> Arc<Turns<Option<Known>>> {
        // Consistent between any two statements: a panic elsewhere leaves it usable.
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !places.contains_key(object) {
            places.retain(|_, place| {
                let is_believed = |known: &Option<Known>| known.as_ref().is_some_and(|known| now < known.until);
                Arc::strong_count(place) > 1 || place.try_lock().is_ok_and(|known| is_believed(&known))
            });
        }
        Arc::clone(places.entry(object.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;

    use super::*;
    use crate::{cloud::Host as _, testing::Installation};

    fn picture() -> Option<LivePicture> {
        Some(LivePicture { hls: "https://x/i/manifest/video.m3u8".into(), signed: false })
    }

    #[tokio::test]
    async fn a_crowd_is_one_question() {
        let at = Installation::new().await;
        let host = &at.hosts[0];
        host.world().picture = picture();
        let pictures = Pictures::default();
        let live = host.live().unwrap();
        let crowd = (0..300).map(|_| pictures.of("a", live, Timestamp(0)));
        assert!(join_all(crowd).await.into_iter().all(|seen| seen == picture()));
        assert_eq!(host.world().asked_for_picture, 1);
        pictures.of("a", live, Timestamp(0).plus(KNOWN_FOR)).await;
        assert_eq!(host.world().asked_for_picture, 2, "it is not believed for ever");
    }

    #[tokio::test]
    async fn a_provider_without_an_answer_is_not_asked_by_everybody_either() {
        let at = Installation::new().await;
        let host = &at.hosts[0];
        host.world().picture = picture();
        let pictures = Pictures::default();
        let live = host.live().unwrap();
        host.world().picture = None;
        for _ in 0..10 {
            assert_eq!(pictures.of("a", live, Timestamp(0)).await, None);
        }
        assert_eq!(host.world().asked_for_picture, 1);
        host.world().picture = picture();
        assert_eq!(pictures.of("a", live, Timestamp(0).plus(ASK_AGAIN)).await, picture());
    }

    #[tokio::test]
    async fn what_is_old_is_forgotten() {
        let at = Installation::new().await;
        at.hosts[0].world().picture = picture();
        let pictures = Pictures::default();
        let live = at.hosts[0].live().unwrap();
        pictures.of("a", live, Timestamp(0)).await;
        pictures.of("b", live, Timestamp(0).plus(KNOWN_FOR)).await;
        assert_eq!(pictures.0.lock().unwrap().len(), 1);
    }
}
