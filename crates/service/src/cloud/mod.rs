//! Providers of recordings: what an installation with accounts there makes, keeps, proves and removes at each.
//!
//! A provider is a [`Host`]. Nothing outside of this folder's `cloudflare` and `mux` knows which is which.

mod cloudflare;
mod copies;
mod inbox;
mod mux;
mod pictures;
mod provision;
mod queue;
pub(crate) mod reconcile;
mod relay;
#[cfg(test)]
mod saga_tests;
mod signed;
mod sweep;
pub mod webhooks;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{Provider, Route, StreamId, StreamingMethod, Timestamp, deletion::Thing, recording::RecordingSource};
use futures::future::BoxFuture;
pub use outbound::Failure;
pub use push::Ingest;
use tokio::sync::Semaphore;

pub use self::{cloudflare::CloudflareHost, mux::MuxHost};

/// What a call to a provider will have given.
pub type Call<'a, T> = BoxFuture<'a, Result<T, Failure>>;

/// Our name for everything that we make at a provider: it goes with each creation, so that what was made can be found
/// again when the answer was lost.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mark {
    /// Two installations may share an account.
    pub installation: String,
    pub stream: StreamId,
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "everlight:{}:{}", self.installation, self.stream)
    }
}

impl std::str::FromStr for Mark {
    type Err = domain::ids::InvalidId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = domain::ids::InvalidId("mark");
        let rest = text.strip_prefix("everlight:").ok_or_else(|| invalid.clone())?;
        let (installation, stream) = rest.split_once(':').ok_or(invalid)?;
        Ok(Self { installation: installation.to_owned(), stream: stream.parse()? })
    }
}

/// What is to be made, or found again.
#[derive(Debug, Clone)]
pub struct Order {
    pub mark: Mark,
    /// For the people who look at the provider's dashboard.
    pub title: String,
}

/// A recording at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedCopy {
    pub id: String,
    pub state: HostedState,
    /// As the provider says; proven by playing it.
    pub duration_ms: u64,
    /// One file that every browser plays, once the provider has made it.
    pub mp4: Option<String>,
    pub hls: Option<String>,
    /// These addresses play with a token only.
    pub signed: bool,
}

/// Where a provider shows a live picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LivePicture {
    pub hls: String,
    /// It plays with a token only.
    pub signed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostedState {
    /// Still being recorded, or made ready.
    Processing,
    Ready,
    /// The provider could not make it.
    Broken,
}

/// One provider, with an account there.
pub trait Host: Send + Sync {
    fn provider(&self) -> Provider;
    /// Makes the object that takes one stream in and records it.
    fn create<'a>(&'a self, order: &'a Order) -> Call<'a, String>;
    /// Objects with this mark whose settings are as we set them. Those with other settings are removed.
    fn find<'a>(&'a self, mark: &'a Mark) -> Call<'a, Vec<String>>;
    /// Removes one object that is not the stream's (a duplicate); recordings of it stay.
    fn remove_object<'a>(&'a self, object: &'a str) -> Call<'a, ()>;
    /// Everything of a stream that is there: objects, recordings, uploads. `known`: the object, which may be gone while its
    /// recordings are not.
    fn held<'a>(&'a self, mark: &'a Mark, known: Option<&'a str>) -> Call<'a, BTreeSet<Thing>>;
    /// Removes one thing; what is not there has been removed.
    fn delete<'a>(&'a self, thing: &'a Thing) -> Call<'a, ()>;
    /// Asks for it by its id. Whether the provider says that there is no such thing.
    fn is_gone<'a>(&'a self, thing: &'a Thing) -> Call<'a, bool>;
    /// Where a picture is sent to; holds a secret.
    fn ingest<'a>(&'a self, object: &'a str) -> Call<'a, Ingest>;
    /// The service is over: nobody can send to the object any more, and what was sent becomes a recording.
    fn retire<'a>(&'a self, object: &'a str) -> Call<'a, ()>;
    /// The recordings there are: of what was sent to the object, and the one that was uploaded.
    fn copies<'a>(&'a self, object: Option<&'a str>, uploaded: Option<&'a str>) -> Call<'a, Vec<HostedCopy>>;
    /// An upload with this mark that was made by a call whose answer was lost.
    fn find_upload<'a>(&'a self, mark: &'a Mark) -> Call<'a, Option<String>>;
    /// Uploads a file as a recording of the stream and gives its id.
    fn upload<'a>(&'a self, order: &'a Order, file: PathBuf) -> Call<'a, String>;
    /// Every object there that carries our installation's mark.
    fn all<'a>(&'a self, installation: &'a str) -> Call<'a, Vec<(Mark, String)>>;
    /// Whether there is a key for tokens. Then everything is made so that it plays with one only.
    fn signs(&self) -> bool {
        false
    }
    /// The address of something there, with a token that opens it until then; `keep`: as a file to be kept. `None` without a
    /// key.
    fn sign(&self, _address: &str, _until: Timestamp, _keep: bool) -> Option<String> {
        None
    }
    /// Live by means of the provider: `None` where it has no such thing.
    fn live(&self) -> Option<&dyn LiveHost> {
        None
    }
}

/// A provider that takes encoders and phones in by itself and shows their picture.
pub trait LiveHost: Send + Sync {
    /// Whether a picture arrives there now.
    fn on_air<'a>(&'a self, object: &'a str) -> Call<'a, bool>;
    /// Where the picture plays over HLS.
    fn hls<'a>(&'a self, object: &'a str) -> Call<'a, Option<LivePicture>>;
    /// Sends what arrives on to another provider.
    fn simulcast<'a>(&'a self, object: &'a str, to: &'a Ingest) -> Call<'a, ()>;
    /// Stops sending it on.
    fn stop_simulcast<'a>(&'a self, object: &'a str) -> Call<'a, ()>;
    /// New addresses for whoever sends; the old ones are cut.
    fn rotate<'a>(&'a self, object: &'a str) -> Call<'a, ()>;
    /// The address that takes WebRTC; it is a secret.
    fn whip<'a>(&'a self, object: &'a str) -> Call<'a, secrecy::SecretString>;
    /// The address that plays WebRTC, opened until then; the browser is not told it either.
    fn whep<'a>(&'a self, object: &'a str, until: Timestamp) -> Call<'a, secrecy::SecretString>;
}

/// How a second copy reaches the provider that does not show the picture (`EVERLIGHT_BACKUP`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backup {
    /// By a push of its own from this server's disk.
    Push,
    /// By the live output of the first provider.
    CloudflareOutput,
}

/// A provider shows nothing for a while after the last picture.
pub const PATIENCE: Duration = Duration::from_secs(60);

const CHECKED_AT_ONCE: usize = 2;
const UPLOADED_AT_ONCE: usize = 2;

/// The accounts of an installation and how they are used.
#[derive(Clone)]
pub struct Accounts {
    pub hosts: Vec<Arc<dyn Host>>,
    /// For phones; encoders go where an encoder can go.
    pub phone_route: Route,
    pub backup: Backup,
    /// How long after a service nothing at a provider, or a push that gets nowhere, is waited for.
    pub patience: Duration,
    /// Whom pushes believe to be a provider; none where nothing is pushed.
    pub roots: Option<push::TlsRoots>,
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hosts: Vec<_> = self.hosts.iter().map(|host| host.provider()).collect();
        f.debug_struct("Accounts")
            .field("hosts", &hosts)
            .field("phone_route", &self.phone_route)
            .finish_non_exhaustive()
    }
}

impl Default for Accounts {
    fn default() -> Self {
        Self { hosts: Vec::new(), phone_route: Route::Embedded, backup: Backup::Push, patience: PATIENCE, roots: None }
    }
}

/// The accounts, and what is going on with them.
pub(crate) struct Cloud {
    pub(crate) accounts: Accounts,
    pub(crate) installation: String,
    pushes: Mutex<HashMap<(StreamId, Provider), push::Push>>,
    /// One worker at a time for each stream.
    working: Mutex<HashSet<StreamId>>,
    queue: queue::Queue,
    inbox: inbox::Inbox,
    pictures: pictures::Pictures,
    /// Copies are decoded from beginning to end: not many at once, for people are live beside it.
    checking: Semaphore,
    /// Uploads share the line with those who watch.
    uploading: Semaphore,
}

impl Cloud {
    pub(crate) fn new(accounts: Accounts, installation: String) -> Self {
        Self {
            accounts,
            installation,
            pushes: Mutex::default(),
            working: Mutex::default(),
            queue: queue::Queue::default(),
            inbox: inbox::Inbox::default(),
            pictures: pictures::Pictures::default(),
            checking: Semaphore::new(CHECKED_AT_ONCE),
            uploading: Semaphore::new(UPLOADED_AT_ONCE),
        }
    }

    pub(crate) fn host(&self, provider: Provider) -> Option<&Arc<dyn Host>> {
        self.accounts.hosts.iter().find(|host| host.provider() == provider)
    }

    /// The provider that holds copies from this source, if we have an account there.
    pub(crate) fn host_of(&self, source: RecordingSource) -> Option<&Arc<dyn Host>> {
        self.accounts.hosts.iter().find(|host| host.provider().source() == source)
    }

    /// The provider that shows a live picture by itself, if there is one.
    pub(crate) fn live_host(&self) -> Option<&Arc<dyn Host>> {
        self.accounts.hosts.iter().find(|host| host.live().is_some())
    }

    /// The way a new stream takes.
    pub(crate) fn route(&self, method: StreamingMethod) -> Route {
        match method {
            StreamingMethod::PhoneBrowser => self.accounts.phone_route,
            StreamingMethod::Encoder if self.live_host().is_some() => Route::Encoder,
            StreamingMethod::Encoder => Route::Embedded,
        }
    }

    /// The providers that a stream on this route is recorded at.
    pub(crate) fn wanted(&self, route: Route, backup: bool) -> Vec<Provider> {
        if route == Route::Embedded {
            return Vec::new();
        }
        // The first is part of the route; the others are the backup that was asked for.
        let first = self.live_host().or_else(|| self.accounts.hosts.first()).map(|host| host.provider());
        let hosts = self.accounts.hosts.iter().map(|host| host.provider());
        hosts.filter(|provider| backup || Some(*provider) == first).collect()
    }

    /// Where the live picture of an object plays.
    pub(crate) async fn picture(&self, host: &dyn Host, object: &str, now: Timestamp) -> Option<LivePicture> {
        self.pictures.of(object, host.live()?, now).await
    }

    pub(crate) fn mark(&self, stream: StreamId) -> Mark {
        Mark { installation: self.installation.clone(), stream }
    }

    pub(crate) fn pushes(&self) -> MutexGuard<'_, HashMap<(StreamId, Provider), push::Push>> {
        // Consistent between any two statements: a panic elsewhere leaves it usable.
        self.pushes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn working(&self) -> MutexGuard<'_, HashSet<StreamId>> {
        self.working.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a provider did not do something, for the people who look at a stream's card. The log has the details.
pub(crate) fn in_words(provider: Provider, failure: &Failure) -> String {
    let name = provider.name();
    match failure {
        failure if failure.is_denied() => {
            format!("{name} does not accept this installation's access. An administrator has to look at its settings.")
        }
        Failure::Ignored { setting, .. } => {
            format!("{name} did not take over the setting “{setting}”, so a recording there cannot be relied on.")
        }
        Failure::Refused { message, .. } => format!("{name} refused it: {message}"),
        Failure::RateLimited { .. } => format!("{name} asks us to wait. It is tried again by itself."),
        _ => format!("{name} is not answering. It is tried again by itself."),
    }
}
