//! The beginning and the end taken off, held against ffmpeg and ffprobe.

use std::time::Duration;

use crate::common::{at, audio, configurations, ffmpeg, ffprobe, mix, record, seconds, sizes, video};
use recorder::{Decoded, FinalizeError, VideoCodec, decode_check, finalize, trim};

fn close(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance, "{a} is not {b} ± {tolerance}");
}

#[test]
fn beginning_and_end_are_taken_off_and_the_original_stays() {
    for codec in [VideoCodec::H264, VideoCodec::Vp8, VideoCodec::Vp9] {
        let dir = tempfile::tempdir().unwrap();
        record(&dir.path().join("live"), &[mix(&[&video(codec, "320x180", 6), &audio(6)])]);
        let (whole, cut) = (dir.path().join("whole.mp4"), dir.path().join("cut.mp4"));
        finalize(&dir.path().join("live"), &whole, None).unwrap();
        let before = std::fs::read(&whole).unwrap();

        // A key frame each second: the one at 2 s is the last before 2.4 s.
        let trimmed = trim(&whole, Duration::from_millis(2400), Duration::from_millis(4500), &cut).unwrap();
        assert_eq!(trimmed.begin, Duration::from_secs(2), "{codec}");
        assert_eq!(decode_check(&ffmpeg(), &cut).unwrap(), Decoded::Clean, "{codec}");
        assert_eq!(ffprobe(&cut, "v:0", "nb_read_packets"), ["75"], "{codec}: two and a half seconds of 30 a second");
        close(seconds(&cut, "v:0", "start_time"), 0.0, 0.001);
        close(seconds(&cut, "a:0", "start_time"), 0.0, 0.001);
        close(seconds(&cut, "v:0", "duration"), 2.5, 0.01);
        close(seconds(&cut, "a:0", "duration"), 2.5, 0.03);
        assert_eq!(std::fs::read(&whole).unwrap(), before, "the original is as it was");
    }
}

#[test]
fn pictures_of_several_sizes_keep_theirs() {
    let dir = tempfile::tempdir().unwrap();
    let small = video(VideoCodec::H264, "320x180", 3);
    let large = at(Duration::from_secs(3), &video(VideoCodec::H264, "640x360", 3));
    let tall = at(Duration::from_secs(6), &video(VideoCodec::H264, "360x640", 3));
    record(&dir.path().join("live"), &[mix(&[&small, &large, &tall, &audio(9)])]);
    let (whole, cut) = (dir.path().join("whole.mp4"), dir.path().join("cut.mp4"));
    finalize(&dir.path().join("live"), &whole, None).unwrap();
    assert_eq!(configurations(&whole), 1);
    trim(&whole, Duration::from_secs(1), Duration::from_secs(5), &cut).unwrap();
    assert_eq!(sizes(&cut), [("320x180".to_owned(), 60), ("640x360".to_owned(), 60)].into());
    assert_eq!(configurations(&cut), 1);
    assert_eq!(decode_check(&ffmpeg(), &cut).unwrap(), Decoded::Clean);
    close(seconds(&cut, "v:0", "duration"), 4.0, 0.01);
    close(seconds(&cut, "a:0", "duration"), 4.0, 0.03);
}

#[test]
fn the_pictures_that_stay_are_the_very_same() {
    let dir = tempfile::tempdir().unwrap();
    record(&dir.path().join("live"), &[mix(&[&video(VideoCodec::H264, "320x180", 4), &audio(4)])]);
    let (whole, cut) = (dir.path().join("whole.mp4"), dir.path().join("cut.mp4"));
    finalize(&dir.path().join("live"), &whole, None).unwrap();
    trim(&whole, Duration::from_secs(1), Duration::from_secs(3), &cut).unwrap();
    let hashes = |file: &std::path::Path| {
        let args = ["-v", "error", "-i", file.to_str().unwrap(), "-map", "0:v", "-c", "copy", "-f", "framehash", "-"];
        let said = String::from_utf8(crate::common::run("ffmpeg", &args)).unwrap();
        let lines = said.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.rsplit(',').next().unwrap().trim().to_owned()).collect::<Vec<_>>()
    };
    let (all, kept) = (hashes(&whole), hashes(&cut));
    assert_eq!(kept.len(), 60);
    assert_eq!(kept, all[30..90]);
}

#[test]
fn sound_alone_is_trimmed_and_what_lies_outside_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    record(&dir.path().join("live"), &[audio(4)]);
    let (whole, cut) = (dir.path().join("whole.mp4"), dir.path().join("cut.mp4"));
    finalize(&dir.path().join("live"), &whole, None).unwrap();
    trim(&whole, Duration::from_secs(1), Duration::from_secs(3), &cut).unwrap();
    close(seconds(&cut, "a:0", "duration"), 2.0, 0.03);
    let outside = trim(&whole, Duration::from_secs(9), Duration::from_secs(12), &dir.path().join("none.mp4"));
    assert!(matches!(outside, Err(FinalizeError::Empty)), "{outside:?}");
    assert!(!dir.path().join("none.mp4").exists());
}
