//! The first administrator, signing in and out, and sessions.

use std::{sync::Arc, time::Duration};

use argon2::{Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _};
use domain::{EmailAddress, Password, Token, UserId};
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;

use crate::{Error, Everlight, keys};

/// Who asks, as the use cases know them: a person who has signed in, or a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The e-mail address of a person, the name of a program's token.
    name: String,
    /// The SHA-256 of the session's token; a program has no session.
    session: Option<String>,
}

impl Actor {
    pub fn email(&self) -> &str {
        &self.name
    }

    pub(crate) fn program(name: &str) -> Self {
        Self { name: name.to_owned(), session: None }
    }
}

/// A session that was just made: its token goes into the cookie and nowhere else.
#[derive(Debug)]
pub struct NewSession {
    pub token: Token,
}

/// A session ends this long after sign-in …
const SESSION_LIFE: Duration = Duration::from_secs(12 * 60 * 60);
/// … or this long after the last request. Longer than a service with its preparations: a director must not be signed
/// out in the middle of one.
const SESSION_IDLE: Duration = Duration::from_secs(4 * 60 * 60);
/// How stale `last_seen_at` may be: not every request writes.
const TOUCH_AFTER: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub struct Accounts<'a>(pub(crate) &'a Everlight);

impl Accounts<'_> {
    /// Whether the first administrator is still to be made.
    pub async fn setup_needed(&self) -> Result<bool, Error> {
        Ok(self.0.store.user_count().await? == 0)
    }

    /// Makes the first administrator and signs them in. The token works once: afterwards there is an administrator.
    pub async fn set_up(&self, token: &str, email: &str, password: String) -> Result<NewSession, Error> {
        let wrong = || {
            Error::Invalid("This set-up link is not valid. Please open the one that the program printed last.".into())
        };
        let expected = self.0.setup_token.ok_or_else(wrong)?;
        let given: Token = token.trim().parse().map_err(|_| wrong())?;
        if !bool::from(keys::sha256(&given).ct_eq(&expected)) {
            return Err(wrong());
        }
        if !self.setup_needed().await? {
            return Err(Error::Invalid("Everlight is set up already. Please sign in.".into()));
        }
        let email = EmailAddress::parse(email)?;
        let hash = self.0.passwords.hash(Password::parse(password)?).await?;
        let user = self.new_user_id();
        if !self.0.store.insert_first_user(user, &email, &hash, self.0.now()).await? {
            return Err(Error::Invalid("Everlight is set up already. Please sign in.".into()));
        }
        self.new_session(user).await
    }

    /// Makes an administrator from the command line.
    pub async fn create_administrator(&self, email: &str, password: String) -> Result<(), Error> {
        let email = EmailAddress::parse(email)?;
        let hash = self.0.passwords.hash(Password::parse(password)?).await?;
        self.0.store.insert_user(self.new_user_id(), &email, &hash, self.0.now()).await.map_err(|error| {
            if error.is_duplicate() {
                Error::Invalid(format!("There is an account for {} already.", email.as_str()))
            } else {
                error.into()
            }
        })
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Result<NewSession, Error> {
        let wrong = || Error::Invalid("E-mail address and password do not match. Please try again.".into());
        let user = match EmailAddress::parse(email) {
            Ok(email) => self.0.store.user_by_email(&email).await?,
            Err(_) => None,
        };
        // An unknown address costs as much time as a wrong password: who has an account is not told (ASVS 5.0 §6.3.8).
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let matches = self.0.passwords.verify(hash, password.to_owned()).await?;
        match user {
            Some(user) if matches => self.new_session(user.id).await,
            _ => Err(wrong()),
        }
    }

    pub async fn sign_out(&self, actor: &Actor) -> Result<(), Error> {
        match &actor.session {
            Some(session) => Ok(self.0.store.delete_session(session).await?),
            None => Ok(()),
        }
    }

    /// The person whose session this token is, if it is still valid.
    pub async fn authenticate(&self, token: &Token) -> Result<Option<Actor>, Error> {
        let now = self.0.now();
        let session = keys::hex(&keys::sha256(token));
        let Some(found) = self.0.store.session(&session).await? else { return Ok(None) };
        let idle = now.since(found.last_seen_at);
        if now > found.expires_at || idle > SESSION_IDLE {
            self.0.store.delete_session(&session).await?;
            return Ok(None);
        }
        if idle > TOUCH_AFTER {
            self.0.store.touch_session(&session, now).await?;
        }
        Ok(Some(Actor { name: found.user.email, session: Some(session) }))
    }

    /// The program whose API token this is. Wrong tokens are [`Error::SignedOut`], whatever is wrong with them.
    pub async fn authenticate_program(&self, token: &str) -> Result<Actor, Error> {
        let token: Token = token.parse().map_err(|_| Error::SignedOut)?;
        let found = self.0.store.api_token(&keys::hex(&keys::sha256(&token))).await?;
        found.map(|name| Actor::program(&name)).ok_or(Error::SignedOut)
    }

    /// Makes a token for a program. It is shown once and stored as its hash.
    pub async fn create_api_token(&self, name: &str) -> Result<Token, Error> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 60 {
            return Err(Error::Invalid("Please give the token a name of at most 60 letters.".into()));
        }
        let token = Token::from_bytes(rand::random());
        self.0.store.insert_api_token(&keys::hex(&keys::sha256(&token)), name, self.0.now()).await?;
        Ok(token)
    }

    /// Revokes every token of this name. How many there were.
    pub async fn revoke_api_tokens(&self, name: &str) -> Result<u64, Error> {
        Ok(self.0.store.revoke_api_tokens(name.trim(), self.0.now()).await?)
    }

    async fn new_session(&self, user: UserId) -> Result<NewSession, Error> {
        let now = self.0.now();
        let idle_since = domain::Timestamp(now.millis() - i64::try_from(SESSION_IDLE.as_millis()).unwrap_or(0));
        self.0.store.delete_expired_sessions(now, idle_since).await?;
        let token = Token::from_bytes(rand::random());
        let hash = keys::hex(&keys::sha256(&token));
        self.0.store.insert_session(&hash, user, now, now.plus(SESSION_LIFE)).await?;
        Ok(NewSession { token })
    }

    fn new_user_id(&self) -> UserId {
        let (millis, random) = self.0.id_parts();
        UserId::from_parts(millis, random)
    }
}

/// How a session travels: `__Host-` and `Secure` wherever the site is served over HTTPS (ASVS 5.0 §3.3).
#[derive(Debug, Clone)]
pub struct SessionCookie {
    name: &'static str,
    attributes: &'static str,
}

impl SessionCookie {
    pub fn for_site(public_url: &str) -> Self {
        if public_url.starts_with("https://") {
            Self { name: "__Host-everlight", attributes: "Path=/; Secure; HttpOnly; SameSite=Lax" }
        } else {
            Self { name: "everlight", attributes: "Path=/; HttpOnly; SameSite=Lax" }
        }
    }

    pub fn set(&self, session: &NewSession) -> String {
        format!("{}={}; {}; Max-Age={}", self.name, session.token.expose(), self.attributes, SESSION_LIFE.as_secs())
    }

    pub fn clear(&self) -> String {
        format!("{}=; {}; Max-Age=0", self.name, self.attributes)
    }

    /// The session's token in a `Cookie` header. Of several cookies of the name the first that parses counts.
    pub fn read(&self, header: &str) -> Option<Token> {
        header
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == self.name)
            .find_map(|(_, value)| value.parse().ok())
    }
}

/// Argon2id with the parameters of the OWASP cheat sheet (19 MiB, 2 passes: the crate's defaults), a few at a time:
/// each takes 19 MiB.
#[derive(Debug)]
pub struct PasswordHasher {
    at_once: Arc<Semaphore>,
}

impl Default for PasswordHasher {
    fn default() -> Self {
        Self { at_once: Arc::new(Semaphore::new(2)) }
    }
}

impl PasswordHasher {
    async fn hash(&self, password: Password) -> Result<String, Error> {
        self.run(move || Argon2::default().hash_password(password.expose().as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|error| Error::Internal(format!("password hash: {error}")))
    }

    /// Whether the password matches. Without a hash the same work is done in vain and the answer is no.
    async fn verify(&self, hash: Option<String>, password: String) -> Result<bool, Error> {
        self.run(move || match hash {
            Some(hash) => PasswordHash::new(&hash)
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()),
            None => {
                let _ = Argon2::default().hash_password(password.as_bytes());
                false
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let stopped = |_| Error::Internal("password hashing stopped".into());
        let permit = Arc::clone(&self.at_once)
            .acquire_owned()
            .await
            .map_err(|_| Error::Internal("password hashing stopped".into()))?;
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        })
        .await
        .map_err(stopped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_of_an_https_site_cannot_be_set_by_a_neighbour() {
        let cookie = SessionCookie::for_site("https://live.example.com");
        let session = NewSession { token: Token::from_bytes([1; 32]) };
        let header = cookie.set(&session);
        assert!(header.starts_with("__Host-everlight=0101"), "{header}");
        for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(header.contains(attribute), "{header} lacks {attribute}");
        }
        assert!(!header.contains("Domain"));
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let cookie = SessionCookie::for_site("http://localhost:3000");
        let token = Token::from_bytes([2; 32]);
        let header = format!("theme=dark; everlight=junk; everlight={}; x", token.expose());
        assert_eq!(cookie.read(&header), Some(token));
        assert_eq!(cookie.read("everlight="), None);
    }

    #[tokio::test]
    async fn a_password_is_matched_and_an_unknown_person_never_is() {
        let hasher = PasswordHasher::default();
        let hash = hasher.hash(Password::parse("correct horse battery".into()).unwrap()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.verify(Some(hash.clone()), "correct horse battery".into()).await.unwrap());
        assert!(!hasher.verify(Some(hash), "correct horse".into()).await.unwrap());
        assert!(!hasher.verify(None, "correct horse battery".into()).await.unwrap());
        assert!(!hasher.verify(Some("not a hash".into()), String::new()).await.unwrap());
    }
}
