//! Several instances on one database; `testdb` says which. What needs two instances at once is about PostgreSQL alone.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::time::Duration;

use domain::{
    InstanceId, Provider, StreamId, Timestamp,
    hosting::{Claim, Pulse},
};
use store::{Heard, InboxEntry, Listener, Store};

async fn open() -> (Store, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = testdb::url(folder.path()).await;
    (Store::open(&url).await.unwrap(), url, folder)
}

fn instance(number: u8) -> InstanceId {
    InstanceId::from_parts(1, [number; 10])
}

fn stream(number: u8) -> StreamId {
    StreamId::from_parts(1, [number; 10])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_want_a_stream_at_once_one_gets_it() {
    let (store, _url, _folder) = open().await;
    let claims = (1..=8).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            store.beat(instance(number), &format!("http://10.0.0.{number}")).await.unwrap();
            store.claim_stream(stream(1), instance(number)).await.unwrap()
        })
    });
    let claims = futures::future::join_all(claims).await.into_iter().map(Result::unwrap);
    let taken = claims.filter(|claim| matches!(claim, Claim::Taken { .. })).count();
    assert_eq!(taken, 1);
}

#[tokio::test]
async fn what_a_dead_instance_had_is_for_the_others() {
    let (store, _url, _folder) = open().await;
    let (one, other) = (instance(1), instance(2));
    store.register_instance(one, "http://10.0.0.1").await.unwrap();
    store.register_instance(other, "http://10.0.0.2").await.unwrap();
    assert_eq!(store.claim_stream(stream(1), one).await.unwrap(), Claim::Taken { after: None });
    assert_eq!(store.claim_stream(stream(1), one).await.unwrap(), Claim::Held);
    assert_eq!(store.claim_stream(stream(1), other).await.unwrap(), Claim::Elsewhere(one));
    assert!(store.orphaned_streams().await.unwrap().is_empty());
    let pulse = Pulse { at: Timestamp(5), watching: 7, ..Pulse::default() };
    store.set_pulse(stream(1), other, &pulse).await.unwrap();
    assert_eq!(store.pulse(stream(1)).await.unwrap(), None, "only whoever has it speaks of it");
    store.set_pulse(stream(1), one, &pulse).await.unwrap();
    assert_eq!(store.pulse(stream(1)).await.unwrap(), Some(pulse));

    // Started again at the same address: it is another instance, and the one before is gone.
    let again = instance(3);
    store.register_instance(again, "http://10.0.0.1").await.unwrap();
    assert_eq!(store.orphaned_streams().await.unwrap(), [stream(1)]);
    assert_eq!(store.claim_stream(stream(1), other).await.unwrap(), Claim::Taken { after: Some(one) });
    assert_eq!(store.pulse(stream(1)).await.unwrap(), None, "what the dead one said is old");
    assert_eq!(
        store.claim_stream(stream(1), one).await.unwrap(),
        Claim::Elsewhere(other),
        "it was not dead, and lost it"
    );
    assert_eq!(store.streams_held_by(other).await.unwrap(), [stream(1)]);
    store.release_stream(stream(1), one).await.unwrap();
    assert!(store.holder_of(stream(1)).await.unwrap().unwrap().is_alive(), "it is not its to give back");
    store.release_stream(stream(1), other).await.unwrap();
    assert_eq!(store.holder_of(stream(1)).await.unwrap(), None);
}

#[tokio::test]
async fn work_is_one_instances_until_its_time_is_over() {
    let (store, _url, _folder) = open().await;
    let (one, other) = (instance(1), instance(2));
    let minute = Duration::from_secs(60);
    assert!(store.lease("sweep", one, minute).await.unwrap());
    assert!(!store.lease("sweep", other, minute).await.unwrap());
    assert!(store.lease("other work", other, minute).await.unwrap());
    assert!(store.lease("sweep", one, Duration::ZERO).await.unwrap(), "it may be had again");
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(store.lease("sweep", other, minute).await.unwrap());
}

#[tokio::test]
async fn what_one_applies_is_not_given_to_another_and_what_nobody_applied_is() {
    if !testdb::is_postgres() {
        return;
    }
    let (store, _url, _folder) = open().await;
    let entry = |n: u8| InboxEntry {
        provider: Provider::Mux,
        event_key: format!("event-{n}"),
        kind: "video.asset.ready".into(),
        object: None,
    };
    store.receive(&[entry(1), entry(2)], Timestamp(1)).await.unwrap();
    let first = store.waiting_in_inbox(1).await.unwrap();
    let second = store.waiting_in_inbox(10).await.unwrap();
    assert_eq!((first.entries.len(), second.entries.len()), (1, 1));
    assert_ne!(first.entries, second.entries);
    second.applied(Timestamp(2)).await.unwrap();
    let of_dead = first.entries.clone();
    drop(first);
    // Its connection is cleaned up in the background.
    let again = async {
        loop {
            let again = store.waiting_in_inbox(10).await.unwrap();
            if !again.entries.is_empty() {
                return again.entries.clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(20), again).await.unwrap(), of_dead);
}

#[tokio::test]
async fn every_instance_hears_what_one_says_also_after_its_connection_was_lost() {
    if !testdb::is_postgres() {
        return;
    }
    let (store, url, _folder) = open().await;
    let mut listener = Listener::connect(&url).await.unwrap();
    store.say(&["one".to_owned(), "two".to_owned()]).await.unwrap();
    assert_eq!(listener.next().await.unwrap(), Heard::Message("one".into()));
    assert_eq!(listener.next().await.unwrap(), Heard::Message("two".into()));
    // As a restart of the database does, for this connection.
    let cut = "SELECT CAST(pg_terminate_backend(pid) AS TEXT) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()";
    assert_eq!(testdb::texts(&url, cut).await, ["true"]);
    assert_eq!(listener.next().await.unwrap(), Heard::Gap);
    store.say(&["three".to_owned()]).await.unwrap();
    assert_eq!(listener.next().await.unwrap(), Heard::Message("three".into()));
}
