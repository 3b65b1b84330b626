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
}

impl Running {
    fn map(&self) -> MutexGuard<'_, HashMap<StreamId, Run>> {
        // Consistent between any two statements: a panic elsewhere leaves it usable.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the gateway's stream is a rehearsal and no service.
    pub(crate) fn is_rehearsal(&self, stream: StreamId) -> bool {
        self.map().values().any(|run| run.alias == stream)
    }
}

impl Rehearsals<'_> {
    /// Starts a session whose media goes to a rehearsal. One that ran before for the same stream is over.
    pub async fn publish(&self, id: StreamId, token: Option<&str>, offer: &str) -> Result<Published, Refusal> {
        self.0.publishing().authorize_open(id, token).await?;
        let offer = whip::offer::check(offer, Role::Publisher)?;
        if self.0.settings.space.is_below_floor() {
            return Err(Refusal::NoSpace);
        }
        // By itself: a lock that is taken in the head of a `match` is held to its end.
        let running = self.0.rehearsing.map().get(&id).cloned();
        let run = match running {
            // The same person, who connects again.
            Some(run) if !run.recorder.status().finished => run,
            _ => self.begin(id)?,
        };
        let recording =
            media::Recording { origin: origin(&run.recorder, self.0.now()), sink: Box::new(run.recorder.clone()) };
        let answer = self.0.gateway.publish(run.alias, recording, &offer.sdp).await?;
        let etag = self.0.sessions.add(id, Role::Publisher, &offer, &answer);
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
        let run = Run { alias, recorder };
        let before = self.0.rehearsing.map().insert(id, run.clone());
        if let Some(before) = before {
            before.recorder.finish();
        }
        Ok(run)
    }

    /// Ends the rehearsal and says what arrived of it. What was recorded can be had from [`Self::file`] for a while.
    pub async fn finish(&self, id: StreamId, token: Option<&str>) -> Result<Arrived, Refusal> {
        self.0.publishing().authorize(id, token).await?;
        let nothing = Arrived { duration_ms: 0, pictures: 0, sounds: 0, bytes: 0 };
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

    /// After a start: nobody waits for a rehearsal of before.
    pub(crate) async fn forget_rehearsals(&self) {
        // There may be none.
        let _ = tokio::fs::remove_dir_all(self.settings.recordings_dir.join("rehearsals")).await;
    }
}
