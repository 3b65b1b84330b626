use std::{ops::Range, os::unix::fs::MetadataExt as _};

use super::*;
use crate::testing::{
    Installation,
    phone::{filmed, hole, kept, open, over, proof, send},
};

/// A service with a hole from 2 s to 5 s, of whose phone three quarters of the copy came and then nothing.
async fn half_delivered() -> (Installation, StreamId) {
    let (installation, stream) = delivered(Duration::from_secs(2)..Duration::from_secs(5), 3).await;
    let everlight = &installation.running;
    everlight.finish_master(&everlight.finishing.begin(stream).unwrap()).await.unwrap();
    (installation, stream)
}

/// A service with a hole that is over and not finished yet, of whose phone so many quarters of the copy came.
async fn delivered(hole: Range<Duration>, quarters: usize) -> (Installation, StreamId) {
    let (installation, stream, begun) = filmed(hole).await;
    let copy = kept("8");
    let (upload, _) = open(&installation, stream, "one", begun, copy.len()).await;
    send(&installation, stream, upload, &copy[..copy.len() * quarters / 4]).await;
    over(&installation, stream).await;
    (installation, stream)
}

#[tokio::test]
async fn what_a_lost_phone_had_delivered_fills_the_hole_and_the_phone_may_go_on() {
    let (installation, stream) = half_delivered().await;
    let everlight = &installation.running;
    everlight.fill_from_lost_phones().await.unwrap();
    assert!(hole(&installation, stream).await >= 3000, "a phone that was heard of a moment ago is not lost");
    installation.pass(QUIET);
    everlight.fill_from_lost_phones().await.unwrap();
    assert!(hole(&installation, stream).await < 500, "the hole is filled");

    let copies = installation.store.recordings_of(stream).await.unwrap();
    let phone = copies.iter().find(|copy| copy.source == RecordingSource::Phone).unwrap();
    assert_eq!(phone.facts.status(), RecordingStatus::Capturing);
    let takes = everlight.takes_of(stream).await.unwrap();
    assert_eq!(takes.here().len(), 1, "what it had delivered stays");
    assert!(everlight.unfinished_copies.quiet_since(everlight.now()).is_empty(), "and is not tried again");
}

#[tokio::test]
async fn a_restart_does_not_forget_lost_phones() {
    let (mut installation, stream) = half_delivered().await;
    installation.restart();
    installation.running.resume().await.unwrap();
    installation.pass(QUIET);
    installation.running.fill_from_lost_phones().await.unwrap();
    assert!(hole(&installation, stream).await < 500);
}

/// The phone's copy is finished between the check of the master and the filling of its holes.
#[tokio::test]
async fn holes_that_were_filled_meanwhile_are_not_filled_again() {
    let short = Duration::from_secs(2)..Duration::from_millis(3500);
    let (installation, stream) = delivered(short, 4).await;
    let everlight = &installation.running;
    everlight.finish_master(&everlight.finishing.begin(stream).unwrap()).await.unwrap();
    let made = proof(&installation, stream).await;
    assert!(made.hole_ms > 1000 && !made.has_hole(), "a hole with which it is shown: {made:?}");
    everlight.finish_phone_copy(stream).await.unwrap();
    assert!(hole(&installation, stream).await < 500, "the phone's copy fills it");
    let file = everlight.recording_file(everlight.master(stream).await.unwrap().id);
    let filled = std::fs::metadata(&file).unwrap().ino();
    everlight.fill_holes(stream, made).await.unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().ino(), filled, "the file is the same");
}
