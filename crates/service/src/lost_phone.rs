//! A phone that died in the service has left here what went ahead of its copy. The rest may come tomorrow, or never: what
//! is here fills the holes of the master meanwhile. The copy itself stays as it is, so that the phone can go on with it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{
    StreamId, Timestamp,
    recording::{Proof, RecordingSource, RecordingStatus},
    stream::is_playable,
};
use store::Recording;

use crate::{Error, Everlight, recordings::unfinished};

/// A phone that is only in a dead spot delivers again by then.
const QUIET: Duration = Duration::from_secs(10 * 60);

/// After the end of its service a phone delivers its copy within this time, or somebody should look.
const WAITED_FOR: Duration = Duration::from_secs(30 * 60);

/// Whether a copy is still to come. A phone that is gone may never bring the rest of its own: then nobody is told any longer
/// that it comes.
pub(crate) fn is_waited_for(copy: &Recording, ended: Option<Timestamp>, now: Timestamp) -> bool {
    let from_phone = copy.source == RecordingSource::Phone && copy.facts.status() == RecordingStatus::Capturing;
    let long_over = ended.is_some_and(|ended| now.since(ended) > WAITED_FOR);
    unfinished(&copy.facts) && !(from_phone && long_over)
}

/// Services of whose phones a part of the copy is here, and when anything came last. Whoever was filled from is not in it
/// until more comes.
#[derive(Debug, Default)]
pub(crate) struct UnfinishedCopies(Mutex<HashMap<StreamId, Timestamp>>);

impl UnfinishedCopies {
    pub(crate) fn heard_of(&self, stream: StreamId, now: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(stream, now);
    }

    fn quiet_since(&self, since: Timestamp) -> Vec<StreamId> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|(_, heard)| **heard <= since).map(|(stream, _)| *stream).collect()
    }

    fn forget(&self, stream: StreamId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&stream);
    }
}

impl Everlight {
    /// Takes as long as it takes: nobody waits for it.
    pub(crate) fn look_for_lost_phones(self: &Arc<Self>) {
        let everlight = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = everlight.fill_from_lost_phones().await {
                tracing::error!(%error, "holes could not be filled from what phones have delivered");
            }
        });
    }

    /// Fills the holes of services that are over from phones that have said nothing for long.
    pub(crate) async fn fill_from_lost_phones(self: &Arc<Self>) -> Result<(), Error> {
        let now = self.now();
        let since = Timestamp(now.millis().saturating_sub(i64::try_from(QUIET.as_millis()).unwrap_or(i64::MAX)));
        for id in self.unfinished_copies.quiet_since(since) {
            let Some(stream) = self.store.stream(id).await? else {
                self.unfinished_copies.forget(id);
                continue;
            };
            let copies = self.store.recordings_of(id).await?;
            let copy = |source| copies.iter().find(|copy| copy.source == source);
            let waits =
                copy(RecordingSource::Phone).is_some_and(|phone| phone.facts.status() == RecordingStatus::Capturing);
            let Some(master) = copy(RecordingSource::Server).filter(|_| waits && stream.facts.ended_at.is_some())
            else {
                // Before the end of the service nothing is filled; a phone that has delivered all is not lost.
                if !waits {
                    self.unfinished_copies.forget(id);
                }
                continue;
            };
            if unfinished(&master.facts) {
                continue;
            }
            // Before it is filled, which may take longer than until the next look.
            self.unfinished_copies.forget(id);
            if is_playable(master.facts.status()) && master.facts.proof().as_ref().is_some_and(Proof::has_hole) {
                tracing::info!(stream.id = %id, "a phone has not delivered the rest of its copy: what is here fills the holes");
                if let Err(error) = self.fill_from_takes(id, master).await {
                    tracing::error!(stream.id = %id, %error, "the holes stay for now; they are tried again");
                    self.unfinished_copies.heard_of(id, now);
                }
            }
        }
        Ok(())
    }

    async fn fill_from_takes(self: &Arc<Self>, stream: StreamId, master: &store::Recording) -> Result<(), Error> {
        let _making = self.making_for(stream).await?;
        let _one_at_a_time = self.assembling.lock().await;
        let takes = self.takes_of(stream).await?;
        let file = self.recording_file(master.id).with_extension("takes.mp4");
        let filled = match self.fill_of_takes(stream, &takes, file.clone()).await {
            Ok(fill) => self.splice(stream, master, fill.into_iter().collect()).await,
            Err(error) => Err(error),
        };
        // There may be none.
        let _ = tokio::fs::remove_file(&file).await;
        if let Some(proof) = filled? {
            self.judged(stream, master, Ok(proof)).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "lost_phone_tests.rs"]
mod tests;
