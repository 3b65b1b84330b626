//! A disk that refuses, and a queue that is full.

use std::time::Duration;

use recorder::{HlsError, Payload, Pushed, RecordError, Recorder, RecorderConfig, VideoCodec, decode_check, finalize};

use crate::common::{at, audio, ffmpeg, mix, push, recorder, video};

/// Waits until the recorder has an opinion about its disk that satisfies `wanted`.
fn wait(recorder: &Recorder, wanted: impl Fn(Option<&RecordError>) -> bool) {
    while !wanted(recorder.status().last_error.as_ref()) {
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_directory_that_cannot_be_made_is_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let obstacle = dir.path().join("obstacle");
    std::fs::write(&obstacle, "a file where a directory should be").unwrap();
    let recorder = recorder(&obstacle.join("live"));
    let publisher = mix(&[&video(VideoCodec::H264, "320x180", 3), &audio(3)]);
    push(&recorder, &publisher);
    wait(&recorder, |error| matches!(error, Some(RecordError::NotWritable { .. })));
    // Live playback goes on.
    while recorder.hls().playlist() == Err(HlsError::NotAvailable) {
        std::thread::sleep(Duration::from_millis(5));
    }

    std::fs::remove_file(&obstacle).unwrap();
    push(&recorder, &at(Duration::from_secs(3), &publisher));
    wait(&recorder, |error| error.is_none());
    let status = recorder.finish_blocking().unwrap();
    assert!(status.dropped > 0 && status.video_frames >= 60, "{status:?}");
    let file = dir.path().join("out.mp4");
    let report = finalize(&obstacle.join("live"), &file, None).unwrap();
    assert_eq!(decode_check(&ffmpeg(), &file).unwrap(), recorder::Decoded::Clean);
    assert_eq!(report.video.unwrap().frames, status.video_frames);
}

/// `/dev/full` refuses every write as a full disk does.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_to_be_full() {
    let dir = tempfile::tempdir().unwrap();
    let full = dir.path().join("origin.new");
    std::os::unix::fs::symlink("/dev/full", &full).unwrap();
    let recorder = recorder(dir.path());
    let publisher = mix(&[&video(VideoCodec::Vp8, "320x180", 2), &audio(2)]);
    push(&recorder, &publisher);
    wait(&recorder, |error| matches!(error, Some(RecordError::StorageFull { .. })));
    std::fs::remove_file(&full).unwrap();
    push(&recorder, &at(Duration::from_secs(2), &publisher));
    let status = recorder.finish_blocking().unwrap();
    assert!(status.video_frames >= 30, "{status:?}");
}

#[test]
fn a_refusal_to_the_end_is_an_error_at_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let obstacle = dir.path().join("obstacle");
    std::fs::write(&obstacle, "").unwrap();
    let recorder = recorder(&obstacle);
    push(&recorder, &video(VideoCodec::H264, "320x180", 1));
    assert!(matches!(recorder.finish_blocking(), Err(RecordError::NotWritable { .. })));
    assert!(recorder.status().finished);
    let frame = video(VideoCodec::H264, "320x180", 1).remove(0);
    assert_eq!(recorder.push(frame), Pushed::Dropped);
}

#[test]
fn a_full_queue_drops_to_the_next_key_frame() {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("live");
    let recorder = Recorder::spawn(&RecorderConfig { queue: 8, ..RecorderConfig::new(&live, 0) }).unwrap();
    let frames = mix(&[&video(VideoCodec::H264, "320x180", 10), &audio(10)]);
    let (mut accepted, mut dropped, mut need_key) = (0, 0, false);
    for frame in frames {
        let video_key = match frame.payload {
            Payload::Video { key, .. } => Some(key),
            Payload::Audio => None,
        };
        match recorder.push(frame) {
            Pushed::Accepted => {
                assert!(!(need_key && video_key == Some(false)), "a picture went in that cannot be decoded");
                need_key &= video_key != Some(true);
                accepted += 1;
            }
            Pushed::DroppedNeedKeyframe => (need_key, dropped) = (true, dropped + 1),
            Pushed::Dropped => dropped += 1,
        }
    }
    let status = recorder.finish_blocking().unwrap();
    assert!(dropped > 0, "the test pushes faster than anything is written");
    assert_eq!(status.video_frames + status.audio_packets, accepted);
    assert_eq!(status.dropped, dropped);
    let file = dir.path().join("out.mp4");
    finalize(&live, &file, None).unwrap();
    assert_eq!(decode_check(&ffmpeg(), &file).unwrap(), recorder::Decoded::Clean);
}
