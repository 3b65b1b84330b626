//! Where the policy ([`domain::access`]) meets the database: a use case gets the memorial or the stream that it works on
//! from here and from nowhere else, together with the answer whether whoever asks may.

use domain::{
    MemorialId, StreamId,
    access::{Action, Decision, Place, Who, decide},
    memorial::Memorial,
    stream::Stream,
};

use crate::{Actor, Error, Everlight};

impl Everlight {
    /// The memorial, if the actor may do this with it. What they may not see is not there.
    pub(crate) async fn memorial_for(&self, actor: &Actor, action: Action, id: MemorialId) -> Result<Memorial, Error> {
        let memorial = self.store.memorial(id).await?.ok_or(Error::NotFound)?;
        match decide(actor.who(), self.place(actor, &memorial).await?, action) {
            Decision::Allowed => Ok(memorial),
            Decision::Refused(reason) => Err(Error::Forbidden(reason)),
            Decision::Hidden => Err(Error::NotFound),
        }
    }

    /// The stream, if the actor may do this with it.
    pub(crate) async fn stream_for(&self, actor: &Actor, action: Action, id: StreamId) -> Result<Stream, Error> {
        let stream = self.store.stream(id).await?.ok_or(Error::NotFound)?;
        self.memorial_for(actor, action, stream.memorial_id).await?;
        Ok(stream)
    }

    /// Everything that the actor may do with a memorial.
    pub(crate) async fn allowed(&self, actor: &Actor, memorial: &Memorial) -> Result<Vec<Action>, Error> {
        let place = self.place(actor, memorial).await?;
        let may = |action: &Action| decide(actor.who(), place, *action) == Decision::Allowed;
        Ok(Action::ALL.into_iter().filter(may).collect())
    }

    async fn place(&self, actor: &Actor, memorial: &Memorial) -> Result<Place, Error> {
        let member = match (actor.who(), actor.user()) {
            // Nothing depends on it.
            (Who::Person(domain::Role::Administrator), _) | (_, None) => false,
            (_, Some(user)) => self.store.is_member(memorial.id, user).await?,
        };
        Ok(Place { home: memorial.home, member })
    }
}
