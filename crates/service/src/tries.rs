//! Those who have just gone live: how long it took, and whether a minute of picture and sound came. For statistics only;
//! nothing else hangs on it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{
    StreamId, StreamingMethod,
    attempt::{Attempt, Frames, Outcome},
    software::Software,
    stream::Stream,
    success::{Connected, Measured},
};

use crate::{Everlight, agent};

/// One for each service at most, and it is soon decided. Lost with the process, and then not counted.
#[derive(Debug, Default)]
pub(crate) struct Tries(Mutex<HashMap<StreamId, Try>>);

#[derive(Debug, Clone, Copy)]
struct Try {
    attempt: Attempt,
    software: Option<Software>,
    /// The phone said how long it took: it is believed once.
    timed: bool,
}

impl Tries {
    fn map(&self) -> MutexGuard<'_, HashMap<StreamId, Try>> {
        // Consistent between any two statements: a panic elsewhere leaves it usable.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Everlight {
    /// Somebody goes live with a phone, and the picture is to come through this server.
    pub(crate) fn try_begins(&self, stream: &Stream, user_agent: &str) {
        if stream.details.method != StreamingMethod::PhoneBrowser || !stream.route.capabilities().gateway {
            return;
        }
        let (software, attempt) = (agent::software(user_agent), Attempt::begin(self.now()));
        let mut tries = self.tries.map();
        let standing = tries.entry(stream.id).or_insert(Try { attempt, software, timed: false });
        if standing.software == software {
            standing.attempt.again();
        } else {
            // Another phone takes over: of the one before nothing more is learnt.
            (standing.attempt, standing.software) = (attempt, software);
        }
    }

    /// The person stopped, or the service is over.
    pub(crate) fn try_ends(&self, stream: StreamId) {
        let now = self.now();
        if let Some(standing) = self.tries.map().get_mut(&stream) {
            standing.attempt.leave(now);
        }
    }

    pub(crate) async fn connected(&self, stream: StreamId, Connected { after_ms }: Connected) {
        let software = match self.tries.map().get_mut(&stream) {
            Some(standing) if !standing.timed => {
                standing.timed = true;
                standing.software
            }
            _ => return,
        };
        self.measured(Measured::Connection(after_ms, software)).await;
    }

    /// Once a second.
    pub(crate) async fn look_at_tries(&self) {
        let come = |stream| {
            let stats = self.gateway.stats(stream).unwrap_or_default();
            Frames { video: stats.video_frames, audio: stats.audio_frames }
        };
        for measured in self.decided(come) {
            self.measured(measured).await;
        }
    }

    fn decided(&self, come: impl Fn(StreamId) -> Frames) -> Vec<Measured> {
        let (now, mut decided) = (self.now(), Vec::new());
        self.tries.map().retain(|stream, standing| {
            let Some(outcome) = standing.attempt.look(now, come(*stream)) else { return true };
            if let (Some(software), Outcome::Works | Outcome::Fails) = (standing.software, outcome) {
                decided.push(Measured::Minute(outcome == Outcome::Works, software));
            }
            false
        });
        decided
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::testing::Installation;

    const IPHONE: &str =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile/15E148 Safari/604.1";
    const ANDROID: &str = "Mozilla/5.0 (Linux; Android 10; K) Chrome/138.0.0.0 Mobile Safari/537.36";

    /// So many seconds pass, in each of which so many frames of both kinds come.
    fn pass(at: &Installation, seconds: u64, frames: u64) -> Vec<Measured> {
        let mut come = 0;
        let mut decided = Vec::new();
        for _ in 0..seconds {
            at.pass(Duration::from_secs(1));
            come += frames;
            decided.extend(at.running.decided(|_| Frames { video: come, audio: come }));
        }
        decided
    }

    #[tokio::test]
    async fn a_phone_is_tried_once_however_often_it_connects() {
        let at = Installation::new().await;
        let id = at.create().await;
        let stream = at.store.stream(id).await.unwrap().unwrap();
        at.running.try_begins(&stream, IPHONE);
        assert_eq!(pass(&at, 20, 30), []);
        at.running.try_ends(id);
        at.running.try_begins(&stream, IPHONE);
        let works = Measured::Minute(true, "Safari 18 on iOS 18".parse().unwrap());
        assert_eq!(pass(&at, 300, 30), [works]);
        at.running.try_begins(&stream, ANDROID);
        let fails = Measured::Minute(false, "Chrome 138 on Android".parse().unwrap());
        assert_eq!(pass(&at, 300, 0), [fails]);
        at.running.try_begins(&stream, "curl/8.14.1");
        assert_eq!(pass(&at, 300, 30), [], "what is no browser says nothing of browsers");
    }

    #[tokio::test]
    async fn a_time_is_taken_once_and_only_of_who_goes_live() {
        let at = Installation::new().await;
        let id = at.create().await;
        let stream = at.store.stream(id).await.unwrap().unwrap();
        let times = async || {
            let found = at.store.measured_since(domain::Timestamp(0)).await.unwrap();
            found.into_iter().filter(|found| matches!(found, Measured::Connection(..))).collect::<Vec<_>>()
        };
        let say = async |ms: u64| at.running.connected(id, Connected { after_ms: ms.try_into().unwrap() }).await;
        say(1).await;
        assert_eq!(times().await, []);
        at.running.try_begins(&stream, IPHONE);
        say(812).await;
        say(813).await;
        // Not by pretending to be another phone either.
        at.running.try_begins(&stream, ANDROID);
        say(814).await;
        let once = Measured::Connection(812.try_into().unwrap(), "Safari 18 on iOS 18".parse().ok());
        assert_eq!(times().await, [once]);
    }
}
