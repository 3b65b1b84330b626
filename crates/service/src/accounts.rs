//! The first administrator, signing in and out, and who asks.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::PoisonError,
    time::Duration,
};

use domain::{
    EmailAddress, HomeId, Password, Role, Token, UserId,
    access::{Scope, Who},
    audit::Deed,
};
use subtle::ConstantTimeEq as _;

use crate::{Error, Everlight, keys};

/// Who asks, as the use cases know them: a person who has signed in, or a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor(Known);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Known {
    Person {
        id: UserId,
        email: String,
        role: Role,
        /// The SHA-256 of the session's token.
        session: String,
    },
    Program {
        name: String,
        scope: Scope,
    },
}

impl Actor {
    /// The e-mail address of a person, the name of a program's token.
    pub fn name(&self) -> &str {
        match &self.0 {
            Known::Person { email, .. } => email,
            Known::Program { name, .. } => name,
        }
    }

    pub const fn who(&self) -> Who {
        match self.0 {
            Known::Person { role, .. } => Who::Person(role),
            Known::Program { scope, .. } => Who::Program(scope),
        }
    }

    /// What a person is; a program is nothing of that kind.
    pub const fn role(&self) -> Option<Role> {
        match self.0 {
            Known::Person { role, .. } => Some(role),
            Known::Program { .. } => None,
        }
    }

    pub(crate) const fn user(&self) -> Option<UserId> {
        match self.0 {
            Known::Person { id, .. } => Some(id),
            Known::Program { .. } => None,
        }
    }

    /// The person and their session.
    pub(crate) fn person(&self) -> Result<(UserId, &str), Error> {
        match &self.0 {
            Known::Person { id, session, .. } => Ok((*id, session)),
            Known::Program { .. } => Err(Error::Forbidden("This is for people only.")),
        }
    }

    pub(crate) fn must_be_staff(&self) -> Result<(), Error> {
        match self.role() {
            Some(Role::Administrator | Role::Director(_) | Role::Assistant(_)) => Ok(()),
            Some(Role::Family) | None => Err(Error::Forbidden("This is for the staff of the funeral home.")),
        }
    }

    pub(crate) fn must_be_administrator(&self) -> Result<(), Error> {
        match self.role() {
            Some(Role::Administrator) => Ok(()),
            _ => Err(Error::Forbidden("Only an administrator may do this.")),
        }
    }

    #[cfg(test)]
    pub(crate) fn administrator() -> Self {
        let id = UserId::from_parts(1, [1; 10]);
        Self(Known::Person { id, email: "test".into(), role: Role::Administrator, session: String::new() })
    }
}

/// From where somebody signs in.
#[derive(Debug, Clone)]
pub struct Client {
    /// Their network's address.
    pub network: IpAddr,
    /// Their browser, in a few words.
    pub agent: String,
}

impl Default for Client {
    /// Nothing is known: all of those are one.
    fn default() -> Self {
        Self { network: IpAddr::V6(Ipv6Addr::UNSPECIFIED), agent: String::new() }
    }
}

/// A session that was just made: its token goes into the cookie and nowhere else.
#[derive(Debug)]
pub struct NewSession {
    pub token: Token,
    /// The second step is still to come: until then it opens nothing.
    pub waiting: bool,
}

/// A session ends this long after sign-in …
pub(crate) const SESSION_LIFE: Duration = Duration::from_secs(12 * 60 * 60);
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
    pub async fn set_up(
        &self,
        token: &str,
        email: &str,
        password: String,
        client: &Client,
    ) -> Result<NewSession, Error> {
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
        let user = self.0.new_user_id();
        if !self.0.store.insert_first_user(user, &email, &hash, self.0.now()).await? {
            return Err(Error::Invalid("Everlight is set up already. Please sign in.".into()));
        }
        self.0.note_of(email.as_str(), Deed::SetUp, "").await?;
        self.0.new_session(user, client).await
    }

    /// Makes an administrator from the command line.
    pub async fn create_administrator(&self, email: &str, password: String) -> Result<(), Error> {
        let email = EmailAddress::parse(email)?;
        let hash = self.0.passwords.hash(Password::parse(password)?).await?;
        let role = Role::Administrator;
        self.0.store.insert_user(self.0.new_user_id(), &email, &hash, role, self.0.now()).await.map_err(|error| {
            if error.is_duplicate() {
                Error::Invalid(format!("There is an account for {} already.", email.as_str()))
            } else {
                error.into()
            }
        })?;
        self.0.note_of(COMMAND_LINE, Deed::AccountMade, email.as_str()).await
    }

    pub async fn sign_in(&self, email: &str, password: &str, client: &Client) -> Result<NewSession, Error> {
        let wrong = || Error::Invalid("E-mail address and password do not match. Please try again.".into());
        let address = EmailAddress::parse(email).ok();
        let user = match &address {
            Some(address) => self.0.store.user_by_email(address).await?,
            None => None,
        };
        // Known or not, an account is throttled alike: who has one is not told.
        let account = address.as_ref().map_or("", EmailAddress::as_str);
        // An unknown address costs as much time as a wrong password, too (ASVS 5.0 §6.3.8).
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let matches = self.0.matches(account, client, hash, password).await?;
        match user {
            Some(user) if matches => {
                let session = self.0.new_session(user.id, client).await?;
                if !session.waiting {
                    self.0.note_of(&user.email, Deed::SignedIn, &client.agent).await?;
                }
                Ok(session)
            }
            user => {
                // What was typed is not written down unless it is an account: people type passwords there, too.
                let whose = user.map_or_else(|| "An unknown account".to_owned(), |user| user.email);
                self.0.note_of(&whose, Deed::SignInFailed, &client.agent).await?;
                Err(wrong())
            }
        }
    }

    pub async fn sign_out(&self, actor: &Actor) -> Result<(), Error> {
        let (_, session) = actor.person()?;
        self.0.store.delete_session(session).await?;
        self.0.note(actor, Deed::SignedOut, "").await
    }

    /// Ends a session that a browser had until somebody signed in there.
    pub async fn end_former(&self, session: &Token) -> Result<(), Error> {
        Ok(self.0.store.delete_session(&keys::hex(&keys::sha256(session))).await?)
    }

    /// The person whose session this token is, if it is still valid.
    pub async fn authenticate(&self, token: &Token) -> Result<Option<Actor>, Error> {
        self.session(keys::hex(&keys::sha256(token))).await
    }

    /// The same person as they are now, if they are still signed in: for what goes on after the request that began it.
    pub async fn still(&self, actor: &Actor) -> Result<Actor, Error> {
        match &actor.0 {
            Known::Person { session, .. } => self.session(session.clone()).await?.ok_or(Error::SignedOut),
            Known::Program { .. } => Ok(actor.clone()),
        }
    }

    async fn session(&self, session: String) -> Result<Option<Actor>, Error> {
        let now = self.0.now();
        let found = self.0.store.session(&session).await?.filter(|session| !session.waiting);
        let Some(found) = found else { return Ok(None) };
        let idle = now.since(found.last_seen_at);
        if now > found.expires_at || idle > SESSION_IDLE {
            self.0.store.delete_session(&session).await?;
            return Ok(None);
        }
        if idle > TOUCH_AFTER {
            self.0.store.touch_session(&session, now).await?;
        }
        let user = found.user;
        Ok(Some(Actor(Known::Person { id: user.id, email: user.email, role: user.role, session })))
    }

    /// The program whose API token this is. Wrong tokens are [`Error::SignedOut`], whatever is wrong with them.
    pub async fn authenticate_program(&self, token: &str) -> Result<Actor, Error> {
        let token: Token = token.parse().map_err(|_| Error::SignedOut)?;
        let found = self.0.store.api_token(&keys::hex(&keys::sha256(&token))).await?;
        let (name, scope) = found.ok_or(Error::SignedOut)?;
        Ok(Actor(Known::Program { name: format!("Program {name}"), scope }))
    }

    /// Makes a token for a program: for the memorials of one funeral home, or for all. It is shown once and stored as
    /// its hash.
    pub async fn create_api_token(&self, name: &str, home: Option<&str>) -> Result<Token, Error> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 60 {
            return Err(Error::Invalid("Please give the token a name of at most 60 letters.".into()));
        }
        let scope = match home {
            Some(home) => Scope::Home(self.home_named(home.trim()).await?),
            None => Scope::All,
        };
        let token = Token::from_bytes(rand::random());
        self.0.store.insert_api_token(&keys::hex(&keys::sha256(&token)), name, scope, self.0.now()).await?;
        self.0.note_of(COMMAND_LINE, Deed::TokenMade, name).await?;
        Ok(token)
    }

    async fn home_named(&self, name: &str) -> Result<HomeId, Error> {
        let mut homes = self.0.store.homes().await?.into_iter().filter(|home| home.name.as_str() == name);
        match (homes.next(), homes.next()) {
            (Some(home), None) => Ok(home.id),
            (None, _) => Err(Error::Invalid(format!("There is no funeral home with the name {name}."))),
            (Some(_), Some(_)) => Err(Error::Invalid(format!("There are several funeral homes with the name {name}."))),
        }
    }

    /// Revokes every token of this name. How many there were.
    pub async fn revoke_api_tokens(&self, name: &str) -> Result<u64, Error> {
        let revoked = self.0.store.revoke_api_tokens(name.trim(), self.0.now()).await?;
        if revoked > 0 {
            self.0.note_of(COMMAND_LINE, Deed::TokenRevoked, name.trim()).await?;
        }
        Ok(revoked)
    }
}

/// Who has the machine.
const COMMAND_LINE: &str = "The command line";

impl Everlight {
    /// Whether the password is the account's. Whoever guesses waits longer each time, before anything is compared.
    pub(crate) async fn matches(
        &self,
        account: &str,
        client: &Client,
        hash: Option<String>,
        password: &str,
    ) -> Result<bool, Error> {
        let key = (account.to_owned(), client.network);
        // Consistent between any two statements: a panic elsewhere leaves it usable.
        let throttle = || self.guesses.lock().unwrap_or_else(PoisonError::into_inner);
        throttle().attempt(key.clone(), self.now()).map_err(|wait| Error::Wait(wait.as_secs() + 1))?;
        let matches = self.passwords.verify(hash, password.to_owned()).await?;
        if matches {
            throttle().succeeded(&key);
        }
        Ok(matches)
    }

    /// For whoever proved who they are, but for the second step where there is one.
    pub(crate) async fn new_session(&self, user: UserId, client: &Client) -> Result<NewSession, Error> {
        let waiting = self.store.second_factor(user).await?.is_some_and(|factor| factor.confirmed);
        self.make_session(user, client, waiting).await
    }

    /// For whoever took the second step, too.
    pub(crate) async fn open_session(&self, user: UserId, client: &Client) -> Result<NewSession, Error> {
        self.make_session(user, client, false).await
    }

    async fn make_session(&self, user: UserId, client: &Client, waiting: bool) -> Result<NewSession, Error> {
        let now = self.now();
        let idle_since = domain::Timestamp(now.millis() - i64::try_from(SESSION_IDLE.as_millis()).unwrap_or(0));
        self.store.delete_expired_sessions(now, idle_since).await?;
        let token = Token::from_bytes(rand::random());
        let hash = keys::hex(&keys::sha256(&token));
        self.store.insert_session(&hash, user, &client.agent, waiting, now, now.plus(SESSION_LIFE)).await?;
        Ok(NewSession { token, waiting })
    }

    pub(crate) fn new_user_id(&self) -> UserId {
        let (millis, random) = self.id_parts();
        UserId::from_parts(millis, random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Installation;

    const HOUR: Duration = Duration::from_secs(60 * 60);

    #[tokio::test]
    async fn a_session_ends_by_itself() {
        let at = Installation::new().await;
        let accounts = at.running.accounts();
        accounts.create_administrator("ada@example.com", "correct horse battery".into()).await.unwrap();
        let open = async || {
            let client = Client::default();
            accounts.sign_in("ada@example.com", "correct horse battery", &client).await.unwrap().token
        };
        let opens = async |token: &Token| accounts.authenticate(token).await.unwrap().is_some();
        let [idle, busy] = [open().await, open().await];
        at.pass(HOUR * 3);
        assert!(opens(&busy).await);
        at.pass(HOUR + Duration::from_secs(1));
        assert!(!opens(&idle).await, "four hours without a request");
        for _ in 0..3 {
            at.pass(HOUR * 5 / 2);
            assert!(opens(&busy).await);
        }
        at.pass(HOUR / 2);
        assert!(!opens(&busy).await, "twelve hours after the sign-in, however busy");
    }
}
