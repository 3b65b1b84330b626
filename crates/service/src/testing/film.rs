//! A film to record, as a file and as frames.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use bytes::Bytes;
use recorder::{Frame, Payload, VideoCodec};

/// Eight seconds of a test picture, a key frame every second.
pub(crate) fn picture(container: &[&str]) -> Vec<u8> {
    let input = ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30:duration=8"];
    let encoder = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-auto-alt-ref", "0"];
    let output = Command::new("ffmpeg")
        .args(input)
        .args(encoder)
        .args(["-lag-in-frames", "0", "-g", "30"])
        .args(container)
        .arg("-")
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("this test needs ffmpeg on PATH: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The pictures of an IVF file: 32 bytes of header, then 12 before each, of which the first four are its length.
pub(crate) fn frames(ivf: &[u8]) -> Vec<Frame> {
    let (mut frames, mut rest) = (Vec::new(), &ivf[32..]);
    while let Some((length, _)) = rest.split_first_chunk::<4>() {
        let (data, after) = rest[12..].split_at(u32::from_le_bytes(*length) as usize);
        let data = Bytes::copy_from_slice(data);
        let payload = Payload::Video { codec: VideoCodec::Vp8, key: VideoCodec::Vp8.is_key_frame(&data) };
        frames.push(Frame { time: Duration::from_millis(frames.len() as u64 * 1000 / 30), payload, data });
        rest = after;
    }
    frames
}
