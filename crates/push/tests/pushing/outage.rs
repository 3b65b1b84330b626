//! The way to the provider breaks, or what makes the stream does.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use push::{Position, Push, PushConfig, PushState, PushStatus};
use recorder::VideoCodec;

use crate::common::{Facts, LONG, config, live, record_live, slices_in, slices_of};
use crate::media::{at, audio, mix, record, video};
use crate::receiver::{Mood, Receiver};

fn retrying(status: &PushStatus) -> bool {
    matches!(status.state, PushState::Retrying { .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_leaves_no_hole() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::rtmps().await;
    let frames = mix(&[&video(VideoCodec::H264, "640x360", 12), &audio(12)]);
    let push = Push::start(config(&receiver, &live(&dir)));
    let recording = record_live(&live(&dir), &frames);
    receiver.wait_for(|published| published.iter().any(|one| one.last_picture() > Duration::from_secs(3))).await;
    // What is sent from now on is lost on the way, more than from one key frame to the next.
    receiver.set(Mood::Deaf);
    let mut status = push.status();
    let sent = status.borrow().sent_until.time_ms;
    status.wait_for(|status| status.sent_until.time_ms > sent + 2500).await.unwrap();
    receiver.set(Mood::Down);
    status.wait_for(retrying).await.unwrap();
    // A second and a half behind: more than what a connection's buffers hide.
    status.wait_for(|status| status.behind_ms > 1500).await.unwrap();
    let resumed_at = (status.borrow().arrived_until, receiver.published()[0].last_picture());
    receiver.set(Mood::Up);
    status.wait_for(|status| status.state == PushState::Sending).await.unwrap();
    recording.await.unwrap();
    push.finish(LONG);
    assert_eq!(push.ended().await.state, PushState::Done);

    let published = receiver.published();
    assert_eq!(published.len(), 2);
    assert!(!published[0].finished && published[1].finished);
    let arrived = slices_in(&published);
    let missing = frames.iter().filter(|frame| !slices_of(std::slice::from_ref(frame)).is_subset(&arrived));
    let missing: Vec<_> = missing.map(|frame| frame.time).collect();
    assert!(missing.is_empty(), "{missing:?} of {resumed_at:?}");
    // It went on with what was last acknowledged, and did not begin anew.
    let facts = Facts::of(&published[1], dir.path());
    assert!(facts.video.end < 11.0, "{facts:?}");
    assert!(facts.video.start.min(facts.audio.start) < 0.05, "a connection begins with zero: {facts:?}");
    assert!(facts.video.longest_step < 0.1 && facts.audio.longest_step < 0.1, "{facts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_stops_reading_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::rtmp().await;
    // More than all buffers on the way hold.
    let frames = at(Duration::from_secs(1), &mix(&[&noise(40), &audio(40)]));
    record(&live(&dir), std::slice::from_ref(&frames));
    let push = Push::start(config(&receiver, &live(&dir)));
    let mut status = push.status();
    receiver.wait_for(|published| published.iter().any(|one| one.tags.len() > 50)).await;
    receiver.set(Mood::Deaf);
    let seen = status.wait_for(retrying).await.unwrap().clone();
    let PushState::Retrying { reason, attempt: 1 } = seen.state else { panic!("{seen:?}") };
    assert_eq!(reason, "nothing could be sent to the provider for 10 s");
    receiver.set(Mood::Up);
    push.finish(LONG);
    assert_eq!(push.ended().await.state, PushState::Done);
    assert_eq!(slices_in(&receiver.published()), slices_of(&frames));
}

/// A picture that no encoder makes small.
fn noise(seconds: u32) -> Vec<recorder::Frame> {
    let data = bytes::Bytes::from(vec![0x5a; 60_000]);
    let mut frames = video(VideoCodec::H264, "320x180", seconds);
    for (number, frame) in frames.iter_mut().enumerate() {
        // Filler behind the picture (NAL unit type 6 with user data would do; a decoder skips what it does not know).
        let mut bytes = frame.data.to_vec();
        bytes.extend_from_slice(&[0, 0, 0, 1, 0x1e]);
        bytes.extend_from_slice(&data);
        bytes.extend_from_slice(&u32::try_from(number).unwrap().to_be_bytes().map(|byte| byte | 0x80));
        frame.data = bytes.into();
    }
    frames
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_goes_on_where_another_process_left_off() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::rtmp().await;
    let publisher = mix(&[&video(VideoCodec::H264, "320x180", 4), &audio(4)]);
    record(&live(&dir), &[publisher.clone(), at(Duration::from_secs(6), &publisher)]);
    let resume_at = Position { part: 2, time_ms: 8_500 };
    let push = Push::start(PushConfig { resume_at, ..config(&receiver, &live(&dir)) });
    push.finish(LONG);
    assert_eq!(push.ended().await.state, PushState::Done);
    let facts = Facts::of(&receiver.published()[0], dir.path());
    // From the last key frame on, which is at 8 s of 10 s.
    facts.check(2.0);
    assert!((facts.video.end - 2.0).abs() < 0.1, "{facts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_does_not_go_out_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::rtmp().await;
    record(&live(&dir), &[mix(&[&video(VideoCodec::H264, "320x180", 8), &audio(8)])]);
    let began = std::time::Instant::now();
    let published = crate::common::push_all(&receiver, &live(&dir)).await;
    // Two seconds at once, and the other six at three times real time.
    assert!(began.elapsed() > Duration::from_millis(1900), "{:?}", began.elapsed());
    Facts::of(&published, dir.path()).check(8.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ffmpeg_that_dies_is_started_again() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::rtmp().await;
    let frames = mix(&[&video(VideoCodec::H264, "320x180", 4), &audio(4)]);
    record(&live(&dir), std::slice::from_ref(&frames));
    // Fails twice, the second time after it has made something.
    let (program, count) = (dir.path().join("ffmpeg"), dir.path().join("count"));
    let script = format!(
        "#!/bin/sh\necho x >> {count}\ncase $(wc -l < {count}) in\n1) echo 'no memory left' >&2; exit 3;;\n\
         2) ffmpeg \"$@\" | head -c 60000; echo broken >&2; exit 4;;\n*) exec ffmpeg \"$@\";;\nesac\n",
        count = count.display(),
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let push = Push::start(PushConfig { ffmpeg: program, ..config(&receiver, &live(&dir)) });
    let mut status = push.status();
    let seen = status.wait_for(retrying).await.unwrap().clone();
    let PushState::Retrying { reason, .. } = seen.state else { panic!("{seen:?}") };
    assert_eq!(reason, "ffmpeg stopped (exit status: 3): no memory left");
    push.finish(LONG);
    assert_eq!(push.ended().await.state, PushState::Done);
    assert_eq!(std::fs::read_to_string(&count).unwrap().lines().count(), 3);
    assert_eq!(slices_in(&receiver.published()), slices_of(&frames));
}

/// Providers close a connection on which nothing comes for long, while a publisher is away.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_tires_of_waiting_does_not_get_the_same_again() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::rtmp().await;
    let publisher = mix(&[&video(VideoCodec::H264, "320x180", 3), &audio(3)]);
    record(&live(&dir), std::slice::from_ref(&publisher));
    let push = Push::start(config(&receiver, &live(&dir)));
    let mut status = push.status();
    let tired = tokio::time::Instant::now() + Duration::from_secs(13);
    status.wait_for(|status| status.sent_until.time_ms > 2500).await.unwrap();
    tokio::time::sleep_until(tired).await;
    receiver.set(Mood::Down);
    status.wait_for(|status| status.state == PushState::Waiting).await.unwrap();
    receiver.set(Mood::Up);
    let resume_at = status.borrow().arrived_until;
    assert!(resume_at.time_ms > 2900, "{resume_at}");
    record(&live(&dir), &[at(Duration::from_secs(20), &publisher)]);
    push.finish(LONG);
    assert_eq!(push.ended().await.state, PushState::Done);
    let published = receiver.published();
    assert_eq!(published.len(), 2);
    // The last second again, which a decoder needs nothing before, and the second part.
    let facts = Facts::of(&published[1], dir.path());
    assert!(facts.keys.len() <= 4, "{facts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_cannot_be_encoded_does_not_hold_up_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::rtmp().await;
    let broken = video(VideoCodec::Vp8, "320x180", 2);
    let sound = mix(&[&video(VideoCodec::H264, "320x180", 2), &audio(2)]);
    record(&live(&dir), &[broken, at(Duration::from_secs(5), &sound)]);
    let program = dir.path().join("ffmpeg");
    // No encoder for what has to be encoded.
    let script = "#!/bin/sh\ncase \"$*\" in *libx264*) exit 1;; esac\nexec ffmpeg \"$@\"\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let push = Push::start(PushConfig { ffmpeg: program, ..config(&receiver, &live(&dir)) });
    push.finish(LONG);
    assert_eq!(push.ended().await.state, PushState::Done);
    assert_eq!(slices_in(&receiver.published()), slices_of(&sound));
}
