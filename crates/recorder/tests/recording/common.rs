//! Real media for the tests, made by ffmpeg and taken apart into frames.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use recorder::{Frame, Payload, Pushed, Recorder, RecorderConfig, RecorderStatus, VideoCodec};

pub fn ffmpeg() -> PathBuf {
    PathBuf::from("ffmpeg")
}

/// Runs a program of the ffmpeg package and gives what it printed.
pub fn run(program: &str, args: &[&str]) -> Vec<u8> {
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("this test needs {program} on PATH: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?}: {said}");
    output.stdout
}

/// A test picture of this size, 30 frames a second, a key frame every second.
pub fn video(codec: VideoCodec, size: &str, seconds: u32) -> Vec<Frame> {
    let source = format!("testsrc2=size={size}:rate=30:duration={seconds}");
    let mut args = vec!["-v", "error", "-f", "lavfi", "-i", &source, "-pix_fmt", "yuv420p", "-g", "30"];
    args.extend_from_slice(match codec {
        VideoCodec::H264 => {
            &["-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "baseline", "-aud", "1", "-f", "h264"]
        }
        VideoCodec::Vp8 => &["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-f", "ivf"],
        VideoCodec::Vp9 => &["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-f", "ivf"],
    });
    if codec != VideoCodec::H264 {
        args.extend_from_slice(&["-auto-alt-ref", "0", "-lag-in-frames", "0"]);
    }
    args.push("-");
    let stream = Bytes::from(run("ffmpeg", &args));
    let frames = match codec {
        VideoCodec::H264 => access_units(&stream),
        VideoCodec::Vp8 | VideoCodec::Vp9 => ivf(&stream),
    };
    assert_eq!(frames.len(), (30 * seconds) as usize);
    let key = |number: usize| number.is_multiple_of(30);
    let frames = frames.into_iter().enumerate();
    frames
        .map(|(number, data)| {
            let time = Duration::from_nanos(number as u64 * 1_000_000_000 / 30);
            Frame { time, payload: Payload::Video { codec, key: key(number) }, data }
        })
        .collect()
}

/// A tone in packets of 20 ms.
pub fn audio(seconds: u32) -> Vec<Frame> {
    let source = format!("sine=frequency=440:sample_rate=48000:duration={seconds}");
    let args = ["-v", "error", "-f", "lavfi", "-i", &source, "-c:a", "libopus", "-ac", "2", "-f", "ogg", "-"];
    let packets = ogg(&Bytes::from(run("ffmpeg", &args)));
    let packets = packets.into_iter().take((50 * seconds) as usize).enumerate();
    packets
        .map(|(number, data)| Frame { time: Duration::from_millis(number as u64 * 20), payload: Payload::Audio, data })
        .collect()
}

fn access_units(stream: &Bytes) -> Vec<Bytes> {
    let delimiter = [0, 0, 0, 1, 9];
    let starts: Vec<usize> = (0..stream.len()).filter(|at| stream[*at..].starts_with(&delimiter)).collect();
    let ends = starts.iter().skip(1).copied().chain([stream.len()]);
    starts.iter().zip(ends).map(|(start, end)| stream.slice(*start..end)).collect()
}

fn ivf(stream: &Bytes) -> Vec<Bytes> {
    let mut frames = Vec::new();
    let mut at = 32;
    while at + 12 <= stream.len() {
        let size = u32::from_le_bytes(stream[at..at + 4].try_into().unwrap()) as usize;
        frames.push(stream.slice(at + 12..at + 12 + size));
        at += 12 + size;
    }
    frames
}

/// The packets of an Ogg stream, less the two of the header.
fn ogg(stream: &[u8]) -> Vec<Bytes> {
    let (mut packets, mut packet, mut at) = (Vec::new(), Vec::new(), 0);
    while at < stream.len() {
        assert_eq!(&stream[at..at + 4], b"OggS");
        let count = usize::from(stream[at + 26]);
        let lacing = &stream[at + 27..at + 27 + count];
        at += 27 + count;
        for &length in lacing {
            packet.extend_from_slice(&stream[at..at + usize::from(length)]);
            at += usize::from(length);
            if length < 255 {
                packets.push(Bytes::from(std::mem::take(&mut packet)));
            }
        }
    }
    packets.split_off(2)
}

/// Moves frames on the timeline.
pub fn at(start: Duration, frames: &[Frame]) -> Vec<Frame> {
    frames.iter().map(|frame| Frame { time: frame.time + start, ..frame.clone() }).collect()
}

/// Frames of several tracks in the order of their times.
pub fn mix(tracks: &[&[Frame]]) -> Vec<Frame> {
    let mut frames = tracks.concat();
    frames.sort_by_key(|frame| frame.time);
    frames
}

pub fn recorder(dir: &Path) -> Recorder {
    Recorder::spawn(&RecorderConfig { queue: 100_000, ..RecorderConfig::new(dir, 1_700_000_000_000) }).unwrap()
}

pub fn push(recorder: &Recorder, frames: &[Frame]) {
    for frame in frames {
        assert_eq!(recorder.push(frame.clone()), Pushed::Accepted);
    }
}

/// Records the frames, one publisher after the other.
pub fn record(dir: &Path, publishers: &[Vec<Frame>]) -> RecorderStatus {
    let recorder = recorder(dir);
    for (number, frames) in publishers.iter().enumerate() {
        if number > 0 {
            recorder.publisher_changed();
        }
        push(&recorder, frames);
    }
    recorder.finish_blocking().unwrap()
}

/// What ffprobe says about one stream: the entries asked for, in ffprobe's order.
pub fn ffprobe(file: &Path, stream: &str, entries: &str) -> Vec<String> {
    let entries = format!("stream={entries}");
    let file = file.to_str().unwrap();
    let args = ["-v", "error", "-count_packets", "-select_streams", stream, "-show_entries", &entries];
    let said = run("ffprobe", &[&args[..], &["-of", "default=nokey=1:noprint_wrappers=1", file]].concat());
    String::from_utf8(said).unwrap().lines().map(str::to_owned).collect()
}

/// Between two pictures, in seconds, as a player reads them.
pub fn longest_step(file: &Path) -> f64 {
    let args = ["-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts_time", "-of", "csv=p=0"];
    let said = String::from_utf8(run("ffprobe", &[&args[..], &[file.to_str().unwrap()]].concat())).unwrap();
    let times: Vec<f64> = said.lines().filter_map(|line| line.trim_end_matches(',').parse().ok()).collect();
    times.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max)
}

/// How many pictures of each size come out of the decoder.
pub fn sizes(file: &Path) -> BTreeMap<String, usize> {
    let args = ["-v", "error", "-select_streams", "v:0", "-show_entries", "frame=width,height", "-of", "csv=p=0:s=x"];
    let said = run("ffprobe", &[&args[..], &[file.to_str().unwrap()]].concat());
    let mut sizes = BTreeMap::new();
    // What stands beside a picture leaves an empty line.
    for line in String::from_utf8(said).unwrap().lines().filter(|line| !line.is_empty()) {
        *sizes.entry(line.trim_end_matches('x').to_owned()).or_default() += 1;
    }
    sizes
}

/// How many configurations of a decoder for H.264 a file has.
pub fn configurations(file: &Path) -> usize {
    std::fs::read(file).unwrap().windows(4).filter(|name| name == b"avcC").count()
}

/// A number of seconds that ffprobe says about one stream.
pub fn seconds(file: &Path, stream: &str, entry: &str) -> f64 {
    ffprobe(file, stream, entry)[0].parse().unwrap()
}
