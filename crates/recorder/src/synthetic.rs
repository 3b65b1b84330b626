//! Frames for tests that need no decoder: headers that parse, and filler.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;

use crate::frame::{Frame, Payload, VideoCodec};
use crate::muxer::{Muxer, Output};
use crate::part::PartWriter;
use crate::read::PartIndex;

const H264_PARAMETERS: &[u8] = &[
    0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0x28, 0x02, 0xdd, 0x08, 0x00, 0x00, 0x03, 0x00, 0x08, 0, 0,
    0, 1, 0x68, 0xce, 0x3c, 0x80,
];

/// A picture. A key frame of VP8 and VP9 is 16 by `size` pixels.
pub(crate) fn picture(codec: VideoCodec, key: bool, size: u8, time: Duration) -> Frame {
    let data = match (codec, key) {
        (VideoCodec::H264, true) => [H264_PARAMETERS, &[0, 0, 0, 1, 0x65, 0x88, size]].concat(),
        (VideoCodec::H264, false) => vec![0, 0, 0, 1, 0x41, 0x9a, size],
        (VideoCodec::Vp8, true) => vec![0x10, 0, 0, 0x9d, 0x01, 0x2a, 16, 0, size, 0, 1, 2],
        (VideoCodec::Vp8, false) => vec![0x11, 0, 0, size],
        (VideoCodec::Vp9, true) => vec![0x82, 0x49, 0x83, 0x42, 0x00, 0x00, 0xf0, 0x00, size << 4],
        (VideoCodec::Vp9, false) => vec![0x86, 0, size],
    };
    Frame { time, payload: Payload::Video { codec, key }, data: data.into() }
}

/// A packet of 20 ms.
pub(crate) fn packet(time: Duration) -> Frame {
    Frame { time, payload: Payload::Audio, data: Bytes::from_static(&[0xf8, 1, 2, 3]) }
}

/// Picture (30 a second, a key frame every two seconds) and sound, in order.
pub(crate) fn stream(codec: VideoCodec, length: Duration) -> Vec<Frame> {
    let pictures = (0..).map(|n| picture(codec, n % 60 == 0, 16, Duration::from_micros(n * 1_000_000 / 30)));
    let packets = (0..).map(|n| packet(Duration::from_millis(n * 20)));
    let mut frames: Vec<Frame> = pictures.take_while(|frame| frame.time < length).collect();
    frames.extend(packets.take_while(|frame| frame.time < length));
    frames.sort_by_key(|frame| frame.time);
    frames
}

pub(crate) fn mux(frames: &[Frame]) -> Vec<Output> {
    let (mut muxer, mut outputs) = (Muxer::new(), Vec::new());
    for frame in frames {
        muxer.push(frame.clone(), &mut outputs);
    }
    muxer.end_part(&mut outputs);
    outputs
}

/// Writes a part of 2 s into `dir`.
pub(crate) fn recording(dir: &Path) -> PathBuf {
    let path = dir.join("part-0001.mp4");
    let mut part = None;
    for output in mux(&stream(VideoCodec::Vp8, Duration::from_secs(2))) {
        match output {
            Output::Part(tracks) => part = Some(PartWriter::create(path.clone(), tracks).unwrap()),
            Output::Fragment(fragment) => part.as_mut().unwrap().append(&fragment).unwrap(),
        }
    }
    part.unwrap().close().unwrap();
    path
}

/// Where each fragment of a part ends, and how many samples there are until then.
pub(crate) fn whole_fragments(path: &Path) -> Vec<(u64, usize)> {
    let bytes = std::fs::read(path).unwrap();
    let copy = path.with_extension("copy");
    let mut ends = Vec::new();
    for length in 0..=bytes.len() {
        let ends_here = length == bytes.len() || bytes[length..].get(4..8) == Some(b"moof");
        if ends_here {
            std::fs::write(&copy, &bytes[..length]).unwrap();
            let index = PartIndex::read(&copy).unwrap();
            if !index.video.is_empty() {
                ends.push((index.whole, index.video.len() + index.audio.len()));
            }
        }
    }
    std::fs::remove_file(&copy).unwrap();
    ends
}
