//! A track that stops or loses packets: the other one goes on for viewers of the playlist, and both stay together.

use std::time::Duration;

use recorder::{Frame, HlsLive, VideoCodec};

use crate::common::{at, audio, mix, push, recorder, run, video};
use crate::live::{decoded, play};

/// What ffprobe says of one stream: a number on each line, in seconds.
fn numbers(bytes: &[u8], stream: &str, entries: &str) -> Vec<f64> {
    let file = tempfile::NamedTempFile::with_suffix(".mp4").unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let args = ["-v", "error", "-select_streams", stream, "-show_entries", entries, "-of", "csv=p=0"];
    let said = run("ffprobe", &[&args[..], &[file.path().to_str().unwrap()]].concat());
    String::from_utf8(said).unwrap().lines().map(|line| line.parse().unwrap()).collect()
}

/// Each segment, with its init segment.
fn segments(hls: &HlsLive, playlist: &str) -> Vec<Vec<u8>> {
    let mut init = Vec::new();
    let mut segments = Vec::new();
    for line in playlist.lines() {
        if let Some(name) = line.strip_prefix("#EXT-X-MAP:URI=\"") {
            init = hls.get(name.trim_end_matches('"').parse().unwrap()).unwrap().to_vec();
        } else if !line.starts_with('#') {
            segments.push([&init[..], &hls.get(line.parse().unwrap()).unwrap()].concat());
        }
    }
    segments
}

/// Records the frames and holds the playlist's tracks against each other: all of it decodes, sound has no hole, there is a
/// picture each second, and in each segment both are there and end together. Gives the playlist, and how long it is in
/// seconds.
fn together(frames: &[Frame]) -> (String, f64) {
    let dir = tempfile::tempdir().unwrap();
    let recorder = recorder(dir.path());
    push(&recorder, frames);
    recorder.finish_blocking().unwrap();
    let hls = recorder.hls();
    let playlist = hls.playlist().unwrap();
    let mut length = 0.0;
    for stretch in play(&hls, &playlist) {
        assert_eq!(decoded(&stretch).1, "h264 opus");
        for pair in numbers(&stretch, "v:0", "packet=pts_time").windows(2) {
            assert!(pair[1] - pair[0] < 1.001, "{pair:?} {playlist}");
        }
        let sound = numbers(&stretch, "a:0", "packet=pts_time");
        for pair in sound.windows(2) {
            assert!((pair[1] - pair[0] - 0.02).abs() < 0.001, "{pair:?} {playlist}");
        }
        length += sound.len() as f64 * 0.02;
    }
    for (number, segment) in segments(&hls, &playlist).iter().enumerate() {
        // On the clock of the recording: where the track ends.
        let end = |stream| {
            let end = numbers(segment, stream, "stream=duration").first().copied();
            end.unwrap_or_else(|| panic!("segment {number} has no {stream}: {playlist}"))
        };
        let packets = |stream| numbers(segment, stream, "packet=pts_time").len();
        assert!(packets("v:0") > 0 && packets("a:0") > 0, "segment {number}: {playlist}");
        let (picture, sound) = (end("v:0"), end("a:0"));
        assert!((picture - sound).abs() < 0.1, "segment {number}: {picture} {sound} {playlist}");
    }
    (playlist, length)
}

fn between(frames: &[Frame], from: u64, until: u64) -> Vec<Frame> {
    let times = Duration::from_millis(from)..Duration::from_millis(until);
    frames.iter().filter(|frame| times.contains(&frame.time)).cloned().collect()
}

#[test]
fn a_microphone_that_stops_and_comes_back() {
    let sound = audio(10);
    let sound = [between(&sound, 0, 2000), between(&sound, 5010, 10_000)].concat();
    let (playlist, length) = together(&mix(&[&video(VideoCodec::H264, "320x180", 10), &sound]));
    assert!(!playlist.contains("#EXT-X-DISCONTINUITY\n"), "{playlist}");
    assert!((length - 10.0).abs() < 0.1, "{length} {playlist}");
}

#[test]
fn a_microphone_that_stays_away() {
    let (_, length) = together(&mix(&[&video(VideoCodec::H264, "320x180", 8), &audio(2)]));
    assert!((length - 8.0).abs() < 0.1, "{length}");
}

#[test]
fn a_picture_that_stops_and_comes_back() {
    // What comes back first refers to what was not received.
    let picture = video(VideoCodec::H264, "320x180", 10);
    let picture = [between(&picture, 0, 2500), between(&picture, 6100, 10_000)].concat();
    let (playlist, length) = together(&mix(&[&picture, &audio(10)]));
    assert!(!playlist.contains("#EXT-X-DISCONTINUITY\n"), "{playlist}");
    assert!((length - 10.0).abs() < 0.1, "{length} {playlist}");
}

#[test]
fn a_picture_that_stays_away() {
    let (_, length) = together(&mix(&[&video(VideoCodec::H264, "320x180", 2), &audio(8)]));
    assert!((length - 8.0).abs() < 0.1, "{length}");
}

#[test]
fn lost_packets_of_sound_move_nothing() {
    let sound: Vec<Frame> = audio(8).into_iter().enumerate().filter(|(n, _)| n % 7 != 3).map(|(_, f)| f).collect();
    let (_, length) = together(&mix(&[&video(VideoCodec::H264, "320x180", 8), &sound]));
    assert!((length - 8.0).abs() < 0.1, "{length}");
}

#[test]
fn after_a_dead_spot_both_begin_together() {
    let part = || mix(&[&video(VideoCodec::H264, "320x180", 3), &audio(3)]);
    let sound = at(Duration::from_secs(16), &audio(4));
    let (playlist, length) = together(&[part(), at(Duration::from_secs(8), &part()), sound].concat());
    assert_eq!(playlist.matches("#EXT-X-DISCONTINUITY\n").count(), 2, "{playlist}");
    assert!((10.0..11.1).contains(&length), "{length} {playlist}");
}
