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

    /// Another instance may have ended the service, deleted it, replaced its link, or set another passcode; or it has
    /// taken the stream, because it thought that we were dead.
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
        self.hang_up_former_publishers(&stream).await?;
        let passcode = stream.privacy.passcode;
        if passcodes.insert(id, passcode.clone()).is_some_and(|before| before != passcode) {
            self.hang_up_viewers(id).await?;
        }
        Ok(())
    }

    async fn adopt_orphans(self: &Arc<Self>, instances: &Instances) -> Result<(), Error> {
        let mut adopted = false;
        for id in self.store.orphaned_streams().await? {
            if self.claim(id).await? != Home::Here {
                continue;
            }
            adopted = true;
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
        if adopted { self.clear_away().await } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use domain::Token;
    use media::{Answer, IceCredentials, SessionId};
    use whip::offer::{self, Role};

    use super::*;
    use crate::testing::Installation;

    /// What Chromium 156 sends.
    const FILMS: &str = include_str!("../../../media/tests/fixtures/chromium-156-publisher.sdp");
    const WATCHES: &str = include_str!("../../../media/tests/fixtures/chromium-156-viewer.sdp");

    #[tokio::test]
    async fn a_link_that_another_instance_replaced_films_no_more_here() {
        let at = Installation::new().await;
        let [here, there] = [at.instance("http://one").await, at.instance("http://another").await];
        let id = at.create().await;
        let link = async || there.streams().access(&at.actor, id).await.unwrap().token;
        let film = async |link: &Token| {
            here.publishing().publish(id, Some(link.expose()), FILMS, "", None).await.unwrap().session
        };
        let mut passcodes = Passcodes::new();
        let mut looked = async || here.mind(here.instances.as_ref().unwrap(), id, &mut passcodes).await.unwrap();

        let first = link().await;
        let session = film(&first).await;
        let rehearsal = here.rehearsals().publish(id, Some(first.expose()), FILMS).await.unwrap().session;
        let watches = Answer {
            session: SessionId::random(),
            sdp: String::new(),
            ice: IceCredentials { ufrag: "abcd".into(), pwd: "0123456789012345678901".into() },
        };
        let stream = at.store.stream(id).await.unwrap().unwrap();
        here.sessions.add(&stream, Role::Viewer, &offer::check(WATCHES, Role::Viewer).unwrap(), &watches, None);
        looked().await;
        assert!(here.sessions.is_of(session, id) && here.sessions.is_of(rehearsal, id));

        there.streams().replace_link(&at.actor, id).await.unwrap();
        // Whoever has the new link already is not whom it is replaced for.
        let with_new_link = film(&link().await).await;
        looked().await;
        assert!(!here.sessions.is_of(session, id) && !here.sessions.is_of(rehearsal, id));
        assert!(here.sessions.is_of(with_new_link, id));
        assert!(here.sessions.is_of(watches.session, id), "who watches notices nothing");
    }
}
