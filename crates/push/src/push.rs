//! A push: tries until all is sent, or is told to stop.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use recorder::{FollowError, WrittenUntil};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::backoff::Backoff;
use crate::connection::connect;
use crate::encoder::EncoderError;
use crate::error::PushError;
use crate::ingest::IngestSource;
use crate::position::Position;
use crate::session::Session;
use crate::source::{Source, SourceConfig};
use crate::status::{PushState, PushStatus};
use crate::tls::TlsRoots;

/// How often to look how far the recording is written.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long the address of the provider may take.
const ASKING: Duration = Duration::from_secs(30);
/// So much media behind a position is something new; the last picture lasts until its end. Also how often to look.
const NEWS: Duration = Duration::from_millis(200);
/// So many failures of ffmpeg at the same place, and the rest of that part is left out: something in it cannot be
/// encoded, and what comes after it shall not be lost for that.
const HOPELESS: u32 = 5;

/// What to push, and where to.
#[derive(Clone)]
pub struct PushConfig {
    /// The program; a name is looked for on `PATH`.
    pub ffmpeg: PathBuf,
    /// The recording: a directory that a `recorder::Recorder` writes, or has written.
    pub recording_dir: PathBuf,
    pub ingest: IngestSource,
    pub roots: TlsRoots,
    /// [`Position::START`], or [`PushStatus::arrived_until`] of the push that is continued.
    pub resume_at: Position,
}

impl fmt::Debug for PushConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushConfig")
            .field("ffmpeg", &self.ffmpeg)
            .field("recording_dir", &self.recording_dir)
            .field("resume_at", &self.resume_at)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Go on, as the recording does.
    On,
    /// Send what is left until then.
    Finish(Instant),
    Stop,
}

/// A running push. It stops when this goes.
#[derive(Debug)]
pub struct Push {
    wanted: watch::Sender<Wanted>,
    complete: watch::Sender<bool>,
    status: watch::Receiver<PushStatus>,
    _task: AbortOnDropHandle<()>,
}

impl Push {
    /// Begins pushing. Everything that can go wrong shows in [`Self::status`]. Within a tokio runtime.
    pub fn start(config: PushConfig) -> Self {
        let at = config.resume_at;
        let status = PushStatus { state: PushState::Waiting, sent_until: at, arrived_until: at, behind_ms: 0 };
        let (status, status_seen) = watch::channel(status);
        let (wanted, wanted_seen) = watch::channel(Wanted::On);
        let (complete, complete_seen) = watch::channel(false);
        let source =
            SourceConfig { ffmpeg: config.ffmpeg.clone(), dir: config.recording_dir.clone(), complete: complete_seen };
        let task = tokio::spawn(async move {
            let state = tokio::select! {
                state = run(&config, source, &status) => state,
                reason = over(wanted_seen) => PushState::GaveUp { reason: last_reason(&status, reason) },
                never = measure(WrittenUntil::new(&config.recording_dir), &status) => match never {},
            };
            status.send_modify(|status| status.state = state);
        });
        Self { wanted, complete, status: status_seen, _task: AbortOnDropHandle::new(task) }
    }

    /// How it stands, now and later.
    pub fn status(&self) -> watch::Receiver<PushStatus> {
        self.status.clone()
    }

    /// No more parts come, and the last one is written to its end: sends what is left, for as long as `within`, and
    /// ends the stream properly. A second call sets the limit anew.
    pub fn finish(&self, within: Duration) {
        self.complete.send_replace(true);
        // Longer than anybody waits, and no overflow.
        let until = Instant::now() + within.min(Duration::from_secs(365 * 24 * 3600));
        self.wanted.send_if_modified(|wanted| {
            let goes_on = *wanted != Wanted::Stop;
            if goes_on {
                *wanted = Wanted::Finish(until);
            }
            goes_on
        });
    }

    /// Stops at once, whatever is left.
    pub fn stop(&self) {
        self.wanted.send_replace(Wanted::Stop);
    }

    /// Waits for the end, and tells which it was.
    pub async fn ended(&self) -> PushStatus {
        let mut status = self.status.clone();
        // The sender only goes with the task, whose last act is the final state.
        let _ = status.wait_for(|status| status.state.is_final()).await;
        status.borrow().clone()
    }
}

/// Returns when it is to be given up.
async fn over(mut wanted: watch::Receiver<Wanted>) -> &'static str {
    loop {
        let now = *wanted.borrow_and_update();
        let until = match now {
            Wanted::Stop => return "it was stopped",
            Wanted::Finish(until) => Some(until),
            Wanted::On => None,
        };
        tokio::select! {
            // The handle is gone, and this task with it.
            changed = wanted.changed() => if changed.is_err() { return "it was stopped" },
            () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {
                return "not all could be sent in time";
            }
        }
    }
}

fn last_reason(status: &watch::Sender<PushStatus>, reason: &str) -> String {
    match &status.borrow().state {
        PushState::Retrying { reason: why, .. } => format!("{reason}: {why}"),
        _ => reason.to_owned(),
    }
}

/// Keeps [`PushStatus::behind_ms`] right.
async fn measure(written: WrittenUntil, status: &watch::Sender<PushStatus>) -> std::convert::Infallible {
    let mut written = Some(written);
    loop {
        if let Some(mut reader) = written.take() {
            let looked = tokio::task::spawn_blocking(move || {
                let until = reader.look();
                (reader, until)
            });
            if let Ok((reader, until)) = looked.await {
                written = Some(reader);
                // That it cannot be read is told by who reads it to send it.
                if let Ok(Some((_, until))) = until {
                    let until = u64::try_from(until.as_millis()).unwrap_or(u64::MAX);
                    status.send_if_modified(|status| {
                        let behind = until.saturating_sub(status.sent_until.time_ms);
                        std::mem::replace(&mut status.behind_ms, behind) != behind
                    });
                }
            }
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Tries until all is sent.
async fn run(config: &PushConfig, source: SourceConfig, status: &watch::Sender<PushStatus>) -> PushState {
    let mut backoff = Backoff::default();
    let mut from = config.resume_at;
    loop {
        let before = from;
        let Err(error) = attempt(config, &source, &mut from, status).await else { return PushState::Done };
        if from > before {
            backoff.succeeded();
        }
        let wait = backoff.failed(rand::random());
        tracing::warn!(%error, attempt = backoff.failures(), %from, "a push does not go on");
        let unusable = matches!(error, PushError::Encoder(EncoderError::Stopped { .. } | EncoderError::Output(_)));
        if unusable && backoff.failures() >= HOPELESS {
            let next = next_part(&source, from).await;
            if let Some(next) = next {
                tracing::error!(%from, %next, "a part that cannot be encoded is left out of a push");
                from = next;
                backoff.succeeded();
            }
        }
        let state = PushState::Retrying { reason: error.to_string(), attempt: backoff.failures() };
        status.send_modify(|status| status.state = state);
        sleep(wait).await;
    }
}

/// Where the part after `from` begins, if there is one.
async fn next_part(source: &SourceConfig, from: Position) -> Option<Position> {
    let dir = source.dir.clone();
    let parts = tokio::task::spawn_blocking(move || recorder::part_numbers(&dir)).await.ok()?.ok()?;
    let mut parts = parts.into_iter().filter(|part| *part >= from.part);
    // Before anything was sent, `from` names no part that exists; the first one is what could not be encoded.
    parts.next()?;
    parts.next().map(|part| Position { part, time_ms: 0 })
}

/// Waits until the recording goes on after `from`. `false`: it will not.
async fn wait_for_news(
    source: &SourceConfig,
    from: Position,
    status: &watch::Sender<PushStatus>,
) -> Result<bool, PushError> {
    let mut written = WrittenUntil::new(&source.dir);
    loop {
        // Asked first: what is written afterwards is found by the next look.
        let complete = *source.complete.borrow();
        let looked = tokio::task::spawn_blocking(move || {
            let until = written.look();
            (written, until)
        });
        let (reader, until) = match looked.await {
            Ok(looked) => looked,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        written = reader;
        let news = match until {
            // What cannot be read shows, and is stepped over, where it is read to be sent.
            Err(FollowError::Damaged { .. }) => true,
            until => until?.is_some_and(|(part, end)| (part, end) > (from.part, from.time() + NEWS)),
        };
        if news || complete {
            return Ok(news);
        }
        status.send_if_modified(|status| {
            status.state != PushState::Waiting && {
                status.state = PushState::Waiting;
                true
            }
        });
        sleep(NEWS).await;
    }
}

/// One connection. `from` is moved to where the next one goes on.
async fn attempt(
    config: &PushConfig,
    source: &SourceConfig,
    from: &mut Position,
    status: &watch::Sender<PushStatus>,
) -> Result<(), PushError> {
    // First, something to send: a provider that closed a connection for want of media shall not get what it has again
    // and again. And no ffmpeg, no connection.
    if !wait_for_news(source, *from, status).await? {
        return Ok(());
    }
    let mut source = Source::start(source.clone(), *from);
    let Some(first) = source.next().await else { return Ok(()) };
    let first = first?;
    // While it does not work, why is of more use than that it is being tried.
    status.send_if_modified(|status| {
        let first_time = !matches!(status.state, PushState::Retrying { .. });
        if first_time {
            status.state = PushState::Connecting;
        }
        first_time
    });
    let ingest = timeout(ASKING, (config.ingest)()).await;
    let ingest = ingest.unwrap_or_else(|_| Err("no answer".to_owned())).map_err(PushError::Ingest)?;
    let stream = connect(&ingest.url, &config.roots).await?;
    let mut session = Session::new(&ingest, first, &mut source, *from, status)?;
    let result = session.run(stream).await;
    *from = session.arrived();
    result
}
