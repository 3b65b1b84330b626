//! Several instances of the program behind one address, on one database. Each stream is with one of them at a time (the
//! rule is in `domain::hosting`): it takes the phone's picture, shows it, and does what is to be done for that stream. Requests
//! that belong to a stream are passed on to it by whichever instance gets them; when it dies, another goes on.
//!
//! An installation with one instance has none of this: every stream is here, and nobody is asked.

mod beat;
mod held;
mod news;
mod pulse;
mod voucher;

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicBool},
    time::{Duration, Instant},
};

use domain::{
    InstanceId, Slug, StreamId,
    hosting::{Claim, is_alive},
};
use store::InstanceRow;
use tokio::sync::{Notify, mpsc, watch};

pub use self::voucher::Voucher;
use crate::{
    Error, Everlight,
    events::{Events, News},
};

/// So long it is believed who has a stream: players of HLS ask several times a second.
const BELIEVED_FOR: Duration = Duration::from_secs(1);
/// More than services are watched at once; then all are looked up anew.
const MOST_REMEMBERED: usize = 4096;

/// One instance among several.
pub struct Instances {
    me: InstanceId,
    address: String,
    database_url: String,
    /// Those that are there, by their addresses.
    alive: watch::Sender<HashMap<InstanceId, String>>,
    holders: Mutex<HashMap<StreamId, (Instant, Option<InstanceId>)>>,
    /// A link's stream never changes.
    slugs: Mutex<HashMap<Slug, StreamId>>,
    /// What the others are to be told; taken by the task that does.
    to_tell: Mutex<Option<mpsc::UnboundedReceiver<News>>>,
    /// Something of a stream that is here may have been changed by another instance.
    look: Notify,
    /// It says no more that it is there.
    leaving: AtomicBool,
}

impl std::fmt::Debug for Instances {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The database's address may hold a password.
        f.debug_struct("Instances").field("me", &self.me).field("address", &self.address).finish_non_exhaustive()
    }
}

/// Another instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    pub id: InstanceId,
    /// `http://10.0.0.2:8080`.
    pub address: String,
}

/// Where a stream is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    Here,
    There(Peer),
    /// No instance that is alive has it.
    Nowhere,
}

impl Everlight {
    /// Makes it one of several. `address`: where the others reach it; `database_url`: a PostgreSQL.
    #[must_use]
    pub fn among_others(mut self, address: String, database_url: String) -> Self {
        let (millis, random) = self.id_parts();
        let (others, to_tell) = mpsc::unbounded_channel();
        self.events = Events::telling(others);
        self.instances = Some(Instances {
            me: InstanceId::from_parts(millis, random),
            address,
            database_url,
            alive: watch::Sender::new(HashMap::new()),
            holders: Mutex::default(),
            slugs: Mutex::default(),
            to_tell: Mutex::new(Some(to_tell)),
            look: Notify::new(),
            leaving: AtomicBool::new(false),
        });
        self
    }

    /// Whether there are, or may be, others.
    pub const fn is_among_others(&self) -> bool {
        self.instances.is_some()
    }

    /// Where the stream is, as far as is known.
    pub async fn home(&self, stream: StreamId) -> Result<Home, Error> {
        let Some(instances) = &self.instances else { return Ok(Home::Here) };
        let holder = match instances.believed(stream) {
            Some(holder) => holder,
            None => {
                let holder = self.store.holder_of(stream).await?.map(|holder| holder.instance);
                instances.remember(stream, holder);
                holder
            }
        };
        Ok(instances.home_at(holder))
    }

    /// The stream of a mourner's link. `None`: there is none.
    pub async fn stream_of(&self, slug: &Slug) -> Result<Option<StreamId>, Error> {
        let Some(instances) = &self.instances else { return Ok(None) };
        if let Some(known) = instances.slugs().get(slug) {
            return Ok(Some(*known));
        }
        let found = self.store.stream_of_slug(slug).await?;
        if let Some(stream) = found {
            bounded(&mut instances.slugs()).insert(slug.clone(), stream);
        }
        Ok(found)
    }

    /// The other instance is not there: nothing listens where it did. Its streams may be taken at once.
    pub async fn is_gone(&self, peer: InstanceId) -> Result<(), Error> {
        let Some(instances) = &self.instances else { return Ok(()) };
        tracing::warn!(instance = %peer, "an instance is gone: nothing listens at its address");
        instances.alive.send_if_modified(|alive| alive.remove(&peer).is_some());
        self.store.forget_instance(peer).await?;
        instances.look.notify_one();
        Ok(())
    }

    /// Returns when the other instance is dead.
    pub async fn until_gone(&self, peer: InstanceId) {
        let Some(instances) = &self.instances else { return };
        let mut alive = instances.alive.subscribe();
        // The sender lives as long as we do.
        let _ = alive.wait_for(|alive| !alive.contains_key(&peer)).await;
    }

    /// Whether this instance does this work of all of them, for so long.
    pub(crate) async fn lease(&self, work: &str, time: Duration) -> Result<bool, Error> {
        match &self.instances {
            None => Ok(true),
            Some(instances) => Ok(self.store.lease(work, instances.me, time).await?),
        }
    }
}

impl Instances {
    fn home_at(&self, holder: Option<InstanceId>) -> Home {
        match holder {
            None => Home::Nowhere,
            Some(holder) if holder == self.me => Home::Here,
            Some(holder) => match self.alive.borrow().get(&holder) {
                Some(address) => Home::There(Peer { id: holder, address: address.clone() }),
                None => Home::Nowhere,
            },
        }
    }

    fn believed(&self, stream: StreamId) -> Option<Option<InstanceId>> {
        let (at, holder) = *self.holders().get(&stream)?;
        (at.elapsed() < BELIEVED_FOR).then_some(holder)
    }

    fn remember(&self, stream: StreamId, holder: Option<InstanceId>) {
        bounded(&mut self.holders()).insert(stream, (Instant::now(), holder));
    }

    /// What was believed of it may not be so any more.
    fn doubt(&self, news: News) {
        match news {
            News::Of(stream) => drop(self.holders().remove(&stream)),
            News::OfAny => self.holders().clear(),
        }
    }

    fn claimed(&self, stream: StreamId, claim: Claim) -> Home {
        let holder = match claim {
            Claim::Held | Claim::Taken { .. } => self.me,
            Claim::Elsewhere(holder) => holder,
        };
        self.remember(stream, Some(holder));
        self.home_at(Some(holder))
    }

    fn know(&self, rows: Vec<InstanceRow>) {
        let alive: HashMap<_, _> =
            rows.into_iter().filter(|row| is_alive(row.silent_for)).map(|row| (row.id, row.address)).collect();
        self.alive.send_if_modified(|known| {
            let changed = *known != alive;
            if changed {
                tracing::info!(instances = alive.len(), "instances have come or gone");
                *known = alive;
            }
            changed
        });
    }

    fn holders(&self) -> MutexGuard<'_, HashMap<StreamId, (Instant, Option<InstanceId>)>> {
        // Consistent between any two statements: a panic elsewhere leaves it usable.
        self.holders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slugs(&self) -> MutexGuard<'_, HashMap<Slug, StreamId>> {
        // As above.
        self.slugs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bounded<K, V>(map: &mut HashMap<K, V>) -> &mut HashMap<K, V> {
    if map.len() >= MOST_REMEMBERED {
        map.clear();
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among_others() -> Instances {
        Instances {
            me: InstanceId::from_parts(1, [0; 10]),
            address: "http://10.0.0.2:3000".into(),
            database_url: String::new(),
            alive: watch::Sender::new(HashMap::new()),
            holders: Mutex::default(),
            slugs: Mutex::default(),
            to_tell: Mutex::default(),
            look: Notify::new(),
            leaving: AtomicBool::new(false),
        }
    }

    #[test]
    fn news_of_a_stream_ends_what_was_believed_of_it_and_of_no_other() {
        let instances = among_others();
        let [one, another] = [1, 2].map(|n| StreamId::from_parts(n, [0; 10]));
        for stream in [one, another] {
            instances.remember(stream, None);
        }
        assert_eq!(instances.believed(one), Some(None));
        instances.doubt(News::Of(one));
        assert_eq!((instances.believed(one), instances.believed(another)), (None, Some(None)));
        instances.doubt(News::OfAny);
        assert_eq!(instances.believed(another), None);
    }
}
