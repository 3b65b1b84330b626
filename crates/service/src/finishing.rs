//! Recordings of services that are over: each is finished by one at a time, and none is left to nobody.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use domain::{StreamId, Timestamp, recording::RecordingSource, stream::Stream};
use tokio::sync::Semaphore;

use crate::{Error, Everlight, recordings::unfinished};

/// Nobody who is alive lets a file that is half written wait for this long.
const LEFT_ALONE: Duration = Duration::from_secs(60 * 60);

/// So many recordings are made into files, and played through, at once.
pub(crate) const FINISHED_AT_ONCE: usize = 2;

#[derive(Debug)]
pub(crate) struct Finishing {
    under_way: UnderWay,
    /// For each that is played through to check it, which takes what a machine has.
    pub(crate) turns: Semaphore,
}

/// The services whose recordings are being finished.
#[derive(Debug, Default, Clone)]
struct UnderWay(Arc<Mutex<HashSet<StreamId>>>);

/// Nobody else finishes the recording of this service for as long as this is there.
#[derive(Debug)]
pub(crate) struct Finish {
    pub(crate) stream: StreamId,
    under_way: UnderWay,
}

impl Default for Finishing {
    fn default() -> Self {
        Self { under_way: UnderWay::default(), turns: Semaphore::new(FINISHED_AT_ONCE) }
    }
}

impl Finishing {
    /// `None`: somebody is at it.
    pub(crate) fn begin(&self, stream: StreamId) -> Option<Finish> {
        self.under_way.lock().insert(stream).then(|| Finish { stream, under_way: self.under_way.clone() })
    }
}

impl UnderWay {
    fn lock(&self) -> MutexGuard<'_, HashSet<StreamId>> {
        // Consistent between any two statements: a panic elsewhere leaves it usable.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Finish {
    fn drop(&mut self) {
        self.under_way.lock().remove(&self.stream);
    }
}

impl Everlight {
    /// Makes the recording of a service that is over, unless it is made, or somebody is at it. Nothing is written for it
    /// any more then.
    pub(crate) async fn finish_what_is_left(self: &Arc<Self>, stream: &Stream) -> Result<(), Error> {
        // Before it is looked what is left: who finishes meanwhile would leave it to be done twice.
        let Some(finish) = self.finishing.begin(stream.id) else { return Ok(()) };
        let copies = self.store.recordings_of(stream.id).await?;
        let master = copies.iter().find(|copy| copy.source == RecordingSource::Server);
        // A service that never was on air has no recording to wait for.
        let ours = stream.route.capabilities().gateway && stream.facts.first_live_at.is_some();
        if master.map_or(ours, |master| unfinished(&master.facts)) {
            self.finish_in_background(finish);
            return Ok(());
        }
        self.close_recorder(stream.id).await
    }

    /// Once a minute: whoever ended a service may have got no further, because the database was away or the program
    /// stopped, and a phone may have begun at the very moment of the end.
    pub(crate) async fn look_after_ended(self: &Arc<Self>) -> Result<(), Error> {
        // The next start picks it up.
        if *self.stopping.borrow() {
            return Ok(());
        }
        let copies = self.store.recordings_since(Timestamp(-1)).await?.into_iter();
        let left = copies.filter(|copy| copy.source == RecordingSource::Server && unfinished(&copy.facts));
        let streams: HashSet<_> = left.map(|master| master.stream_id).chain(self.running()).collect();
        for id in streams {
            // One that cannot be finished keeps no other from it.
            if let Err(error) = self.end_again(id).await {
                tracing::error!(stream.id = %id, %error, "a service that is over could not be looked after; it is tried again");
            }
        }
        Ok(())
    }

    async fn end_again(self: &Arc<Self>, id: StreamId) -> Result<(), Error> {
        let over = self.store.stream(id).await?.is_some_and(|stream| stream.facts.ended_at.is_some());
        if over && !self.is_elsewhere(id).await? {
            self.end(id).await?;
        }
        Ok(())
    }

    /// Finishes the recording of a stream that is over in the background, and says so in the log when that fails.
    pub(crate) fn finish_in_background(self: &Arc<Self>, finish: Finish) {
        let everlight = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = everlight.finish_master(&finish).await {
                tracing::error!(stream.id = %finish.stream, %error, "a recording could not be finished; it is tried again in a minute");
            }
        });
    }

    /// Removes files that programs which are dead had not written to the end.
    pub(crate) async fn remove_partial_files(&self) -> Result<(), Error> {
        let now = u64::try_from(self.now().millis()).map(Duration::from_millis).unwrap_or_default();
        let since = SystemTime::UNIX_EPOCH + now.saturating_sub(LEFT_ALONE);
        let folders = [self.settings.recordings_dir.clone(), self.settings.recordings_dir.join("phone")];
        let removed = tokio::task::spawn_blocking(move || {
            folders.iter().map(|folder| recorder::remove_partial_files(folder, since)).sum::<std::io::Result<usize>>()
        });
        match removed.await.map_err(|_| Error::Internal("removing partial files stopped".into()))? {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "what an earlier run had not written to the end was removed"),
            Err(error) => return Err(Error::Internal(format!("removing partial files: {error}"))),
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "finishing_tests.rs"]
mod tests;
