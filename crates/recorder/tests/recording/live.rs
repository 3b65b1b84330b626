//! The playlist and its segments, held against ffmpeg.

use std::time::Duration;

use recorder::{HlsError, HlsResource, VideoCodec};

use crate::common::{at, audio, mix, push, recorder, run, video};

/// Follows a playlist as a player does, and gives the bytes of each stretch between discontinuities.
pub fn play(hls: &recorder::HlsLive, playlist: &str) -> Vec<Vec<u8>> {
    let mut stretches: Vec<Vec<u8>> = Vec::new();
    for line in playlist.lines() {
        let resource = |name: &str| hls.get(name.parse().unwrap()).unwrap_or_else(|| panic!("{name} is missing"));
        if let Some(name) = line.strip_prefix("#EXT-X-MAP:URI=\"") {
            stretches.push(resource(name.trim_end_matches('"')).to_vec());
        } else if !line.starts_with('#') {
            stretches.last_mut().unwrap().extend_from_slice(&resource(line));
        }
    }
    stretches
}

/// How many pictures a stretch decodes to, and what its tracks are.
pub fn decoded(stretch: &[u8]) -> (usize, String) {
    let file = tempfile::NamedTempFile::with_suffix(".mp4").unwrap();
    std::fs::write(file.path(), stretch).unwrap();
    let file = file.path().to_str().unwrap();
    run("ffmpeg", &["-v", "error", "-xerror", "-i", file, "-f", "null", "-"]);
    let args = ["-v", "error", "-count_frames", "-select_streams", "v:0", "-show_entries"];
    let frames = run("ffprobe", &[&args[..], &["stream=nb_read_frames", "-of", "csv=p=0", file]].concat());
    let streams = run("ffprobe", &["-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", file]);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(frames).trim().parse().unwrap(), text(streams).split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn segments_play_and_a_new_size_is_a_discontinuity() {
    for codec in [VideoCodec::H264, VideoCodec::Vp9] {
        let dir = tempfile::tempdir().unwrap();
        let recorder = recorder(dir.path());
        let hls = recorder.hls();
        assert_eq!(hls.playlist(), Err(HlsError::NotAvailable));
        let small = mix(&[&video(codec, "320x180", 4), &audio(4)]);
        let large = at(Duration::from_secs(4), &mix(&[&video(codec, "640x360", 4), &audio(4)]));
        push(&recorder, &small);
        push(&recorder, &large);
        recorder.finish_blocking().unwrap();
        let playlist = hls.playlist().unwrap();
        assert!(playlist.ends_with("#EXT-X-ENDLIST\n"), "{playlist}");
        assert_eq!(playlist.matches("#EXT-X-DISCONTINUITY\n").count(), 1);
        let name = if codec == VideoCodec::H264 { "h264" } else { "vp9" };
        let expected = (120, format!("{name} opus"));
        let played: Vec<_> = play(&hls, &playlist).iter().map(|stretch| decoded(stretch)).collect();
        assert_eq!(played, [expected.clone(), expected]);
    }
}

#[test]
fn sound_is_declared_once_there_is_some() {
    let dir = tempfile::tempdir().unwrap();
    let recorder = recorder(dir.path());
    let sound = at(Duration::from_millis(2500), &audio(3));
    push(&recorder, &mix(&[&video(VideoCodec::H264, "320x180", 6), &sound]));
    recorder.finish_blocking().unwrap();
    let hls = recorder.hls();
    let played: Vec<_> = play(&hls, &hls.playlist().unwrap()).iter().map(|stretch| decoded(stretch)).collect();
    let [(first, silent), (second, with_sound)] = &played[..] else { panic!("{played:?}") };
    assert_eq!((silent.as_str(), with_sound.as_str()), ("h264", "h264 opus"));
    assert_eq!(first + second, 180);
}

#[test]
fn vp8_has_no_playlist() {
    let dir = tempfile::tempdir().unwrap();
    let recorder = recorder(dir.path());
    push(&recorder, &video(VideoCodec::Vp8, "320x180", 2));
    recorder.finish_blocking().unwrap();
    assert_eq!(recorder.hls().playlist(), Err(HlsError::NotAvailable));
}

#[tokio::test]
async fn a_request_for_the_next_part_is_answered_when_it_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let recorder = recorder(dir.path());
    let frames = mix(&[&video(VideoCodec::H264, "320x180", 4), &audio(4)]);
    let (first, rest) = frames.split_at(frames.len() / 2);
    push(&recorder, first);
    let hls = recorder.hls();
    let mut changes = hls.changes();
    while hls.playlist().is_err() {
        changes.changed().await.unwrap();
    }
    assert_eq!(hls.playlist_with(1_000_000, None).await, Err(HlsError::TooFarAhead));

    // The end of the second segment is in the frames that are still to come.
    let waiting = tokio::spawn({
        let hls = hls.clone();
        async move { (hls.playlist_with(1, None).await, hls.get_or_wait(HlsResource::Part(1, 0)).await) }
    });
    push(&recorder, rest);
    let (playlist, part) = waiting.await.unwrap();
    assert!(playlist.unwrap().contains("\nseg1.m4s\n"));
    assert!(part.is_some());
    recorder.finish();
    while !hls.playlist().unwrap().contains("ENDLIST") {
        changes.changed().await.unwrap();
    }
    assert_eq!(hls.get_or_wait(HlsResource::Part(99, 0)).await, None);
}

#[tokio::test]
async fn whoever_comes_first_waits_for_the_first_playlist() {
    let dir = tempfile::tempdir().unwrap();
    let recorder = recorder(dir.path());
    let hls = recorder.hls();
    let waiting = tokio::spawn({
        let hls = hls.clone();
        async move { hls.first_playlist().await }
    });
    push(&recorder, &mix(&[&video(VideoCodec::H264, "320x180", 4), &audio(4)]));
    assert!(waiting.await.unwrap().unwrap().contains("#EXT-X-MAP"));
}

#[tokio::test]
async fn nobody_waits_for_a_playlist_that_will_never_come() {
    let dir = tempfile::tempdir().unwrap();
    let recorder = recorder(dir.path());
    let hls = recorder.hls();
    push(&recorder, &video(VideoCodec::Vp8, "320x180", 1));
    recorder.finish();
    assert_eq!(hls.first_playlist().await, Err(HlsError::NotAvailable));
}
