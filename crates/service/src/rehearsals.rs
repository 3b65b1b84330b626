//! Rehearsals: the same path as a service, to a recording of a few seconds that only the person who films sees, and that
//! is thrown away.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{
    StreamId,
    rehearsal::{Arrived, Rehearsal, Remark},
};
use recorder::{Recorder, RecorderConfig};
use whip::offer::Role;

use crate::{
    Error, Everlight,
    publishing::{Published, Refusal, origin},
};

/// What was rehearsed can be looked at for this long.
const KEPT: Duration = Duration::from_secs(10 * 60);
/// The page ends it after ten seconds. One that nobody ends would fill the disk.
const LONGEST: Duration = Duration::from_secs(5 * 60);

#[derive(Debug)]
pub struct Rehearsals<'a>(pub(crate) &'a Arc<Everlight>);

/// The rehearsals that run, by the stream that they are for.
#[derive(Debug, Default)]
pub(crate) struct Running(Mutex<HashMap<StreamId, Run>>);

#[derive(Debug, Clone)]
struct Run {
    /// What the gateway knows it as: nobody watches a rehearsal.
    alias: StreamId,
    recorder: Recorder,
    over_tcp: bool,
}

impl Running {
    fn map(&self) -> MutexGuard<'_, HashMap<StreamId, Run>> {
        // Consistent between any two statements: a panic elsewhere leaves it usable.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those that are rehearsed.
    pub(crate) fn streams(&self) -> Vec<StreamId> {
        self.map().keys().copied().collect()
    }

    /// Whether the gateway's stream is a rehearsal and no service.
    pub(crate) fn is_rehearsal(&self, stream: StreamId) -> bool {
        self.map().values().any(|run| run.alias == stream)
    }

    /// How the media of a rehearsal come.
    pub(crate) fn came(&self, alias: StreamId, over_tcp: bool) {
        if let Some(run) = self.map().values_mut().find(|run| run.alias == alias) {
            run.over_tcp = over_tcp;
        }
    }
}

impl Rehearsals<'_> {
    /// Starts a session whose media goes to a rehearsal. One that ran before for the same stream is over.
    pub async fn publish(&self, id: StreamId, token: Option<&str>, offer: &str) -> Result<Published, Refusal> {
        let _making = self.0.deletions.making.begin(id);
        let stream = self.0.publishing().authorize_open(id, token).await?;
        self.0.must_be_here(id).await?;
        let offer = whip::offer::check(offer, Role::Publisher)?;
        if self.0.settings.space.is_below_floor() {
            return Err(Refusal::NoSpace);
        }
        // By itself: a lock that is taken in the head of a `match` is held to its end.
        let running = self.0.rehearsing.map().get(&id).cloned();
        let run = match running {
            // The same person, who connects again.
            Some(run) if !run.recorder.status().finished => run,
            _ => {
                let run = self.begin(id)?;
                self.stop_after(LONGEST, id, run.alias);
                run
            }
        };
        let recording =
            media::Recording { origin: origin(&run.recorder, self.0.now()), sink: Box::new(run.recorder.clone()) };
        let answer = self.0.gateway.publish(run.alias, media::Publisher::Browser, recording, &offer.sdp).await?;
        let etag = self.0.sessions.add(&stream, Role::Publisher, &offer, &answer, None);
        Ok(Published { session: answer.session, sdp: answer.sdp, etag })
    }

    /// Whether the token opens the stream.
    pub async fn authorize(&self, id: StreamId, token: Option<&str>) -> Result<(), Refusal> {
        self.0.publishing().authorize(id, token).await.map(drop)
    }

    fn begin(&self, id: StreamId) -> Result<Run, Refusal> {
        let (millis, random) = self.0.id_parts();
        let alias = StreamId::from_parts(millis, random);
        let recorder = Recorder::spawn(&RecorderConfig::new(self.0.rehearsal_dir(id).join(alias.to_string()), millis))?;
        let run = Run { alias, recorder, over_tcp: false };
        let before = self.0.rehearsing.map().insert(id, run.clone());
        if let Some(before) = before {
            before.recorder.finish();
        }
        Ok(run)
    }

    /// Ends the rehearsal if it is still running then, and throws it away.
    fn stop_after(&self, time: Duration, id: StreamId, alias: StreamId) {
        let (everlight, parts) = (Arc::clone(self.0), self.0.rehearsal_dir(id).join(alias.to_string()));
        tokio::spawn(async move {
            tokio::time::sleep(time).await;
            let forgotten = {
                let mut running = everlight.rehearsing.map();
                let still = running.get(&id).is_some_and(|run| run.alias == alias);
                if still { running.remove(&id) } else { None }
            };
            let Some(run) = forgotten else { return };
            tracing::info!(stream.id = %id, "a rehearsal that nobody ended is thrown away");
            everlight.gateway.end_stream(alias).await;
            let thrown_away = tokio::task::spawn_blocking(move || {
                // What it could not write is thrown away as well.
                let _ = run.recorder.finish_blocking();
                // Nothing is there of one at which nothing arrived.
                if parts.exists() { std::fs::remove_dir_all(parts) } else { Ok(()) }
            });
            if let Ok(Err(error)) = thrown_away.await {
                tracing::warn!(stream.id = %id, %error, "a rehearsal could not be thrown away");
            }
        });
    }

    /// Ends the rehearsal and says what arrived of it. What was recorded can be had from [`Self::file`] for a while.
    pub async fn finish(&self, id: StreamId, token: Option<&str>) -> Result<Arrived, Refusal> {
        let _making = self.0.deletions.making.begin(id);
        self.0.publishing().authorize(id, token).await?;
        let nothing = Arrived { duration_ms: 0, pictures: 0, sounds: 0, bytes: 0, over_tcp: false };
        let running = self.0.rehearsing.map().get(&id).cloned();
        let Some(run) = running else { return Ok(nothing) };
        self.0.gateway.end_stream(run.alias).await;
        self.0.rehearsing.map().remove(&id);
        let dir = self.0.rehearsal_dir(id);
        let (parts, file) = (dir.join(run.alias.to_string()), dir.join("rehearsal.mp4"));
        let ffmpeg = self.0.settings.ffmpeg.clone();
        let report = tokio::task::spawn_blocking(move || {
            // What it could not write shows in what there is.
            let _ = run.recorder.finish_blocking();
            let report = recorder::finalize(&parts, &file, ffmpeg.as_deref());
            let _ = std::fs::remove_dir_all(parts);
            report
        })
        .await
        .map_err(|_| Error::Internal("a rehearsal stopped".into()))?;
        self.throw_away_later(dir);
        Ok(match report {
            Ok(report) => Arrived {
                duration_ms: u64::try_from(report.duration.as_millis()).unwrap_or(u64::MAX),
                pictures: report.video.as_ref().map_or(0, |video| video.frames),
                sounds: report.audio.as_ref().map_or(0, |audio| audio.packets),
                bytes: report.bytes,
                over_tcp: run.over_tcp,
            },
            Err(error) => {
                tracing::info!(stream.id = %id, %error, "a rehearsal left nothing");
                nothing
            }
        })
    }

    /// What was rehearsed, for the person who did.
    pub async fn file(&self, id: StreamId, token: Option<&str>) -> Result<PathBuf, Refusal> {
        self.0.publishing().authorize(id, token).await?;
        let file = self.0.rehearsal_dir(id).join("rehearsal.mp4");
        if file.is_file() { Ok(file) } else { Err(Error::NotFound.into()) }
    }

    /// Keeps what came of it, for staff to see: what the server saw, and what the phone adds.
    pub async fn conclude(
        &self,
        id: StreamId,
        token: Option<&str>,
        remarks: Vec<Remark>,
    ) -> Result<Rehearsal, Refusal> {
        self.0.publishing().authorize(id, token).await?;
        let rehearsal = Rehearsal::new(self.0.now(), remarks);
        self.0.store.set_rehearsal(id, &rehearsal).await?;
        self.0.events.changed(id);
        Ok(rehearsal)
    }

    fn throw_away_later(&self, dir: PathBuf) {
        tokio::spawn(async move {
            tokio::time::sleep(KEPT).await;
            // Another rehearsal may have begun meanwhile: only what is old goes.
            let old = tokio::fs::metadata(dir.join("rehearsal.mp4")).await.and_then(|file| file.modified());
            if old.is_ok_and(|at| at.elapsed().is_ok_and(|age| age >= KEPT)) {
                let _ = tokio::fs::remove_dir_all(dir).await;
            }
        });
    }
}

impl Everlight {
    fn rehearsal_dir(&self, stream: StreamId) -> PathBuf {
        self.settings.recordings_dir.join("rehearsals").join(stream.to_string())
    }

    /// Ends the rehearsal of a service that is deleted.
    pub(crate) async fn stop_rehearsal(&self, stream: StreamId) {
        let running = self.rehearsing.map().remove(&stream);
        let Some(run) = running else { return };
        self.gateway.end_stream(run.alias).await;
        // Whatever it says: what it wrote is removed next.
        let _ = tokio::task::spawn_blocking(move || run.recorder.finish_blocking()).await;
    }

    /// After a start: nobody waits for a rehearsal of before. Those of other instances go on.
    pub(crate) async fn forget_rehearsals(&self) -> Result<(), Error> {
        // There may be none.
        let Ok(mut folders) = tokio::fs::read_dir(self.settings.recordings_dir.join("rehearsals")).await else {
            return Ok(());
        };
        while let Ok(Some(folder)) = folders.next_entry().await {
            let of = folder.file_name().to_str().and_then(|name| name.parse().ok());
            if let Some(stream) = of
                && self.is_elsewhere(stream).await?
            {
                continue;
            }
            // Another instance may have been quicker.
            let _ = tokio::fs::remove_dir_all(folder.path()).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Installation;

    #[tokio::test]
    async fn a_rehearsal_that_nobody_ends_is_thrown_away() {
        let at = Installation::new().await;
        let id = at.create().await;
        let rehearsals = at.running.rehearsals();
        let run = rehearsals.begin(id).unwrap();
        let parts = at.running.rehearsal_dir(id).join(run.alias.to_string());
        // As it is once a picture arrived.
        std::fs::create_dir_all(&parts).unwrap();
        assert!(at.running.rehearsing.is_rehearsal(run.alias));
        rehearsals.stop_after(Duration::from_millis(5), id, run.alias);
        let gone = async {
            while parts.exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), gone).await.expect("it is gone");
        assert!(!at.running.rehearsing.is_rehearsal(run.alias));
    }
}
