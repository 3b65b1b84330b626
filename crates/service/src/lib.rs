//! The use cases: what a server function or a route calls. Rules that need the database, the clock or the gateway.
//!
//! Every use case of people who have signed in takes an [`Actor`]; those of streamers take their link's token; those of
//! mourners the slug of their link. There is no other way in.

pub mod accounts;
pub mod agent;
mod archive;
pub mod audit;
pub mod cloud;
pub mod cookie;
mod deletion;
mod direct;
mod encoder;
pub mod error;
pub mod events;
pub mod export;
mod finishing;
mod gateway_events;
pub mod instances;
pub mod invitations;
pub mod keys;
mod leftovers;
mod lost_phone;
pub mod memorials;
pub mod numbers;
pub mod own_account;
pub mod passes;
mod passwords;
pub mod people;
mod phone_copy;
pub mod pictures;
pub mod places;
mod policy;
pub mod portraits;
pub mod privacy;
pub mod progress;
pub mod publishing;
pub mod recordings;
pub mod rehearsals;
mod sealed;
pub mod second_factor;
pub mod sessions;
pub mod space;
pub mod storage;
mod stream_document;
pub mod streams;
mod submissions;
pub mod success;
mod system;
mod takes;
#[cfg(test)]
mod testing;
mod throttle;
pub mod time;
mod today;
mod totp;
mod tries;
pub mod trimming;
mod turns;
pub mod uploads;
pub mod viewing;

use std::{
    net::IpAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use domain::{Timestamp, Token};
use store::Store;

pub use accounts::Actor;
pub use direct::DirectError;
pub use error::Error;
pub use gateway_events::follow as follow_gateway;
pub use keys::Keys;
pub use space::Space;

/// What the installation decides.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How the outside reaches us, without a slash at the end: `https://live.example.com`.
    pub public_url: String,
    /// Where recordings lie.
    pub recordings_dir: PathBuf,
    /// Room on the disk that they lie on.
    pub space: Space,
    /// The decoder for the last check of a recording; without one a recording is parsed but not decoded.
    pub ffmpeg: Option<PathBuf>,
    /// How long after its last day a service is deleted for good; never by itself where that is not set.
    pub delete_after: Option<Duration>,
    /// How many people of one network may watch over WebRTC at once.
    pub viewers_per_network: usize,
    /// What tells providers' webhooks from anybody else's.
    pub webhook_secrets: cloud::webhooks::WebhookSecrets,
}

/// Tells the time, in Unix milliseconds.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Everything that the use cases work with.
pub struct Everlight {
    store: Store,
    gateway: media::Gateway,
    settings: Settings,
    keys: Keys,
    clock: Clock,
    started: Timestamp,
    events: events::Events,
    /// Whether a stop is near.
    stopping: tokio::sync::watch::Sender<bool>,
    /// `None`: this is the only one.
    instances: Option<instances::Instances>,
    archive: archive::Archive,
    cloud: cloud::Cloud,
    direct: direct::Direct,
    sessions: sessions::Sessions,
    /// What each network has of the places for those who watch over WebRTC.
    seats: places::Places,
    passwords: passwords::PasswordHasher,
    pictures: pictures::Pictures,
    /// Attempts at an account's password from one network.
    guesses: Mutex<throttle::Throttle<(String, IpAddr)>>,
    rehearsing: rehearsals::Running,
    tries: tries::Tries,
    turns: turns::Turns,
    trimming: trimming::Turns,
    busy_uploads: uploads::BusyUploads,
    unfinished_copies: lost_phone::UnfinishedCopies,
    deletions: deletion::Deletions,
    /// `None`: recordings lie on the disk only.
    storage: Option<storage::Storage>,
    /// A turn for each archive that is being written.
    exporting: Arc<tokio::sync::Semaphore>,
    finishing: finishing::Finishing,
    /// Held while files are made of phones' copies: one at a time is work enough.
    assembling: tokio::sync::Mutex<()>,
    /// Held while a copy is judged, for the copies of a service are judged against each other.
    judging: tokio::sync::Mutex<()>,
    /// SHA-256 of the token that opens the set-up page, while there is no administrator.
    setup_token: Option<[u8; 32]>,
}

impl std::fmt::Debug for Everlight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Everlight").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Everlight {
    pub fn new(
        store: Store,
        gateway: media::Gateway,
        settings: Settings,
        keys: Keys,
        clock: Clock,
        accounts: cloud::Accounts,
        setup_token: Option<&Token>,
    ) -> Self {
        let cloud = cloud::Cloud::new(accounts, keys.installation());
        let seats = places::Places::new(settings.viewers_per_network);
        Self {
            store,
            gateway,
            settings,
            keys,
            started: clock(),
            clock,
            events: events::Events::default(),
            instances: None,
            stopping: tokio::sync::watch::Sender::new(false),
            archive: archive::Archive::default(),
            cloud,
            direct: direct::Direct::default(),
            sessions: sessions::Sessions::default(),
            seats,
            passwords: passwords::PasswordHasher::default(),
            pictures: pictures::Pictures::default(),
            guesses: Mutex::default(),
            rehearsing: rehearsals::Running::default(),
            tries: tries::Tries::default(),
            turns: turns::Turns::default(),
            trimming: trimming::Turns::default(),
            busy_uploads: uploads::BusyUploads::default(),
            unfinished_copies: lost_phone::UnfinishedCopies::default(),
            deletions: deletion::Deletions::default(),
            storage: None,
            exporting: Arc::new(tokio::sync::Semaphore::new(export::AT_ONCE)),
            finishing: finishing::Finishing::default(),
            assembling: tokio::sync::Mutex::default(),
            judging: tokio::sync::Mutex::default(),
            setup_token: setup_token.map(keys::sha256),
        }
    }

    pub const fn accounts(&self) -> accounts::Accounts<'_> {
        accounts::Accounts(self)
    }
    pub const fn own_account(&self) -> own_account::OwnAccount<'_> {
        own_account::OwnAccount(self)
    }
    pub const fn second_factor(&self) -> second_factor::SecondFactor<'_> {
        second_factor::SecondFactor(self)
    }
    pub const fn people(&self) -> people::People<'_> {
        people::People(self)
    }
    pub const fn invitations(&self) -> invitations::Invitations<'_> {
        invitations::Invitations(self)
    }
    pub const fn audit(&self) -> audit::Audit<'_> {
        audit::Audit(self)
    }
    pub const fn success(&self) -> success::Success<'_> {
        success::Success(self)
    }
    pub const fn memorials(&self) -> memorials::Memorials<'_> {
        memorials::Memorials(self)
    }
    pub const fn portraits(&self) -> portraits::Portraits<'_> {
        portraits::Portraits(self)
    }
    pub const fn streams(&self) -> streams::Streams<'_> {
        streams::Streams(self)
    }
    pub const fn publishing(self: &Arc<Self>) -> publishing::Publishing<'_> {
        publishing::Publishing(self)
    }
    pub const fn rehearsals(self: &Arc<Self>) -> rehearsals::Rehearsals<'_> {
        rehearsals::Rehearsals(self)
    }
    pub const fn uploads(self: &Arc<Self>) -> uploads::Uploads<'_> {
        uploads::Uploads(self)
    }
    pub const fn viewing(&self) -> viewing::Viewing<'_> {
        viewing::Viewing(self)
    }
    pub const fn recordings(&self) -> recordings::Recordings<'_> {
        recordings::Recordings(self)
    }
    pub const fn trimming(self: &Arc<Self>) -> trimming::Trimming<'_> {
        trimming::Trimming(self)
    }

    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether the database answers.
    pub async fn ready(&self) -> Result<(), Error> {
        Ok(self.store.ping().await?)
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Random bytes and the moment, as ids are made of them.
    fn id_parts(&self) -> (u64, [u8; 10]) {
        (u64::try_from(self.now().millis()).unwrap_or(0), rand::random())
    }
}
