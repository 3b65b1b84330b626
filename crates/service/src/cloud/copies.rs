//! The copies that providers hold of a service that is over: waited for, played to the end to prove them, and replaced by
//! an upload of the best copy where one is missing, short, or without picture or sound.

use std::{path::Path, time::Duration};

use domain::{
    StreamId, Timestamp,
    provision::ProvisionEvent,
    recording::{Hosted, Proof, RecordingEvent, RecordingFacts, RecordingSource, RecordingStatus, Verdict},
    stream::{Stream, is_playable},
};
use recorder::{RemoteLimits, RemoteUrl};
use store::{Provision, Recording};
use tokio::io::AsyncWriteExt as _;

use super::{Failure, Host, HostedCopy, HostedState, Order, in_words};
use crate::{
    Error, Everlight,
    lost_phone::is_waited_for,
    recordings::{longest, unfinished},
};

/// One file is made by the provider after the recording: it is waited for this long before it is done without.
const FILE_PATIENCE: Duration = Duration::from_secs(15 * 60);
/// How long after a service the copy of another provider is waited for, before this one is said to be missing. What comes later is
/// sent here all the same.
const OTHERS_WAITED_FOR: Duration = Duration::from_secs(30 * 60);
/// Between two uploads of the same stream.
const REPAIR_AGAIN: Duration = Duration::from_secs(60 * 60);
/// While a provider works it is looked again after a quarter of the time that it has taken so far, and between these: so a copy
/// is seen in good time, and an hour of many ends does not use up the calls that an account has. Webhooks are quicker.
const SOONEST: Duration = Duration::from_secs(2);
const LATEST: Duration = Duration::from_secs(60);
/// After a call that failed.
const LATER: Duration = Duration::from_secs(20);
/// Without anything new, a copy that is being fetched is given up.
const FETCH_IDLE: Duration = Duration::from_secs(30);
/// A recording that failed its check is played once more after this long: it may have been the network.
const CHECK_AGAIN: Duration = Duration::from_secs(10 * 60);

impl Everlight {
    /// Does what is next for the copy at one provider. Gives when to look again; `None`: it is settled.
    pub(super) async fn settle_copy(
        &self,
        stream: &Stream,
        mut provision: Provision,
        host: &dyn Host,
    ) -> Result<Option<Timestamp>, Error> {
        if stream.facts.first_live_at.is_none() {
            // Nobody ever filmed: there is nothing to be recorded.
            return Ok(None);
        }
        let recording = self.copy_at(stream, &provision).await?;
        if matches!(recording.facts.status(), RecordingStatus::Ready | RecordingStatus::Deleted) {
            return Ok(None);
        }
        let uploaded = provision.facts.repaired.as_ref().map(|(_, copy)| copy.as_str());
        let copies = match host.copies(provision.facts.object(), uploaded).await {
            Ok(copies) => copies,
            Err(failure) => {
                self.note_failure(&mut provision, &failure).await?;
                return Ok(Some(self.now().plus(LATER)));
            }
        };
        if provision.facts.trouble().is_some() && provision.facts.object().is_some() {
            self.provision_happened(&mut provision, ProvisionEvent::Healed { at: self.now() }).await?;
        }
        if recording.facts.processing_since.is_none() {
            self.recording_happened(&recording, &RecordingEvent::Processing { at: self.now() }).await?;
        }
        let best = best(&copies);
        if let Some(copy) = best.filter(|copy| self.is_to_be_checked(&recording.facts, copy)) {
            if copy.mp4.is_none() && self.waited(stream) < FILE_PATIENCE {
                return Ok(Some(self.look_again(stream)));
            }
            return self.check_copy(stream, &recording, copy).await;
        }
        if copies.iter().any(|copy| copy.state == HostedState::Processing)
            || self.waited(stream) < self.cloud.accounts.patience
        {
            return Ok(Some(self.look_again(stream)));
        }
        self.repair(stream, &mut provision, &recording, best, host).await
    }

    async fn copy_at(&self, stream: &Stream, provision: &Provision) -> Result<Recording, Error> {
        let (millis, random) = self.id_parts();
        let id = domain::RecordingId::from_parts(millis, random);
        Ok(self.store.ensure_recording(id, stream.id, provision.provider.source(), self.now()).await?)
    }

    fn waited(&self, stream: &Stream) -> Duration {
        stream.facts.ended_at.map_or(Duration::ZERO, |ended| self.now().since(ended))
    }

    fn look_again(&self, stream: &Stream) -> Timestamp {
        self.now().plus((self.waited(stream) / 4).clamp(SOONEST, LATEST))
    }

    fn is_to_be_checked(&self, known: &RecordingFacts, copy: &HostedCopy) -> bool {
        match (&known.hosted, &known.checked) {
            (Some((_, hosted)), Some((at, Verdict::Missing { .. }))) => {
                hosted.id != copy.id || self.now() > at.plus(CHECK_AGAIN)
            }
            (Some((_, hosted)), Some(_)) => hosted.id != copy.id,
            _ => true,
        }
    }

    /// Plays the copy from beginning to end and says what was found.
    async fn check_copy(
        &self,
        stream: &Stream,
        recording: &Recording,
        copy: &HostedCopy,
    ) -> Result<Option<Timestamp>, Error> {
        let hosted = Hosted { id: copy.id.clone(), mp4: copy.mp4.clone(), hls: copy.hls.clone(), signed: copy.signed };
        let Some(address) = copy.mp4.clone().or_else(|| copy.hls.clone()) else {
            return Ok(Some(self.look_again(stream)));
        };
        let found = match self.open(recording.source, &address, copy.signed, self.opened_for_us()) {
            Some(address) => self.play_through(stream.id, address).await,
            None => Err("It is there, but it plays with a key only that this server does not have any more.".into()),
        };
        self.recording_happened(recording, &RecordingEvent::Hosted { at: self.now(), hosted }).await?;
        let plays = found.is_ok();
        let complete = matches!(self.judged(stream.id, recording, found).await?, Some(Verdict::Ready { .. }));
        if plays {
            // The other provider may have nothing, and be sent this one.
            self.wake_cloud(stream.id);
        }
        Ok((!complete).then(|| self.look_again(stream)))
    }

    async fn play_through(&self, stream: StreamId, address: String) -> Result<Proof, String> {
        // Never closed, so there is always a turn to come.
        let _turn = self.cloud.checking.acquire().await;
        let Some(ffmpeg) = self.settings.ffmpeg.clone() else {
            return self.look_through(stream, &address).await;
        };
        let address = RemoteUrl::new(address).map_err(|error| error.to_string())?;
        let check = move || recorder::check_remote(&ffmpeg, &address, RemoteLimits::default());
        let checked = tokio::task::spawn_blocking(check).await;
        match checked {
            Ok(Ok(report)) => Ok(Proof {
                hole_ms: longest(&report.gaps),
                duration_ms: u64::try_from(report.duration.as_millis()).unwrap_or(u64::MAX),
                bytes: 0,
                has_video: report.video.is_some(),
                has_audio: report.audio.is_some(),
                decoded: report.complaints.is_none(),
            }),
            Ok(Err(error)) => {
                tracing::warn!(%error, "a copy at a provider does not play");
                Err("It is there, but it does not play.".into())
            }
            Err(_) => Err("The check of this copy stopped.".into()),
        }
    }

    /// Without a decoder: the copy is fetched, and its structure read.
    async fn look_through(&self, stream: StreamId, address: &str) -> Result<Proof, String> {
        let Ok(_making) = self.making_for(stream).await else {
            return Err("The service was deleted.".into());
        };
        let name = format!("{stream}.{:016x}.fetched", rand::random::<u64>());
        let file = self.settings.recordings_dir.join(name);
        let checked = match fetch(address, &file).await {
            Ok(()) => {
                let fetched = file.clone();
                let check = tokio::task::spawn_blocking(move || crate::recordings::check(&fetched, None));
                check.await.unwrap_or_else(|_| Err("The check of this copy stopped.".into()))
            }
            Err(error) => {
                tracing::warn!(%error, "a copy at a provider could not be fetched");
                Err("It is there, but it could not be read.".into())
            }
        };
        if let Err(error) = tokio::fs::remove_file(&file).await
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "a fetched copy could not be removed");
        }
        checked
    }

    /// Nothing complete is there: the best copy that we have ourselves is uploaded.
    async fn repair(
        &self,
        stream: &Stream,
        provision: &mut Provision,
        recording: &Recording,
        best: Option<&HostedCopy>,
        host: &dyn Host,
    ) -> Result<Option<Timestamp>, Error> {
        let there = recording.facts.proof().map_or(0, |proof| proof.holds_ms());
        let ours = match self.best_of_ours(stream, recording.source).await? {
            Ours::NotYet => return Ok(Some(self.look_again(stream))),
            Ours::File(copy, proof) if proof.holds_ms() > there => Source::Here(copy),
            Ours::Elsewhere(address, proof) if proof.holds_ms() > there => Source::Elsewhere(address),
            // It cannot be made better.
            Ours::File(..) | Ours::Elsewhere(..) | Ours::Nothing => {
                if best.is_none() && recording.facts.checked.is_none() {
                    let reason = missing_in_words(stream);
                    let verdict = Verdict::Missing { reason: reason.into() };
                    self.recording_happened(recording, &RecordingEvent::Checked { at: self.now(), verdict }).await?;
                }
                return Ok(None);
            }
        };
        if let Some((at, _)) = &provision.facts.repaired {
            // What was uploaded is there and does no better: another upload would not either.
            if best.is_some() {
                return Ok(Some(self.now().plus(CHECK_AGAIN)));
            }
            if self.now() < at.plus(REPAIR_AGAIN) {
                return Ok(Some(self.look_again(stream)));
            }
        }
        tracing::warn!(stream.id = %stream.id, provider = provision.provider.name(), "the copy there is missing or short: a better one is uploaded");
        let order = self.order(provision);
        let uploaded = match host.find_upload(&order.mark).await {
            Ok(Some(earlier)) if provision.facts.repaired.is_none() => Ok(earlier),
            Ok(_) => match self.upload(&order, ours, host).await? {
                Some(uploaded) => uploaded,
                None => return Ok(Some(self.now().plus(LATER))),
            },
            Err(failure) => Err(failure),
        };
        match uploaded {
            Ok(copy) => {
                self.provision_happened(provision, ProvisionEvent::Repaired { at: self.now(), copy }).await?;
                self.provision_happened(provision, ProvisionEvent::Healed { at: self.now() }).await?;
                Ok(Some(self.look_again(stream)))
            }
            Err(failure) => {
                self.note_failure(provision, &failure).await?;
                self.say_why_missing(recording, provision, &failure).await?;
                Ok(Some(self.now().plus(LATER)))
            }
        }
    }

    async fn say_why_missing(
        &self,
        recording: &Recording,
        provision: &Provision,
        failure: &Failure,
    ) -> Result<(), Error> {
        if recording.facts.proof().is_some() {
            return Ok(());
        }
        let verdict = Verdict::Missing { reason: in_words(provision.provider, failure) };
        self.recording_happened(recording, &RecordingEvent::Checked { at: self.now(), verdict }).await
    }

    /// Uploads a copy that lies here, or at another provider: that one is fetched first. `None`: it could not be fetched.
    async fn upload(
        &self,
        order: &Order,
        source: Source,
        host: &dyn Host,
    ) -> Result<Option<Result<String, Failure>>, Error> {
        let _turn = self.cloud.uploading.acquire().await;
        match source {
            Source::Here(copy) if self.is_away(&copy).await => {
                let _making = self.making_for(order.mark.stream).await?;
                self.bring_back(&copy).await?;
                Ok(Some(host.upload(order, self.file_of(&copy)).await))
            }
            Source::Here(copy) => Ok(Some(host.upload(order, self.file_of(&copy)).await)),
            Source::Elsewhere(address) => {
                let _making = self.making_for(order.mark.stream).await?;
                let file = self.settings.recordings_dir.join(format!("{}.fetched", order.mark.stream));
                let uploaded = match fetch(&address, &file).await {
                    Ok(()) => Some(host.upload(order, file.clone()).await),
                    Err(error) => {
                        tracing::warn!(%error, "a copy at a provider could not be fetched; it is tried again");
                        None
                    }
                };
                match tokio::fs::remove_file(&file).await {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        Err(Error::Internal(format!("a fetched copy could not be removed: {error}")))
                    }
                    _ => Ok(uploaded),
                }
            }
        }
    }

    /// The best copy that lies on this server; where none can, the best at a provider.
    async fn best_of_ours(&self, stream: &Stream, than: RecordingSource) -> Result<Ours, Error> {
        let copies = self.store.recordings_of(stream.id).await?;
        let ours =
            || copies.iter().filter(|copy| matches!(copy.source, RecordingSource::Server | RecordingSource::Phone));
        let playable = ours().filter(|copy| is_playable(copy.facts.status()));
        if let Some((copy, proof)) =
            playable.filter_map(|copy| Some((copy, copy.facts.proof()?))).max_by_key(|(_, proof)| proof.holds_ms())
        {
            return Ok(Ours::File(Box::new(copy.clone()), proof));
        }
        if ours().any(|copy| is_waited_for(copy, stream.facts.ended_at, self.now())) {
            return Ok(Ours::NotYet);
        }
        let elsewhere = copies.iter().filter_map(|copy| {
            let (_, hosted) = copy.facts.hosted.as_ref().filter(|_| is_playable(copy.facts.status()))?;
            let address = self.open(copy.source, hosted.mp4.as_deref()?, hosted.signed, self.opened_for_us())?;
            Some((address, copy.facts.proof()?))
        });
        let best = elsewhere.max_by_key(|(_, proof)| proof.holds_ms());
        // One provider may be slower than the other to make its copy ready, and that may be the better one. But two that have
        // nothing would wait for each other for ever.
        let mut others = copies.iter().filter(|copy| copy.source != than);
        if self.waited(stream) < OTHERS_WAITED_FOR && others.any(|copy| unfinished(&copy.facts)) {
            return Ok(Ours::NotYet);
        }
        Ok(best.map_or(Ours::Nothing, |(address, proof)| Ours::Elsewhere(address, proof)))
    }
}

enum Ours {
    File(Box<Recording>, Proof),
    /// None of ours, but a provider's: its address.
    Elsewhere(String, Proof),
    /// It is being made ready.
    NotYet,
    Nothing,
}

/// What is uploaded.
enum Source {
    Here(Box<Recording>),
    Elsewhere(String),
}

/// Writes what is at an address to a file.
async fn fetch(address: &str, file: &Path) -> Result<(), String> {
    let client = outbound::file_client(FETCH_IDLE)?;
    // Addresses may be signed: they are not repeated.
    let failed = |error: reqwest::Error| error.without_url().to_string();
    let mut response =
        client.get(address).send().await.and_then(reqwest::Response::error_for_status).map_err(failed)?;
    let mut out = tokio::fs::File::create(file).await.map_err(|error| error.to_string())?;
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        out.write_all(&chunk).await.map_err(|error| error.to_string())?;
    }
    out.flush().await.map_err(|error| error.to_string())
}

fn best(copies: &[HostedCopy]) -> Option<&HostedCopy> {
    copies.iter().filter(|copy| copy.state == HostedState::Ready).max_by_key(|copy| copy.duration_ms)
}

fn missing_in_words(stream: &Stream) -> &'static str {
    if stream.route.capabilities().records {
        "Nothing was recorded there, and there is no other copy to send."
    } else {
        "A service that is filmed with a phone straight to Cloudflare is not recorded there."
    }
}

#[cfg(test)]
mod tests {
    use domain::stream::StreamEvent;

    use super::*;
    use crate::testing::Installation;

    #[tokio::test]
    async fn two_providers_that_have_nothing_do_not_wait_for_each_other_for_ever() {
        let mut at = Installation::new().await;
        let stream = at.create().await;
        at.make_objects(stream).await;
        let now = at.running.now();
        for event in
            [StreamEvent::MediaFlowing { at: now }, StreamEvent::Ended { at: now.plus(Duration::from_secs(1)) }]
        {
            at.running.happened(stream, &event).await.unwrap();
        }
        for source in [RecordingSource::Cloudflare, RecordingSource::Mux] {
            let (millis, random) = at.running.id_parts();
            let id = domain::RecordingId::from_parts(millis, random);
            let copy = at.store.ensure_recording(id, stream, source, now).await.unwrap();
            at.running.recording_happened(&copy, &RecordingEvent::Processing { at: now }).await.unwrap();
        }
        let statuses = async |at: &Installation| -> Vec<_> {
            at.store.recordings_of(stream).await.unwrap().iter().map(|copy| copy.facts.status()).collect()
        };
        at.pass(Duration::from_secs(20 * 60));
        at.reconcile(stream).await;
        assert_eq!(statuses(&at).await, [RecordingStatus::Processing; 2], "one may be slower than the other");
        at.pass(Duration::from_secs(11 * 60));
        at.reconcile(stream).await;
        assert_eq!(statuses(&at).await, [RecordingStatus::Missing; 2]);
    }
}
