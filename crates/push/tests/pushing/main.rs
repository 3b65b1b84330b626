//! Real recordings, pushed to an RTMP server that keeps what it gets. Needs ffmpeg and ffprobe on PATH.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod arrival;
mod common;
mod outage;
mod receiver;
mod refusal;
mod secrets;

#[path = "../../../recorder/tests/recording/common.rs"]
#[expect(dead_code, reason = "shared with the recorder's tests, which use all of it")]
mod media;
