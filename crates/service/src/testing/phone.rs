//! A service that was filmed, and phones that deliver what they kept of it.

use std::{ops::Range, time::Duration};

use domain::{
    StreamId, Timestamp, UploadId,
    recording::{Proof, RecordingSource},
    stream::StreamEvent,
};
use store::Recording;
use tus::{Create, Metadata, Patch, Upload};

use super::{
    Installation,
    film::{frames, picture},
};

/// A service of eight seconds whose picture did not arrive in `hole`; and when it began.
pub(crate) async fn filmed(hole: Range<Duration>) -> (Installation, StreamId, Timestamp) {
    let mut installation = Installation::new().await;
    installation.ffmpeg = Some("ffmpeg".into());
    installation.restart();
    let stream = installation.create().await;
    let everlight = &installation.running;
    let begun = everlight.now();
    everlight.happened(stream, &StreamEvent::MediaFlowing { at: begun }).await.unwrap();
    let master = everlight.master(stream).await.unwrap();
    let recorder = everlight.open_recorder(stream, master.id).unwrap();
    for frame in frames(&picture(&["-f", "ivf"])).into_iter().filter(|frame| !hole.contains(&frame.time)) {
        let _ = recorder.push(frame);
    }
    (installation, stream, begun)
}

/// Ends it, and makes the master.
pub(crate) async fn end(installation: &Installation, stream: StreamId) {
    over(installation, stream).await;
    let everlight = &installation.running;
    everlight.finish_master(&everlight.finishing.begin(stream).unwrap()).await.unwrap();
}

/// Ends it.
pub(crate) async fn over(installation: &Installation, stream: StreamId) {
    installation.pass(Duration::from_secs(8));
    let everlight = &installation.running;
    everlight.happened(stream, &StreamEvent::Ended { at: everlight.now() }).await.unwrap();
}

/// A film of so many seconds, as a phone keeps it.
pub(crate) fn kept(seconds: &str) -> Vec<u8> {
    picture(&["-t", seconds, "-f", "webm"])
}

pub(crate) async fn token(installation: &Installation, stream: StreamId) -> String {
    let generation = installation.store.stream(stream).await.unwrap().unwrap().link_generation;
    installation.running.keys.streamer_token(stream, generation).expose().to_owned()
}

/// Makes the upload of a take of so many bytes, or finds it.
pub(crate) async fn open(
    installation: &Installation,
    stream: StreamId,
    take: &str,
    started: Timestamp,
    length: usize,
) -> (UploadId, Upload) {
    let metadata = Metadata::new(&[("take", take), ("started", &started.millis().to_string())]);
    let create = Create { length: Some(length as u64), metadata };
    let token = token(installation, stream).await;
    installation.running.uploads().create(stream, Some(&token), &create).await.unwrap()
}

/// Appends to an upload.
pub(crate) async fn send(installation: &Installation, stream: StreamId, upload: UploadId, bytes: &[u8]) {
    let patch = |_| Ok(Patch { new_length: None, checksum: None, room: bytes.len() as u64 });
    let token = token(installation, stream).await;
    let mut appending = installation.running.uploads().append(upload, Some(&token), patch).await.unwrap();
    appending.write(bytes).await.unwrap();
    appending.finish().await.unwrap();
}

/// Delivers a take that was begun so many milliseconds into the service.
pub(crate) async fn deliver(
    installation: &Installation,
    (stream, begun): (StreamId, Timestamp),
    take: &str,
    after_ms: u64,
    film: &[u8],
) -> UploadId {
    let started = begun.plus(Duration::from_millis(after_ms));
    let (upload, _) = open(installation, stream, take, started, film.len()).await;
    send(installation, stream, upload, film).await;
    upload
}

pub(crate) async fn copy(installation: &Installation, stream: StreamId, source: RecordingSource) -> Recording {
    let copies = installation.store.recordings_of(stream).await.unwrap();
    copies.into_iter().find(|copy| copy.source == source).unwrap()
}

/// Of the master.
pub(crate) async fn proof(installation: &Installation, stream: StreamId) -> Proof {
    copy(installation, stream, RecordingSource::Server).await.facts.proof().unwrap()
}

/// The longest of the master, in milliseconds.
pub(crate) async fn hole(installation: &Installation, stream: StreamId) -> u64 {
    proof(installation, stream).await.hole_ms
}
