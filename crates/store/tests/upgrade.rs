//! A database as an earlier version left it, from the first on, is brought up to date with everything in it; one that a later
//! version has used is left alone.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use domain::{MemorialId, Role, StreamId, Timestamp, UploadId, recording::RecordingStatus, stream::StreamState};
use sqlx::migrate::Migrator;
use store::{Store, StoreError, TakeFate};

/// What the first version wrote: an administrator, a memorial, and a service that was streamed, recorded and checked.
fn first_version() -> [(&'static str, Vec<String>); 4] {
    let (memorial, stream) = (memorial(), stream());
    let facts = r#"{"readyAt":20,"firstLiveAt":30,"media":[40,"lost"],"endedAt":50,"failed":null,"recordedAt":60}"#;
    let recorded = r#"{"capturingSince":30,"processingSince":50,"checked":[60,{"verdict":"ready","proof":{"durationMs":3600000,"bytes":1200000000,"hasVideo":true,"hasAudio":true,"decoded":true}}],"deletedAt":null}"#;
    [
        (
            "INSERT INTO users (id, email, password_hash, created_at) VALUES ($1, $2, $3, 1)",
            vec![domain::UserId::from_parts(1, [9; 10]).to_string(), "ada@example.com".into(), "$argon2id$…".into()],
        ),
        (
            "INSERT INTO memorials (id, name, born, died, time_zone, created_at) \
             VALUES ($1, $2, '1815-12-10', '1852-11-27', 'Europe/London', 10)",
            vec![memorial.to_string(), "Ada Lovelace".into()],
        ),
        (
            "INSERT INTO streams (id, memorial_id, slug, title, description, scheduled_start, time_zone, method, route, \
             link_generation, created_at, facts, version) \
             VALUES ($1, $2, $3, 'Funeral', 'At the chapel', 25, 'Europe/London', 'phone-browser', 'embedded', 2, 11, $4, 7)",
            vec![
                stream.to_string(),
                memorial.to_string(),
                domain::Slug::from_random([3; 16]).to_string(),
                facts.into(),
            ],
        ),
        (
            "INSERT INTO recordings (id, stream_id, source, created_at, facts, version) VALUES ($1, $2, 'server', 30, $3, 4)",
            vec![domain::RecordingId::from_parts(4, [4; 10]).to_string(), stream.to_string(), recorded.into()],
        ),
    ]
}

fn memorial() -> MemorialId {
    MemorialId::from_parts(2, [1; 10])
}

fn stream() -> StreamId {
    StreamId::from_parts(3, [2; 10])
}

async fn pool(url: &str) -> sqlx::AnyPool {
    sqlx::any::install_default_drivers();
    sqlx::AnyPool::connect(url).await.unwrap()
}

#[tokio::test]
async fn every_earlier_version_is_brought_up_to_date_with_all_that_is_in_it() {
    let all: Vec<_> = sqlx::migrate!("./migrations").iter().cloned().collect();
    for known in 1..all.len() {
        let folder = tempfile::tempdir().unwrap();
        let url = testdb::url(folder.path()).await;
        let before = pool(&url).await;
        Migrator::with_migrations(all[..1].to_vec()).run(&before).await.unwrap();
        for (query, values) in first_version() {
            let mut query = sqlx::query(query);
            for value in values {
                query = query.bind(value);
            }
            query.execute(&before).await.unwrap();
        }
        // The versions between were run, one after the other.
        Migrator::with_migrations(all[..known].to_vec()).run(&before).await.unwrap();
        before.close().await;

        let said = format!("from version {}", all[known - 1].version);
        let store = Store::open(&url).await.unwrap_or_else(|error| panic!("{said}: {error}"));
        let kept = store.memorial(memorial()).await.unwrap().expect(&said);
        assert_eq!(kept.details.name.as_str(), "Ada Lovelace", "{said}");
        let service = store.stream(stream()).await.unwrap().expect(&said);
        assert_eq!(service.facts.state(), StreamState::Recorded, "{said}");
        assert_eq!((service.link_generation, service.details.scheduled_start_time), (2, Some(Timestamp(25))), "{said}");
        let copies = store.recordings_of(stream()).await.unwrap();
        assert_eq!(copies.len(), 1, "{said}");
        assert_eq!(copies[0].facts.status(), RecordingStatus::Ready, "{said}");
        // Whoever had an account when there were no roles ran the place.
        let administrators = store.users_with_role(Role::Administrator).await.unwrap();
        assert_eq!(administrators.len(), 1, "{said}");
        store.close().await;
    }
}

/// Nobody noted what became of them: they are neither believed to be here without a file, nor is a copy made without
/// them.
#[tokio::test]
async fn takes_of_an_earlier_version_count_as_taken_into_account() {
    let all: Vec<_> = sqlx::migrate!("./migrations").iter().cloned().collect();
    let folder = tempfile::tempdir().unwrap();
    let url = testdb::url(folder.path()).await;
    let before = pool(&url).await;
    Migrator::with_migrations(all[..1].to_vec()).run(&before).await.unwrap();
    for (query, values) in first_version() {
        let query = values.into_iter().fold(sqlx::query(query), sqlx::query::Query::bind);
        query.execute(&before).await.unwrap();
    }
    let earlier = all.into_iter().filter(|migration| migration.version < 15).collect();
    Migrator::with_migrations(earlier).run(&before).await.unwrap();
    let take =
        "INSERT INTO uploads (id, stream_id, take, started_at, length, created_at) VALUES ($1, $2, 'a', 30, 9, 50)";
    let id = UploadId::from_parts(5, [5; 10]);
    sqlx::query(take).bind(id.to_string()).bind(stream().to_string()).execute(&before).await.unwrap();
    before.close().await;
    let store = Store::open(&url).await.unwrap();
    assert_eq!(store.upload(id).await.unwrap().unwrap().fate, TakeFate::Kept);
    assert_eq!(store.recordings_of(stream()).await.unwrap()[0].starts_at, None);
    store.close().await;
}

#[tokio::test]
async fn what_a_later_version_has_used_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let url = testdb::url(folder.path()).await;
    Store::open(&url).await.unwrap().close().await;
    let later = pool(&url).await;
    let note = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                SELECT 9999, 'later', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1";
    sqlx::query(note).execute(&later).await.unwrap();
    later.close().await;
    let error = Store::open(&url).await.unwrap_err();
    assert!(matches!(error, StoreError::Newer), "{error}");
    assert!(error.to_string().contains("later version of Everlight"), "{error}");
}
