//! Against a real server that speaks S3 and verifies signatures.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use futures::TryStreamExt as _;
use objects::{Objects, ObjectsError, Settings, Trial};
use testobjects::Server;

fn objects(server: &Server) -> Objects {
    Objects::new(&server.settings("everlight")).unwrap()
}

/// So long that it is sent in several parts.
fn recording() -> (tempfile::NamedTempFile, Vec<u8>) {
    let bytes: Vec<u8> = (0..40_000_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &bytes).unwrap();
    (file, bytes)
}

async fn read(objects: &Objects, name: &str, range: std::ops::Range<u64>) -> Vec<u8> {
    objects.read(name, range).try_fold(Vec::new(), async |all, bytes| Ok([&all[..], &bytes].concat())).await.unwrap()
}

#[tokio::test]
async fn a_long_file_is_there_as_it_was_and_every_range_of_it() {
    let server = Server::start().await;
    let (objects, (file, bytes)) = (objects(&server), recording());
    let put = objects.put("recordings/a/whole", file.path(), || false).await.unwrap();
    assert_eq!(put.bytes, bytes.len() as u64);
    assert_eq!(server.keys().await, ["everlight/recordings/a/whole"]);
    for range in [0..1, 0..5_000_000, 8_388_607..8_388_609, 39_999_999..40_000_000, 7..7] {
        let whole = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
        assert!(read(&objects, "recordings/a/whole", range.clone()).await == bytes[whole], "{range:?}");
    }
    let back = tempfile::NamedTempFile::new().unwrap();
    objects.fetch("recordings/a/whole", put.bytes, put.sha256, back.path()).await.unwrap();
    assert!(std::fs::read(back.path()).unwrap() == bytes);
}

#[tokio::test]
async fn what_came_to_harm_there_is_noticed_when_it_is_fetched() {
    let server = Server::start().await;
    let objects = objects(&server);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"a service").unwrap();
    let put = objects.put("a", file.path(), || false).await.unwrap();
    server.write("everlight/a", b"a Service".as_slice().into()).await;
    let fetched = objects.fetch("a", put.bytes, put.sha256, file.path()).await;
    assert!(matches!(fetched, Err(ObjectsError::Different)), "{fetched:?}");
}

#[tokio::test]
async fn what_is_deleted_is_not_listed_and_may_be_deleted_again() {
    let server = Server::start().await;
    let objects = objects(&server);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"a service").unwrap();
    for name in ["recordings/a/one", "recordings/a/two", "recordings/ab/one"] {
        objects.put(name, file.path(), || false).await.unwrap();
    }
    assert_eq!(objects.list("recordings/a").await.unwrap(), ["recordings/a/one", "recordings/a/two"]);
    for _ in 0..2 {
        objects.delete("recordings/a/one").await.unwrap();
        assert_eq!(objects.list("recordings/a").await.unwrap(), ["recordings/a/two"]);
    }
    assert_eq!(objects.list("recordings/none").await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn of_what_is_not_wanted_any_more_nothing_is_left() {
    let server = Server::start().await;
    let (file, _) = recording();
    let asked = std::cell::Cell::new(0);
    let stopped = objects(&server).put("a", file.path(), || asked.replace(asked.get() + 1) == 2).await;
    assert!(matches!(stopped, Err(ObjectsError::Stopped)), "{stopped:?}");
    assert_eq!(server.keys().await, [""; 0]);
}

#[tokio::test]
async fn each_trouble_has_a_name_of_its_own_and_holds_no_secret() {
    let mut server = Server::start().await;
    let tried = async |settings: &Settings| Objects::new(settings).unwrap().try_out("1").await;
    tried(&server.settings("everlight")).await.unwrap();
    assert_eq!(server.keys().await, [""; 0], "nothing is left");
    let mut wrong = server.settings("everlight");
    wrong.access.secret_access_key = "hunter2".into();
    let (step, error) = tried(&wrong).await.unwrap_err();
    assert!(matches!((step, &error), (Trial::Write, ObjectsError::Denied(_))), "{error}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
    let none = objects(&server).read("none", 0..1).try_collect::<Vec<_>>().await.unwrap_err();
    assert!(matches!(none, ObjectsError::NotFound(_)), "{none}");
    server.stop().await;
    let (_, error) = tried(&server.settings("everlight")).await.unwrap_err();
    assert!(matches!(error, ObjectsError::Away(_)), "{error}");
}

#[tokio::test]
async fn a_server_with_a_certificate_of_ones_own_authority_is_believed_if_it_is_named() {
    let mut server = Server::start().await;
    server.speak_tls().await;
    let named = server.settings("everlight");
    Objects::new(&named).unwrap().try_out("1").await.unwrap();

    let mut unnamed = named.clone();
    unnamed.access.extra_ca_file = None;
    let (_, error) = Objects::new(&unnamed).unwrap().try_out("1").await.unwrap_err();
    assert!(matches!(&error, ObjectsError::Away(said) if said.contains("certificate")), "{error}");

    let mut wrong = named;
    let file = tempfile::NamedTempFile::new().unwrap();
    wrong.access.extra_ca_file = Some(file.path().to_owned());
    for content in ["", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        std::fs::write(file.path(), content).unwrap();
        let error = Objects::new(&wrong).err().unwrap();
        assert!(matches!(error, ObjectsError::Roots(_)), "{content}: {error}");
    }
}
