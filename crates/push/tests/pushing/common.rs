//! Recordings that grow, and what must be true of every pushed stream.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use push::{Position, Push, PushConfig, PushState};
use recorder::{Frame, Payload};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use crate::media::{ffmpeg, push as record_frame, recorder, run};
use crate::receiver::{Published, Receiver};

pub const LONG: Duration = Duration::from_secs(120);

pub fn config(receiver: &Receiver, dir: &Path) -> PushConfig {
    PushConfig {
        ffmpeg: ffmpeg(),
        recording_dir: dir.to_owned(),
        ingest: receiver.ingest(),
        roots: receiver.roots.clone(),
        resume_at: Position::START,
    }
}

/// Pushes a recording that is complete.
pub async fn push_all(receiver: &Receiver, dir: &Path) -> Published {
    let push = Push::start(config(receiver, dir));
    push.finish(LONG);
    let status = push.ended().await;
    assert_eq!(status.state, PushState::Done, "{status:?}");
    assert_eq!(status.arrived_until, status.sent_until);
    let mut published = receiver.published();
    assert_eq!(published.len(), 1);
    published.remove(0)
}

/// Records the frames when their time has come, and ends the recording.
pub fn record_live(dir: &Path, frames: &[Frame]) -> JoinHandle<()> {
    let (recorder, frames) = (recorder(dir), frames.to_vec());
    let began = Instant::now();
    tokio::spawn(async move {
        for frame in frames {
            sleep_until(began + frame.time).await;
            record_frame(&recorder, std::slice::from_ref(&frame));
        }
        tokio::task::spawn_blocking(move || recorder.finish_blocking().unwrap()).await.unwrap();
    })
}

/// What ffmpeg and ffprobe say about a pushed stream.
#[derive(Debug)]
pub struct Facts {
    pub codecs: Vec<String>,
    pub size: (u32, u32),
    pub video: Track,
    pub audio: Track,
    /// When key frames are shown, in seconds.
    pub keys: Vec<f64>,
}

/// Times in seconds.
#[derive(Debug)]
pub struct Track {
    pub start: f64,
    pub end: f64,
    /// The longest time between two packets.
    pub longest_step: f64,
}

impl Facts {
    pub fn of(published: &Published, dir: &Path) -> Self {
        let path = dir.join("pushed.flv");
        published.write_flv(&path);
        let file = path.to_str().unwrap();
        // A real decoder has nothing to say about it.
        run("ffmpeg", &["-nostdin", "-v", "error", "-xerror", "-i", file, "-enc_time_base", "-1", "-f", "null", "-"]);
        let probe = |entries: &[&str]| {
            let args = [&["-v", "error", "-of", "csv=p=0"], entries, &[file]].concat();
            String::from_utf8(run("ffprobe", &args)).unwrap()
        };
        let text = probe(&["-show_entries", "stream=codec_name,width,height"]);
        let mut codecs = Vec::new();
        let mut size = (0, 0);
        for line in text.lines() {
            let fields: Vec<&str> = line.split(',').collect();
            codecs.push(fields[0].to_owned());
            if let [_, width, height] = fields[..] {
                size = (width.parse().unwrap(), height.parse().unwrap());
            }
        }
        codecs.sort();
        let mut keys = Vec::new();
        let mut track = |stream| {
            let packets = probe(&["-select_streams", stream, "-show_entries", "packet=pts_time,flags"]);
            let mut times = Vec::new();
            for line in packets.lines() {
                // A line of its own tells that a decoder's configuration came with the packet.
                let Some((time, flags)) = line.split_once(',') else { continue };
                times.push(time.parse::<f64>().unwrap());
                if stream == "v:0" && flags.starts_with('K') {
                    keys.push(times[times.len() - 1]);
                }
            }
            let longest_step = times.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
            assert!(times.windows(2).all(|pair| pair[1] >= pair[0]));
            Track { start: times[0], end: times[times.len() - 1], longest_step }
        };
        let (video, audio) = (track("v:0"), track("a:0"));
        Self { codecs, size, video, audio, keys }
    }

    /// What a provider wants of every stream (H.264 and AAC, a key frame every two seconds), and what mourners want.
    pub fn check(&self, seconds: f64) {
        assert_eq!(self.codecs, ["aac", "h264"]);
        assert!((self.video.start - self.audio.start).abs() <= 0.1, "{self:?}");
        assert!((self.video.end - self.audio.end).abs() <= 0.3, "{self:?}");
        assert!((self.video.end - self.video.start - seconds).abs() <= 1.0, "{self:?}");
        assert!((self.video.start - self.keys[0]).abs() < 0.001, "{self:?}");
        assert!(self.keys.windows(2).all(|pair| pair[1] - pair[0] <= 2.05), "{self:?}");
    }
}

/// The slices of every picture, as they are in the source.
pub fn slices_of(frames: &[Frame]) -> HashSet<Bytes> {
    let pictures = frames.iter().filter(|frame| frame.payload != Payload::Audio);
    let nals = pictures.flat_map(|frame| {
        let data = frame.data.to_vec();
        let starts: Vec<usize> = (0..data.len()).filter(|at| data[*at..].starts_with(&[0, 0, 1])).collect();
        let ends: Vec<usize> = starts.iter().skip(1).copied().chain([data.len()]).collect();
        let nal = move |(start, end): (usize, usize)| {
            let end = end - data[start + 3..end].iter().rev().take_while(|byte| **byte == 0).count();
            frame.data.slice(start + 3..end)
        };
        starts.into_iter().zip(ends).map(nal).collect::<Vec<_>>()
    });
    nals.filter(is_slice).collect()
}

/// The slices of every picture, as they arrived.
pub fn slices_in(published: &[Published]) -> HashSet<Bytes> {
    let mut slices = HashSet::new();
    for tag in published.iter().flat_map(|published| &published.tags) {
        if tag.audio || tag.data[1] != 1 {
            continue;
        }
        let mut rest = tag.data.slice(5..);
        while !rest.is_empty() {
            let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
            slices.insert(rest.slice(4..4 + length));
            rest = rest.slice(4 + length..);
        }
    }
    slices.retain(is_slice);
    slices
}

fn is_slice(nal: &Bytes) -> bool {
    matches!(nal[0] & 0x1f, 1 | 5)
}

/// A directory for the recording, in one that goes with the test.
pub fn live(dir: &tempfile::TempDir) -> PathBuf {
    dir.path().join("live")
}
