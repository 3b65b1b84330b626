//! Looks at every stream that is not finished at its providers, and does what is next. Webhooks and people only make it
//! look sooner: it is right also if nobody ever calls.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    Provider, Route, StreamId, Timestamp,
    provision::ProvisionEvent,
    stream::{Stream, StreamEvent},
};
use futures::future::join_all;
use store::Provision;
use tokio::sync::Semaphore;

use super::{Backup, Host};
use crate::{Error, Everlight, events::News, instances::Home};

/// How often the database is asked which streams there are: whoever makes one says so, too.
const ROUND: Duration = Duration::from_secs(5);
/// Streams that are worked on at the same time. Many: some wait for a long upload, and a service that begins does not
/// wait for them.
const AT_ONCE: usize = 64;
/// After a failure of our own (the database).
const AFTER_ERROR: Duration = Duration::from_secs(15);
/// How often an encoder's address is looked at around the time of its service …
const ENCODER_LOOK: Duration = Duration::from_secs(5);
/// … and otherwise: calls to a provider are counted, and webhooks tell sooner.
const ENCODER_IDLE_LOOK: Duration = Duration::from_secs(60);
/// How often to look whether a stream that another instance has is ours by now; when that instance dies, we hear of it sooner.
const ELSEWHERE_LOOK: Duration = Duration::from_secs(60);
/// Around the time: from so long before to so long after; as long after its creation for a service without a time.
const ENCODER_EARLY: Duration = Duration::from_secs(60 * 60);
const ENCODER_LATE: Duration = Duration::from_secs(4 * 60 * 60);
/// How soon to look whether a provider that is fed by another can be closed.
const STILL_FED: Duration = Duration::from_secs(1);

/// The earlier of two moments, where there are any.
pub(super) fn sooner(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

impl Everlight {
    /// Something happened to the stream that its providers may have to do with. Where several instances share a database,
    /// it is the one that has the stream that works on it.
    pub(crate) fn wake_cloud(&self, stream: StreamId) {
        self.wake_here(News::Of(stream));
        self.events.tell_others(News::Of(stream));
    }

    /// Something happened at a provider; which stream it is about is not known.
    pub(crate) fn wake_waiting(&self) {
        self.wake_here(News::OfAny);
        self.events.tell_others(News::OfAny);
    }

    pub(crate) fn wake_here(&self, news: News) {
        match news {
            News::Of(stream) => self.cloud.queue.wake(stream),
            News::OfAny => self.cloud.queue.wake_waiting(),
        }
    }

    /// Runs for as long as the program.
    pub async fn reconcile_forever(self: Arc<Self>) {
        if self.cloud.accounts.hosts.is_empty() {
            return;
        }
        let slots = Arc::new(Semaphore::new(AT_ONCE));
        let mut asked = None::<Instant>;
        loop {
            if asked.is_none_or(|at| at.elapsed() >= ROUND) {
                match self.store.streams_at_providers().await {
                    Ok(streams) => self.cloud.queue.learn(streams),
                    Err(error) => tracing::error!(%error, "what is to be done at the providers cannot be read"),
                }
                asked = Some(Instant::now());
            }
            for stream in self.cloud.queue.due(self.now()) {
                self.start_work(stream, &slots).await;
            }
            let wait = self.cloud.queue.next().map_or(ROUND, |next| next.since(self.now()).min(ROUND));
            tokio::select! {
                () = tokio::time::sleep(wait.max(Duration::from_millis(50))) => {}
                () = self.cloud.queue.woken() => {}
            }
        }
    }

    async fn start_work(self: &Arc<Self>, stream: StreamId, slots: &Arc<Semaphore>) {
        match self.whose_work(stream).await {
            Ok(None) => return self.cloud.queue.forget(stream),
            Ok(Some(Home::There(_))) => {
                return self.cloud.queue.put(stream, Some(self.now().plus(ELSEWHERE_LOOK)));
            }
            Ok(Some(Home::Here | Home::Nowhere)) => {}
            Err(error) => {
                tracing::error!(stream.id = %stream, %error, "whose work a stream is cannot be read");
                return self.cloud.queue.put(stream, Some(self.now().plus(AFTER_ERROR)));
            }
        }
        if !self.cloud.working().insert(stream) {
            return;
        }
        let slot = Arc::clone(slots).acquire_owned().await.ok();
        // Before the work: what wakes the stream while it is worked on is not lost.
        self.cloud.queue.put(stream, Some(self.now().plus(Duration::from_secs(3600))));
        let everlight = Arc::clone(self);
        tokio::spawn(async move {
            let again = everlight.reconcile(stream).await.unwrap_or_else(|error| {
                tracing::error!(stream.id = %stream, %error, "work at the providers stopped; it goes on soon");
                Some(everlight.now().plus(AFTER_ERROR))
            });
            if !everlight.cloud.queue.is_due(stream, everlight.now()) {
                everlight.cloud.queue.put(stream, again);
            }
            everlight.cloud.working().remove(&stream);
            everlight.cloud.queue.look();
            drop(slot);
        });
    }

    /// `None`: there is no work, and the stream stays with whoever has it or will.
    async fn whose_work(self: &Arc<Self>, stream: StreamId) -> Result<Option<Home>, Error> {
        if self.store.provisions_of(stream).await?.is_empty() {
            return Ok(None);
        }
        // Two that ask a provider for the same thing would both get one.
        self.claim(stream).await.map(Some)
    }

    /// Does what is next for one stream at all of its providers, each independently of the others. Gives when to look
    /// again.
    #[tracing::instrument(name = "work at providers", skip_all, fields(stream.id = %id))]
    pub(crate) async fn reconcile(self: &Arc<Self>, id: StreamId) -> Result<Option<Timestamp>, Error> {
        let stream = self.store.stream(id).await?;
        let stream = stream.as_ref();
        let provisions = self.store.provisions_of(id).await?;
        let prepared = join_all(provisions.into_iter().map(|known| self.prepare(stream, known))).await;
        let mut again = None;
        let mut standing = Vec::new();
        for outcome in prepared {
            let (provision, next) = outcome?;
            again = sooner(again, next);
            standing.extend(provision);
        }
        let Some(stream) = stream else { return Ok(again) };
        let fed = self.connect_providers(stream, &mut standing).await?;
        if !fed.is_empty() {
            again = sooner(again, Some(self.now().plus(STILL_FED)));
        }
        standing.retain(|provision| !fed.contains(&provision.provider));
        for next in join_all(standing.into_iter().map(|provision| self.go_on(stream, provision))).await {
            again = sooner(again, next?);
        }
        Ok(again)
    }

    /// Makes or unmakes the object. `None`: there is nothing to go on with, now or at all.
    async fn prepare(
        &self,
        stream: Option<&Stream>,
        mut provision: Provision,
    ) -> Result<(Option<Provision>, Option<Timestamp>), Error> {
        // An account that was taken out of the settings: what is there stays until it is back.
        let Some(host) = self.cloud.host(provision.provider) else { return Ok((None, None)) };
        let over = stream.is_none_or(|stream| stream.facts.ended_at.is_some());
        if stream.is_none() && provision.facts.unwanted.is_none() {
            self.provision_happened(&mut provision, ProvisionEvent::Unwanted { at: self.now() }).await?;
        }
        // A service that is over is not prepared for any more; what exists of it is looked after.
        let may_create = !over && stream.is_some_and(|stream| takes_picture(stream, host.as_ref()));
        let (provision, again) = self.provision(provision, host.as_ref(), may_create).await?;
        if provision.facts.is_gone() {
            // First, so that a stop in between does not lose it.
            self.gone_from(provision.stream_id, provision.provider.source()).await?;
            self.store.forget_provision(provision.stream_id, provision.provider).await?;
            return Ok((None, None));
        }
        if provision.facts.unwanted.is_some() {
            return Ok((None, again));
        }
        if let Some(stream) = stream
            && provision.facts.object().is_some()
            && self.is_needed_to_go_live(stream, host.as_ref())
        {
            self.happened(stream.id, &StreamEvent::Provisioned { at: self.now() }).await?;
        }
        Ok((Some(provision), again))
    }

    /// Whether nobody can go live before this provider is ready.
    pub(crate) fn is_needed_to_go_live(&self, stream: &Stream, host: &dyn Host) -> bool {
        !stream.route.capabilities().gateway && host.live().is_some()
    }

    /// Has one provider send on to the other what arrives there, where the route or the settings want it so; and stops
    /// that first when the service is over, so that nothing is sent to an object that is being closed.
    ///
    /// Gives the providers that something is still sent to, or that could not be cut off: they are not closed yet.
    async fn connect_providers(&self, stream: &Stream, provisions: &mut [Provision]) -> Result<Vec<Provider>, Error> {
        let mut fed = Vec::new();
        if !self.feeds(stream) {
            return Ok(fed);
        }
        let Some(live) = self.cloud.live_host() else { return Ok(fed) };
        let (Some(gives), Some(object)) = (live.live(), object_at(provisions, live.as_ref())) else { return Ok(fed) };
        let over = stream.facts.ended_at.is_some();
        let source = provisions.iter().find(|known| known.provider == live.provider());
        let sending = stream.route == Route::Relay && source.is_some_and(|source| source.facts.sent_all.is_none());
        for provision in provisions.iter_mut().filter(|known| known.provider != live.provider()) {
            let (Some(host), Some(target)) = (self.cloud.host(provision.provider), provision.facts.object()) else {
                continue;
            };
            let done = match (over, provision.facts.fed, provision.facts.retired) {
                (false, None, _) => match host.ingest(target).await {
                    Ok(ingest) => {
                        gives.simulcast(&object, &ingest).await.map(|()| Some(ProvisionEvent::Fed { at: self.now() }))
                    }
                    Err(failure) => Err(failure),
                },
                (true, Some(_), None) if sending => {
                    fed.push(provision.provider);
                    Ok(None)
                }
                (true, Some(_), None) => gives.stop_simulcast(&object).await.map(|()| None),
                _ => Ok(None),
            };
            match done {
                Ok(Some(event)) => self.provision_happened(provision, event).await?,
                Ok(None) => {}
                Err(failure) => {
                    fed.push(provision.provider);
                    self.note_failure(provision, &failure).await?;
                }
            }
        }
        Ok(fed)
    }

    /// Whether the backup gets its picture from the other provider instead of from us.
    pub(crate) fn feeds(&self, stream: &Stream) -> bool {
        match stream.route {
            Route::Encoder => true,
            Route::Relay => self.cloud.accounts.backup == Backup::CloudflareOutput,
            Route::Embedded | Route::Direct => false,
        }
    }

    /// The object exists: the picture is sent there, and in the end the recording is looked after.
    async fn go_on(self: &Arc<Self>, stream: &Stream, mut provision: Provision) -> Result<Option<Timestamp>, Error> {
        let Some(host) = self.cloud.host(provision.provider).cloned() else { return Ok(None) };
        let Some(object) = provision.facts.object().map(str::to_owned) else {
            // Never made. A copy can be uploaded all the same, once the service is over.
            return if stream.facts.ended_at.is_some() {
                self.settle_copy(stream, provision, host.as_ref()).await
            } else {
                Ok(None)
            };
        };
        if stream.facts.ended_at.is_none() {
            return match (stream.route, host.live()) {
                (Route::Relay, _) => {
                    self.keep_pushing(stream, &provision).await?;
                    Ok(None)
                }
                (Route::Encoder, Some(live)) => {
                    match live.on_air(&object).await {
                        Ok(on_air) => self.encoder_seen(stream, on_air).await?,
                        Err(failure) => {
                            tracing::warn!(stream.id = %stream.id, %failure, "whether an encoder is live is not known");
                        }
                    }
                    Ok(Some(self.now().plus(encoder_look(stream, self.now()))))
                }
                _ => Ok(None),
            };
        }
        if provision.facts.retired.is_none() {
            if let Some(again) = self.finish_pushing(stream, &mut provision).await? {
                return Ok(Some(again));
            }
            if let Err(failure) = host.retire(&object).await {
                self.note_failure(&mut provision, &failure).await?;
                return Ok(Some(self.now().plus(Duration::from_secs(5))));
            }
            self.provision_happened(&mut provision, ProvisionEvent::Retired { at: self.now() }).await?;
        }
        self.settle_copy(stream, provision, host.as_ref()).await
    }

    async fn encoder_seen(&self, stream: &Stream, on_air: bool) -> Result<(), Error> {
        use domain::stream::Media;
        let known = stream.facts.media.map(|(_, media)| media);
        let at = self.now();
        let event = match (on_air, known) {
            (true, None | Some(Media::Lost)) => StreamEvent::MediaFlowing { at },
            (false, Some(Media::Flowing)) => StreamEvent::MediaLost { at },
            _ => return Ok(()),
        };
        self.happened(stream.id, &event).await?;
        Ok(())
    }
}

fn encoder_look(stream: &Stream, now: Timestamp) -> Duration {
    let time = stream.details.scheduled_start_time.unwrap_or(stream.created_at);
    let soon = now.plus(ENCODER_EARLY) >= time && now.since(time) <= ENCODER_LATE;
    if soon || stream.facts.state().is_on_air() { ENCODER_LOOK } else { ENCODER_IDLE_LOOK }
}

/// Whether the stream's picture goes to this provider while it is live. Of what a phone sends straight to one provider
/// the others get nothing.
pub(crate) fn takes_picture(stream: &Stream, host: &dyn Host) -> bool {
    stream.route != Route::Direct || host.live().is_some()
}

fn object_at(provisions: &[Provision], host: &dyn Host) -> Option<String> {
    let at = provisions.iter().find(|provision| provision.provider == host.provider())?;
    at.facts.object().map(str::to_owned)
}
