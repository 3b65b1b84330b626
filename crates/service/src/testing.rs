//! An installation for tests of use cases: a real database, a real gateway, and providers that fail as they are told to.

pub(crate) mod film;
pub(crate) mod phone;

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicI64, Ordering},
    },
};

use domain::{
    MemorialId, Provider, Route, StreamId, Timestamp,
    deletion::{Thing, ThingKind},
};
use outbound::Failure;
use store::Store;
use tokio::sync::Notify;

use crate::{
    Actor, Everlight, Keys, Settings,
    cloud::{Accounts, Call, Host, HostedCopy, Ingest, LiveHost, LivePicture, Mark, Order, webhooks::WebhookSecrets},
    memorials::MemorialForm,
    streams::StreamForm,
};

/// How a provider takes one creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
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
pub(crate) struct World {
    pub(crate) objects: Vec<(Mark, String)>,
    on_the_way: Vec<(Timestamp, Mark)>,
    made: u32,
    pub(crate) moods: Vec<Mood>,
    /// So many removals fail.
    pub(crate) stuck: u32,
    /// So many removals are answered as if they had been done.
    pub(crate) clings: u32,
    /// Of calls' beginnings and ends; the program is killed at the one with this number.
    pub(crate) checkpoints: u32,
    pub(crate) killed_at: Option<u32>,
    /// It has a key for tokens.
    pub(crate) signs: bool,
    /// It shows live pictures, this one.
    pub(crate) picture: Option<LivePicture>,
    /// How often it was asked where that is.
    pub(crate) asked_for_picture: u32,
}

pub(crate) struct FakeHost {
    pub(crate) provider: Provider,
    world: Mutex<World>,
    clock: Arc<AtomicI64>,
    killed: Arc<Notify>,
}

impl FakeHost {
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
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

    fn held<'a>(&'a self, mark: &'a Mark, _known: Option<&'a str>) -> Call<'a, BTreeSet<Thing>> {
        Box::pin(async move {
            self.checkpoint().await;
            self.arrive();
            let thing = |(_, id): &(Mark, String)| Thing { kind: ThingKind::Object, id: id.clone() };
            Ok(self.world().objects.iter().filter(|(of, _)| of == mark).map(thing).collect())
        })
    }

    fn delete<'a>(&'a self, thing: &'a Thing) -> Call<'a, ()> {
        Box::pin(async move {
            self.checkpoint().await;
            if self.world().stuck > 0 {
                self.world().stuck -= 1;
                return Err(self.unknown());
            }
            if self.world().clings > 0 {
                self.world().clings -= 1;
                return Ok(());
            }
            self.world().objects.retain(|(_, id)| *id != thing.id);
            self.checkpoint().await;
            Ok(())
        })
    }

    fn is_gone<'a>(&'a self, thing: &'a Thing) -> Call<'a, bool> {
        Box::pin(async move { Ok(self.world().objects.iter().all(|(_, id)| *id != thing.id)) })
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

    fn signs(&self) -> bool {
        self.world().signs
    }
    fn sign(&self, address: &str, until: Timestamp, _: bool) -> Option<String> {
        self.signs().then(|| format!("{address}?until={}", until.millis()))
    }
    fn live(&self) -> Option<&dyn LiveHost> {
        self.world().picture.is_some().then_some(self)
    }
}

impl LiveHost for FakeHost {
    fn on_air<'a>(&'a self, _: &'a str) -> Call<'a, bool> {
        Box::pin(async move { Ok(true) })
    }
    fn hls<'a>(&'a self, _: &'a str) -> Call<'a, Option<LivePicture>> {
        Box::pin(async move {
            let picture = {
                let mut world = self.world();
                world.asked_for_picture += 1;
                world.picture.clone()
            };
            // As over a network: others come meanwhile.
            tokio::task::yield_now().await;
            Ok(picture)
        })
    }
    fn simulcast<'a>(&'a self, _: &'a str, _: &'a Ingest) -> Call<'a, ()> {
        Box::pin(async move { Err(self.unknown()) })
    }
    fn stop_simulcast<'a>(&'a self, _: &'a str) -> Call<'a, ()> {
        Box::pin(async move { Ok(()) })
    }
    fn rotate<'a>(&'a self, _: &'a str) -> Call<'a, ()> {
        Box::pin(async move { Ok(()) })
    }
    fn whip<'a>(&'a self, _: &'a str) -> Call<'a, secrecy::SecretString> {
        Box::pin(async move { Err(self.unknown()) })
    }
    fn whep<'a>(&'a self, _: &'a str, _: Timestamp) -> Call<'a, secrecy::SecretString> {
        Box::pin(async move { Err(self.unknown()) })
    }
}

/// An installation whose program can be killed and started again; database and providers stay.
pub(crate) struct Installation {
    pub(crate) store: Store,
    pub(crate) hosts: Vec<Arc<FakeHost>>,
    accounts: Vec<Arc<dyn Host>>,
    clock: Arc<AtomicI64>,
    killed: Arc<Notify>,
    pub(crate) memorial: MemorialId,
    pub(crate) actor: Actor,
    folder: tempfile::TempDir,
    /// From the next start on.
    pub(crate) ffmpeg: Option<PathBuf>,
    pub(crate) delete_after: Option<std::time::Duration>,
    pub(crate) objects: Option<objects::Objects>,
    /// How long files stay here that are in object storage.
    pub(crate) keep: Option<std::time::Duration>,
    pub(crate) running: Arc<Everlight>,
}

impl Installation {
    pub(crate) async fn new() -> Self {
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
        let accounts = hosts.iter().map(|host| Arc::clone(host) as Arc<dyn Host>).collect();
        Self::with(hosts, accounts, clock, killed).await
    }

    /// With accounts at providers' stand-ins.
    pub(crate) async fn at_providers(accounts: Vec<Arc<dyn Host>>) -> Self {
        Self::with(Vec::new(), accounts, Arc::new(AtomicI64::new(1_000_000)), Arc::default()).await
    }

    async fn with(
        hosts: Vec<Arc<FakeHost>>,
        accounts: Vec<Arc<dyn Host>>,
        clock: Arc<AtomicI64>,
        killed: Arc<Notify>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&testdb::url(folder.path()).await).await.unwrap();
        let running = start(&store, &accounts, &clock, folder.path(), None, None);
        let actor = Actor::administrator();
        let form = MemorialForm { name: "Ada Lovelace".into(), time_zone: "Europe/London", ..MemorialForm::default() };
        let memorial = running.memorials().create(&actor, form).await.unwrap();
        Self {
            store,
            hosts,
            accounts,
            clock,
            killed,
            memorial,
            actor,
            folder,
            ffmpeg: None,
            delete_after: None,
            objects: None,
            keep: None,
            running,
        }
    }

    /// One of several instances on this installation's database, with the others reaching it there.
    pub(crate) async fn instance(&self, address: &str) -> Arc<Everlight> {
        let running = start(&self.store, &self.accounts, &self.clock, self.folder.path(), None, None);
        // Nobody else has it yet.
        let running = Arc::into_inner(running).unwrap().among_others(address.into(), String::new());
        running.join().await.unwrap();
        Arc::new(running)
    }

    pub(crate) fn restart(&mut self) {
        let (folder, ffmpeg) = (self.folder.path(), self.ffmpeg.clone());
        let running = start(&self.store, &self.accounts, &self.clock, folder, ffmpeg, self.delete_after);
        self.running = match &self.objects {
            // Nobody else has it yet.
            Some(objects) => Arc::new(Arc::into_inner(running).unwrap().with_storage(objects.clone(), self.keep)),
            None => running,
        };
        for host in &self.hosts {
            host.world().killed_at = None;
        }
    }

    /// Where the recordings lie.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// With an object storage of its own, which keeps what is finished; files stay here for `keep`, or for ever.
    pub(crate) async fn with_objects(keep: Option<std::time::Duration>) -> (Self, testobjects::Server) {
        let server = testobjects::Server::start().await;
        let mut at = Self::new().await;
        (at.objects, at.keep) = (Some(objects::Objects::new(&server.settings("everlight")).unwrap()), keep);
        at.restart();
        (at, server)
    }

    /// As if each provider had been asked for an object while the service was to come.
    pub(crate) async fn make_objects(&mut self, stream: StreamId) {
        for host in self.hosts.clone() {
            let object = host.make(&self.running.cloud.mark(stream));
            let event = domain::provision::ProvisionEvent::Exists { at: self.running.now(), object };
            self.running.record_provision(stream, host.provider, event).await.unwrap();
        }
    }

    pub(crate) async fn create(&self) -> StreamId {
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
    pub(crate) async fn reconcile(&mut self, stream: StreamId) {
        let killed = tokio::select! {
            done = self.running.reconcile(stream) => { done.unwrap(); false }
            () = self.killed.notified() => true,
        };
        if killed {
            self.restart();
        }
    }

    pub(crate) fn pass(&self, time: std::time::Duration) {
        self.clock.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Everybody is well again: what is left is finished.
    pub(crate) async fn settle(&mut self, streams: &[StreamId]) {
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

    pub(crate) fn objects(&self, host: usize, stream: StreamId) -> usize {
        self.hosts[host].world().objects.iter().filter(|(mark, _)| mark.stream == stream).count()
    }
}

fn start(
    store: &Store,
    hosts: &[Arc<dyn Host>],
    clock: &Arc<AtomicI64>,
    folder: &std::path::Path,
    ffmpeg: Option<PathBuf>,
    delete_after: Option<std::time::Duration>,
) -> Arc<Everlight> {
    let nowhere = media::GatewayConfig {
        udp: (std::net::Ipv4Addr::LOCALHOST, 0).into(),
        tcp: media::TcpPort::Off,
        public_ips: Vec::new(),
        limits: media::Limits::default(),
    };
    let (gateway, _) = media::Gateway::start(&nowhere).unwrap();
    let settings = Settings {
        public_url: "http://localhost".into(),
        recordings_dir: folder.to_owned(),
        space: crate::Space::new(0, Arc::new(|| None)),
        ffmpeg,
        delete_after,
        viewers_per_network: 10,
        webhook_secrets: WebhookSecrets::default(),
    };
    let accounts = Accounts { hosts: hosts.to_vec(), phone_route: Route::Relay, ..Accounts::default() };
    let clock = Arc::clone(clock);
    let now = Arc::new(move || Timestamp(clock.load(Ordering::SeqCst)));
    Arc::new(Everlight::new(store.clone(), gateway, settings, Keys::new([7; 32]), now, accounts, None))
}
