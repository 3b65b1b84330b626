//! The second step at sign-in: a code of an authenticator app, or one of those that were written down for when the phone
//! is lost. Until it is said, the session that the password made opens nothing.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::PoisonError,
    time::Duration,
};

use domain::{Token, UserId, audit::Deed};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::{
    Actor, Error, Everlight,
    accounts::{Client, NewSession},
    keys, totp,
};

/// How long the code may take after the password.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
const RECOVERY_CODES: u8 = 8;

#[derive(Debug)]
pub struct SecondFactor<'a>(pub(crate) &'a Everlight);

/// How it stands with somebody's second step.
#[derive(Debug)]
pub enum Standing {
    Off,
    /// Begun: what the app is to scan, and what is to be written down, until the first code confirms that it was done.
    Pending {
        uri: String,
        /// The secret as people type it.
        secret: String,
        recovery: Vec<String>,
    },
    On,
}

impl SecondFactor<'_> {
    pub async fn standing(&self, actor: &Actor) -> Result<Standing, Error> {
        let (user, _) = actor.person()?;
        Ok(match self.0.store.second_factor(user).await? {
            None => Standing::Off,
            Some(factor) if factor.confirmed => Standing::On,
            Some(factor) => {
                let secret = self.open(user, &factor.secret)?;
                Standing::Pending {
                    uri: totp::uri(&secret, actor.name()),
                    secret: totp::base32(&secret),
                    recovery: recovery_codes(&secret),
                }
            }
        })
    }

    /// Makes a secret. Nothing is asked for before it was confirmed.
    pub async fn begin(&self, actor: &Actor) -> Result<(), Error> {
        let (user, _) = actor.person()?;
        let secret: totp::Secret = rand::random();
        let sealed = self.0.keys.seal(&place(user), rand::random(), &secret);
        if self.0.store.begin_second_factor(user, &sealed).await? {
            Ok(())
        } else {
            Err(Error::Invalid("The second step is on already.".into()))
        }
    }

    /// The first code: from now on one is asked for.
    pub async fn confirm(&self, actor: &Actor, code: &str) -> Result<(), Error> {
        let (user, _) = actor.person()?;
        let pending = self.0.store.second_factor(user).await?.filter(|factor| !factor.confirmed);
        let factor = pending.ok_or(Error::NotFound)?;
        let secret = self.open(user, &factor.secret)?;
        let step = totp::check(&secret, code, self.0.now(), 0).ok_or_else(wrong)?;
        let hashes: Vec<_> = recovery_codes(&secret).iter().map(|code| hash(code)).collect();
        if !self.0.store.confirm_second_factor(user, signed(step), &hashes, self.0.now()).await? {
            return Err(Error::NotFound);
        }
        self.0.note(actor, Deed::SecondStepOn, "").await
    }

    /// Turns it off. The password is asked for, so that a browser that was left open is not enough.
    pub async fn turn_off(&self, actor: &Actor, password: &str, client: &Client) -> Result<(), Error> {
        let (user, _) = actor.person()?;
        let found = self.0.store.user(user).await?.ok_or(Error::SignedOut)?;
        if !self.0.matches(actor.name(), client, Some(found.password_hash), password).await? {
            return Err(Error::Invalid("That is not your password. Please try again.".into()));
        }
        if self.0.store.remove_second_factor(user).await? {
            self.0.note(actor, Deed::SecondStepOff, actor.name()).await?;
        }
        Ok(())
    }

    /// For somebody who lost the phone and the codes: by whoever may set their password anew.
    pub async fn remove(&self, actor: &Actor, id: UserId) -> Result<(), Error> {
        let user = self.0.store.user(id).await?.ok_or(Error::NotFound)?;
        if actor.user() == Some(id) || !self.0.people().may_reset(actor, &user).await? {
            return Err(Error::NotFound);
        }
        if self.0.store.remove_second_factor(id).await? {
            self.0.note(actor, Deed::SecondStepOff, user.email).await?;
        }
        Ok(())
    }

    /// Says the code for a session that waits for it, and makes a session of it that opens something.
    pub async fn enter(&self, waiting: &Token, code: &str, client: &Client) -> Result<NewSession, Error> {
        let session = keys::hex(&keys::sha256(waiting));
        let found = self.0.store.session(&session).await?.filter(|session| session.waiting);
        let found = found.filter(|session| self.0.now().since(session.last_seen_at) <= PATIENCE);
        let user = found.ok_or(Error::SignedOut)?.user;
        self.guess(user.id)?;
        let factor = self.0.store.second_factor(user.id).await?.filter(|factor| factor.confirmed);
        // Removed meanwhile by somebody who may: nothing is left to ask for.
        let right = match factor {
            None => true,
            Some(factor) => {
                let secret = self.open(user.id, &factor.secret)?;
                let last = u64::try_from(factor.last_step).unwrap_or(u64::MAX);
                match totp::check(&secret, code, self.0.now(), last) {
                    Some(step) => self.0.store.use_step(user.id, signed(step)).await?,
                    None => self.0.store.use_recovery_code(user.id, &hash(code)).await?,
                }
            }
        };
        if !right {
            self.0.note_of(&user.email, Deed::SecondStepFailed, &client.agent).await?;
            return Err(wrong());
        }
        self.guesses().succeeded(&key(user.id));
        self.0.store.delete_session(&session).await?;
        self.0.note_of(&user.email, Deed::SignedIn, &client.agent).await?;
        self.0.open_session(user.id, client).await
    }

    /// Counted for the account alone: only who knows the password comes here, so that no outsider can make anybody wait.
    fn guess(&self, user: UserId) -> Result<(), Error> {
        self.guesses().attempt(key(user), self.0.now()).map_err(|wait| Error::Wait(wait.as_secs() + 1))
    }

    fn guesses(&self) -> std::sync::MutexGuard<'_, crate::throttle::Throttle<(String, IpAddr)>> {
        // Consistent between any two statements: a panic elsewhere leaves it usable.
        self.0.guesses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, user: UserId, sealed: &str) -> Result<totp::Secret, Error> {
        let opened = self.0.keys.open(&place(user), sealed).and_then(|secret| secret.try_into().ok());
        opened.ok_or_else(|| Error::Internal("the secret of a second step cannot be read".into()))
    }
}

fn key(user: UserId) -> (String, IpAddr) {
    (format!("second step of {user}"), IpAddr::V6(Ipv6Addr::UNSPECIFIED))
}

fn place(user: UserId) -> String {
    format!("second_factors|secret|{user}")
}

fn signed(step: u64) -> i64 {
    i64::try_from(step).unwrap_or(i64::MAX)
}

fn wrong() -> Error {
    Error::Invalid("That is not the code. Please take the one that the app shows now.".into())
}

/// Follow from the secret: they can be shown until it is confirmed, and are stored nowhere.
fn recovery_codes(secret: &totp::Secret) -> Vec<String> {
    (0..RECOVERY_CODES)
        .map(|number| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
            mac.update(b"everlight recovery code v1\0");
            mac.update(&[number]);
            let text = totp::base32(&mac.finalize().into_bytes()[..10]);
            format!("{}-{}-{}-{}", &text[..4], &text[4..8], &text[8..12], &text[12..])
        })
        .collect()
}

/// However it was typed.
fn hash(code: &str) -> String {
    let plain: String =
        code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect();
    keys::hex(&Sha256::digest(plain.as_bytes()))
}
