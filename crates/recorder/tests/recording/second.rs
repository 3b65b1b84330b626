//! A second recording of the same service, as a phone's browser makes it.

use std::path::Path;
use std::time::Duration;

use crate::common::{at, audio, ffmpeg, ffprobe, longest_step, mix, record, run, video};
use recorder::{Decoded, Fill, Frame, Take, VideoCodec, assemble, decode_check, finalize, probe, splice, trim};

/// What a browser records: `container` is the file's ending.
fn take(dir: &Path, name: &str, seconds: u32, encoder: &[&str]) -> Take {
    let file = dir.join(name);
    let picture = format!("testsrc2=size=320x180:rate=30:duration={seconds}");
    let sound = format!("sine=frequency=440:sample_rate=48000:duration={seconds}");
    let path = file.to_str().expect("the path is UTF-8");
    let input = ["-v", "error", "-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", &sound, "-pix_fmt", "yuv420p"];
    run("ffmpeg", &[&input[..], encoder, &["-g", "60", path]].concat());
    Take { file, start: Duration::ZERO }
}

/// Of the recorder in `common`.
const ORIGIN: i64 = 1_700_000_000_000;

const WEBM_VP8: &[&str] =
    &["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-auto-alt-ref", "0", "-c:a", "libopus"];
const MP4_H264: &[&str] = &["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-c:a", "aac"];

#[test]
fn takes_of_every_container_become_one_file() {
    for (name, encoder) in [("a.webm", WEBM_VP8), ("a.mp4", MP4_H264)] {
        let dir = tempfile::tempdir().unwrap();
        let first = take(dir.path(), name, 3, encoder);
        let second = Take { start: Duration::from_secs(5), ..take(dir.path(), &format!("second-{name}"), 2, encoder) };
        let out = dir.path().join("out.mp4");
        let report = assemble(&[second, first], &out, &ffmpeg()).unwrap().report;
        assert!((6.9..7.2).contains(&report.duration.as_secs_f64()), "{name}: {:?}", report.duration);
        assert_eq!(report.video.as_ref().unwrap().frames, 150, "{name}");
        assert!(report.audio.is_some());
        assert_eq!(report.gaps.len(), 1, "{name}: the two seconds between the takes");
        assert_eq!(decode_check(&ffmpeg(), &out).unwrap(), Decoded::Clean, "{name}");
        let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 3, "nothing is left behind: {left:?}");
    }
}

/// Marks an MP4 as Safari does: its pictures are to be turned right by 90°.
fn turn_right(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    // The first track is the picture's. Version 0 of its header has the matrix after 40 bytes (ISO/IEC 14496-12 §8.3.2).
    let header = bytes.windows(4).position(|kind| kind == b"tkhd").unwrap() + 4;
    let matrix: [u32; 9] = [0, 1 << 16, 0, (-1i32 << 16) as u32, 0, 0, 180 << 16, 0, 1 << 30];
    for (number, value) in matrix.into_iter().enumerate() {
        let at = header + 40 + 4 * number;
        bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
    }
    std::fs::write(file, bytes).unwrap();
}

/// Width and height of a picture as it is shown.
fn shown(file: &Path) -> (u32, u32) {
    let out = file.with_extension("png");
    let path = |path: &Path| path.to_str().expect("the path is UTF-8").to_owned();
    run("ffmpeg", &["-v", "error", "-y", "-i", &path(file), "-frames:v", "1", &path(&out)]);
    let png = std::fs::read(out).unwrap();
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[test]
fn takes_that_are_marked_to_be_turned_are_shown_upright() {
    let dir = tempfile::tempdir().unwrap();
    let upright = take(dir.path(), "upright.mp4", 2, MP4_H264);
    let turned = Take { start: Duration::from_secs(2), ..take(dir.path(), "turned.mp4", 2, MP4_H264) };
    turn_right(&turned.file);
    assert_eq!((shown(&upright.file), shown(&turned.file)), ((320, 180), (180, 320)));

    let alike = dir.path().join("alike.mp4");
    let report = assemble(std::slice::from_ref(&turned), &alike, &ffmpeg()).unwrap().report;
    assert_eq!(shown(&alike), (180, 320), "the mark is kept");
    let size = |report: &recorder::Report| report.video.as_ref().map(|video| (video.width, video.height));
    assert_eq!(size(&report), Some((320, 180)), "and nothing was encoded again");
    let trimmed = dir.path().join("trimmed.mp4");
    trim(&alike, Duration::from_millis(500), Duration::from_secs(2), &trimmed).unwrap();
    assert_eq!(shown(&trimmed), (180, 320));

    let mixed = dir.path().join("mixed.mp4");
    let report = assemble(&[upright, turned], &mixed, &ffmpeg()).unwrap().report;
    assert_eq!(shown(&mixed), (320, 180));
    assert_eq!(report.video.as_ref().unwrap().frames, 120);
    assert_eq!(decode_check(&ffmpeg(), &mixed).unwrap(), Decoded::Clean);
    let last = dir.path().join("last.mp4");
    trim(&mixed, Duration::from_millis(2500), Duration::from_secs(4), &last).unwrap();
    assert_eq!(shown(&last), (180, 320), "the second take was turned");
}

#[test]
fn a_take_without_sound_and_one_that_was_torn_off_are_used() {
    let dir = tempfile::tempdir().unwrap();
    let silent = take(dir.path(), "silent.webm", 2, &["-an", "-c:v", "libvpx", "-deadline", "realtime"]);
    let whole = take(dir.path(), "torn.webm", 4, WEBM_VP8);
    let bytes = std::fs::read(&whole.file).unwrap();
    std::fs::write(&whole.file, &bytes[..bytes.len() * 2 / 3]).unwrap();
    let torn = Take { start: Duration::from_secs(2), ..whole };
    let report = assemble(&[silent, torn], &dir.path().join("out.mp4"), &ffmpeg()).unwrap().report;
    assert!((3.5..5.9).contains(&report.duration.as_secs_f64()), "{:?}", report.duration);
    assert!(report.audio.is_some());
}

#[test]
fn what_is_no_video_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("noise.webm");
    std::fs::write(&file, [7; 4096]).unwrap();
    assert!(assemble(&[Take { file, start: Duration::ZERO }], &dir.path().join("out.mp4"), &ffmpeg()).is_err());
    assert!(assemble(&[], &dir.path().join("out.mp4"), &ffmpeg()).is_err());
}

#[test]
fn the_file_says_when_it_begins_though_the_first_takes_have_nothing_to_show() {
    let dir = tempfile::tempdir().unwrap();
    let start = Duration::from_secs;
    let empty = Take { file: dir.path().join("empty.webm"), start: start(10) };
    let noise = Take { file: dir.path().join("noise.webm"), start: start(20) };
    std::fs::write(&empty.file, []).unwrap();
    std::fs::write(&noise.file, [7; 4096]).unwrap();
    let seen = Take { start: start(40), ..take(dir.path(), "seen.webm", 2, WEBM_VP8) };
    let takes = [empty.clone(), noise.clone(), seen];
    let assembled = assemble(&takes, &dir.path().join("out.mp4"), &ffmpeg()).unwrap();
    assert!((39.9..40.1).contains(&assembled.start.as_secs_f64()), "{:?}", assembled.start);
    assert_eq!(assembled.left_out, [empty.file, noise.file]);
    assert!(assembled.report.duration < start(3), "{:?}", assembled.report.duration);
}

/// The recording lacks what lies between `from` and `until`, in seconds.
fn with_hole(from: u64, until: u64, codec: VideoCodec) -> Vec<Frame> {
    let frames = mix(&[&video(codec, "320x180", 8), &audio(8)]);
    let (from, until) = (Duration::from_secs(from), Duration::from_secs(until));
    frames.into_iter().filter(|frame| frame.time < from || frame.time >= until).collect()
}

#[test]
fn holes_are_filled_in_place() {
    for (codec, encoder, name) in [(VideoCodec::H264, WEBM_VP8, "take.webm"), (VideoCodec::Vp8, MP4_H264, "take.mp4")] {
        let dir = tempfile::tempdir().unwrap();
        let live = dir.path().join("live");
        // Begun 100 s after the clock said zero, with one hole within a session and one between two.
        let frames = at(Duration::from_secs(100), &with_hole(2, 5, codec));
        let later = at(Duration::from_secs(111), &mix(&[&video(codec, "320x180", 2), &audio(2)]));
        record(&live, &[frames, later]);
        let out = dir.path().join("out.mp4");
        let holed = finalize(&live, &out, Some(&ffmpeg())).unwrap();
        assert_eq!(holed.gaps.len(), 2, "{:?}", holed.gaps);

        // The phone recorded all of it, from two seconds before on.
        let phone = dir.path().join("phone.mp4");
        assemble(&[take(dir.path(), name, 16, encoder)], &phone, &ffmpeg()).unwrap();
        let fill = Fill { file: phone, starts_at_unix_ms: ORIGIN + 98_000 };
        let report = splice(&live, &[fill], &out, &ffmpeg()).unwrap().unwrap();
        assert_eq!(report.gaps, [], "{codec}");
        assert_eq!(probe(&out).unwrap().gaps, []);
        assert_eq!(report.video.as_ref().unwrap().codec, codec);
        assert!((report.duration.as_secs_f64() - 13.0).abs() < 0.2, "{:?}", report.duration);
        assert_eq!(decode_check(&ffmpeg(), &out).unwrap(), Decoded::Clean, "{codec}");
        assert!(longest_step(&out) < 0.5, "{codec}: as a player sees it");
        let times = ffprobe(&out, "v:0", "duration");
        assert!((times[0].parse::<f64>().unwrap() - 13.0).abs() < 0.2);
    }
}

#[test]
fn what_the_first_file_leaves_open_is_filled_from_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("live");
    let (codec, later) = (VideoCodec::Vp8, mix(&[&video(VideoCodec::Vp8, "320x180", 2), &audio(2)]));
    record(&live, &[with_hole(2, 4, codec), at(Duration::from_secs(11), &later)]);
    let fill = |name: &str, begins: i64| {
        let file = dir.path().join(name).with_extension("mp4");
        assemble(&[take(dir.path(), name, 5, WEBM_VP8)], &file, &ffmpeg()).unwrap();
        Fill { file, starts_at_unix_ms: ORIGIN + begins }
    };
    let (first, second) = (fill("first.webm", 0), fill("second.webm", 7_000));
    let broken = Fill { file: dir.path().join("none.mp4"), starts_at_unix_ms: ORIGIN };
    let out = dir.path().join("out.mp4");
    let gaps = |fills: &[Fill]| splice(&live, fills, &out, &ffmpeg()).unwrap().unwrap().gaps.len();
    assert_eq!(gaps(std::slice::from_ref(&first)), 1);
    assert_eq!(gaps(&[first.clone(), second.clone()]), 0);
    assert_eq!(gaps(&[broken.clone(), first, second]), 0, "one that cannot be read keeps nothing from the others");
    assert!(splice(&live, &[broken], &out, &ffmpeg()).is_err());
}

#[test]
fn a_recording_without_holes_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("live");
    record(&live, &[mix(&[&video(VideoCodec::H264, "320x180", 3), &audio(3)])]);
    let phone = dir.path().join("phone.mp4");
    assemble(&[take(dir.path(), "take.webm", 3, WEBM_VP8)], &phone, &ffmpeg()).unwrap();
    let out = dir.path().join("out.mp4");
    assert!(splice(&live, &[Fill { file: phone, starts_at_unix_ms: ORIGIN }], &out, &ffmpeg()).unwrap().is_none());
    assert!(!out.exists());
}

/// As a program leaves it that is killed in the middle of its work.
fn left_behind(dir: &Path) {
    record(dir, &[mix(&[&video(VideoCodec::H264, "320x180", 3), &audio(3)])]);
}

#[test]
fn what_a_killed_run_has_left_is_not_taken_for_ours() {
    let dir = tempfile::tempdir().unwrap();
    let phone = dir.path().join("phone.mp4");
    left_behind(&dir.path().join("phone.mp4.takes"));
    let report = assemble(&[take(dir.path(), "take.webm", 6, WEBM_VP8)], &phone, &ffmpeg()).unwrap().report;
    assert!((5.9..6.2).contains(&report.duration.as_secs_f64()), "{:?}", report.duration);

    let (live, out) = (dir.path().join("live"), dir.path().join("out.mp4"));
    record(&live, &[with_hole(2, 4, VideoCodec::H264)]);
    let frames = finalize(&live, &out, Some(&ffmpeg())).unwrap().video.unwrap().frames;
    left_behind(&dir.path().join("out.mp4.scratch/fill-0/hole-0"));
    let fill = [Fill { file: phone, starts_at_unix_ms: ORIGIN }];
    let filled = splice(&live, &fill, &out, &ffmpeg()).unwrap().unwrap().video.unwrap().frames;
    assert!((55..=65).contains(&(filled - frames)), "two seconds, once: {frames}, {filled}");
}
