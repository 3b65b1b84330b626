use domain::{
    recording::{RecordingStatus, Verdict},
    stream::StreamEvent,
};
use store::Recording;

use super::*;
use crate::{
    recordings::outcome,
    testing::{
        Installation,
        film::{frames, picture},
    },
};

/// A service that has been on air for eight seconds, all of which came.
async fn on_air(at: &Installation) -> StreamId {
    let (everlight, stream) = (&at.running, at.create().await);
    everlight.happened(stream, &StreamEvent::MediaFlowing { at: everlight.now() }).await.unwrap();
    film(at, stream).await;
    at.pass(Duration::from_secs(8));
    stream
}

async fn film(at: &Installation, stream: StreamId) {
    let master = at.running.master(stream).await.unwrap();
    let recorder = at.running.open_recorder(stream, master.id).unwrap();
    for frame in frames(&picture(&["-f", "ivf"])) {
        let _ = recorder.push(frame);
    }
}

/// Nothing but the fact, as when whoever ended it got no further.
async fn ended(at: &Installation, stream: StreamId) {
    at.running.happened(stream, &StreamEvent::Ended { at: at.running.now() }).await.unwrap();
}

async fn token(at: &Installation, stream: StreamId) -> String {
    let generation = at.store.stream(stream).await.unwrap().unwrap().link_generation;
    at.running.keys.streamer_token(stream, generation).expose().to_owned()
}

async fn master(at: &Installation, stream: StreamId) -> Recording {
    let copies = at.store.recordings_of(stream).await.unwrap();
    copies.into_iter().find(|copy| copy.source == RecordingSource::Server).unwrap()
}

async fn until(condition: impl AsyncFn() -> bool) {
    let met = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), met).await.expect("it comes true");
}

async fn until_ready(at: &Installation, stream: StreamId) {
    until(async || master(at, stream).await.facts.status() == RecordingStatus::Ready).await;
}

fn is_being_finished(at: &Installation, stream: StreamId) -> bool {
    at.running.finishing.begin(stream).is_none()
}

/// In place of ffmpeg: says that it runs, and is it once there is a file `go`.
#[cfg(unix)]
fn waiting(folder: &std::path::Path) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let (script, at) = (folder.join("ffmpeg"), folder.display());
    let wait = format!("echo run >> {at}/runs\nwhile [ ! -e {at}/go ]; do sleep 0.05; done");
    std::fs::write(&script, format!("#!/bin/sh\n{wait}\nexec ffmpeg \"$@\"\n")).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    script
}

#[cfg(unix)]
#[tokio::test]
async fn a_service_that_is_ended_by_several_at_once_is_finished_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut at = Installation::new().await;
    at.ffmpeg = Some(waiting(folder.path()));
    at.restart();
    let stream = on_air(&at).await;
    let (publishing, token) = (at.running.publishing(), token(&at, stream).await);
    let (phone, director) =
        tokio::join!(publishing.end(stream, Some(&token)), publishing.end_by_staff(&at.actor, stream));
    phone.unwrap();
    director.unwrap();
    until(async || folder.path().join("runs").exists()).await;
    // A page that was open since before the end, and the look of each minute.
    publishing.end_by_staff(&at.actor, stream).await.unwrap();
    at.running.look_after_ended().await.unwrap();
    std::fs::write(folder.path().join("go"), "").unwrap();
    until_ready(&at, stream).await;
    publishing.end_by_staff(&at.actor, stream).await.unwrap();
    until(async || !is_being_finished(&at, stream)).await;
    assert_eq!(std::fs::read_to_string(folder.path().join("runs")).unwrap(), "run\n");
}

/// As a request is dropped whose client closes the connection.
#[tokio::test]
async fn a_service_is_ended_although_whoever_ends_it_goes_away_in_the_middle() {
    let at = Installation::new().await;
    let stream = on_air(&at).await;
    let (publishing, token) = (at.running.publishing(), token(&at, stream).await);
    let fact = async {
        while at.store.stream(stream).await.unwrap().unwrap().facts.ended_at.is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        () = fact => {}
        ended = publishing.end(stream, Some(&token)) => ended.unwrap(),
    }
    until_ready(&at, stream).await;
    assert!(!at.running.running().contains(&stream));
    let noted = async || at.store.audit(None, 10).await.unwrap();
    until(async || noted().await.iter().any(|entry| entry.deed == domain::audit::Deed::StreamEnded)).await;
}

#[tokio::test]
async fn what_was_left_at_the_end_is_finished_a_minute_later() {
    let at = Installation::new().await;
    let stream = on_air(&at).await;
    ended(&at, stream).await;
    let goes_on = on_air(&at).await;
    at.running.look_after_ended().await.unwrap();
    until_ready(&at, stream).await;
    assert_eq!(at.running.running(), HashSet::from([goes_on]), "what is on air is left alone");
    assert!(!is_being_finished(&at, goes_on));
}

#[tokio::test]
async fn before_a_stop_nothing_is_begun_that_the_start_will_pick_up() {
    let mut at = Installation::new().await;
    let stream = on_air(&at).await;
    ended(&at, stream).await;
    at.running.begin_no_more();
    at.running.look_after_ended().await.unwrap();
    assert!(!is_being_finished(&at, stream));
    at.running.suspend().await;
    at.restart();
    at.running.resume().await.unwrap();
    until_ready(&at, stream).await;
}

/// It had been asked whether the service is over just before it was.
#[tokio::test]
async fn a_phone_that_begins_at_the_moment_of_the_end_is_not_recorded_for_ever() {
    let at = Installation::new().await;
    let stream = on_air(&at).await;
    at.running.publishing().end_by_staff(&at.actor, stream).await.unwrap();
    until_ready(&at, stream).await;
    until(async || !is_being_finished(&at, stream)).await;
    let before = master(&at, stream).await;
    film(&at, stream).await;
    assert!(at.running.running().contains(&stream));
    at.running.look_after_ended().await.unwrap();
    assert!(!at.running.running().contains(&stream));
    assert!(!is_being_finished(&at, stream));
    assert_eq!(master(&at, stream).await.facts, before.facts, "the recording is as it was");
}

#[tokio::test]
async fn a_file_that_could_not_be_made_is_tried_once_more_after_a_start() {
    let mut at = Installation::new().await;
    let stream = on_air(&at).await;
    ended(&at, stream).await;
    at.running.close_recorder(stream).await.unwrap();
    let (nothing_came, damaged) = (at.create().await, at.create().await);
    for id in [nothing_came, damaged] {
        at.running.happened(id, &StreamEvent::MediaFlowing { at: at.running.now() }).await.unwrap();
        ended(&at, id).await;
    }
    let folder = at.running.recording_dir(at.running.master(damaged).await.unwrap().id);
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("part-0001.mp4"), "what no program can read").unwrap();
    for id in [stream, nothing_came, damaged] {
        let master = at.running.master(id).await.unwrap();
        let verdict = at.running.judged(id, &master, Err("The disk was full.".into())).await.unwrap();
        assert!(matches!(verdict, Some(Verdict::Missing { .. })));
    }
    at.pass(Duration::from_secs(1));
    at.running.look_after_ended().await.unwrap();
    assert!(!is_being_finished(&at, stream), "not again and again");
    at.restart();
    at.running.resume().await.unwrap();
    assert!(!is_being_finished(&at, nothing_came), "there is nothing of which it could be made");
    until_ready(&at, stream).await;
    until(async || !is_being_finished(&at, damaged)).await;
    assert_eq!(master(&at, damaged).await.facts.status(), RecordingStatus::Missing);
    assert!(folder.join("part-0001.mp4").exists(), "what was received is kept");
}

#[tokio::test]
async fn of_a_service_that_was_deleted_before_its_recording_was_begun_none_is_made() {
    let at = Installation::new().await;
    let stream = on_air(&at).await;
    ended(&at, stream).await;
    let (finish, id) = (at.running.finishing.begin(stream).unwrap(), master(&at, stream).await.id);
    at.running.streams().delete(&at.actor, stream).await.unwrap();
    at.running.finish_master(&finish).await.unwrap();
    at.running.look_after_ended().await.unwrap();
    let names = std::fs::read_dir(at.folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let left: Vec<_> = names.filter(|name| name.starts_with(&id.to_string())).collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(!at.running.running().contains(&stream));
}

#[tokio::test]
async fn what_panics_is_not_tried_every_minute() {
    let work = tokio::task::spawn_blocking(|| -> Result<(), String> { panic!("as a parser might") });
    assert!(outcome(work.await).unwrap().is_err());
}

#[tokio::test]
async fn what_was_half_written_is_removed_here_and_of_phones() {
    let at = Installation::new().await;
    std::fs::create_dir_all(at.folder().join("phone")).unwrap();
    let files = ["a.mp4.1.partial", "phone/b.mp4.1.partial"].map(|name| at.folder().join(name));
    let now = Duration::from_millis(at.running.now().millis().try_into().unwrap());
    for file in &files {
        std::fs::File::create(file).unwrap().set_modified(SystemTime::UNIX_EPOCH + now).unwrap();
    }
    at.running.remove_partial_files().await.unwrap();
    assert!(files.iter().all(|file| file.exists()), "it may be written at this moment");
    at.pass(LEFT_ALONE + Duration::from_secs(1));
    at.running.remove_partial_files().await.unwrap();
    assert!(files.iter().all(|file| !file.exists()));
}
