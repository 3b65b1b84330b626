//! The saga against a provider that loses answers, answers late and refuses, with the program killed at every await of
//! it: in the end there is exactly one object of each stream, or none.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicI64, Ordering},
    },
};

use domain::{MemorialId, Provider, Route, StreamId, Timestamp};
use outbound::Failure;
use proptest::prelude::*;
use store::Store;
use tokio::sync::Notify;

use super::{Accounts, Call, Host, HostedCopy, Ingest, Mark, Order};
use crate::{Actor, Everlight, Keys, Settings, streams::StreamForm};

/// How a provider takes one creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Good,
    /// It is done, and the answer is lost.
    AnswerLost,
    /// It is done some seconds after we have given up waiting.
    Late,
    Refuses,
    /// Nothing is done and nothing is answered.
    Away,
}

#[derive(Default)]
struct World {
    objects: Vec<(Mark, String)>,
    on_the_way: Vec<(Timestamp, Mark)>,
    made: u32,
    moods: Vec<Mood>,
    /// So many removals fail.
    stuck: u32,
    /// Of calls' beginnings and ends; the program is killed at the one with this number.
    checkpoints: u32,
    killed_at: Option<u32>,
}

struct FakeHost {
    provider: Provider,
    world: Mutex<World>,
    clock: Arc<AtomicI64>,
    killed: Arc<Notify>,
}

impl FakeHost {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.clock.load(Ordering::SeqCst))
    }

    /// Before and after whatever a call does.
    async fn checkpoint(&self) {
        let killed = {
            let mut world = self.world();
            world.checkpoints += 1;
            world.killed_at == Some(world.checkpoints)
        };
        if killed {
            self.killed.notify_one();
            std::future::pending::<()>().await;
        }
    }

    fn make(&self, mark: &Mark) -> String {
        let mut world = self.world();
        world.made += 1;
        let id = format!("object-{:04}", world.made);
        world.objects.push((mark.clone(), id.clone()));
        id
    }

    /// What was on its way arrives.
    fn arrive(&self) {
        let now = self.now();
        let on_the_way = std::mem::take(&mut self.world().on_the_way);
        for (at, mark) in on_the_way {
            if at <= now {
                self.make(&mark);
            } else {
                self.world().on_the_way.push((at, mark));
            }
        }
    }

    fn unknown(&self) -> Failure {
        Failure::Unknown { call: outbound::Call { provider: self.provider.name(), what: "create" }, why: "lost".into() }
    }
}

impl Host for FakeHost {
    fn provider(&self) -> Provider {
        self.provider
    }

    fn create<'a>(&'a self, order: &'a Order) -> Call<'a, String> {
        Box::pin(async move {
            self.checkpoint().await;
            let mood = self.world().moods.pop().unwrap_or(Mood::Good);
            let done = match mood {
                Mood::Good => Ok(self.make(&order.mark)),
                Mood::AnswerLost => {
                    self.make(&order.mark);
                    Err(self.unknown())
                }
                Mood::Late => {
                    let at = self.now().plus(domain::provision::SETTLING / 2);
                    self.world().on_the_way.push((at, order.mark.clone()));
                    Err(self.unknown())
                }
                Mood::Refuses => Err(Failure::Refused {
                    call: outbound::Call { provider: self.provider.name(), what: "create" },
                    status: 400,
                    code: None,
                    message: "no".into(),
                }),
                Mood::Away => Err(self.unknown()),
            };
            self.checkpoint().await;
            done
        })
    }

    fn find<'a>(&'a self, mark: &'a Mark) -> Call<'a, Vec<String>> {
        Box::pin(async move {
            self.checkpoint().await;
            self.arrive();
            let found = self.world().objects.iter().filter(|(of, _)| of == mark).map(|(_, id)| id.clone()).collect();
            self.checkpoint().await;
            Ok(found)
        })
    }

    fn remove_object<'a>(&'a self, object: &'a str) -> Call<'a, ()> {
        Box::pin(async move {
            self.checkpoint().await;
            self.world().objects.retain(|(_, id)| id != object);
            self.checkpoint().await;
            Ok(())
        })
    }

    fn remove<'a>(&'a self, mark: &'a Mark, _known: Option<&'a str>) -> Call<'a, ()> {
        Box::pin(async move {
            self.checkpoint().await;
            self.arrive();
            if self.world().stuck > 0 {
                self.world().stuck -= 1;
                return Err(self.unknown());
            }
            self.world().objects.retain(|(of, _)| of != mark);
            self.checkpoint().await;
            Ok(())
        })
    }

    fn ingest<'a>(&'a self, _: &'a str) -> Call<'a, Ingest> {
        Box::pin(async move { Err(self.unknown()) })
    }
    fn retire<'a>(&'a self, _: &'a str) -> Call<'a, ()> {
        Box::pin(async move { Ok(()) })
    }
    fn copies<'a>(&'a self, _: Option<&'a str>, _: Option<&'a str>) -> Call<'a, Vec<HostedCopy>> {
        Box::pin(async move { Ok(Vec::new()) })
    }
    fn find_upload<'a>(&'a self, _: &'a Mark) -> Call<'a, Option<String>> {
        Box::pin(async move { Ok(None) })
    }
    fn upload<'a>(&'a self, _: &'a Order, _: PathBuf) -> Call<'a, String> {
        Box::pin(async move { Err(self.unknown()) })
    }

    fn all<'a>(&'a self, installation: &'a str) -> Call<'a, Vec<(Mark, String)>> {
        Box::pin(async move {
            self.arrive();
            Ok(self.world().objects.iter().filter(|(mark, _)| mark.installation == installation).cloned().collect())
        })
    }
}

/// An installation whose program can be killed and started again; database and providers stay.
struct Installation {
    store: Store,
    hosts: Vec<Arc<FakeHost>>,
    clock: Arc<AtomicI64>,
    killed: Arc<Notify>,
    memorial: MemorialId,
    actor: Actor,
    folder: tempfile::TempDir,
    running: Arc<Everlight>,
}

impl Installation {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Store::sqlite_url(&folder.path().join("test.db"))).await.unwrap();
        let (clock, killed) = (Arc::new(AtomicI64::new(1_000_000)), Arc::new(Notify::new()));
        let host = |provider| {
            Arc::new(FakeHost {
                provider,
                world: Mutex::default(),
                clock: Arc::clone(&clock),
                killed: Arc::clone(&killed),
            })
        };
        let hosts: Vec<_> = Provider::ALL.into_iter().map(host).collect();
        let running = start(&store, &hosts, &clock, folder.path());
        let actor = Actor::program("test");
        let memorial =
            running.memorials().create(&actor, "Ada Lovelace".into(), "", "", "Europe/London").await.unwrap();
        Self { store, hosts, clock, killed, memorial, actor, folder, running }
    }

    fn restart(&mut self) {
        self.running = start(&self.store, &self.hosts, &self.clock, self.folder.path());
        for host in &self.hosts {
            host.world().killed_at = None;
        }
    }

    async fn create(&self) -> StreamId {
        let form = StreamForm {
            title: "Funeral".into(),
            time_zone: "Europe/London".into(),
            method: "phone-browser".into(),
            backup: true,
            ..StreamForm::default()
        };
        self.running.streams().create(&self.actor, self.memorial, form).await.unwrap().id
    }

    /// Works on the stream until the program is killed, if it is.
    async fn reconcile(&mut self, stream: StreamId) {
        let killed = tokio::select! {
            done = self.running.reconcile(stream) => { done.unwrap(); false }
            () = self.killed.notified() => true,
        };
        if killed {
            self.restart();
        }
    }

    fn pass(&self, time: std::time::Duration) {
        self.clock.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Everybody is well again: what is left is finished.
    async fn settle(&mut self, streams: &[StreamId]) {
        self.restart();
        for host in &self.hosts {
            host.world().moods.clear();
        }
        for _ in 0..12 {
            self.pass(std::time::Duration::from_secs(700));
            for stream in streams {
                self.reconcile(*stream).await;
            }
        }
        for host in self.hosts.clone() {
            self.running.sweep(host.as_ref()).await.unwrap().unwrap();
        }
    }

    fn objects(&self, host: usize, stream: StreamId) -> usize {
        self.hosts[host].world().objects.iter().filter(|(mark, _)| mark.stream == stream).count()
    }
}

fn start(store: &Store, hosts: &[Arc<FakeHost>], clock: &Arc<AtomicI64>, folder: &std::path::Path) -> Arc<Everlight> {
    let nowhere = media::GatewayConfig {
        udp: (std::net::Ipv4Addr::LOCALHOST, 0).into(),
        public_ips: Vec::new(),
        limits: media::Limits::default(),
    };
    let (gateway, _) = media::Gateway::start(&nowhere).unwrap();
    let settings = Settings {
        public_url: "http://localhost".into(),
        recordings_dir: folder.to_owned(),
        ffmpeg: None,
        webhook_secrets: super::webhooks::WebhookSecrets::default(),
    };
    let accounts = Accounts {
        hosts: hosts.iter().map(|host| Arc::clone(host) as Arc<dyn Host>).collect(),
        phone_route: Route::Relay,
        ..Accounts::default()
    };
    let clock = Arc::clone(clock);
    let now = Arc::new(move || Timestamp(clock.load(Ordering::SeqCst)));
    Arc::new(Everlight::new(store.clone(), gateway, settings, Keys::new([7; 32]), now, accounts, None))
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Create,
    /// Of the streams made so far.
    Delete(usize),
    Work(usize),
    Kill {
        host: usize,
        checkpoint: u32,
    },
    Mood(usize, Mood),
    Pass(u64),
}

fn any_act() -> impl Strategy<Value = Act> {
    let mood =
        prop_oneof![Just(Mood::AnswerLost), Just(Mood::Late), Just(Mood::Refuses), Just(Mood::Away), Just(Mood::Good)];
    prop_oneof![
        2 => Just(Act::Create),
        1 => (0usize..3).prop_map(Act::Delete),
        4 => (0usize..3).prop_map(Act::Work),
        2 => (0usize..2, 1u32..6).prop_map(|(host, checkpoint)| Act::Kill { host, checkpoint }),
        2 => (0usize..2, mood).prop_map(|(host, mood)| Act::Mood(host, mood)),
        2 => (1u64..60).prop_map(Act::Pass),
    ]
}

async fn play(acts: &[Act]) -> Result<(), TestCaseError> {
    let mut at = Installation::new().await;
    let (mut streams, mut deleted) = (Vec::new(), Vec::new());
    for act in acts {
        match *act {
            Act::Create => streams.push(at.create().await),
            Act::Delete(which) => {
                if let Some(stream) = streams.get(which).filter(|stream| !deleted.contains(*stream)) {
                    at.running.streams().delete(&at.actor, *stream).await.unwrap();
                    deleted.push(*stream);
                }
            }
            Act::Work(which) => {
                if let Some(stream) = streams.get(which) {
                    at.reconcile(*stream).await;
                }
            }
            Act::Kill { host, checkpoint } => {
                let mut world = at.hosts[host].world();
                world.killed_at = Some(world.checkpoints + checkpoint);
            }
            Act::Mood(host, mood) => at.hosts[host].world().moods.push(mood),
            Act::Pass(seconds) => at.pass(std::time::Duration::from_secs(seconds)),
        }
    }
    at.settle(&streams).await;
    for stream in &streams {
        let expected = usize::from(!deleted.contains(stream));
        for host in 0..at.hosts.len() {
            prop_assert_eq!(at.objects(host, *stream), expected, "at {:?}", at.hosts[host].provider);
        }
    }
    let left = at.store.all_provisions().await.unwrap();
    prop_assert!(
        left.iter().all(|provision| !deleted.contains(&provision.stream_id)),
        "a deleted stream is forgotten in the end"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_there_is_one_object_of_each_stream_or_none(acts in proptest::collection::vec(any_act(), 1..14)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(&acts))?;
    }
}

/// Every await of the plainest life, one after the other.
#[tokio::test]
async fn killed_at_every_await_of_a_life() {
    for checkpoint in 1..=8 {
        for mood in [Mood::Good, Mood::AnswerLost, Mood::Late] {
            let kill = Act::Kill { host: 0, checkpoint };
            let life = [Act::Mood(0, mood), Act::Create, kill, Act::Work(0), Act::Work(0), Act::Pass(30), Act::Work(0)];
            play(&life).await.unwrap();
            let end = [Act::Create, Act::Work(0), Act::Delete(0), kill, Act::Work(0), Act::Work(0)];
            play(&end).await.unwrap();
        }
    }
}

#[tokio::test]
async fn one_provider_that_is_away_does_not_keep_the_other() {
    let mut at = Installation::new().await;
    at.hosts[1].world().moods.extend([Mood::Refuses; 3]);
    let stream = at.create().await;
    at.reconcile(stream).await;
    assert_eq!((at.objects(0, stream), at.objects(1, stream)), (1, 0));
    let document = at.running.streams().get(&at.actor, stream).await.unwrap();
    assert_eq!(document.status, domain::stream::StreamState::Ready, "the service can begin all the same");
    let words: Vec<_> = document.cloud.iter().map(|place| place.trouble.is_some()).collect();
    assert_eq!(words, [false, true]);
}

#[tokio::test]
async fn what_was_deleted_here_is_deleted_there_however_long_the_provider_is_away() {
    let mut at = Installation::new().await;
    let stream = at.create().await;
    at.reconcile(stream).await;
    at.hosts[0].world().stuck = 5;
    at.running.streams().delete(&at.actor, stream).await.unwrap();
    for _ in 0..5 {
        at.reconcile(stream).await;
        at.restart();
        assert_eq!((at.objects(0, stream), at.store.provisions_of(stream).await.unwrap().len()), (1, 1));
        at.pass(std::time::Duration::from_secs(700));
    }
    at.reconcile(stream).await;
    assert_eq!(at.objects(0, stream), 0);
    assert!(at.store.provisions_of(stream).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_stream() {
    let at = Installation::new().await;
    let form = StreamForm {
        title: "Funeral".into(),
        time_zone: "Europe/London".into(),
        method: "phone-browser".into(),
        submission: "one".into(),
        ..StreamForm::default()
    };
    let first = at.running.streams().create(&at.actor, at.memorial, form.clone()).await.unwrap();
    let second = at.running.streams().create(&at.actor, at.memorial, form).await.unwrap();
    assert_eq!(first.id, second.id);
}
