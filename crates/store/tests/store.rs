//! The store against a real database; `testdb` says which.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::time::Duration;

use domain::{
    MemorialId, PortraitId, Provider, RecordingId, Route, Slug, StreamId, StreamingMethod, Timestamp, UploadId,
    memorial::{Memorial, MemorialDetails},
    privacy::{PasscodeHash, Privacy},
    recording::{RecordingEvent, RecordingSource, RecordingStatus},
    storage::{Held, Piece, Stored, Version},
    stream::{Stream, StreamDetails, StreamEvent, StreamFacts, StreamState},
};
use store::{InboxEntry, Store, Submission, TakeFate, UploadRow, Visible};

struct Opened {
    store: Store,
    _folder: tempfile::TempDir,
}

async fn open() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    Opened { store: Store::open(&testdb::url(folder.path()).await).await.unwrap(), _folder: folder }
}

async fn memorial(store: &Store) -> Memorial {
    let memorial = Memorial {
        id: MemorialId::from_parts(1, [1; 10]),
        home: None,
        details: MemorialDetails::parse("Ada Lovelace".into(), "1815-12-10", "1852-11-27", "Europe/London").unwrap(),
        portrait: None,
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
            planned_length: 90.try_into().unwrap(),
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
    store.insert_stream(&stream, None, &[], "Funeral").await.unwrap();
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn set_ups_at_once_make_one_administrator() {
    use domain::{EmailAddress, UserId};
    let opened = open().await;
    let set_ups = (1..=8_u8).map(|n| {
        let store = opened.store.clone();
        tokio::spawn(async move {
            let email = EmailAddress::parse(&format!("n{n}@example.com")).unwrap();
            store.insert_first_user(UserId::from_parts(n.into(), [n; 10]), &email, "x", Timestamp(1)).await.unwrap()
        })
    });
    let made = futures::future::join_all(set_ups).await;
    assert_eq!(made.into_iter().filter(|made| *made.as_ref().unwrap()).count(), 1);
    assert_eq!(opened.store.user_count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_session_is_read_touched_and_forgotten() {
    use domain::{EmailAddress, Role, UserId};
    let opened = open().await;
    let store = &opened.store;
    let (user, email) = (UserId::from_parts(1, [1; 10]), EmailAddress::parse("ada@example.com").unwrap());
    store.insert_user(user, &email, "hash", Role::Family, Timestamp(1)).await.unwrap();
    assert!(
        store
            .insert_user(UserId::from_parts(2, [2; 10]), &email, "x", Role::Family, Timestamp(1))
            .await
            .unwrap_err()
            .is_duplicate()
    );
    store.insert_session("token", user, "Firefox", false, Timestamp(2), Timestamp(100)).await.unwrap();
    store.touch_session("token", Timestamp(50)).await.unwrap();
    let session = store.session("token").await.unwrap().unwrap();
    assert_eq!((session.user.id, session.last_seen_at, session.expires_at), (user, Timestamp(50), Timestamp(100)));
    assert_eq!(store.delete_expired_sessions(Timestamp(99), Timestamp(50)).await.unwrap(), 0);
    assert_eq!(store.delete_expired_sessions(Timestamp(101), Timestamp(50)).await.unwrap(), 1);
    assert!(store.session("token").await.unwrap().is_none());
}

fn delivery(n: u32) -> InboxEntry {
    InboxEntry {
        provider: if n.is_multiple_of(2) { Provider::Mux } else { Provider::Cloudflare },
        event_key: format!("event-{n}"),
        kind: "video.asset.ready".into(),
        object: (!n.is_multiple_of(3)).then(|| format!("object-{n}")),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_events_from_many_sides_and_in_any_order_are_stored_once() {
    let opened = open().await;
    let deliveries = (0..6).map(|turn| {
        let store = opened.store.clone();
        let mut entries: Vec<_> = (0..20).map(delivery).collect();
        entries.rotate_left(turn * 3);
        tokio::spawn(async move { store.receive(&entries, Timestamp(1)).await })
    });
    for delivered in futures::future::join_all(deliveries).await {
        delivered.unwrap().unwrap();
    }
    // What was let go a moment ago is held until the database has heard of it.
    let waiting = async |limit: u32, expected: usize| {
        let come = async {
            loop {
                let waiting = opened.store.waiting_in_inbox(limit).await.unwrap();
                if waiting.entries.len() == expected {
                    return waiting;
                }
                drop(waiting);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), come).await.expect("as many are waiting")
    };
    let all = waiting(100, 20).await;
    assert!((0..20).all(|n| all.entries.contains(&delivery(n))));
    drop(all);
    let some = waiting(15, 15).await;
    let applied = some.entries.clone();
    some.applied(Timestamp(2)).await.unwrap();
    drop(waiting(100, 5).await);
    opened.store.forget_applied_before(Timestamp(3)).await.unwrap();
    opened.store.receive(&[delivery(0)], Timestamp(4)).await.unwrap();
    // A repeated delivery of what still waits is nothing new; of what was applied and forgotten it is looked at again.
    let again = if applied.contains(&delivery(0)) { 6 } else { 5 };
    drop(waiting(100, again).await);
}

#[tokio::test]
async fn what_object_storage_holds_is_known_of_each_file_until_the_recording_goes() {
    let opened = open().await;
    let store = &opened.store;
    let stream = stream(store).await;
    let id = RecordingId::from_parts(4, [4; 10]);
    let recording = store.ensure_recording(id, stream.id, RecordingSource::Server, Timestamp(1)).await.unwrap().id;
    assert_eq!(store.stored_file(recording, Piece::Whole).await.unwrap(), None);
    let version = Version { bytes: 3_000_000_000, modified_ms: 1_795_000_000_123 };
    let held = Held { object: "whole-1".into(), version, sha256: [255; 32], proven_at: Timestamp(9) };
    let (away, whole) = (Stored::default().failed("away".into(), Timestamp(8)), Stored::proven(held));
    for stored in [&away, &whole] {
        assert!(store.set_stored_file(recording, Piece::Whole, stored).await.unwrap());
        assert_eq!(store.stored_file(recording, Piece::Whole).await.unwrap().as_ref(), Some(stored));
    }
    assert!(store.set_stored_file(recording, Piece::Shown, &away).await.unwrap());
    let of_stream: Vec<_> = store.stored_files_of(stream.id).await.unwrap();
    assert_eq!(of_stream, store.all_stored_files().await.unwrap());
    let known: Vec<_> = of_stream.iter().map(|file| (file.piece, &file.stored)).collect();
    assert_eq!(known, [(Piece::Shown, &away), (Piece::Whole, &whole)]);
    store.forget_stored_file(recording, Piece::Shown).await.unwrap();
    assert_eq!(store.stored_file(recording, Piece::Shown).await.unwrap(), None);

    assert!(store.delete_stream(stream.id).await.unwrap());
    assert!(store.all_stored_files().await.unwrap().is_empty());
    assert!(!store.set_stored_file(recording, Piece::Whole, &whole).await.unwrap(), "nobody remembers it");
    assert!(store.all_stored_files().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_stream_is_there_with_what_providers_are_to_hold_for_it_or_not_at_all() {
    let opened = open().await;
    let (store, first) = (&opened.store, stream(&opened.store).await);
    let made = |number: u8| Stream {
        id: StreamId::from_parts(3, [number; 10]),
        slug: Slug::from_random([number; 16]),
        ..first.clone()
    };
    let submission = Submission { name: "one".into(), asked: "this".into() };
    let insert = async |stream: &Stream| {
        store.insert_stream(stream, Some(&submission), &[Provider::Cloudflare, Provider::Mux], "Funeral").await
    };
    let (one, again) = (made(4), made(5));
    insert(&one).await.unwrap();
    assert!(insert(&again).await.unwrap_err().is_duplicate());
    let providers = async |stream: &Stream| {
        let provisions = store.provisions_of(stream.id).await.unwrap();
        provisions.into_iter().map(|provision| (provision.provider, provision.title)).collect::<Vec<_>>()
    };
    assert_eq!(providers(&one).await, [Provider::Cloudflare, Provider::Mux].map(|at| (at, "Funeral".to_owned())));
    assert_eq!(providers(&again).await, []);
    let (found, asked) = store.stream_by_submission("one").await.unwrap().unwrap();
    assert_eq!((found.id, asked.as_deref()), (one.id, Some("this")));
}

#[tokio::test]
async fn what_a_provider_holds_outlives_its_stream_and_what_belongs_to_it_does_not() {
    let opened = open().await;
    let store = &opened.store;
    let stream = stream(store).await;
    store.ensure_provision(stream.id, Provider::Mux, "Funeral").await.unwrap();
    let upload = UploadRow {
        id: UploadId::from_parts(1, [1; 10]),
        stream_id: stream.id,
        take: "take-1".into(),
        started_at: Timestamp(7),
        length: None,
        fate: TakeFate::Waiting,
    };
    assert_eq!(store.ensure_upload(&upload, Timestamp(8)).await.unwrap(), upload);
    let again = UploadRow { id: UploadId::from_parts(2, [2; 10]), ..upload.clone() };
    assert_eq!(store.ensure_upload(&again, Timestamp(9)).await.unwrap().id, upload.id);
    store.set_upload_length(upload.id, 3_000_000_000).await.unwrap();
    store.set_upload_length(upload.id, 5).await.unwrap();
    assert_eq!(store.uploads_of(stream.id).await.unwrap()[0].length, Some(3_000_000_000));

    store.set_fates(&[(upload.id, TakeFate::Used), (again.id, TakeFate::Kept)]).await.unwrap();
    assert_eq!(store.ensure_upload(&again, Timestamp(9)).await.unwrap().fate, TakeFate::Used);

    assert!(store.delete_stream(stream.id).await.unwrap());
    assert!(store.uploads_of(stream.id).await.unwrap().is_empty());
    let left = store.provisions_of(stream.id).await.unwrap();
    assert_eq!((left.len(), left[0].title.as_str()), (1, "Funeral"));
}

#[tokio::test]
async fn a_revoked_token_of_a_program_is_worth_nothing() {
    use domain::access::Scope;
    let opened = open().await;
    let store = &opened.store;
    store.insert_api_token("hash", "booking", Scope::All, Timestamp(1)).await.unwrap();
    assert_eq!(store.api_token("hash").await.unwrap(), Some(("booking".into(), Scope::All)));
    assert_eq!(store.revoke_api_tokens("booking", Timestamp(2)).await.unwrap(), 1);
    assert_eq!(store.revoke_api_tokens("booking", Timestamp(3)).await.unwrap(), 0);
    assert_eq!(store.api_token("hash").await.unwrap(), None);
}

#[tokio::test]
async fn opening_again_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let url = testdb::url(folder.path()).await;
    let first = Store::open(&url).await.unwrap();
    let stream = stream(&first).await;
    first.close().await;
    let second = Store::open(&url).await.unwrap();
    assert_eq!(second.stream(stream.id).await.unwrap(), Some(stream));
}

/// The database itself refuses: no statement of ours or of anybody else's changes a line.
#[tokio::test]
async fn the_audit_log_cannot_be_changed() {
    use domain::audit::{AuditEntry, Deed};
    let folder = tempfile::tempdir().unwrap();
    let url = testdb::url(folder.path()).await;
    let store = Store::open(&url).await.unwrap();
    let entry = |id: &str| AuditEntry {
        id: id.into(),
        at: Timestamp(1),
        who: "ada@example.com".into(),
        deed: Deed::SignedIn,
        what: String::new(),
        memorial: None,
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn programs_that_start_at_once_find_one_schema() {
    let folder = tempfile::tempdir().unwrap();
    let url = testdb::url(folder.path()).await;
    // One file has one program at a time; a server has several.
    let programs = if testdb::is_postgres() { 6 } else { 1 };
    let stores = (0..programs).map(|_| {
        let url = url.clone();
        tokio::spawn(async move { Store::open(&url).await })
    });
    for store in futures::future::join_all(stores).await {
        assert_eq!(store.unwrap().unwrap().user_count().await.unwrap(), 0);
    }
}

#[tokio::test]
async fn measurements_are_kept_by_their_day_and_forgotten() {
    use domain::success::{Measured, Millis};
    let Opened { store, _folder } = open().await;
    let day = Timestamp(1_794_960_000_000);
    let later = Timestamp(day.millis() + 86_399_999);
    let time = |ms: u64| Millis::try_from(ms).unwrap();
    let phone = "Safari 18 on iOS 18".parse().unwrap();
    let all = [
        Measured::Creation(time(0)),
        Measured::Connection(time(120_000), None),
        Measured::Connection(time(700), Some(phone)),
        Measured::Minute(true, phone),
        Measured::Minute(false, phone),
    ];
    for measured in all {
        assert!(store.insert_measured(later, measured).await.unwrap());
    }
    let mut found = store.measured_since(day).await.unwrap();
    for measured in all {
        let at = found.iter().position(|found| *found == measured).unwrap();
        found.swap_remove(at);
    }
    assert_eq!(found, []);
    assert_eq!(store.measured_since(Timestamp(day.millis() + 1)).await.unwrap(), [], "only the day is known");
    assert_eq!(store.delete_measured_before(day).await.unwrap(), 0);
    assert_eq!(store.delete_measured_before(later).await.unwrap(), 5);
}

#[tokio::test]
async fn a_day_holds_so_many_measurements_and_no_more() {
    use domain::success::{Measured, Millis};
    let Opened { store, _folder } = open().await;
    let creation = Measured::Creation(Millis::try_from(5).unwrap());
    let mut kept = 0;
    while store.insert_measured(Timestamp(5), creation).await.unwrap() {
        kept += 1;
        assert!(kept <= 2_000, "nothing stops it");
    }
    assert_eq!(kept, 2_000);
    assert!(store.insert_measured(Timestamp(5 + 86_400_000), creation).await.unwrap(), "the next day has room");
}

#[tokio::test]
async fn a_memorial_has_one_picture_at_a_time() {
    let opened = open().await;
    let store = &opened.store;
    let memorial = memorial(store).await;
    let [first, second] = [3, 4].map(|number| PortraitId::from_parts(number, [0; 10]));
    store.set_portrait(memorial.id, first, "AAAA").await.unwrap();
    store.set_portrait(memorial.id, second, "BBBB").await.unwrap();
    assert_eq!(store.portrait(memorial.id, first).await.unwrap(), None);
    assert_eq!(store.portrait(memorial.id, second).await.unwrap().as_deref(), Some("BBBB"));
    assert_eq!(store.memorial(memorial.id).await.unwrap().unwrap().portrait, Some(second));
    let listed = store.memorials(Visible::All, false).await.unwrap();
    assert_eq!(listed[0].memorial.portrait, Some(second));
    assert!(store.remove_portrait(memorial.id).await.unwrap());
    assert!(!store.remove_portrait(memorial.id).await.unwrap());
    assert_eq!(store.memorial(memorial.id).await.unwrap().unwrap().portrait, None);
}
