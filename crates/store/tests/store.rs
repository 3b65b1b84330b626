//! The store against a real database: SQLite in a temporary file, and PostgreSQL instead where
//! `EVERLIGHT_TEST_POSTGRES` names a server on which databases may be made (`postgres://user@host:port`).

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use domain::{
    MemorialId, RecordingId, Route, Slug, StreamId, StreamingMethod, Timestamp,
    memorial::{Memorial, MemorialDetails},
    privacy::{PasscodeHash, Privacy},
    recording::{RecordingEvent, RecordingSource, RecordingStatus},
    stream::{Stream, StreamDetails, StreamEvent, StreamFacts, StreamState},
};
use store::{Store, Visible};

struct Opened {
    store: Store,
    _folder: tempfile::TempDir,
}

async fn open() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let url = match std::env::var("EVERLIGHT_TEST_POSTGRES") {
        Ok(server) => new_database(&server).await,
        Err(_) => Store::sqlite_url(&folder.path().join("test.db")),
    };
    Opened { store: Store::open(&url).await.unwrap(), _folder: folder }
}

/// A database of this test's own.
async fn new_database(server: &str) -> String {
    use sqlx::Connection as _;
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let mut connection = sqlx::PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await.unwrap();
    format!("{server}/{name}")
}

async fn memorial(store: &Store) -> Memorial {
    let memorial = Memorial {
        id: MemorialId::from_parts(1, [1; 10]),
        home: None,
        details: MemorialDetails::parse("Ada Lovelace".into(), "1815-12-10", "1852-11-27", "Europe/London").unwrap(),
        created_at: Timestamp(1),
        archived_at: None,
    };
    store.insert_memorial(&memorial).await.unwrap();
    memorial
}

async fn stream(store: &Store) -> Stream {
    let memorial = memorial(store).await;
    let stream = Stream {
        id: StreamId::from_parts(2, [2; 10]),
        memorial_id: memorial.id,
        slug: Slug::from_random([3; 16]),
        details: StreamDetails {
            title: "Funeral".to_owned().try_into().unwrap(),
            description: String::new().try_into().unwrap(),
            scheduled_start_time: Some(Timestamp(5)),
            time_zone: "Europe/London".parse().unwrap(),
            method: StreamingMethod::PhoneBrowser,
        },
        route: Route::Embedded,
        backup: false,
        link_generation: 0,
        created_at: Timestamp(2),
        privacy: Privacy::default(),
        facts: StreamFacts::default(),
    };
    store.insert_stream(&stream, None).await.unwrap();
    stream
}

#[tokio::test]
async fn a_memorial_comes_back_as_it_went_in() {
    let opened = open().await;
    let memorial = memorial(&opened.store).await;
    assert_eq!(opened.store.memorial(memorial.id).await.unwrap(), Some(memorial.clone()));
    opened.store.archive_memorial(memorial.id, Some(Timestamp(9))).await.unwrap();
    assert!(opened.store.memorials(Visible::All, false).await.unwrap().is_empty());
    assert_eq!(opened.store.memorials(Visible::All, true).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_stream_comes_back_by_id_by_slug_and_by_memorial() {
    let opened = open().await;
    let stream = stream(&opened.store).await;
    assert_eq!(opened.store.stream(stream.id).await.unwrap(), Some(stream.clone()));
    assert_eq!(opened.store.stream_by_slug(&stream.slug).await.unwrap(), Some(stream.clone()));
    assert_eq!(opened.store.streams_of(stream.memorial_id).await.unwrap(), vec![stream]);
}

#[tokio::test]
async fn who_may_watch_comes_back_as_it_went_in() {
    let opened = open().await;
    let stream = stream(&opened.store).await;
    let privacy = Privacy {
        passcode: Some(PasscodeHash("v1:00:11".into())),
        needs_approval: true,
        approved_at: None,
        available_until: Some(Timestamp(9)),
        downloads: true,
        listed: true,
    };
    let stored = async || opened.store.stream(stream.id).await.unwrap().unwrap().privacy;
    assert!(opened.store.update_privacy(stream.id, &privacy).await.unwrap());
    assert_eq!(stored().await, privacy);
    opened.store.approve(stream.id, Some(Timestamp(7))).await.unwrap();
    opened.store.set_available_until(stream.id, None).await.unwrap();
    let shown = Privacy { approved_at: Some(Timestamp(7)), available_until: None, ..privacy };
    assert_eq!(stored().await, shown);
    // To edit it does not take an approval back, or give one.
    opened
        .store
        .update_privacy(stream.id, &Privacy { approved_at: None, needs_approval: false, ..shown.clone() })
        .await
        .unwrap();
    assert_eq!(stored().await, Privacy { needs_approval: false, ..shown.clone() });
    opened.store.approve(stream.id, None).await.unwrap();
    assert_eq!(stored().await, Privacy { approved_at: None, ..shown });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn events_from_many_sides_at_once_are_all_merged() {
    let opened = open().await;
    let id = stream(&opened.store).await.id;
    let events = [
        StreamEvent::Provisioned { at: Timestamp(1) },
        StreamEvent::MediaFlowing { at: Timestamp(2) },
        StreamEvent::MediaLost { at: Timestamp(3) },
        StreamEvent::MediaFlowing { at: Timestamp(4) },
        StreamEvent::Ended { at: Timestamp(5) },
        StreamEvent::Recorded { at: Timestamp(6) },
    ];
    let tasks: Vec<_> = events
        .clone()
        .into_iter()
        .map(|event| {
            let store = opened.store.clone();
            tokio::spawn(async move { store.record_event(id, &event).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let merged = opened.store.stream(id).await.unwrap().unwrap().facts;
    assert_eq!(merged, events.into_iter().fold(StreamFacts::default(), StreamFacts::apply));
    assert_eq!(merged.state(), StreamState::Recorded);
}

#[tokio::test]
async fn a_stream_has_one_copy_at_each_source() {
    let opened = open().await;
    let stream = stream(&opened.store).await;
    let first = opened
        .store
        .ensure_recording(RecordingId::from_parts(1, [1; 10]), stream.id, RecordingSource::Server, Timestamp(1))
        .await
        .unwrap();
    let second = opened
        .store
        .ensure_recording(RecordingId::from_parts(2, [2; 10]), stream.id, RecordingSource::Server, Timestamp(2))
        .await
        .unwrap();
    assert_eq!(first.id, second.id);
    let event = RecordingEvent::Capturing { at: Timestamp(3) };
    let copy = opened.store.record_recording_event(first.id, &event).await.unwrap().unwrap();
    assert_eq!((copy.facts.status(), copy.cut), (RecordingStatus::Capturing, None));
    let cut = domain::recording::Cut { begin_ms: 1, end_ms: 2 };
    assert!(opened.store.set_cut(first.id, Some(&cut)).await.unwrap());
    assert_eq!(opened.store.recording(first.id).await.unwrap().unwrap().cut, Some(cut));
}

#[tokio::test]
async fn two_setups_at_once_make_one_administrator() {
    use domain::{EmailAddress, UserId};
    let opened = open().await;
    let (a, b) = (EmailAddress::parse("a@example.com").unwrap(), EmailAddress::parse("b@example.com").unwrap());
    let first = opened.store.insert_first_user(UserId::from_parts(1, [1; 10]), &a, "x", Timestamp(1)).await.unwrap();
    let second = opened.store.insert_first_user(UserId::from_parts(2, [2; 10]), &b, "x", Timestamp(1)).await.unwrap();
    assert_eq!((first, second), (true, false));
    assert_eq!(opened.store.user_count().await.unwrap(), 1);
}

/// The database itself refuses: no statement of ours or of anybody else's changes a line.
#[tokio::test]
async fn the_audit_log_cannot_be_changed() {
    use domain::audit::{AuditEntry, Deed};
    sqlx::any::install_default_drivers();
    let folder = tempfile::tempdir().unwrap();
    let url = match std::env::var("EVERLIGHT_TEST_POSTGRES") {
        Ok(server) => new_database(&server).await,
        Err(_) => Store::sqlite_url(&folder.path().join("test.db")),
    };
    let store = Store::open(&url).await.unwrap();
    let entry = |id: &str| AuditEntry {
        id: id.into(),
        at: Timestamp(1),
        who: "ada@example.com".into(),
        deed: Deed::SignedIn,
        what: String::new(),
    };
    for id in ["1", "2", "3"] {
        store.insert_audit(&entry(id)).await.unwrap();
    }
    let mut connection = <sqlx::AnyConnection as sqlx::Connection>::connect(&url).await.unwrap();
    for change in ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit", "DELETE FROM audit WHERE id = '2'"] {
        let error = sqlx::query(change).execute(&mut connection).await.unwrap_err();
        assert!(error.to_string().contains("never changed"), "{change}: {error}");
    }
    assert_eq!(store.audit(None, 2).await.unwrap(), [entry("3"), entry("2")]);
    assert_eq!(store.audit(Some("2"), 2).await.unwrap(), [entry("1")]);
    // Opened again, it is still so.
    Store::open(&url).await.unwrap();
}
