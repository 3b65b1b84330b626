//! Links that are used once: into a role, into the family of a memorial, or to a new password. The token is in the
//! link's fragment, which browsers send to nobody; the page sends it in a form.

use std::time::Duration;

use domain::{Action, EmailAddress, Grant, InvitationId, Password, Role, Token, audit::Deed};
use store::{Acceptance, InvitationRow};

use crate::{
    Actor, Error, Everlight,
    accounts::{Client, NewSession},
    audit::About,
    keys,
};

const INVITATION_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const PASSWORD_LIFE: Duration = Duration::from_secs(60 * 60);
/// In characters.
const LONGEST_LABEL: usize = 80;

#[derive(Debug)]
pub struct Invitations<'a>(pub(crate) &'a Everlight);

/// What a link is for.
#[derive(Debug)]
pub struct Offer {
    pub gives: Grant,
    /// The name of the funeral home, the name of the person who is remembered, or the account's e-mail address.
    pub of: String,
}

impl Invitations<'_> {
    /// `label`: for whom it is, in the words of whoever makes it.
    pub async fn create(&self, actor: &Actor, gives: Grant, label: &str) -> Result<InvitationId, Error> {
        self.0.may_give(actor, gives).await?;
        let (user, _) = actor.person()?;
        let password = matches!(gives, Grant::Password(_));
        let of_account = if password { self.of(gives).await? } else { String::new() };
        let label = if password { &of_account } else { label.trim() };
        let fits = label.chars().count() <= LONGEST_LABEL && !label.is_empty() && !label.chars().any(char::is_control);
        if !password && !fits {
            return Err(Error::Invalid(format!("Please write for whom it is, in at most {LONGEST_LABEL} letters.")));
        }
        let (millis, random) = self.0.id_parts();
        let now = self.0.now();
        let invitation = InvitationRow {
            id: InvitationId::from_parts(millis, random),
            gives,
            label: label.to_owned(),
            invited_by: user.to_string(),
            created_at: now,
            expires_at: now.plus(if password { PASSWORD_LIFE } else { INVITATION_LIFE }),
        };
        let token = self.0.keys.invitation_token(invitation.id);
        self.0.store.insert_invitation(&invitation, &keys::hex(&keys::sha256(&token))).await?;
        self.0.note(actor, Deed::Invited, self.in_words(&invitation).await?).await?;
        Ok(invitation.id)
    }

    /// The link of one that is still open, for whoever may give the same.
    pub async fn link(&self, actor: &Actor, id: InvitationId) -> Result<(InvitationRow, String), Error> {
        let invitation = self.0.store.open_invitation(id, self.0.now()).await?.ok_or(Error::NotFound)?;
        self.0.may_give(actor, invitation.gives).await?;
        self.0.note(actor, Deed::InvitationShown, self.in_words(&invitation).await?).await?;
        let token = self.0.keys.invitation_token(id);
        Ok((invitation, format!("{}/invite#{}", self.0.settings.public_url, token.expose())))
    }

    pub async fn withdraw(&self, actor: &Actor, id: InvitationId) -> Result<(), Error> {
        let invitation = self.0.store.open_invitation(id, self.0.now()).await?.ok_or(Error::NotFound)?;
        self.0.may_give(actor, invitation.gives).await?;
        self.0.store.withdraw_invitation(id, self.0.now()).await?;
        self.0.note(actor, Deed::InvitationWithdrawn, self.in_words(&invitation).await?).await
    }

    /// What the link is for, if it can still be used.
    pub async fn read(&self, token: &str) -> Result<Offer, Error> {
        let invitation = self.open(token).await?;
        Ok(Offer { gives: invitation.gives, of: self.of(invitation.gives).await? })
    }

    /// Uses the link and signs in. Somebody who has an account already proves it with its password; anybody else
    /// chooses one.
    pub async fn accept(
        &self,
        token: &str,
        email: &str,
        password: String,
        client: &Client,
    ) -> Result<NewSession, Error> {
        let invitation = self.open(token).await?;
        if let Grant::Password(id) = invitation.gives {
            let user = self.0.store.user(id).await?.ok_or_else(worthless)?;
            let password_hash = &self.0.passwords.hash(Password::parse(password)?).await?;
            self.use_up(&invitation, &Acceptance::Password { id, password_hash }).await?;
            self.0.store.withdraw_invitations_giving(invitation.gives, self.0.now()).await?;
            self.0.note_of(&user.email, Deed::PasswordReset, "").await?;
            return self.0.new_session(id, client).await;
        }
        let email = EmailAddress::parse(email)?;
        let family_of = match invitation.gives {
            Grant::Family(memorial) => Some(memorial),
            _ => None,
        };
        let user = match self.0.store.user_by_email(&email).await? {
            Some(known) => {
                let hash = Some(known.password_hash);
                if !self.0.matches(email.as_str(), client, hash, &password).await? {
                    return Err(Error::Invalid(
                        "There is an account with this e-mail address already. Please write the password of it.".into(),
                    ));
                }
                let role = new_role(invitation.gives, known.role)?;
                self.use_up(&invitation, &Acceptance::Known { id: known.id, role, family_of }).await?;
                known.id
            }
            None => {
                let hash = self.0.passwords.hash(Password::parse(password)?).await?;
                let (id, role) = (self.0.new_user_id(), role_of(invitation.gives));
                let new = Acceptance::NewUser { id, email: email.as_str(), password_hash: &hash, role, family_of };
                self.use_up(&invitation, &new).await?;
                id
            }
        };
        self.0.note_of(email.as_str(), Deed::InvitationAccepted, self.in_words(&invitation).await?).await?;
        self.0.new_session(user, client).await
    }

    async fn open(&self, token: &str) -> Result<InvitationRow, Error> {
        let token: Token = token.trim().parse().map_err(|_| worthless())?;
        let hash = keys::hex(&keys::sha256(&token));
        let invitation = self.0.store.invitation_by_token(&hash, self.0.now()).await?.ok_or_else(worthless)?;
        if self.holds(&invitation).await? { Ok(invitation) } else { Err(worthless()) }
    }

    /// Whether whoever gave it might still. A link for a new password is a way to be that person, who may see more by
    /// now than when it was made, or whoever gave it less.
    async fn holds(&self, invitation: &InvitationRow) -> Result<bool, Error> {
        let Grant::Password(id) = invitation.gives else { return Ok(true) };
        let Ok(giver) = invitation.invited_by.parse() else { return Ok(false) };
        let (giver, user) = (self.0.store.user(giver).await?, self.0.store.user(id).await?);
        match (giver, user) {
            (Some(giver), Some(user)) => self.0.people().may_reset_as(giver.role, &user).await,
            _ => Ok(false),
        }
    }

    async fn use_up(&self, invitation: &InvitationRow, acceptance: &Acceptance<'_>) -> Result<(), Error> {
        if self.0.store.use_invitation(invitation.id, self.0.now(), acceptance).await? {
            Ok(())
        } else {
            Err(worthless())
        }
    }

    async fn of(&self, gives: Grant) -> Result<String, Error> {
        Ok(match gives {
            Grant::Administrator => String::new(),
            Grant::Director(home) | Grant::Assistant(home) => {
                self.0.store.home(home).await?.map(|home| home.name.into()).unwrap_or_default()
            }
            Grant::Family(memorial) => {
                self.0.store.memorial(memorial).await?.map(|memorial| memorial.details.name.into()).unwrap_or_default()
            }
            Grant::Password(user) => self.0.store.user(user).await?.map(|user| user.email).unwrap_or_default(),
        })
    }

    async fn in_words(&self, invitation: &InvitationRow) -> Result<About, Error> {
        let of = self.of(invitation.gives).await?;
        let memorial = match invitation.gives {
            Grant::Family(memorial) => Some(memorial),
            _ => None,
        };
        let gives = match invitation.gives {
            Grant::Administrator => "Administrator".to_owned(),
            Grant::Director(_) => format!("Director of {of}"),
            Grant::Assistant(_) => format!("Assistant of {of}"),
            Grant::Family(_) => format!("Family of {of}"),
            Grant::Password(_) => return Ok(format!("New password for {of}").into()),
        };
        Ok(About { words: format!("{gives}, for {}", invitation.label), memorial })
    }
}

fn worthless() -> Error {
    Error::Invalid("This link does not work any more. Please ask whoever sent it to you for a new one.".into())
}

/// What a new account is.
const fn role_of(gives: Grant) -> Role {
    match gives {
        Grant::Administrator => Role::Administrator,
        Grant::Director(home) => Role::Director(home),
        Grant::Assistant(home) => Role::Assistant(home),
        Grant::Family(_) | Grant::Password(_) => Role::Family,
    }
}

/// What somebody becomes who is something already: nobody works for two funeral homes with one account, and no
/// administrator becomes less by opening a link.
fn new_role(gives: Grant, present: Role) -> Result<Option<Role>, Error> {
    match (gives, present) {
        (Grant::Family(_) | Grant::Password(_), _) => Ok(None),
        (_, Role::Family) => Ok(Some(role_of(gives))),
        (Grant::Director(home) | Grant::Assistant(home), Role::Director(own) | Role::Assistant(own)) if home == own => {
            Ok(Some(role_of(gives)))
        }
        _ => Err(Error::Invalid(
            "This account has another role already. Please use another e-mail address for this invitation.".into(),
        )),
    }
}

impl Everlight {
    /// Whether the actor may make a link that gives this.
    async fn may_give(&self, actor: &Actor, gives: Grant) -> Result<(), Error> {
        let allowed = match gives {
            Grant::Family(memorial) => return self.memorial_for(actor, Action::Invite, memorial).await.map(drop),
            Grant::Password(user) => {
                let user = self.store.user(user).await?.ok_or(Error::NotFound)?;
                self.people().may_reset(actor, &user).await?
            }
            Grant::Administrator => actor.role().is_some_and(|role| gives.may_be_given_by(role)),
            Grant::Director(home) | Grant::Assistant(home) => {
                self.store.home(home).await?.ok_or(Error::NotFound)?;
                actor.role().is_some_and(|role| gives.may_be_given_by(role))
            }
        };
        if allowed { Ok(()) } else { Err(self.no_grant(actor, gives)) }
    }

    /// Why the actor may not give this: in words if they know of it, else there is no such thing.
    pub(crate) fn no_grant(&self, actor: &Actor, gives: Grant) -> Error {
        let own = actor.role().and_then(Role::home);
        match gives {
            Grant::Director(home) | Grant::Assistant(home) if own == Some(home) => {
                Error::Forbidden("Please ask a director of your funeral home to do this.")
            }
            Grant::Administrator => Error::Forbidden("Only an administrator may do this."),
            _ => Error::NotFound,
        }
    }
}
