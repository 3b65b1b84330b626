use std::{ops::Range, os::unix::fs::MetadataExt as _};

use domain::{UploadId, recording::RecordingStatus};
use store::TakeFate;
use tus::Upload;

use super::*;
use crate::testing::{
    Installation,
    phone::{copy, deliver, end, filmed, hole, kept, open, send, token},
};

const fn ms(from: u64, until: u64) -> Range<std::time::Duration> {
    std::time::Duration::from_millis(from)..std::time::Duration::from_millis(until)
}

async fn status(at: &Installation, stream: StreamId) -> RecordingStatus {
    copy(at, stream, RecordingSource::Phone).await.facts.status()
}

async fn starts_after(at: &Installation, stream: StreamId, begun: Timestamp) -> u64 {
    let starts_at = copy(at, stream, RecordingSource::Phone).await.starts_at.unwrap();
    u64::try_from(starts_at.since(begun).as_millis()).unwrap()
}

async fn file(at: &Installation, stream: StreamId) -> PathBuf {
    at.running.file_of(&copy(at, stream, RecordingSource::Phone).await)
}

fn which(file: &Path) -> u64 {
    std::fs::metadata(file).unwrap().ino()
}

async fn fate(at: &Installation, upload: UploadId) -> TakeFate {
    at.store.upload(upload).await.unwrap().unwrap().fate
}

async fn resumed(at: &mut Installation, stream: StreamId, undone: bool) {
    at.restart();
    let phone = copy(at, stream, RecordingSource::Phone).await;
    assert_eq!(at.running.is_copy_left_undone(&phone).await.unwrap(), undone);
    at.running.resume().await.unwrap();
    while at.running.is_copy_left_undone(&copy(at, stream, RecordingSource::Phone).await).await.unwrap() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

/// Everything of making the copy until its file is in its place, where the program is killed.
async fn made_until_put(at: &Installation, stream: StreamId) -> Proof {
    let everlight = &at.running;
    let phone = everlight.phone_copy(stream).await.unwrap();
    let processing = domain::recording::RecordingEvent::Processing { at: everlight.now() };
    everlight.recording_happened(&phone, &processing).await.unwrap();
    let new = everlight.file_of(&phone).with_extension("new.mp4");
    let made = everlight.make(&everlight.takes_of(stream).await.unwrap(), new.clone()).await.unwrap().unwrap();
    put(&new, &everlight.file_of(&phone)).unwrap();
    made.proof
}

#[tokio::test]
async fn a_take_of_which_no_byte_came_is_not_believed_to_be_here() {
    let film = kept("8");
    for (from, seconds, expected) in [(4_000, "4", RecordingStatus::Short), (0, "8", RecordingStatus::Ready)] {
        let (at, stream, begun) = filmed(ms(1000, 3000)).await;
        deliver(&at, (stream, begun), "b", from, &kept(seconds)).await;
        end(&at, stream).await;
        at.running.finish_phone_copy(stream).await.unwrap();
        assert_eq!(status(&at, stream).await, expected);
        // The phone that died is charged again.
        let (upload, standing) = open(&at, stream, "a", begun, film.len()).await;
        assert_eq!(standing, Upload { offset: 0, length: Some(film.len() as u64) }, "{expected:?}");
        let token = token(&at, stream).await;
        let delivered = || async { at.running.uploads().delivered(stream, Some(&token), &["a".into()]).await.unwrap() };
        assert!(!delivered().await);
        send(&at, stream, upload, &film).await;
        assert!(delivered().await);
    }
}

#[tokio::test]
async fn what_is_in_a_complete_copy_is_not_asked_for_again() {
    let (at, stream, begun) = filmed(ms(1000, 3000)).await;
    let film = kept("8");
    let upload = deliver(&at, (stream, begun), "b", 0, &film).await;
    end(&at, stream).await;
    at.running.finish_phone_copy(stream).await.unwrap();
    assert!(!at.running.takes_dir(stream).exists());
    let whole = Upload { offset: film.len() as u64, length: Some(film.len() as u64) };
    assert_eq!(open(&at, stream, "b", begun, film.len()).await, (upload, whole));
    at.running.uploads().terminate(upload, Some(&token(&at, stream).await)).await.unwrap();
    assert_eq!(fate(&at, upload).await, TakeFate::Used, "nor forgotten");
}

#[tokio::test]
async fn what_a_second_phone_brings_completes_a_short_copy() {
    let (at, stream, begun) = filmed(ms(1000, 6000)).await;
    let b = deliver(&at, (stream, begun), "b", 4_000, &kept("4")).await;
    end(&at, stream).await;
    at.running.finish_phone_copy(stream).await.unwrap();
    assert_eq!((status(&at, stream).await, fate(&at, b).await), (RecordingStatus::Short, TakeFate::Kept));
    assert_eq!(starts_after(&at, stream, begun).await, 4_000);
    assert!((2_500..3_500).contains(&hole(&at, stream).await), "the first phone fills what it has");
    let a = deliver(&at, (stream, begun), "a", 0, &kept("4")).await;
    at.running.finish_phone_copy(stream).await.unwrap();
    assert_eq!((status(&at, stream).await, starts_after(&at, stream, begun).await), (RecordingStatus::Ready, 0));
    assert_eq!((fate(&at, a).await, fate(&at, b).await), (TakeFate::Used, TakeFate::Used));
    assert!(hole(&at, stream).await < 500);
}

/// The takes of a complete copy are gone: a later one of another phone does not take its place.
#[tokio::test]
async fn a_complete_copy_stays_and_what_comes_later_fills_what_it_left_open() {
    let (at, stream, begun) = filmed(ms(2000, 7000)).await;
    deliver(&at, (stream, begun), "b-1", 0, &kept("3")).await;
    deliver(&at, (stream, begun), "b-2", 4_500, &kept("3.5")).await;
    end(&at, stream).await;
    at.running.finish_phone_copy(stream).await.unwrap();
    assert_eq!(status(&at, stream).await, RecordingStatus::Ready);
    assert!((1_300..1_700).contains(&hole(&at, stream).await), "what the first phone lacks, too");
    let (file, proof) = (file(&at, stream).await, copy(&at, stream, RecordingSource::Phone).await.facts.proof());
    let before = which(&file);

    // It shows the one and a half seconds, and not what the other one has filled.
    let a = deliver(&at, (stream, begun), "a", 2_500, &kept("2.5")).await;
    for _ in 0..2 {
        at.running.finish_phone_copy(stream).await.unwrap();
        assert!(hole(&at, stream).await < 500);
        assert_eq!(copy(&at, stream, RecordingSource::Phone).await.facts.proof(), proof);
        assert_eq!((which(&file), fate(&at, a).await), (before, TakeFate::Kept));
        assert_eq!(at.running.takes_of(stream).await.unwrap().here().len(), 1, "it is nowhere else");
    }
    // Also when the master is made anew.
    at.running.finish_master(&at.running.finishing.begin(stream).unwrap()).await.unwrap();
    assert!(hole(&at, stream).await < 500);
    let left = std::fs::read_dir(file.parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "nothing is left behind");
}

#[tokio::test]
async fn a_copy_that_would_show_less_does_not_take_the_place_of_another() {
    let (at, stream, begun) = filmed(ms(1000, 3000)).await;
    let b = deliver(&at, (stream, begun), "b", 4_000, &kept("4")).await;
    end(&at, stream).await;
    at.running.finish_phone_copy(stream).await.unwrap();
    let (file, proof) = (file(&at, stream).await, copy(&at, stream, RecordingSource::Phone).await.facts.proof());
    let before = which(&file);
    // The disk has lost what the take was.
    let take = at.running.take_file(&at.store.upload(b).await.unwrap().unwrap());
    std::fs::write(&take, vec![7; std::fs::metadata(&take).unwrap().len() as usize]).unwrap();
    deliver(&at, (stream, begun), "a", 1_000, &kept("2")).await;
    at.running.finish_phone_copy(stream).await.unwrap();
    assert_eq!(copy(&at, stream, RecordingSource::Phone).await.facts.proof(), proof);
    assert_eq!(which(&file), before);
    assert!(hole(&at, stream).await < 500, "and the holes are filled");
}

/// Of the first phone's first portion nothing came but its request.
#[tokio::test]
async fn pictures_fill_the_hole_of_their_own_time() {
    let (at, stream, begun) = filmed(ms(1000, 3000)).await;
    let (a, _) = open(&at, stream, "a", begun, 1000).await;
    send(&at, stream, a, &[]).await;
    deliver(&at, (stream, begun), "b", 4_000, &kept("4")).await;
    end(&at, stream).await;
    at.running.finish_phone_copy(stream).await.unwrap();
    assert_eq!(starts_after(&at, stream, begun).await, 4_000);
    assert!(hole(&at, stream).await >= 2_000, "nobody filmed it");
    at.running.finish_master(&at.running.finishing.begin(stream).unwrap()).await.unwrap();
    assert!(hole(&at, stream).await >= 2_000, "nor is it filled later");
}

#[tokio::test]
async fn a_kill_before_the_takes_are_noted_changes_nothing() {
    let (mut at, stream, begun) = filmed(ms(1000, 3000)).await;
    let upload = deliver(&at, (stream, begun), "b", 0, &kept("8")).await;
    end(&at, stream).await;
    let proof = made_until_put(&at, stream).await;
    let phone = at.running.phone_copy(stream).await.unwrap();
    at.store.set_recording_start(phone.id, begun).await.unwrap();
    at.running.judged(stream, &phone, Ok(proof)).await.unwrap();
    assert_eq!(status(&at, stream).await, RecordingStatus::Ready);
    resumed(&mut at, stream, true).await;
    assert_eq!((fate(&at, upload).await, status(&at, stream).await), (TakeFate::Used, RecordingStatus::Ready));
    assert!(hole(&at, stream).await < 500 && starts_after(&at, stream, begun).await < 50);
}

#[tokio::test]
async fn a_kill_before_the_files_are_removed_changes_nothing() {
    let (mut at, stream, begun) = filmed(ms(1000, 3000)).await;
    let upload = deliver(&at, (stream, begun), "b", 0, &kept("8")).await;
    let take = at.running.take_file(&at.store.upload(upload).await.unwrap().unwrap());
    let bytes = std::fs::read(&take).unwrap();
    end(&at, stream).await;
    let made = domain::recording::RecordingEvent::Processing { at: at.running.now() };
    at.running.recording_happened(&at.running.phone_copy(stream).await.unwrap(), &made).await.unwrap();
    at.running.finish_phone_copy(stream).await.unwrap();
    std::fs::create_dir_all(take.parent().unwrap()).unwrap();
    std::fs::write(&take, bytes).unwrap();
    let file = file(&at, stream).await;
    let before = which(&file);
    resumed(&mut at, stream, true).await;
    assert!(!take.exists());
    assert_eq!((which(&file), status(&at, stream).await), (before, RecordingStatus::Ready));
    resumed(&mut at, stream, false).await;
}

#[tokio::test]
async fn a_kill_before_it_is_noted_when_a_file_begins_fills_nothing_from_it() {
    let (mut at, stream, begun) = filmed(ms(1000, 3000)).await;
    deliver(&at, (stream, begun), "b", 4_000, &kept("4")).await;
    end(&at, stream).await;
    at.running.finish_phone_copy(stream).await.unwrap();
    deliver(&at, (stream, begun), "a", 500, &kept("3")).await;
    made_until_put(&at, stream).await;
    let master = copy(&at, stream, RecordingSource::Server).await;
    assert_eq!(at.running.filled(stream, &master).await.unwrap(), None);
    resumed(&mut at, stream, true).await;
    assert_eq!(starts_after(&at, stream, begun).await, 500);
    assert!(hole(&at, stream).await < 500);
}
