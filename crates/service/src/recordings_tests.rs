use domain::{
    recording::{Proof, RecordingSource, RecordingStatus},
    stream::StreamEvent,
};

use crate::{
    finishing::FINISHED_AT_ONCE,
    testing::{
        Installation,
        film::{frames, picture},
    },
};

#[tokio::test]
async fn a_copy_without_picture_stops_being_complete_when_another_has_one() {
    let at = Installation::new().await;
    let stream = at.create().await;
    at.running.happened(stream, &StreamEvent::MediaFlowing { at: at.running.now() }).await.unwrap();
    at.pass(std::time::Duration::from_secs(60));
    at.running.happened(stream, &StreamEvent::Ended { at: at.running.now() }).await.unwrap();
    let ours = Proof { duration_ms: 60_000, bytes: 1, has_video: true, has_audio: true, decoded: true, hole_ms: 0 };
    let unseen = Proof { has_video: false, ..ours };
    for (source, proof) in [(RecordingSource::Cloudflare, unseen), (RecordingSource::Server, ours)] {
        let (millis, random) = at.running.id_parts();
        let id = domain::RecordingId::from_parts(millis, random);
        let copy = at.store.ensure_recording(id, stream, source, at.running.now()).await.unwrap();
        at.running.judged(stream, &copy, Ok(proof)).await.unwrap().unwrap();
    }
    let mut copies = at.store.recordings_of(stream).await.unwrap();
    copies.sort_by_key(|copy| copy.source);
    let statuses: Vec<_> = copies.iter().map(|copy| (copy.source, copy.facts.status())).collect();
    assert_eq!(
        statuses,
        [(RecordingSource::Server, RecordingStatus::Ready), (RecordingSource::Cloudflare, RecordingStatus::Short)]
    );
}

/// In place of ffmpeg: says how many of it run, and is it then.
#[cfg(unix)]
fn counting(folder: &std::path::Path) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let (script, at) = (folder.join("ffmpeg"), folder.display());
    let count = format!("touch {at}/run-$$; ls {at} | grep -c run- >> {at}/counts; sleep 0.3; rm {at}/run-$$");
    std::fs::write(&script, format!("#!/bin/sh\n{count}\nexec ffmpeg \"$@\"\n")).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    script
}

#[cfg(unix)]
#[tokio::test]
async fn services_that_end_at_once_are_checked_in_turn() {
    let folder = tempfile::tempdir().unwrap();
    let mut at = Installation::new().await;
    at.ffmpeg = Some(counting(folder.path()));
    at.restart();
    let (everlight, film) = (&at.running, frames(&picture(&["-f", "ivf"])));
    let mut ends = Vec::new();
    for _ in 0..3 * FINISHED_AT_ONCE {
        let stream = at.create().await;
        everlight.happened(stream, &StreamEvent::MediaFlowing { at: everlight.now() }).await.unwrap();
        let master = everlight.master(stream).await.unwrap();
        let recorder = everlight.open_recorder(stream, master.id).unwrap();
        for frame in film.clone() {
            let _ = recorder.push(frame);
        }
        drop(recorder);
        ends.push(stream);
    }
    at.pass(std::time::Duration::from_secs(8));
    let finished = ends.iter().map(async |stream| {
        everlight.happened(*stream, &StreamEvent::Ended { at: everlight.now() }).await.unwrap();
        everlight.finish_master(&everlight.finishing.begin(*stream).unwrap()).await.unwrap();
        let copies = everlight.store.recordings_of(*stream).await.unwrap();
        assert_eq!(copies[0].facts.status(), RecordingStatus::Ready);
    });
    futures::future::join_all(finished).await;
    let counts = std::fs::read_to_string(folder.path().join("counts")).unwrap();
    let counts: Vec<usize> = counts.lines().map(|line| line.parse().unwrap()).collect();
    assert!(counts.len() >= ends.len() && counts.iter().all(|count| *count <= FINISHED_AT_ONCE), "{counts:?}");
}
