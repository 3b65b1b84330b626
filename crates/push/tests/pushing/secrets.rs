//! The stream key shows nowhere.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use push::{Push, PushState};
use recorder::VideoCodec;
use tracing_subscriber::fmt::MakeWriter;

use crate::common::{LONG, config, live, record_live};
use crate::media::{audio, mix, video};
use crate::receiver::{KEY, Mood, Receiver};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The arguments of every process of ours.
fn command_lines() -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " ")).collect()
}

/// A process of its own with nextest: the log is the whole process's.
#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_in_no_log_and_no_argument() {
    let log = Log::default();
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).init();
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::rtmps().await;
    let config = config(&receiver, &live(&dir));
    let ingest = (config.ingest)().await.unwrap();
    let mut shown = format!("{config:?} {ingest:?}");
    let push = Push::start(config);
    let recording = record_live(&live(&dir), &mix(&[&video(VideoCodec::H264, "320x180", 4), &audio(4)]));
    receiver.wait_for(|published| published.iter().any(|one| one.last_picture() > Duration::from_secs(1))).await;
    let lines = command_lines();
    assert!(lines.iter().any(|line| line.contains("flv pipe:1") || line.contains("pipe:1")), "ffmpeg runs");
    receiver.set(Mood::Down);
    let mut status = push.status();
    let retrying = status.wait_for(|status| matches!(status.state, PushState::Retrying { .. })).await;
    shown.push_str(&format!("{:?} {push:?}", retrying.unwrap().clone()));
    receiver.set(Mood::Up);
    recording.await.unwrap();
    push.finish(LONG);
    shown.push_str(&format!("{:?}", push.ended().await));
    assert_eq!(push.status().borrow().state, PushState::Done);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("a push does not go on"), "the log is looked at: {log}");
    for place in lines.iter().chain([&shown, &log]) {
        assert!(!place.contains(KEY), "{place}");
    }
}
