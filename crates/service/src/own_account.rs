//! What everybody may do with their own account: another password, and a look at where they are signed in.

use domain::{Grant, Password, Timestamp, audit::Deed};

use crate::{Actor, Error, Everlight, accounts::Client};

#[derive(Debug)]
pub struct OwnAccount<'a>(pub(crate) &'a Everlight);

/// Where somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// Names it, and opens nothing.
    pub handle: String,
    pub since: Timestamp,
    pub last_seen: Timestamp,
    pub agent: String,
    /// The one that asks.
    pub current: bool,
}

/// So many digits of a session's hash name it among those of one person.
const HANDLE: usize = 16;

impl OwnAccount<'_> {
    /// The latest used first.
    pub async fn sessions(&self, actor: &Actor) -> Result<Vec<OpenSession>, Error> {
        let (user, own) = actor.person()?;
        let sessions = self.0.store.sessions_of(user, self.0.now()).await?.into_iter();
        Ok(sessions
            .map(|session| OpenSession {
                current: session.token_hash == own,
                handle: session.token_hash.chars().take(HANDLE).collect(),
                since: session.created_at,
                last_seen: session.last_seen_at,
                agent: session.agent,
            })
            .collect())
    }

    pub async fn end_session(&self, actor: &Actor, handle: &str) -> Result<(), Error> {
        let (user, _) = actor.person()?;
        let sessions = self.0.store.sessions_of(user, self.0.now()).await?;
        let of_handle = |hash: &str| handle.len() == HANDLE && hash.starts_with(handle);
        let session = sessions.iter().find(|session| of_handle(&session.token_hash)).ok_or(Error::NotFound)?;
        self.0.store.delete_session_of(user, &session.token_hash).await?;
        self.0.note(actor, Deed::SessionEnded, &session.agent).await
    }

    pub async fn end_other_sessions(&self, actor: &Actor) -> Result<(), Error> {
        let (user, own) = actor.person()?;
        self.0.store.delete_other_sessions(user, own).await?;
        self.0.note(actor, Deed::SessionEnded, "All others").await
    }

    /// Sets another password, signs out everywhere else, and ends the links by which it could be set. The present one is asked for, so that a browser that was
    /// left open is not enough.
    pub async fn change_password(
        &self,
        actor: &Actor,
        present: &str,
        new: String,
        client: &Client,
    ) -> Result<(), Error> {
        let (user, own) = actor.person()?;
        let new = Password::parse(new)?;
        let found = self.0.store.user(user).await?.ok_or(Error::SignedOut)?;
        if !self.0.matches(actor.name(), client, Some(found.password_hash), present).await? {
            return Err(Error::Invalid("That is not your present password. Please try again.".into()));
        }
        let hash = self.0.passwords.hash(new).await?;
        self.0.store.set_password(user, &hash).await?;
        self.0.store.delete_other_sessions(user, own).await?;
        // A link for another one was for whoever had forgotten this one.
        self.0.store.withdraw_invitations_giving(Grant::Password(user), self.0.now()).await?;
        self.0.note(actor, Deed::PasswordChanged, "").await
    }
}
