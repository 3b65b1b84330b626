//! What arrives at the provider.

use std::time::Duration;

use push::{Push, PushState};
use recorder::VideoCodec;

use crate::common::{Facts, LONG, config, live, push_all, record_live, slices_in, slices_of};
use crate::media::{at, audio, mix, record, video};
use crate::receiver::{Published, Receiver};

#[tokio::test(flavor = "multi_thread")]
async fn a_growing_recording_arrives_while_it_grows() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::rtmps().await;
    let frames = mix(&[&video(VideoCodec::H264, "640x360", 8), &audio(8)]);
    let push = Push::start(config(&receiver, &live(&dir)));
    assert_eq!(push.status().borrow().state, PushState::Waiting);
    let recording = record_live(&live(&dir), &frames);
    receiver.wait_for(|published| published.iter().any(|one| one.tags.len() > 100)).await;
    assert!(!recording.is_finished(), "nothing arrived while it was recorded");
    let status = push.status().borrow().clone();
    assert_eq!(status.state, PushState::Sending, "{status:?}");
    recording.await.unwrap();
    push.finish(LONG);
    let status = push.ended().await;
    assert_eq!((&status.state, status.arrived_until), (&PushState::Done, status.sent_until));

    let published = receiver.published().remove(0);
    assert!(published.finished);
    assert_eq!(slices_in(std::slice::from_ref(&published)), slices_of(&frames));
    let facts = Facts::of(&published, dir.path());
    facts.check(8.0);
    assert!(facts.video.longest_step < 0.1 && facts.audio.longest_step < 0.1, "{facts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_codec_that_providers_do_not_take_is_encoded() {
    for codec in [VideoCodec::Vp8, VideoCodec::Vp9] {
        let dir = tempfile::tempdir().unwrap();
        let receiver = Receiver::rtmp().await;
        // Some way into the recording: a time that is not small.
        let frames = at(Duration::from_secs(3600), &mix(&[&video(codec, "320x180", 6), &audio(6)]));
        record(&live(&dir), &[frames]);
        let published = push_all(&receiver, &live(&dir)).await;
        let facts = Facts::of(&published, dir.path());
        facts.check(6.0);
        assert_eq!(facts.size, (320, 180));
        assert!(facts.keys.len() <= 4, "{codec}: {facts:?}");
        assert!(facts.video.longest_step < 0.1, "{codec}: {facts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reconnect_goes_on_in_the_same_stream() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::rtmp().await;
    let publisher = mix(&[&video(VideoCodec::H264, "320x180", 4), &audio(4)]);
    let frames = [publisher.clone(), at(Duration::from_secs(7), &publisher)];
    record(&live(&dir), &frames);
    assert!(live(&dir).join("part-0002.mp4").exists());
    let published = push_all(&receiver, &live(&dir)).await;
    assert!(published.finished);
    assert_eq!(slices_in(std::slice::from_ref(&published)), slices_of(&publisher));
    let facts = Facts::of(&published, dir.path());
    assert!((facts.video.end - 11.0).abs() < 0.2, "{facts:?}");
    assert!((facts.video.longest_step - 3.0).abs() < 0.1, "{facts:?}");
    assert_eq!(facts.keys.len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_size_is_fitted_into_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::rtmp().await;
    let wide = video(VideoCodec::H264, "320x180", 3);
    let tall = at(Duration::from_secs(3), &video(VideoCodec::H264, "180x320", 3));
    record(&live(&dir), &[mix(&[&wide, &tall, &audio(6)])]);
    let published = push_all(&receiver, &live(&dir)).await;
    let facts = Facts::of(&published, dir.path());
    facts.check(6.0);
    assert_eq!(facts.size, (320, 180));
    assert!(facts.video.longest_step < 0.1 && facts.audio.longest_step < 0.1, "{facts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn picture_without_sound_gets_silence() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::rtmp().await;
    let picture = video(VideoCodec::H264, "320x180", 5);
    record(&live(&dir), std::slice::from_ref(&picture));
    let published = push_all(&receiver, &live(&dir)).await;
    let facts = Facts::of(&published, dir.path());
    facts.check(5.0);
    assert_eq!(slices_in(&[published]), slices_of(&picture));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_track_alone_does_not_wait_for_the_other() {
    for frames in [audio(8), video(VideoCodec::H264, "320x180", 8)] {
        let dir = tempfile::tempdir().unwrap();
        let receiver = Receiver::rtmp().await;
        let _push = Push::start(config(&receiver, &live(&dir)));
        let recording = record_live(&live(&dir), &frames);
        let both = |audio| move |one: &Published| one.tags.iter().filter(|tag| tag.audio == audio).count() > 20;
        receiver.wait_for(|published| published.iter().any(both(true))).await;
        receiver.wait_for(|published| published.iter().any(both(false))).await;
        assert!(!recording.is_finished(), "nothing arrived while it was recorded");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_without_a_picture_gets_black() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::rtmp().await;
    record(&live(&dir), &[at(Duration::from_secs(5), &audio(5))]);
    let published = push_all(&receiver, &live(&dir)).await;
    let facts = Facts::of(&published, dir.path());
    facts.check(5.0);
    assert_eq!(facts.size, (1280, 720));
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_that_comes_late_is_in_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::rtmp().await;
    let picture = video(VideoCodec::H264, "320x180", 6);
    let sound = at(Duration::from_millis(2500), &audio(3));
    record(&live(&dir), &[mix(&[&picture, &sound])]);
    let published = push_all(&receiver, &live(&dir)).await;
    Facts::of(&published, dir.path()).check(6.0);
    let file = dir.path().join("pushed.flv");
    let filter = "silencedetect=noise=-50dB:duration=0.3,ametadata=print:file=-";
    let args = ["-v", "error", "-i", file.to_str().unwrap(), "-map", "0:a", "-af", filter, "-f", "null", "-"];
    let said = String::from_utf8(crate::media::run("ffmpeg", &args)).unwrap();
    let end = said.lines().find_map(|line| line.strip_prefix("lavfi.silence_end=")).expect("a silence");
    let end: f64 = end.parse().unwrap();
    assert!((end - 2.5).abs() < 0.1, "{end}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_recorded_is_done_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::rtmp().await;
    let push = Push::start(config(&receiver, &live(&dir)));
    push.finish(LONG);
    assert_eq!(push.ended().await.state, PushState::Done);
    assert!(receiver.published().is_empty());
}
