use std::{path::Path, time::Duration};

use domain::{
    RecordingId, Timestamp,
    audit::{AuditEntry, Deed},
    stream::StreamEvent,
};

use super::*;
use crate::{
    Error,
    cloud::{CloudflareHost, Host, MuxHost},
    testing::Installation,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A service that is over, with files of every kind.
async fn recorded(at: &Installation) -> (StreamId, RecordingId) {
    let stream = at.create().await;
    for event in [StreamEvent::MediaFlowing { at: Timestamp(1) }, StreamEvent::Ended { at: at.running.now() }] {
        at.running.happened(stream, &event).await.unwrap();
    }
    let master = at.running.master(stream).await.unwrap().id;
    for name in [format!("{master}/part-0001.mp4"), format!("{master}.mp4"), format!("{master}.cut.mp4")] {
        write(&at.folder().join(name));
    }
    write(&at.folder().join(format!("takes/{stream}/take")));
    (stream, master)
}

fn write(file: &Path) {
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, b"bytes").unwrap();
}

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.to_string_lossy().contains(".db") {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

async fn noted(at: &Installation, deed: Deed) -> Vec<AuditEntry> {
    let entries = at.store.audit(None, 100).await.unwrap();
    entries.into_iter().filter(|entry| entry.deed == deed).collect()
}

#[tokio::test]
async fn the_receipt_names_each_copy_once_all_are_gone_and_not_before() {
    let mut at = Installation::new().await;
    let (stream, master) = recorded(&at).await;
    let other = at.create().await;
    let kept = at.running.master(other).await.unwrap().id;
    write(&at.folder().join(format!("{kept}.mp4")));
    at.make_objects(stream).await;
    at.running.streams().delete(&at.actor, stream).await.unwrap();
    assert_eq!(files(at.folder()).len(), 1, "files go at once, and another service's stay");
    assert_eq!(noted(&at, Deed::DeletionProven).await, []);
    let left = at.running.audit().being_deleted(&at.actor).await.unwrap();
    assert_eq!((left.len(), left[0].what.as_str(), left[0].left.len()), (1, "Ada Lovelace: Funeral", 2), "{left:?}");

    at.reconcile(stream).await;
    at.running.carry_out_deletions().await.unwrap();
    at.running.carry_out_deletions().await.unwrap();
    let receipts = noted(&at, Deed::DeletionProven).await;
    assert_eq!(receipts.len(), 1);
    let words = &receipts[0].what;
    for name in [
        "Ada Lovelace: Funeral",
        &format!("on this server {master}, {master}.cut.mp4, {master}.mp4 (1 January 1970, 00:1"),
        &format!("of what a phone delivered takes/{stream} ("),
        "at Cloudflare live input object-0001 (",
        "at Mux live stream object-0001 (",
    ] {
        assert!(words.contains(name), "{name} in {words}");
    }
    assert!(at.running.audit().being_deleted(&at.actor).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_provider_that_only_says_that_it_deleted_is_not_believed() {
    let mut at = Installation::new().await;
    let (stream, _) = recorded(&at).await;
    at.make_objects(stream).await;
    at.hosts[1].world().clings = 3;
    at.running.streams().delete(&at.actor, stream).await.unwrap();
    for _ in 0..3 {
        at.reconcile(stream).await;
        at.running.carry_out_deletions().await.unwrap();
        assert_eq!(noted(&at, Deed::DeletionProven).await, []);
        let left = at.running.audit().being_deleted(&at.actor).await.unwrap().remove(0).left;
        assert_eq!(left, ["At Mux live stream object-0001. Mux is not answering. It is tried again by itself."]);
        at.pass(Duration::from_secs(700));
    }
    at.reconcile(stream).await;
    at.running.carry_out_deletions().await.unwrap();
    assert_eq!(noted(&at, Deed::DeletionProven).await.len(), 1);
}

/// Every await of a deletion, one after the other.
#[tokio::test]
async fn a_deletion_goes_on_wherever_the_program_was_killed() {
    for checkpoint in 1..=8 {
        for host in 0..2 {
            let mut at = Installation::new().await;
            let (stream, _) = recorded(&at).await;
            at.make_objects(stream).await;
            at.running.streams().delete(&at.actor, stream).await.unwrap();
            {
                let mut world = at.hosts[host].world();
                world.killed_at = Some(world.checkpoints + checkpoint);
            }
            at.reconcile(stream).await;
            at.settle(&[stream]).await;
            at.running.carry_out_deletions().await.unwrap();
            let receipts = noted(&at, Deed::DeletionProven).await;
            assert_eq!(receipts.len(), 1, "killed at {checkpoint} of {host}");
            for place in ["at Cloudflare live input object-0001", "at Mux live stream object-0001"] {
                assert!(receipts[0].what.contains(place), "killed at {checkpoint} of {host}: {}", receipts[0].what);
            }
        }
    }
}

#[tokio::test]
async fn files_that_cannot_be_removed_are_tried_again_and_are_named_until_then() {
    let at = Installation::new().await;
    let (stream, master) = recorded(&at).await;
    // Nothing is found below what is no folder, and it is no folder that could be gone.
    let phones = at.folder().join("phone");
    write(&phones);
    at.running.phone_copy(stream).await.unwrap();
    at.running.streams().delete(&at.actor, stream).await.unwrap();
    at.running.carry_out_deletions().await.unwrap();
    let left = at.running.audit().being_deleted(&at.actor).await.unwrap().remove(0).left;
    assert!(left.iter().any(|words| words.starts_with("Of what a phone delivered") && words.contains("tried again")));
    assert!(!left.iter().any(|words| words.contains(&master.to_string())), "what could be removed was: {left:?}");
    std::fs::remove_file(phones).unwrap();
    at.running.carry_out_deletions().await.unwrap();
    let facts = at.store.deletion(stream).await.unwrap().unwrap().facts;
    assert!(facts.left().any(|(place, _)| place == Place::Phone), "not all the time");
    at.pass(PAUSE);
    at.running.carry_out_deletions().await.unwrap();
    let facts = at.store.deletion(stream).await.unwrap().unwrap().facts;
    assert!(!facts.left().any(|(place, _)| place == Place::Phone));
}

#[tokio::test]
async fn nothing_is_said_to_be_gone_while_a_file_of_it_is_being_made() {
    let at = Installation::new().await;
    let (stream, master) = recorded(&at).await;
    let making = at.running.making_for(stream).await.unwrap();
    at.running.streams().delete(&at.actor, stream).await.unwrap();
    let late = at.folder().join(format!("{master}.filled.mp4"));
    write(&late);
    assert!(at.store.deletion(stream).await.unwrap().unwrap().facts.left().count() > 2);
    drop(making);
    at.running.carry_out_deletions().await.unwrap();
    assert!(!late.exists());
    assert!(matches!(at.running.making_for(stream).await, Err(Error::NotFound)), "nobody begins any more");
}

#[tokio::test]
async fn nothing_is_deleted_by_itself_unless_the_installation_says_so() {
    let at = Installation::new().await;
    let (stream, _) = recorded(&at).await;
    at.pass(DAY * 10_000);
    at.running.delete_what_is_old().await.unwrap();
    assert!(at.store.stream(stream).await.unwrap().is_some());
    assert_eq!(at.running.streams().get(&at.actor, stream).await.unwrap().privacy.deleted, "");
}

#[tokio::test]
async fn a_service_is_deleted_some_days_after_its_last_day_and_says_so_before() {
    let mut at = Installation::new().await;
    at.delete_after = Some(DAY * 60);
    at.restart();
    let (stream, _) = recorded(&at).await;
    let not_yet = at.create().await;
    let day = async |at: &Installation| at.running.streams().get(&at.actor, stream).await.unwrap().privacy.deleted;
    assert_eq!(day(&at).await, "1 April 1970", "30 days to watch, and 60");
    at.running.streams().show_until(&at.actor, stream, "1970-02-10").await.unwrap();
    assert_eq!(day(&at).await, "11 April 1970");
    at.pass(DAY * 95);
    at.running.delete_what_is_old().await.unwrap();
    assert!(at.store.stream(stream).await.unwrap().is_some(), "its time was extended");
    at.pass(DAY * 8);
    at.running.delete_what_is_old().await.unwrap();
    assert!(at.store.stream(stream).await.unwrap().is_none());
    assert!(at.store.stream(not_yet).await.unwrap().is_some(), "it has not been yet");
    let noted = noted(&at, Deed::StreamDeleted).await;
    assert_eq!(noted[0].who, "this server");
    assert_eq!(noted[0].what, "Ada Lovelace: Funeral (by itself, 60 days after its last day)");
}

/// Between looking and deleting, somebody gave it more time.
#[tokio::test]
async fn what_was_extended_in_the_last_moment_is_not_deleted() {
    let at = Installation::new().await;
    let (stream, master) = recorded(&at).await;
    let seen = at.store.stream(stream).await.unwrap().unwrap();
    at.running.streams().show_until(&at.actor, stream, "2030-01-01").await.unwrap();
    assert!(!at.running.delete_for_good(&seen, "this server", "").await.unwrap());
    assert!(at.store.stream(stream).await.unwrap().is_some());
    assert!(at.folder().join(format!("{master}.mp4")).exists());
    assert_eq!(noted(&at, Deed::StreamDeleted).await, []);
}

#[tokio::test]
async fn a_memorial_goes_with_its_services_and_their_receipts_come() {
    let mut at = Installation::new().await;
    let (first, _) = recorded(&at).await;
    let second = at.create().await;
    at.running.happened(second, &StreamEvent::MediaFlowing { at: at.running.now() }).await.unwrap();
    let delete = async |at: &Installation| at.running.memorials().delete(&at.actor, at.memorial).await;
    assert!(matches!(delete(&at).await, Err(Error::Invalid(_))), "one is on air");
    assert!(at.store.stream(first).await.unwrap().is_some(), "and nothing was deleted");
    at.running.happened(second, &StreamEvent::Ended { at: at.running.now() }).await.unwrap();
    delete(&at).await.unwrap();
    assert!(matches!(at.running.memorials().get(&at.actor, at.memorial).await, Err(Error::NotFound)));
    at.settle(&[first, second]).await;
    at.running.carry_out_deletions().await.unwrap();
    assert_eq!(noted(&at, Deed::DeletionProven).await.len(), 2);
    assert_eq!(noted(&at, Deed::MemorialDeleted).await[0].what, "Ada Lovelace");
}

fn stand_ins(emulator: &emulator::Emulator) -> Vec<Arc<dyn Host>> {
    let account = &emulator.config().cloudflare;
    let base_url = format!("{}/client/v4", emulator.base_url());
    let config = cloudflare::Config::new(&account.account_id, account.api_token.clone().into());
    let cloudflare = cloudflare::Client::new(&cloudflare::Config { base_url, ..config }).unwrap();
    let account = &emulator.config().mux;
    let config = mux::Config::new(&account.token_id, account.token_secret.clone().into());
    let mux = mux::Client::new(&mux::Config { base_url: emulator.base_url().to_owned(), ..config }).unwrap();
    vec![Arc::new(CloudflareHost::new(cloudflare, None)), Arc::new(MuxHost::new(mux))]
}

/// With the providers' stand-ins, over HTTP.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_answers_500_is_asked_again_until_it_answers_404() {
    let emulator = emulator::Emulator::start(emulator::Config::default()).await.unwrap();
    let hosts = stand_ins(&emulator);
    let mut at = Installation::at_providers(hosts.clone()).await;
    let stream = at.create().await;
    at.reconcile(stream).await;
    let mark = at.running.cloud.mark(stream);
    let mut there = Vec::new();
    for host in &hosts {
        there.push(host.held(&mark, None).await.unwrap());
    }
    assert!(there.iter().all(|things| things.len() == 1), "{there:?}");

    let away = emulator::ApiFault::ServerError { status: 500 };
    let on = emulator::Scope {
        provider: Some(emulator::Provider::Mux),
        method: Some("DELETE".into()),
        ..emulator::Scope::default()
    };
    emulator.fault(emulator::Fault { fault: away, on });
    at.running.streams().delete(&at.actor, stream).await.unwrap();
    for _ in 0..2 {
        at.reconcile(stream).await;
        at.running.carry_out_deletions().await.unwrap();
        let left = at.running.audit().being_deleted(&at.actor).await.unwrap().remove(0).left;
        let named = Named(Place::Mux, &there[1]);
        assert_eq!(left, [format!("At Mux {named}. Mux is not answering. It is tried again by itself.")]);
        at.restart();
        at.pass(Duration::from_secs(700));
    }
    emulator.clear_faults();
    at.reconcile(stream).await;
    at.running.carry_out_deletions().await.unwrap();
    let receipts = noted(&at, Deed::DeletionProven).await;
    assert_eq!(receipts.len(), 1);
    for (host, things) in hosts.iter().zip(&there) {
        let place = Place::from(host.provider().source());
        let named = format!("{} {} (", place_words(place), Named(place, things));
        assert!(receipts[0].what.contains(&named), "{named} in {}", receipts[0].what);
        for thing in things {
            assert!(host.is_gone(thing).await.unwrap());
        }
        assert!(host.held(&mark, None).await.unwrap().is_empty());
    }
}
