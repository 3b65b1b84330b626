//! A recording that is in object storage and no longer on this server: it is watched from there.

use std::{sync::Arc, time::Duration};

use domain::{
    RecordingId, Timestamp,
    recording::{Proof, RecordingEvent, RecordingSource, Verdict},
    storage::Piece,
};
use http_body_util::BodyExt as _;

use crate::support::Site;

/// Larger than what is read at once.
const LENGTH: usize = 6_000_000;

/// A site, and a recording that is in its object storage only.
async fn stored(server: &testobjects::Server) -> (Site, String, Vec<u8>) {
    let objects = objects::Objects::new(&server.settings("everlight"));
    let site = Site::with_storage(objects.unwrap()).await;
    let (stream, _) = site.stream().await;
    let (at, id) = (Timestamp(1), RecordingId::from_parts(7, rand::random()));
    site.store.ensure_recording(id, stream.id, RecordingSource::Server, at).await.unwrap();
    let folder = &site.everlight.settings().recordings_dir;
    std::fs::create_dir_all(folder).unwrap();
    let (file, bytes) = (folder.join(format!("{id}.mp4")), (0..LENGTH).map(|at| u8::try_from(at % 251).unwrap()));
    let bytes: Vec<u8> = bytes.collect();
    std::fs::write(&file, &bytes).unwrap();
    let proof = Proof { duration_ms: 1, bytes: 3, has_video: true, has_audio: true, decoded: true, hole_ms: 0 };
    let checked = RecordingEvent::Checked { at, verdict: Verdict::Ready { proof } };
    site.store.record_recording_event(id, &checked).await.unwrap();
    let storing = tokio::spawn(Arc::clone(&site.everlight).store_forever());
    let is_held = async || {
        let known = site.store.stored_file(id, Piece::Whole).await.unwrap();
        known.is_some_and(|stored| stored.held.is_some())
    };
    while !is_held().await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    storing.abort();
    std::fs::remove_file(file).unwrap();
    (site, format!("/recordings/{id}.mp4"), bytes)
}

struct Answer {
    status: u16,
    headers: http::HeaderMap,
    body: Vec<u8>,
}

async fn ask(site: &Site, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let headers = [headers, &[("cookie", site.cookie.as_str())]].concat();
    let answer = site.begin([127, 0, 0, 1], method, path, &headers, "").await;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Answer { status, headers, body: answer.into_body().collect().await.unwrap().to_bytes().to_vec() }
}

#[tokio::test]
async fn a_recording_that_is_there_only_plays_from_wherever_a_player_asks() {
    let server = testobjects::Server::start().await;
    let (site, path, bytes) = stored(&server).await;
    let all = ask(&site, "GET", &path, &[]).await;
    assert_eq!((all.status, all.headers["content-type"].to_str().unwrap()), (200, "video/mp4"));
    assert!(all.body == bytes);
    let tag = all.headers["etag"].to_str().unwrap();
    for (range, part) in [("bytes=0-", 0..LENGTH), ("bytes=5-9", 5..10), ("bytes=-7", LENGTH - 7..LENGTH)] {
        for more in [&[("range", range)][..], &[("range", range), ("if-range", tag)]] {
            let answer = ask(&site, "GET", &path, more).await;
            let which = format!("bytes {}-{}/{LENGTH}", part.start, part.end - 1);
            assert_eq!((answer.status, answer.headers["content-range"].to_str().unwrap()), (206, which.as_str()));
            assert_eq!(answer.headers["content-length"], part.len().to_string());
            assert!(answer.body == bytes[part.clone()], "{range}");
        }
    }
    let beyond = ask(&site, "GET", &path, &[("range", "bytes=6000000-")]).await;
    assert_eq!((beyond.status, beyond.headers["content-range"].to_str().unwrap()), (416, "bytes */6000000"));
    let head = ask(&site, "HEAD", &path, &[]).await;
    assert_eq!((head.status, head.headers["content-length"].to_str().unwrap(), head.body.len()), (200, "6000000", 0));
    assert_eq!(ask(&site, "GET", &path, &[("if-none-match", tag)]).await.status, 304);
    let kept = ask(&site, "GET", &format!("{path}?download=true"), &[]).await;
    assert_eq!(kept.headers["content-disposition"], "attachment; filename=\"memorial-service.mp4\"");
    assert!(kept.body == bytes);
}

#[tokio::test]
async fn an_answer_of_which_a_part_cannot_be_read_breaks_off() {
    let mut server = testobjects::Server::start().await;
    let (site, path, _) = stored(&server).await;
    server.stop().await;
    let answer = site.begin([127, 0, 0, 1], "GET", &path, &[("cookie", &site.cookie)], "").await;
    assert!(answer.into_body().collect().await.is_err(), "nobody takes half of it for all of it");
}

#[tokio::test]
async fn nobody_but_staff_reads_it_there() {
    let server = testobjects::Server::start().await;
    let (site, path, _) = stored(&server).await;
    let answer = site.begin([127, 0, 0, 1], "GET", &path, &[], "").await;
    assert_ne!(answer.status(), 200);
}
