use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use domain::{
    MemorialId, RecordingId, Slug, StreamId, Timestamp,
    memorial::{Memorial, MemorialDetails},
    privacy::Privacy,
    recording::{RecordingEvent, RecordingSource, Verdict},
    stream::{Stream, StreamDetails, StreamFacts},
};
use store::Store;

use super::*;

/// An installation with a database, a key, a finished recording, and one that is being written.
struct Drill {
    folder: tempfile::TempDir,
    config: Config,
    key: BackupKey,
    place: Place,
}

impl Drill {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("data");
        fs::create_dir_all(data_dir.join("recordings/a")).unwrap();
        fs::create_dir_all(data_dir.join("recordings/b")).unwrap();
        let config = Config::of_a_test(&data_dir, &testdb::url(&data_dir).await);
        BackupKey::make(&folder.path().join("backup.key")).unwrap();
        start::write_secret(&config.secret_key_file, &"ab".repeat(32)).unwrap();
        fs::write(data_dir.join("recordings/a/master.mp4"), vec![7; 3_000_000]).unwrap();
        fs::write(data_dir.join("recordings/b/part-0001.mp4"), b"first fragment").unwrap();
        let key = BackupKey::read(&folder.path().join("backup.key")).unwrap();
        let place = Place::Folder(folder.path().join("backups"));
        let drill = Self { folder, config, key, place };
        drill.add_memorial("Ada Lovelace").await;
        drill
    }

    /// Whose backups are in a bucket.
    async fn with_bucket(server: &testobjects::Server) -> Self {
        let mut drill = Self::new().await;
        drill.config.s3 = Some(server.access());
        drill.place = Place::parse(&server.address("backups-of-it"), &drill.config).unwrap();
        drill
    }

    async fn add_memorial(&self, name: &str) {
        let store = Store::open(&self.config.database_url).await.unwrap();
        insert(&store, name).await;
        store.close().await;
    }

    fn backups(&self) -> PathBuf {
        self.folder.path().join("backups")
    }

    /// As another second, which names it.
    async fn make(&self) -> Made {
        loop {
            match make(&self.config, &self.place, &self.key, None).await {
                Err(error) if error.to_string().contains("very second") => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                made => return made.unwrap(),
            }
        }
    }

    async fn elsewhere(&self) -> Config {
        let data_dir = self.folder.path().join("restored");
        let database = if testdb::is_postgres() {
            testdb::url(&data_dir).await
        } else {
            Store::sqlite_url(&data_dir.join("everlight.db"))
        };
        Config::of_a_test(&data_dir, &database)
    }

    async fn restore(&self, to: &Config) -> anyhow::Result<String> {
        restore(to, &self.place, &self.key, &Wanted { name: None, check_only: false }).await
    }
}

async fn insert(store: &Store, name: &str) -> MemorialId {
    let memorial = Memorial {
        id: MemorialId::from_parts(1, rand::random()),
        details: MemorialDetails::parse(name.into(), "", "", "Europe/London").unwrap(),
        portrait: None,
        created_at: Timestamp(1),
        archived_at: None,
        home: None,
    };
    store.insert_memorial(&memorial).await.unwrap();
    memorial.id
}

async fn names(url: &str) -> Vec<String> {
    let store = Store::open(url).await.unwrap();
    let mut names: Vec<_> = store
        .memorials(store::Visible::All, false)
        .await
        .unwrap()
        .iter()
        .map(|entry| entry.memorial.details.name.as_str().to_owned())
        .collect();
    store.close().await;
    names.sort_unstable();
    names
}

fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(dir).unwrap().to_owned(), fs::read(path).unwrap());
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_backed_up_while_it_was_in_use_is_there_again() {
    let drill = Drill::new().await;
    let recording = drill.config.data_dir.join("recordings/b/part-0001.mp4");
    // Somebody writes to the database and to a recording all the while.
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let store = Store::open(&drill.config.database_url).await.unwrap();
    let writer = tokio::spawn({
        let (stop, store, recording) = (stop.clone(), store.clone(), recording.clone());
        async move {
            let mut written = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                insert(&store, &format!("Meanwhile {written}")).await;
                let mut part = fs::File::options().append(true).open(&recording).unwrap();
                std::io::Write::write_all(&mut part, b"fragment").unwrap();
                written += 1;
            }
            written
        }
    });
    drill.make().await;
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(writer.await.unwrap() > 0);
    store.close().await;

    let restored = drill.elsewhere().await;
    drill.restore(&restored).await.unwrap();
    assert!(names(&restored.database_url).await.contains(&"Ada Lovelace".to_owned()));
    let (before, after) = (contents(&drill.config.data_dir), contents(&restored.data_dir));
    for same in ["secret.key", "recordings/a/master.mp4"] {
        assert_eq!(after[Path::new(same)], before[Path::new(same)], "{same}");
    }
    let part = Path::new("recordings/b/part-0001.mp4");
    assert!(after[part].starts_with(b"first fragment") && before[part].starts_with(&after[part]));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&restored.secret_key_file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn what_did_not_change_is_not_copied_again() {
    let drill = Drill::new().await;
    let first = drill.make().await;
    assert_eq!((first.files, first.bytes), (2, first.new_bytes));
    fs::write(drill.config.data_dir.join("recordings/a/another.mp4"), b"new").unwrap();
    let second = drill.make().await;
    assert!(second.new_bytes < 1_000_000 && second.bytes > 3_000_000, "{second:?}");
    let vault = Vault::of(&drill.place, &drill.key);
    assert_eq!(vault.names().await.unwrap(), [first.name, second.name]);
}

#[tokio::test]
async fn nothing_can_be_read_without_the_key() {
    let drill = Drill::new().await;
    drill.make().await;
    for (path, bytes) in contents(&drill.backups()) {
        for plain in [&b"Ada Lovelace"[..], b"abababababab", b"part-0001", b"first fragment", b"SQLite format 3"] {
            assert!(!bytes.windows(plain.len()).any(|window| window == plain), "{}", path.display());
        }
    }
    BackupKey::make(&drill.folder.path().join("other.key")).unwrap();
    let other = BackupKey::read(&drill.folder.path().join("other.key")).unwrap();
    let restored = drill.elsewhere().await;
    let wanted = Wanted { name: None, check_only: false };
    assert!(restore(&restored, &drill.place, &other, &wanted).await.is_err());
    assert!(make(&drill.config, &drill.place, &other, None).await.is_err());
    assert!(!restored.data_dir.exists());
}

#[tokio::test]
async fn a_restore_overwrites_nothing() {
    let drill = Drill::new().await;
    drill.make().await;
    let before = contents(&drill.config.data_dir);
    let error = drill.restore(&drill.config).await.unwrap_err().to_string();
    assert!(error.contains("not empty"), "{error}");
    assert_eq!(contents(&drill.config.data_dir), before);
    // Nor a database that is used, beside a data directory that is empty.
    let mut half = drill.elsewhere().await;
    half.database_url.clone_from(&drill.config.database_url);
    let error = drill.restore(&half).await.unwrap_err().to_string();
    assert!(error.contains("not empty"), "{error}");
    assert_eq!(names(&drill.config.database_url).await, ["Ada Lovelace"]);
}

#[tokio::test]
async fn a_damaged_backup_is_noticed_before_anything_is_restored() {
    let drill = Drill::new().await;
    drill.make().await;
    let check = Wanted { name: None, check_only: true };
    assert!(restore(&drill.config, &drill.place, &drill.key, &check).await.unwrap().starts_with("Whole"));
    let objects = drill.backups().join("objects");
    let files: Vec<_> = fs::read_dir(&objects).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 4);
    let restored = drill.elsewhere().await;
    for file in files {
        let whole = fs::read(&file).unwrap();
        let mut changed = whole.clone();
        *changed.last_mut().unwrap() ^= 1;
        fs::write(&file, &changed).unwrap();
        assert!(drill.restore(&restored).await.is_err(), "{}", file.display());
        fs::remove_file(&file).unwrap();
        assert!(drill.restore(&restored).await.is_err(), "{}", file.display());
        fs::write(&file, &whole).unwrap();
    }
    assert!(!restored.data_dir.exists());
    drill.restore(&restored).await.unwrap();
}

#[tokio::test]
async fn older_backups_are_forgotten_and_newer_ones_stay_whole() {
    let drill = Drill::new().await;
    for turn in 0..3_u8 {
        fs::write(drill.config.data_dir.join(format!("recordings/{turn}.mp4")), [turn; 100]).unwrap();
        fs::write(drill.config.data_dir.join("recordings/changing.mp4"), [turn; 200]).unwrap();
        drill.make().await;
    }
    let vault = Vault::open(&drill.place, &drill.key, &drill.config.data_dir).await.unwrap();
    let objects = || fs::read_dir(drill.backups().join("objects")).unwrap().count();
    let before = objects();
    assert_eq!(vault.keep(1).await.unwrap(), 2);
    assert!(objects() < before);
    assert_eq!(vault.names().await.unwrap().len(), 1);
    let check = Wanted { name: None, check_only: true };
    restore(&drill.config, &drill.place, &drill.key, &check).await.unwrap();
}

#[tokio::test]
async fn a_backup_does_not_lie_where_its_data_lie() {
    let drill = Drill::new().await;
    let inside = Place::Folder(drill.config.data_dir.join("backups"));
    assert!(make(&drill.config, &inside, &drill.key, None).await.unwrap_err().to_string().contains("inside"));
}

/// A service of a new memorial, with a recording here that is being made ready.
async fn unfinished_recording(store: &Store) -> RecordingId {
    let memorial = insert(store, "Grace Hopper").await;
    let details = StreamDetails {
        title: "Funeral".to_owned().try_into().unwrap(),
        description: String::new().try_into().unwrap(),
        scheduled_start_time: None,
        planned_length: domain::stream::PlannedLength::default(),
        time_zone: "Europe/London".parse().unwrap(),
        method: domain::StreamingMethod::PhoneBrowser,
    };
    let stream = Stream {
        id: StreamId::from_parts(1, rand::random()),
        privacy: Privacy::default(),
        memorial_id: memorial,
        slug: Slug::from_random(rand::random()),
        details,
        route: domain::Route::Embedded,
        backup: false,
        link_generation: 0,
        created_at: Timestamp(1),
        facts: StreamFacts::default(),
    };
    store.insert_stream(&stream, None, &[], "Funeral").await.unwrap();
    let new = RecordingId::from_parts(1, rand::random());
    store.ensure_recording(new, stream.id, RecordingSource::Server, Timestamp(1)).await.unwrap().id
}

#[tokio::test]
async fn there_is_a_backup_as_soon_as_the_recording_of_a_service_is_finished() {
    let drill = Drill::new().await;
    let store = Store::open(&drill.config.database_url).await.unwrap();
    let recording = unfinished_recording(&store).await;
    let vault = Vault::of(&drill.place, &drill.key);
    let count = async || vault.names().await.unwrap_or_default().len();
    // The next one by the clock would come in a day.
    let (day, look) = (Duration::from_secs(24 * 60 * 60), Duration::from_millis(20));
    let made = std::cell::Cell::new(0);
    let make = async || {
        let made_now = drill.make().await;
        made.set(made.get() + 1);
        Ok(made_now)
    };
    let service = async {
        while made.get() == 0 {
            tokio::time::sleep(look).await;
        }
        // Many looks at a recording that is not finished make none.
        tokio::time::sleep(look * 20).await;
        assert_eq!((made.get(), count().await), (1, 1));
        let verdict = Verdict::Missing { reason: "It is empty.".into() };
        let checked = RecordingEvent::Checked { at: Timestamp(2), verdict };
        store.record_recording_event(recording, &checked).await.unwrap();
        while made.get() == 1 {
            tokio::time::sleep(look).await;
        }
        // And one is enough.
        tokio::time::sleep(look * 20).await;
        assert_eq!((made.get(), count().await), (2, 2));
    };
    tokio::select! {
        ended = every::turns(day, look, &drill.config.database_url, make) => panic!("{ended:?}"),
        () = service => {}
    }
}

#[tokio::test]
async fn what_is_in_a_bucket_comes_back_and_is_sealed_there() {
    let server = testobjects::Server::start().await;
    let drill = Drill::with_bucket(&server).await;
    // Longer than what is sent at once.
    let film: Vec<u8> = (0..20_000_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    fs::write(drill.config.data_dir.join("recordings/a/film.mp4"), &film).unwrap();
    let first = drill.make().await;
    fs::write(drill.config.data_dir.join("recordings/a/another.mp4"), b"new").unwrap();
    let second = drill.make().await;
    assert!(
        second.new_bytes < 1_000_000 && second.bytes > 20_000_000,
        "what did not change was not sent again: {second:?}"
    );
    assert_eq!(Vault::of(&drill.place, &drill.key).names().await.unwrap(), [first.name, second.name]);
    assert!(server.keys().await.iter().all(|key| key.starts_with("backups-of-it/")), "{:?}", server.keys().await);
    for key in server.keys().await {
        let bytes = server.read(&key).await;
        for plain in [&b"Ada Lovelace"[..], b"abababababab", b"part-0001", b"first fragment", &film[..100]] {
            assert!(!bytes.windows(plain.len()).any(|window| window == plain), "{key}");
        }
    }

    let check = Wanted { name: None, check_only: true };
    assert!(restore(&drill.config, &drill.place, &drill.key, &check).await.unwrap().starts_with("Whole"));
    let restored = drill.elsewhere().await;
    drill.restore(&restored).await.unwrap();
    assert_eq!(names(&restored.database_url).await, ["Ada Lovelace"]);
    let (before, after) = (contents(&drill.config.data_dir), contents(&restored.data_dir));
    for same in ["secret.key", "recordings/a/film.mp4", "recordings/a/another.mp4", "recordings/b/part-0001.mp4"] {
        assert_eq!(after[Path::new(same)], before[Path::new(same)], "{same}");
    }
    let ours: Vec<_> = after.keys().filter(|path| path.starts_with(".backup") || path.starts_with(LOCK)).collect();
    assert!(ours.is_empty(), "{ours:?}");
}

#[tokio::test]
async fn a_bucket_that_lost_or_changed_something_is_noticed_before_anything_is_restored() {
    let server = testobjects::Server::start().await;
    let drill = Drill::with_bucket(&server).await;
    drill.make().await;
    let restored = drill.elsewhere().await;
    let keys: Vec<_> = server.keys().await.into_iter().filter(|key| key.contains("/objects/")).collect();
    assert_eq!(keys.len(), 4);
    for key in keys {
        let whole = server.read(&key).await;
        let mut changed = whole.to_vec();
        *changed.last_mut().unwrap() ^= 1;
        server.write(&key, changed.into()).await;
        assert!(drill.restore(&restored).await.is_err(), "{key}");
        server.remove(&key).await;
        assert!(drill.restore(&restored).await.is_err(), "{key}");
        server.write(&key, whole).await;
    }
    assert!(!restored.data_dir.exists());
    drill.restore(&restored).await.unwrap();
}

#[tokio::test]
async fn a_bucket_that_is_away_costs_a_backup_and_nothing_else() {
    let mut server = testobjects::Server::start().await;
    let drill = Drill::with_bucket(&server).await;
    let first = drill.make().await;
    server.stop().await;
    let error = make(&drill.config, &drill.place, &drill.key, Some(1)).await.unwrap_err();
    let said = format!("{error:#}");
    assert!(said.contains("s3://") && !said.contains(server.secret()), "{said}");
    server.go_on().await;
    let vault = Vault::of(&drill.place, &drill.key);
    assert_eq!(vault.names().await.unwrap(), [first.name]);
    let second = drill.make().await;
    let open = Vault::open(&drill.place, &drill.key, &drill.config.data_dir).await.unwrap();
    assert_eq!(open.keep(1).await.unwrap(), 1);
    assert_eq!(vault.names().await.unwrap(), [second.name]);
    assert!(
        make(&drill.config, &drill.place, &drill.key, None).await.unwrap_err().to_string().contains("Another backup"),
        "one at a time"
    );
    drop(open);
    assert_eq!(
        server.keys().await.len(),
        5,
        "the list, the database, the key and two files: {:?}",
        server.keys().await
    );
    drill.restore(&drill.elsewhere().await).await.unwrap();
}

#[tokio::test]
async fn a_place_is_a_folder_or_a_bucket_that_there_is_an_access_for() {
    let drill = Drill::new().await;
    assert!(matches!(Place::parse("/mnt/elsewhere", &drill.config), Ok(Place::Folder(_))));
    for (place, said) in
        [("s3://bucket/folder", "EVERLIGHT_S3_ACCESS_KEY_ID"), ("https://bucket", "s3://bucket/folder")]
    {
        let error = format!("{:#}", Place::parse(place, &drill.config).unwrap_err());
        assert!(error.contains(said), "{error}");
    }
}
