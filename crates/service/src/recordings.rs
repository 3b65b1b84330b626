//! The master recording: from the last frame to a file that has been checked.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use domain::{
    Action, RecordingId, StreamId, Timestamp,
    audit::Deed,
    recording::{Proof, RecordingEvent, RecordingFacts, RecordingSource, RecordingStatus, Verdict, Whole, judge},
    storage::Piece,
    stream::{StreamEvent, is_playable},
};
use recorder::{Gap, Report};
use store::Recording;
use tokio::task::JoinError;

use crate::{Actor, Error, Everlight, finishing::Finish, storage::InStorage, viewing::Admission};

#[derive(Debug)]
pub struct Recordings<'a>(pub(crate) &'a Everlight);

/// Where a finished recording is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Here(PathBuf),
    /// In object storage, and no longer on this server.
    Stored(InStorage),
    /// At a provider: an address that is good for some hours.
    There(String),
}

impl Recordings<'_> {
    /// The finished recording, for people who have signed in. `kept`: to keep it, not only to play it.
    pub async fn file(&self, actor: &Actor, id: RecordingId, kept: bool) -> Result<Place, Error> {
        let recording = self.0.store.recording(id).await?.ok_or(Error::NotFound)?;
        let stream = self.0.stream_for(actor, Action::Download, recording.stream_id).await?;
        let file = self.playable(&recording, self.0.opened_for_us(), kept).await?;
        if kept {
            self.0.note(actor, Deed::RecordingDownloaded, self.0.in_words(&stream).await?).await?;
        }
        Ok(file)
    }

    /// The finished recording, for those who watch the service that it is of.
    /// `keep`: to have it as a file.
    pub async fn file_for_viewer(&self, admission: &Admission, id: RecordingId, keep: bool) -> Result<Place, Error> {
        let stream = admission.stream();
        let shown = stream.privacy.shows_recording() && (stream.privacy.downloads || !keep);
        let copies = self.0.store.recordings_of(stream.id).await?;
        // What was taken off is in every other copy.
        let cut = copies.iter().find(|copy| copy.cut.is_some());
        let recording = copies.iter().find(|copy| copy.id == id && shown && cut.is_none_or(|cut| cut.id == id));
        let recording = recording.ok_or(Error::NotFound)?;
        let whole = self.playable(recording, self.0.opened_until(stream), keep).await?;
        if cut.is_some() { self.0.place_of(recording, Piece::Shown).await } else { Ok(whole) }
    }

    /// What those who watch are shown of the recording, for people who have signed in. `kept` as above.
    pub async fn cut_file(&self, actor: &Actor, id: RecordingId, kept: bool) -> Result<Place, Error> {
        let recording = self.0.store.recording(id).await?.ok_or(Error::NotFound)?;
        let stream = self.0.stream_for(actor, Action::Download, recording.stream_id).await?;
        if recording.cut.is_none() {
            return Err(Error::NotFound);
        }
        if kept {
            self.0.note(actor, Deed::RecordingDownloaded, self.0.in_words(&stream).await?).await?;
        }
        self.0.place_of(&recording, Piece::Shown).await
    }

    /// What plays at a provider without a token has an address of its own, and none here.
    async fn playable(&self, recording: &Recording, until: Timestamp, keep: bool) -> Result<Place, Error> {
        if !is_playable(recording.facts.status()) {
            return Err(Error::NotFound);
        }
        match &recording.facts.hosted {
            None => self.0.place_of(recording, Piece::Whole).await,
            Some(_) => self.0.signed_address(recording, until, keep).map(Place::There).ok_or(Error::NotFound),
        }
    }
}

impl Everlight {
    /// Where the parts of a recording are written while the service is on air.
    pub(crate) fn recording_dir(&self, id: RecordingId) -> PathBuf {
        self.settings.recordings_dir.join(id.to_string())
    }

    /// Where the finished recording lies.
    pub(crate) fn recording_file(&self, id: RecordingId) -> PathBuf {
        self.settings.recordings_dir.join(format!("{id}.mp4"))
    }

    /// The row of the stream's master, made when there is none.
    pub(crate) async fn master(&self, stream: StreamId) -> Result<Recording, Error> {
        let (millis, random) = self.id_parts();
        let id = RecordingId::from_parts(millis, random);
        Ok(self.store.ensure_recording(id, stream, RecordingSource::Server, self.now()).await?)
    }

    pub(crate) async fn recording_happened(&self, recording: &Recording, event: &RecordingEvent) -> Result<(), Error> {
        self.store.record_recording_event(recording.id, event).await?;
        self.events.changed(recording.stream_id);
        if matches!(recording.source, RecordingSource::Server | RecordingSource::Phone) {
            // What lies here is what is sent to the providers.
            self.wake_cloud(recording.stream_id);
            self.wake_storage();
        }
        Ok(())
    }

    /// Closes the master of a stream that is over, makes the file that people watch, checks it, and says what was found.
    /// May be called again at any time: it starts over from the parts, which stay until the service is deleted or its file is
    /// let go to object storage.
    #[tracing::instrument(name = "finish recording", skip_all, fields(stream.id = %finish.stream))]
    pub(crate) async fn finish_master(self: &Arc<Self>, finish: &Finish) -> Result<(), Error> {
        let stream = finish.stream;
        let _making = match self.making_for(stream).await {
            // Deleted since: nobody wants it.
            Err(Error::NotFound) => return Ok(()),
            making => making?,
        };
        // At once: from then on all of it is on the disk.
        self.close_recorder(stream).await?;
        let master = self.master(stream).await?;
        self.recording_happened(&master, &RecordingEvent::Processing { at: self.now() }).await?;
        let (dir, file) = (self.recording_dir(master.id), self.recording_file(master.id));
        let ffmpeg = self.settings.ffmpeg.clone();
        let finished = {
            let _turn =
                self.finishing.turns.acquire().await.map_err(|_| Error::Internal("no turns are given".into()))?;
            outcome(tokio::task::spawn_blocking(move || make_file(&dir, &file, ffmpeg.as_deref())).await)?
        };
        if !finished.as_ref().is_ok_and(Proof::has_hole) {
            let made = finished.as_ref().ok().copied();
            self.judged(stream, &master, finished).await?;
            return match made {
                Some(made) => self.fill_holes(stream, made).await,
                None => Ok(()),
            };
        }
        // Of one that has holes nobody reads before it was tried to fill them.
        let _one_at_a_time = self.assembling.lock().await;
        let filled = self.filled(stream, &master).await?;
        self.judged(stream, &master, filled.map_or(finished, Ok)).await?;
        Ok(())
    }

    /// Stores what the check of a copy found: that it plays, or why it does not, in words for people. The other copies are
    /// judged again: what this one has, they are to have as well. `None`: the stream was deleted meanwhile, and nothing is
    /// left to be said.
    pub(crate) async fn judged(
        &self,
        stream: StreamId,
        copy: &Recording,
        found: Result<Proof, String>,
    ) -> Result<Option<Verdict>, Error> {
        // What is shown of a master is made anew.
        let _making = self.deletions.making.begin(stream);
        // Two that are judged at once would not know of each other.
        let _one_at_a_time = self.judging.lock().await;
        let Some(stream) = self.store.stream(stream).await? else { return Ok(None) };
        let others = self.store.recordings_of(stream.id).await?.into_iter().filter(|other| other.id != copy.id);
        let others: Vec<_> = others.filter_map(|other| Some((other.facts.proof()?, other))).collect();
        let proofs = others.iter().map(|(proof, _)| *proof).chain(found.as_ref().ok().copied());
        let whole = Whole::of(stream.facts.on_air_ms(self.now()), proofs);
        let verdict = match found {
            Ok(proof) => judge(proof, whole),
            Err(reason) => Verdict::Missing { reason },
        };
        tracing::info!(stream.id = %stream.id, recording.id = %copy.id, source = ?copy.source, ?verdict, "copy checked");
        let plays = !matches!(verdict, Verdict::Missing { .. });
        if plays && copy.source == RecordingSource::Server {
            self.cut_again(copy).await;
        }
        self.recording_happened(copy, &RecordingEvent::Checked { at: self.now(), verdict: verdict.clone() }).await?;
        for (proof, other) in others {
            let again = judge(proof, whole);
            let Some((before_at, before)) = &other.facts.checked else { continue };
            if *before != again {
                tracing::info!(stream.id = %stream.id, recording.id = %other.id, source = ?other.source, verdict = ?again, "copy judged again");
                let at = self.now().max(before_at.plus(Duration::from_millis(1)));
                self.recording_happened(&other, &RecordingEvent::Checked { at, verdict: again }).await?;
                self.wake_cloud(stream.id);
            }
        }
        if plays {
            self.happened(stream.id, &StreamEvent::Recorded { at: self.now() }).await?;
        }
        Ok(Some(verdict))
    }

    /// Ends what is written for a stream that is over. Once that has begun nothing of it is lost, whoever goes away.
    pub(crate) async fn close_recorder(&self, stream: StreamId) -> Result<(), Error> {
        let Some(live) = self.archive.take(stream) else { return Ok(()) };
        let closed = tokio::task::spawn_blocking(move || live.finish_blocking());
        if let Err(error) = closed.await.map_err(|_| Error::Internal("closing a recording stopped".into()))? {
            // What was written before is still a recording.
            tracing::warn!(stream.id = %stream, %error, "the recorder ended with an error");
        }
        Ok(())
    }
}

/// What came of work on files. A panic is its outcome, too: it would come again whenever the same was tried.
pub(crate) fn outcome<T>(work: Result<Result<T, String>, JoinError>) -> Result<Result<T, String>, Error> {
    match work {
        Ok(outcome) => Ok(outcome),
        Err(error) if error.is_panic() => Ok(Err(unreadable(&error))),
        Err(_) => Err(Error::Internal("work on a recording stopped".into())),
    }
}

/// The file that people watch, made of the parts and checked; or why there is none, in words for people.
fn make_file(dir: &Path, file: &Path, ffmpeg: Option<&Path>) -> Result<Proof, String> {
    let report = match recorder::finalize(dir, file, ffmpeg) {
        Ok(report) => report,
        // Finished before, and the parts removed: the file is what counts.
        Err(_) if file.exists() => recorder::probe(file).map_err(|error| unreadable(&error))?,
        Err(error) => return Err(unreadable(&error)),
    };
    let proof = check(file, ffmpeg)?;
    Ok(Proof { bytes: report.bytes.max(proof.bytes), ..proof })
}

/// Whether a finished file plays, and what is in it; or why it does not, in words for people.
pub(crate) fn check(file: &Path, ffmpeg: Option<&Path>) -> Result<Proof, String> {
    let checked = recorder::probe(file).map_err(|error| unreadable(&error))?;
    let decoded = match ffmpeg.map(|ffmpeg| recorder::decode_check(ffmpeg, file)) {
        Some(Ok(recorder::Decoded::Clean)) => true,
        // People can watch it: it is shown, but nobody is told that all of it was checked.
        Some(Ok(recorder::Decoded::WithComplaints(complaints))) => {
            tracing::warn!(%complaints, "a recording decodes to its end, but not cleanly");
            false
        }
        Some(Err(error @ recorder::DecodeError::Failed(_))) => return Err(unreadable(&error)),
        Some(Err(error)) => {
            tracing::warn!(%error, "a recording could be parsed, but not decoded");
            false
        }
        None => false,
    };
    Ok(proof(&checked, checked.bytes, decoded))
}

fn unreadable(error: &dyn std::fmt::Display) -> String {
    tracing::error!(%error, "a recording could not be made or does not play");
    "The recording could not be made ready. What was received is kept on the server.".into()
}

fn proof(report: &Report, bytes: u64, decoded: bool) -> Proof {
    Proof {
        duration_ms: u64::try_from(report.duration.as_millis()).unwrap_or(u64::MAX),
        bytes,
        has_video: report.video.is_some(),
        has_audio: report.audio.is_some(),
        decoded,
        hole_ms: longest(&report.gaps),
    }
}

/// In milliseconds.
pub(crate) fn longest(gaps: &[Gap]) -> u64 {
    let longest = gaps.iter().map(|gap| gap.length).max().unwrap_or_default();
    u64::try_from(longest.as_millis()).unwrap_or(u64::MAX)
}

/// Whether a master still waits for its check.
pub(crate) fn unfinished(facts: &RecordingFacts) -> bool {
    matches!(facts.status(), RecordingStatus::Expected | RecordingStatus::Capturing | RecordingStatus::Processing)
}

#[cfg(test)]
#[path = "recordings_tests.rs"]
mod tests;
