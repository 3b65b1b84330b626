//! With a real server that speaks S3.

use domain::{
    RecordingId, StreamId, Timestamp,
    audit::Deed,
    document::StreamDocument,
    recording::{Cut, Proof, RecordingEvent, Verdict},
    stream::StreamEvent,
};
use testobjects::Server;

use super::*;
use crate::testing::Installation;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A service that is over; its recording plays and has these bytes.
async fn recorded(at: &Installation, bytes: &[u8]) -> (StreamId, Recording) {
    let stream = at.create().await;
    for event in [StreamEvent::MediaFlowing { at: Timestamp(1) }, StreamEvent::Ended { at: at.running.now() }] {
        at.running.happened(stream, &event).await.unwrap();
    }
    let master = at.running.master(stream).await.unwrap();
    let parts = at.running.recording_dir(master.id);
    std::fs::create_dir(&parts).unwrap();
    std::fs::write(parts.join("part-0001.mp4"), b"part").unwrap();
    std::fs::write(at.running.recording_file(master.id), bytes).unwrap();
    checked(at, &master, true).await;
    (stream, at.store.recording(master.id).await.unwrap().unwrap())
}

async fn checked(at: &Installation, copy: &Recording, whole: bool) {
    at.pass(Duration::from_secs(1));
    let proof = Proof { duration_ms: 1_000, bytes: 3, has_video: true, has_audio: true, decoded: true, hole_ms: 0 };
    let verdict = if whole { Verdict::Ready { proof } } else { Verdict::Short { proof } };
    let event = RecordingEvent::Checked { at: at.running.now(), verdict };
    at.running.recording_happened(copy, &event).await.unwrap();
}

async fn round(at: &Installation) {
    at.running.store_what_is_finished().await.unwrap();
}

async fn said(at: &Installation, stream: StreamId) -> String {
    let StreamDocument { recording_sources, .. } = at.running.streams().get(&at.actor, stream).await.unwrap();
    recording_sources.server.unwrap().storage.unwrap_or_default()
}

async fn held(at: &Installation, recording: RecordingId, piece: Piece) -> Option<Held> {
    at.store.stored_file(recording, piece).await.unwrap().and_then(|stored| stored.held)
}

/// What is read of the recording where it is now.
async fn read(at: &Installation, recording: &Recording, range: std::ops::Range<u64>) -> Vec<u8> {
    use futures::TryStreamExt as _;
    let place = at.running.recordings().file(&at.actor, recording.id, false).await.unwrap();
    let crate::recordings::Place::Stored(stored) = place else { panic!("it is not in object storage: {place:?}") };
    stored.read(range).try_fold(Vec::new(), async |all, bytes| Ok([&all[..], &bytes].concat())).await.unwrap()
}

async fn objects(server: &Server) -> Vec<Vec<u8>> {
    let mut objects = Vec::new();
    for key in server.keys().await {
        objects.push(server.read(&key).await.to_vec());
    }
    objects.sort();
    objects
}

#[tokio::test]
async fn a_finished_recording_is_stored_once_and_stays_here() {
    let (at, server) = Installation::with_objects(None).await;
    let (stream, master) = recorded(&at, b"the service").await;
    assert_eq!(said(&at, stream).await, "Not in object storage yet. It is being sent.");
    for _ in 0..2 {
        round(&at).await;
        let known = held(&at, master.id, Piece::Whole).await.unwrap();
        assert_eq!(server.keys().await, [format!("everlight/{}", known.object)]);
    }
    assert_eq!(objects(&server).await, [b"the service"]);
    assert_eq!(said(&at, stream).await, "Also in object storage: checked.");
    at.pass(DAY * 1_000);
    round(&at).await;
    assert!(at.running.recording_file(master.id).exists(), "for ever");
}

#[tokio::test]
async fn what_does_not_play_or_is_not_checked_is_not_stored() {
    let (at, server) = Installation::with_objects(None).await;
    let stream = at.create().await;
    let master = at.running.master(stream).await.unwrap();
    std::fs::write(at.running.recording_file(master.id), b"half").unwrap();
    for event in [
        RecordingEvent::Processing { at: Timestamp(1) },
        RecordingEvent::Checked { at: Timestamp(2), verdict: Verdict::Missing { reason: "torn".into() } },
    ] {
        at.running.recording_happened(&master, &event).await.unwrap();
        round(&at).await;
        assert_eq!(server.keys().await, [""; 0]);
    }
}

#[tokio::test]
async fn a_store_that_is_away_is_tried_again_and_until_then_nothing_goes_here() {
    let (at, mut server) = Installation::with_objects(Some(DAY)).await;
    let (stream, master) = recorded(&at, b"the service").await;
    server.stop().await;
    round(&at).await;
    let words = "Not in object storage yet. The object storage is not answering. It is tried again by itself.";
    assert_eq!(said(&at, stream).await, words);
    assert_eq!(held(&at, master.id, Piece::Whole).await, None);
    server.go_on().await;
    round(&at).await;
    assert_eq!(server.keys().await, [""; 0], "not all the time");
    assert!(at.running.recording_file(master.id).exists());
    at.pass(Duration::from_secs(31));
    round(&at).await;
    assert_eq!(objects(&server).await, [b"the service"]);
    assert_eq!(said(&at, stream).await, "Also in object storage: checked.");
}

#[tokio::test]
async fn of_a_recording_that_changed_the_new_one_is_stored_and_the_old_one_goes() {
    let (at, server) = Installation::with_objects(None).await;
    let (stream, master) = recorded(&at, b"with a hole").await;
    round(&at).await;
    let before = held(&at, master.id, Piece::Whole).await.unwrap();
    std::fs::write(at.running.recording_file(master.id), b"without any hole").unwrap();
    assert_eq!(said(&at, stream).await, "Not in object storage yet. It is being sent.");
    round(&at).await;
    assert_eq!(objects(&server).await, [b"without any hole"]);
    assert_ne!(held(&at, master.id, Piece::Whole).await.unwrap().object, before.object);
}

#[tokio::test]
async fn the_part_that_is_shown_is_stored_too_and_goes_when_all_is_shown_again() {
    let (at, server) = Installation::with_objects(None).await;
    let (_, master) = recorded(&at, b"the service").await;
    let cut = Cut { begin_ms: 1, end_ms: 2 };
    at.store.set_cut(master.id, Some(&cut)).await.unwrap();
    std::fs::write(at.running.cut_file(master.id, cut), b"service").unwrap();
    round(&at).await;
    assert_eq!(objects(&server).await, [b"service".as_slice(), b"the service"]);
    at.store.set_cut(master.id, None).await.unwrap();
    round(&at).await;
    assert_eq!(objects(&server).await, [b"the service"]);
    assert_eq!(held(&at, master.id, Piece::Shown).await, None);
}

#[tokio::test]
async fn what_was_let_go_here_is_read_from_there_and_comes_back_where_it_is_needed() {
    let (at, server) = Installation::with_objects(Some(DAY)).await;
    let (stream, master) = recorded(&at, b"the service").await;
    let file = at.running.recording_file(master.id);
    round(&at).await;
    at.pass(DAY - Duration::from_millis(1));
    round(&at).await;
    assert!(file.exists(), "not before its time");
    at.pass(Duration::from_millis(1));
    round(&at).await;
    assert!(!file.exists() && !at.running.recording_dir(master.id).exists());
    assert_eq!(said(&at, stream).await, "In object storage: checked. It is no longer on this server.");
    assert_eq!(read(&at, &master, 0..11).await, b"the service");
    assert_eq!(read(&at, &master, 4..7).await, b"ser");
    let export = at.running.memorials().export(&at.actor, at.memorial).await.unwrap();
    let archive = tokio::task::spawn_blocking(move || {
        let mut archive = Vec::new();
        export.write(&mut archive).map(|()| archive)
    });
    let archive = archive.await.unwrap().unwrap();
    assert!(archive.windows(11).any(|bytes| bytes == b"the service"));

    at.running.bring_back(&master).await.unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), b"the service");
    let before = server.keys().await;
    round(&at).await;
    assert!(!file.exists(), "it is the one that is stored, and goes again");
    assert_eq!(server.keys().await, before);
}

#[tokio::test]
async fn of_a_file_that_nobody_waits_for_any_more_nothing_is_left() {
    let (at, _server) = Installation::with_objects(Some(Duration::ZERO)).await;
    // Many pieces.
    let (stream, master) = recorded(&at, &vec![7; 16 << 20]).await;
    round(&at).await;
    round(&at).await;
    assert!(at.running.is_away(&master).await, "{}", said(&at, stream).await);
    let coming = || {
        let names = std::fs::read_dir(at.folder()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().ends_with(".coming.mp4")).count()
    };
    tokio::select! {
        done = at.running.bring_back(&master) => panic!("it came all at once: {done:?}"),
        () = async { while coming() == 0 { tokio::task::yield_now().await } } => {}
    }
    assert_eq!(coming(), 0);
}

#[tokio::test]
async fn what_is_not_all_of_the_service_stays_here_as_it_may_still_be_completed() {
    let (at, server) = Installation::with_objects(Some(DAY)).await;
    let (_, master) = recorded(&at, b"the service").await;
    checked(&at, &master, false).await;
    round(&at).await;
    assert_eq!(objects(&server).await, [b"the service"]);
    at.pass(DAY * 30);
    round(&at).await;
    assert!(at.running.recording_file(master.id).exists());
    let making = at.running.making_for(master.stream_id).await.unwrap();
    checked(&at, &master, true).await;
    round(&at).await;
    assert!(at.running.recording_file(master.id).exists(), "somebody is at it");
    drop(making);
    round(&at).await;
    assert!(!at.running.recording_file(master.id).exists());
}

#[tokio::test]
async fn a_file_whose_object_is_gone_is_not_let_go_but_stored_again() {
    let (at, server) = Installation::with_objects(Some(DAY)).await;
    let (_, master) = recorded(&at, b"the service").await;
    round(&at).await;
    server.remove(&server.keys().await[0]).await;
    at.pass(DAY);
    round(&at).await;
    assert!(at.running.recording_file(master.id).exists());
    round(&at).await;
    assert_eq!(objects(&server).await, [b"the service"]);
}

#[tokio::test]
async fn a_deleted_service_is_gone_there_and_the_receipt_says_so() {
    let (mut at, mut server) = Installation::with_objects(None).await;
    let (stream, master) = recorded(&at, b"the service").await;
    let (_, other) = recorded(&at, b"another service").await;
    round(&at).await;
    let object = held(&at, master.id, Piece::Whole).await.unwrap().object;
    server.stop().await;
    at.running.streams().delete(&at.actor, stream).await.unwrap();
    at.settle(&[stream]).await;
    let left = at.running.audit().being_deleted(&at.actor).await.unwrap().remove(0).left;
    let words =
        "In object storage something may be left. The object storage is not answering. It is tried again by itself.";
    assert_eq!(left, [words]);

    server.go_on().await;
    at.pass(Duration::from_secs(61));
    at.running.carry_out_deletions().await.unwrap();
    let receipts = at.store.audit(None, 100).await.unwrap();
    let receipt = receipts.iter().find(|entry| entry.deed == Deed::DeletionProven).unwrap();
    assert!(receipt.what.contains(&format!("in object storage {object} (")), "{}", receipt.what);
    let kept = held(&at, other.id, Piece::Whole).await.unwrap().object;
    assert_eq!(server.keys().await, [format!("everlight/{kept}")], "another service's stays");
}

#[tokio::test]
async fn without_access_any_more_a_deletion_says_what_is_left() {
    let (mut at, _server) = Installation::with_objects(None).await;
    let (stream, _) = recorded(&at, b"the service").await;
    round(&at).await;
    at.objects = None;
    at.restart();
    at.running.streams().delete(&at.actor, stream).await.unwrap();
    at.settle(&[stream]).await;
    let left = at.running.audit().being_deleted(&at.actor).await.unwrap().remove(0).left;
    assert!(left.len() == 1 && left[0].contains("no access to the object storage any more"), "{left:?}");
}
