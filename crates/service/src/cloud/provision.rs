//! The saga that makes one object for a stream at a provider, and unmakes it: the steps are those of
//! [`domain::provision`], here they are carried out.

use std::collections::BTreeSet;

use domain::{
    Provider, StreamId, Timestamp,
    deletion::{DeletionEvent, Named, Thing, ThingKind},
    provision::{ProvisionEvent, ProvisionStep},
};
use store::Provision;

use super::{Failure, Host, Mark, Order, in_words};
use crate::{Error, Everlight};

impl Everlight {
    /// Goes on with the saga as far as it goes now. Gives the provision as it is then, and when there is more to do.
    /// Where nothing may be created any more, what was created before is still found.
    pub(crate) async fn provision(
        &self,
        mut provision: Provision,
        host: &dyn Host,
        may_create: bool,
    ) -> Result<(Provision, Option<Timestamp>), Error> {
        loop {
            let step = provision.facts.next_step(self.now());
            let done = match step {
                ProvisionStep::Nothing => return Ok((provision, None)),
                ProvisionStep::Wait(until) => return Ok((provision, Some(until))),
                ProvisionStep::Create if !may_create => return Ok((provision, None)),
                ProvisionStep::Create => self.ask(&mut provision, host).await?,
                ProvisionStep::LookOnly | ProvisionStep::LookUp => match self.look(&mut provision, host).await? {
                    Ok(false) if !may_create => return Ok((provision, None)),
                    Ok(false) if step == ProvisionStep::LookUp => self.ask(&mut provision, host).await?,
                    Ok(false) => {
                        let settled = provision.facts.asked.map(|asked| asked.plus(domain::provision::SETTLING));
                        return Ok((provision, settled));
                    }
                    Ok(true) => Ok(()),
                    Err(failure) => Err(failure),
                },
                ProvisionStep::Remove => self.remove(&mut provision, host).await?,
            };
            if let Err(failure) = done {
                self.note_failure(&mut provision, &failure).await?;
            }
        }
    }

    async fn ask(&self, provision: &mut Provision, host: &dyn Host) -> Result<Result<(), Failure>, Error> {
        // Before the call: whoever comes after a crash knows that it may have been made.
        self.provision_happened(provision, ProvisionEvent::Asked { at: self.now() }).await?;
        match host.create(&self.order(provision)).await {
            Ok(object) => {
                self.provision_happened(provision, ProvisionEvent::Exists { at: self.now(), object }).await?;
                Ok(Ok(()))
            }
            Err(Failure::Ignored { call, object, setting, sent, got }) => {
                // An object that would record nothing is worse than none.
                if let Err(failure) = host.remove_object(&object).await {
                    tracing::warn!(%failure, "an object with wrong settings could not be removed; it is found later");
                }
                Ok(Err(Failure::Ignored { call, object, setting, sent, got }))
            }
            Err(failure) => Ok(Err(failure)),
        }
    }

    /// Whether there is an object with our mark. One is taken, others are removed.
    async fn look(&self, provision: &mut Provision, host: &dyn Host) -> Result<Result<bool, Failure>, Error> {
        let found = match host.find(&self.cloud.mark(provision.stream_id)).await {
            Ok(found) => found,
            Err(failure) => return Ok(Err(failure)),
        };
        let Some(first) = found.iter().min().cloned() else { return Ok(Ok(false)) };
        self.provision_happened(provision, ProvisionEvent::Exists { at: self.now(), object: first }).await?;
        for object in &found {
            if provision.facts.object() != Some(object)
                && let Err(failure) = host.remove_object(object).await
            {
                tracing::warn!(%failure, "a duplicate could not be removed; it is found later");
            }
        }
        Ok(Ok(true))
    }

    async fn remove(&self, provision: &mut Provision, host: &dyn Host) -> Result<Result<(), Failure>, Error> {
        let (stream, place) = (provision.stream_id, host.provider().source());
        let mark = self.cloud.mark(stream);
        let mut things = match host.held(&mark, provision.facts.object()).await {
            Ok(held) => held,
            Err(failure) => return Ok(Err(failure)),
        };
        things.extend(known_at(provision));
        // Stored before anything is removed: whoever comes after a stop names it in the receipt as well.
        let found = DeletionEvent::Found { things: things.clone() };
        if let Some(deletion) = self.store.record_deletion_event(stream, place, &found).await? {
            // Also what an earlier attempt found, and what is known from the time when there was a recording.
            things = deletion.facts.places.get(&place.into()).map(|known| known.things.clone()).unwrap_or(things);
        }
        if let Err(failure) = remove_and_look(host, &mark, provision.facts.object(), &things).await {
            return Ok(Err(failure));
        }
        self.provision_happened(provision, ProvisionEvent::Gone { at: self.now() }).await?;
        Ok(Ok(()))
    }

    pub(crate) fn order(&self, provision: &Provision) -> Order {
        Order { mark: self.cloud.mark(provision.stream_id), title: provision.title.clone() }
    }

    pub(crate) async fn note_failure(&self, provision: &mut Provision, failure: &Failure) -> Result<(), Error> {
        let (stream, provider) = (provision.stream_id, provision.provider);
        tracing::warn!(stream.id = %stream, provider = provider.name(), %failure, "a provider did not do what was asked");
        let times = provision.facts.trouble().map_or(0, |trouble| trouble.times + 1);
        let event = ProvisionEvent::Failed {
            at: self.now(),
            reason: in_words(provider, failure),
            times,
            permanent: !failure.is_transient(),
        };
        self.provision_happened(provision, event).await
    }

    /// Merges an event into a provision and tells everybody who follows the stream.
    pub(crate) async fn provision_happened(
        &self,
        provision: &mut Provision,
        event: ProvisionEvent,
    ) -> Result<(), Error> {
        if let Some(now) = self.record_provision(provision.stream_id, provision.provider, event).await? {
            *provision = now;
        }
        Ok(())
    }

    pub(crate) async fn record_provision(
        &self,
        stream: StreamId,
        provider: Provider,
        event: ProvisionEvent,
    ) -> Result<Option<Provision>, Error> {
        let Some((provision, changed)) = self.store.record_provision_event(stream, provider, &event).await? else {
            return Ok(None);
        };
        if changed {
            self.events.changed(stream);
        }
        Ok(Some(provision))
    }
}

/// What a provider was known to hold.
fn known_at(provision: &Provision) -> impl Iterator<Item = Thing> + '_ {
    let object = provision.facts.object().map(|id| Thing { kind: ThingKind::Object, id: id.to_owned() });
    let uploaded = provision.facts.repaired.as_ref();
    object.into_iter().chain(uploaded.map(|(_, id)| Thing { kind: ThingKind::Copy, id: id.clone() }))
}

/// `Ok` when the provider says of each that there is no such thing, and shows nothing else of the stream either.
async fn remove_and_look(
    host: &dyn Host,
    mark: &Mark,
    object: Option<&str>,
    things: &BTreeSet<Thing>,
) -> Result<(), Failure> {
    for thing in things {
        host.delete(thing).await?;
    }
    let mut left = BTreeSet::new();
    for thing in things {
        if !host.is_gone(thing).await? {
            left.insert(thing.clone());
        }
    }
    // What was still being recorded when it was looked for the first time.
    left.extend(host.held(mark, object).await?);
    if left.is_empty() {
        return Ok(());
    }
    Err(Failure::NoAnswer {
        call: outbound::Call { provider: host.provider().name(), what: "delete everything of a stream" },
        why: format!("still there: {}", Named(host.provider().source().into(), &left)),
    })
}
