//! The streams that are with this instance: taking them, looking after them, letting go of them.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use domain::{
    StreamId,
    hosting::{BEAT, Claim},
    privacy::PasscodeHash,
};

use super::{Home, Instances};
use crate::{Error, Everlight};

/// How many beats there are between two pulses.
const PULSE_EVERY: u64 = 2;

/// The passcodes that those who watch were let in with.
type Passcodes = HashMap<StreamId, Option<PasscodeHash>>;

impl Everlight {
    /// Takes the stream, if no other instance that is alive has it. What a dead one has left half done is picked up.
    pub(crate) async fn claim(self: &Arc<Self>, stream: StreamId) -> Result<Home, Error> {
        let Some(instances) = &self.instances else { return Ok(Home::Here) };
        if instances.believed(stream).flatten() == Some(instances.me) {
            return Ok(Home::Here);
        }
        let claim = self.store.claim_stream(stream, instances.me).await?;
        let home = instances.claimed(stream, claim);
        if let Claim::Taken { after: Some(dead) } = claim {
            tracing::warn!(stream.id = %stream, instance = %dead, "a stream of a dead instance goes on here");
            if let Some(stream) = self.store.stream(stream).await?
                && self.is_left_undone(&stream).await?
            {
                self.pick_up(&stream).await?;
            }
            self.wake_cloud(stream);
        }
        Ok(home)
    }

    /// The same without picking anything up. Whether it is here now.
    pub(crate) async fn take(&self, stream: StreamId) -> Result<bool, Error> {
        let Some(instances) = &self.instances else { return Ok(true) };
        let claim = self.store.claim_stream(stream, instances.me).await?;
        Ok(instances.claimed(stream, claim) == Home::Here)
    }

    /// For what one instance at a time may do.
    pub(crate) async fn must_be_here(self: &Arc<Self>, stream: StreamId) -> Result<(), Error> {
        match self.claim(stream).await? {
            Home::There(_) => Err(Error::Elsewhere),
            Home::Here | Home::Nowhere => Ok(()),
        }
    }

    /// Whether another instance has it and is alive.
    pub(crate) async fn is_elsewhere(&self, stream: StreamId) -> Result<bool, Error> {
        Ok(matches!(self.home(stream).await?, Home::There(_)))
    }

    /// Runs for as long as the program: looks after what is here, and takes what dead instances had.
    pub async fn mind_streams_forever(self: Arc<Self>) {
        let Some(instances) = &self.instances else { return };
        let mut passcodes = Passcodes::new();
        for round in 0_u64.. {
            // Sooner, when another instance says that something changed.
            let _ = tokio::time::timeout(BEAT, instances.look.notified()).await;
            for stream in self.running() {
                if let Err(error) = self.mind(instances, stream, &mut passcodes).await {
                    tracing::error!(stream.id = %stream, %error, "a stream that is here could not be looked after");
                }
            }
            passcodes.retain(|stream, _| self.running().contains(stream));
            if let Err(error) = self.adopt_orphans(instances).await {
                tracing::error!(%error, "what dead instances had could not be taken");
            }
            if round % PULSE_EVERY == 0
                && let Err(error) = self.tell_pulses(instances).await
            {
                tracing::error!(%error, "how services are doing could not be told to other instances");
            }
        }
    }

    /// Streams that something runs of here.
    pub(crate) fn running(&self) -> HashSet<StreamId> {
        let recorded = self.archive.statuses().into_iter().map(|(stream, _)| stream);
        recorded.chain(self.direct.streams()).chain(self.rehearsing.streams()).collect()
    }

    /// Another instance may have ended the service, deleted it, or set another passcode; or it has taken the stream, because
    /// it thought that we were dead.
    async fn mind(
        self: &Arc<Self>,
        instances: &Instances,
        id: StreamId,
        passcodes: &mut Passcodes,
    ) -> Result<(), Error> {
        let holder = self.store.holder_of(id).await?.map(|holder| holder.instance);
        instances.remember(id, holder);
        if holder.is_some_and(|holder| holder != instances.me) {
            tracing::warn!(stream.id = %id, "another instance has taken a stream that was here");
            self.close_what_writes(id).await;
            self.direct.forget(id);
            return Ok(());
        }
        let Some(stream) = self.store.stream(id).await? else {
            // Whoever deletes it waits for us to let go.
            self.close_what_writes(id).await;
            return self.end_direct(id).await;
        };
        if stream.facts.ended_at.is_some() {
            return self.end(id).await;
        }
        let passcode = stream.privacy.passcode;
        if passcodes.insert(id, passcode.clone()).is_some_and(|before| before != passcode) {
            self.hang_up_viewers(id).await?;
        }
        Ok(())
    }

    async fn adopt_orphans(self: &Arc<Self>, instances: &Instances) -> Result<(), Error> {
        for id in self.store.orphaned_streams().await? {
            if self.claim(id).await? != Home::Here {
                continue;
            }
            // What is over and done is nobody's: the next instance that dies leaves less behind.
            let done = match self.store.stream(id).await? {
                Some(stream) => stream.facts.ended_at.is_some() && !self.is_left_undone(&stream).await?,
                None => true,
            };
            if done && !self.running().contains(&id) {
                self.store.release_stream(id, instances.me).await?;
                instances.remember(id, None);
            }
        }
        Ok(())
    }
}
