//! `kill -9`, and going on afterwards.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use recorder::{Recorder, RecorderConfig, VideoCodec, decode_check, finalize, recover};

use crate::common::{at, audio, ffmpeg, mix, push, record, recorder, video};

const CHILD: &str = "RECORDER_TEST_DIRECTORY";

/// Not a test: the process that is killed. Records in real time, and prints the time of every frame it has pushed.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn child() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let frames = mix(&[&video(VideoCodec::H264, "320x180", 10), &audio(10)]);
    let recorder = recorder(Path::new(&dir));
    let began = Instant::now();
    for frame in frames {
        std::thread::sleep(frame.time.saturating_sub(began.elapsed()));
        push(&recorder, std::slice::from_ref(&frame));
        let mut out = std::io::stdout().lock();
        writeln!(out, "at {}", frame.time.as_millis()).unwrap();
    }
}

#[test]
fn kill_costs_less_than_a_second() {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("live");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child", "--ignored", "--nocapture"])
        .env(CHILD, &live)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let pushed = lines
        .filter_map(|line| line.unwrap().rsplit_once("at ")?.1.parse::<u64>().ok())
        .find(|ms| *ms >= 3700)
        .expect("the child records");
    child.kill().unwrap();
    child.wait().unwrap();

    let recovered = recover(&live).unwrap();
    assert_eq!((recovered.parts, recovered.damaged.len()), (1, 0));
    let file = dir.path().join("out.mp4");
    let report = finalize(&live, &file, None).unwrap();
    assert_eq!(decode_check(&ffmpeg(), &file).unwrap(), recorder::Decoded::Clean);
    assert!(report.duration + Duration::from_secs(1) >= Duration::from_millis(pushed), "{report:?}, {pushed} ms");
}

#[test]
fn the_recording_goes_on_after_a_crash() {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("live");
    let publisher = mix(&[&video(VideoCodec::H264, "320x180", 3), &audio(3)]);
    record(&live, std::slice::from_ref(&publisher));
    let part = live.join("part-0001.mp4");
    let whole = std::fs::read(&part).unwrap();
    std::fs::write(&part, &whole[..whole.len() - 1000]).unwrap();

    // Another origin is offered, and the first one kept.
    let recorder = Recorder::spawn(&RecorderConfig::new(&live, 99)).unwrap();
    assert_eq!(recorder.origin_unix_ms(), 1_700_000_000_000);
    push(&recorder, &at(Duration::from_secs(10), &publisher));
    recorder.finish_blocking().unwrap();
    assert!(std::fs::metadata(&part).unwrap().len() < whole.len() as u64 - 1000, "the torn end is gone");
    assert!(live.join("part-0002.mp4").exists());

    let file = dir.path().join("out.mp4");
    let report = finalize(&live, &file, None).unwrap();
    assert_eq!(decode_check(&ffmpeg(), &file).unwrap(), recorder::Decoded::Clean);
    assert_eq!(report.gaps.len(), 1);
    assert!(report.duration.abs_diff(Duration::from_secs(13)) < Duration::from_millis(50), "{report:?}");
    let frames = report.video.unwrap().frames;
    assert!((165..180).contains(&frames), "{frames}");
}
