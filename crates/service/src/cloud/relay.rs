//! Pushes: from this server's disk to each provider, while the service runs and until all of it has arrived.

use std::{sync::Arc, time::Duration};

use domain::{
    Provider, Route, StreamId, Timestamp, provision::ProvisionEvent, recording::RecordingSource, stream::Stream,
};
use push::{IngestSource, Position, Push, PushConfig, PushState};
use store::Provision;

use super::in_words;
use crate::{Error, Everlight};

/// However far behind a push is.
const LONGEST_FINISH: Duration = Duration::from_secs(12 * 60 * 60);
/// How often it is stored how far a push has come.
const NOTE_EVERY_MS: u64 = 10_000;

impl Everlight {
    /// Starts the push of a service that is on air, unless it runs.
    pub(super) async fn keep_pushing(self: &Arc<Self>, stream: &Stream, provision: &Provision) -> Result<(), Error> {
        let fed_by_another =
            self.feeds(stream) && self.cloud.live_host().is_some_and(|live| live.provider() != provision.provider);
        if stream.facts.first_live_at.is_none() || fed_by_another || provision.facts.sent_all.is_some() {
            return Ok(());
        }
        self.start_push(stream, provision).await
    }

    /// Lets the push send what is left. `Some`: it is not finished, look again then.
    pub(super) async fn finish_pushing(
        self: &Arc<Self>,
        stream: &Stream,
        provision: &mut Provision,
    ) -> Result<Option<Timestamp>, Error> {
        if stream.route != Route::Relay || stream.facts.first_live_at.is_none() || provision.facts.sent_all.is_some() {
            return Ok(None);
        }
        // Until the last part is written to its end there is more to come.
        let recordings = self.store.recordings_of(stream.id).await?;
        let master = recordings.iter().find(|copy| copy.source == RecordingSource::Server);
        if master.is_some_and(|master| crate::recordings::unfinished(&master.facts)) {
            return Ok(Some(self.now().plus(Duration::from_secs(1))));
        }
        // After a restart there is none yet, and something may be left to be sent.
        self.keep_pushing(stream, provision).await?;
        let key = (stream.id, provision.provider);
        let state = self.cloud.pushes().get(&key).map(|push| {
            push.finish(LONGEST_FINISH);
            push.status().borrow().state.clone()
        });
        let over_for = stream.facts.ended_at.map_or(Duration::ZERO, |ended| self.now().since(ended));
        match state {
            // An upload brings the copy then.
            Some(PushState::Retrying { reason, .. }) if over_for > self.cloud.accounts.patience => {
                tracing::warn!(stream.id = %stream.id, provider = provision.provider.name(), reason, "a push is given up");
            }
            Some(state) if !state.is_final() => return Ok(Some(self.now().plus(Duration::from_secs(1)))),
            _ => {}
        }
        if let Some(push) = self.cloud.pushes().remove(&key) {
            push.stop();
        }
        self.provision_happened(provision, ProvisionEvent::SentAll { at: self.now() }).await?;
        Ok(None)
    }

    async fn start_push(self: &Arc<Self>, stream: &Stream, provision: &Provision) -> Result<(), Error> {
        let key = (stream.id, provision.provider);
        if self.cloud.pushes().contains_key(&key) {
            return Ok(());
        }
        // Without it the copy comes by upload, after the service; the start said so in the log.
        let (Some(ffmpeg), Some(roots)) = (self.settings.ffmpeg.clone(), self.cloud.accounts.roots.clone()) else {
            return Ok(());
        };
        let recordings = self.store.recordings_of(stream.id).await?;
        let Some(master) = recordings.iter().find(|copy| copy.source == RecordingSource::Server) else { return Ok(()) };
        let (part, time_ms) = provision.facts.arrived_until;
        let Some(ingest) = self.ingest_source(provision) else { return Ok(()) };
        let push = Push::start(PushConfig {
            ffmpeg,
            recording_dir: self.recording_dir(master.id),
            ingest,
            roots,
            resume_at: Position { part, time_ms },
        });
        tracing::info!(stream.id = %stream.id, provider = provision.provider.name(), "the recording is pushed");
        let everlight = Arc::clone(self);
        let status = push.status();
        tokio::spawn(async move { everlight.follow_push(key, status).await });
        self.cloud.pushes().insert(key, push);
        Ok(())
    }

    /// Asks the provider where to send to, each time anew: it may have changed its keys.
    fn ingest_source(self: &Arc<Self>, provision: &Provision) -> Option<IngestSource> {
        let host = Arc::clone(self.cloud.host(provision.provider)?);
        let object = provision.facts.object()?.to_owned();
        let provider = provision.provider;
        Some(Arc::new(move || {
            let (host, object) = (Arc::clone(&host), object.clone());
            Box::pin(async move { host.ingest(&object).await.map_err(|failure| in_words(provider, &failure)) })
        }))
    }
}

impl Everlight {
    /// Stores how far a push has come and what keeps it, until it is over.
    async fn follow_push(
        &self,
        (stream, provider): (StreamId, Provider),
        mut status: tokio::sync::watch::Receiver<push::PushStatus>,
    ) {
        let (mut noted, mut troubled) = (Position::START, false);
        loop {
            let now = status.borrow_and_update().clone();
            let retrying = match &now.state {
                PushState::Retrying { reason, attempt } => Some((reason.clone(), *attempt)),
                PushState::GaveUp { reason } => Some((reason.clone(), 0)),
                _ => None,
            };
            let event = match retrying {
                Some((reason, times)) if !troubled => {
                    troubled = true;
                    tracing::warn!(stream.id = %stream, provider = provider.name(), reason, "a push is interrupted");
                    let reason = format!(
                        "The picture does not reach {} at the moment. It is sent again by itself.",
                        provider.name()
                    );
                    Some(ProvisionEvent::Failed { at: self.now(), reason, times, permanent: false })
                }
                None if troubled && matches!(now.state, PushState::Sending | PushState::Done) => {
                    troubled = false;
                    Some(ProvisionEvent::Healed { at: self.now() })
                }
                _ => None,
            };
            self.store_progress(stream, provider, event).await;
            let arrived = now.arrived_until;
            if arrived.part > noted.part || arrived.time_ms >= noted.time_ms + NOTE_EVERY_MS {
                noted = arrived;
                let event = ProvisionEvent::Arrived { part: arrived.part, time_ms: arrived.time_ms };
                self.store_progress(stream, provider, Some(event)).await;
            }
            if now.state == PushState::Done {
                self.store_progress(stream, provider, Some(ProvisionEvent::SentAll { at: self.now() })).await;
            }
            if now.state.is_final() {
                self.wake_cloud(stream);
                return;
            }
            if status.changed().await.is_err() {
                return;
            }
        }
    }

    async fn store_progress(&self, stream: StreamId, provider: Provider, event: Option<ProvisionEvent>) {
        let Some(event) = event else { return };
        if let Err(error) = self.record_provision(stream, provider, event).await {
            // What is not stored is sent twice after a restart, no more.
            tracing::error!(stream.id = %stream, %error, "how far a push has come could not be stored");
        }
    }

    /// Ends every push of a stream at once: it is deleted, or this program stops.
    pub(crate) fn stop_pushes(&self, stream: Option<StreamId>) {
        self.cloud.pushes().retain(|(of, _), push| {
            let stop = stream.is_none_or(|stream| stream == *of);
            if stop {
                push.stop();
            }
            !stop
        });
    }
}
