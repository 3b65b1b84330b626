//! Encodes the pictures of a part again, in another codec, with an `ffmpeg` child; every picture keeps its time.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::complaints;
use crate::ffmpeg;
use crate::fragment::Tracks;
use crate::frame::{Frame, Payload, VIDEO_TIMESCALE, VideoCodec, duration};
use crate::muxer::{Muxer, Output};
use crate::part::PartWriter;
use crate::read::{Entry, PartIndex, ReadError};

/// Why a part could not be encoded again.
#[derive(Debug, thiserror::Error)]
pub enum TranscodeError {
    #[error("ffmpeg could not be run: {0}")]
    Run(io::Error),
    #[error("ffmpeg failed: {0}")]
    Ffmpeg(String),
    #[error("the encoded pictures could not be stored: {0}")]
    Store(#[from] io::Error),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Encodes the pictures at `part`, whose times are those of `pictures`, and leaves a part in `scratch`.
pub(crate) fn transcode(
    ffmpeg: &Path,
    part: &Path,
    pictures: &[Entry],
    target: VideoCodec,
    scratch: &Path,
) -> Result<PartIndex, TranscodeError> {
    fs::create_dir_all(scratch)?;
    let raw = scratch.join("encoded");
    run(ffmpeg, part, target, &raw)?;
    let frames = match target {
        VideoCodec::H264 => access_units(&raw)?,
        VideoCodec::Vp8 | VideoCodec::Vp9 => ivf_frames(&raw)?,
    };
    let path = store(&raw, &frames, pictures, target, scratch)?;
    fs::remove_file(&raw)?;
    Ok(PartIndex::read(&path)?)
}

fn run(program: &Path, part: &Path, target: VideoCodec, raw: &Path) -> Result<(), TranscodeError> {
    // One picture out for one in, nothing reordered, and an access unit delimiter to find the pictures again.
    let encoder: &[&str] = match target {
        VideoCodec::H264 => {
            &["libx264", "-preset", "veryfast", "-crf", "20", "-bf", "0", "-g", "60", "-aud", "1", "-f", "h264"]
        }
        VideoCodec::Vp8 => &["libvpx", "-deadline", "realtime", "-cpu-used", "4", "-b:v", "2500k", "-f", "ivf"],
        VideoCodec::Vp9 => &["libvpx-vp9", "-deadline", "realtime", "-cpu-used", "6", "-b:v", "2500k", "-f", "ivf"],
    };
    let lookahead: &[&str] = match target {
        VideoCodec::H264 => &[],
        VideoCodec::Vp8 | VideoCodec::Vp9 => &["-auto-alt-ref", "0", "-lag-in-frames", "0", "-g", "60"],
    };
    let mut command = ffmpeg::reading(program, &[], part);
    command
        .args(["-map", "0:v:0", "-an", "-fps_mode", "passthrough", "-pix_fmt", "yuv420p"])
        .args(lookahead)
        .arg("-c:v")
        .args(encoder)
        .arg(raw);
    let output = ffmpeg::run(&mut command, part).map_err(TranscodeError::Run)?;
    if output.status.success() {
        return Ok(());
    }
    Err(TranscodeError::Ffmpeg(complaints::first(&output.stderr)))
}

/// Offset and length of each frame of an IVF file.
fn ivf_frames(path: &Path) -> io::Result<Vec<(u64, usize)>> {
    const FILE_HEADER: u64 = 32;
    const FRAME_HEADER: usize = 12;
    let mut reader = BufReader::new(File::open(path)?);
    let end = reader.get_ref().metadata()?.len();
    let mut offset = FILE_HEADER;
    reader.seek(SeekFrom::Start(offset))?;
    let mut frames = Vec::new();
    while offset + (FRAME_HEADER as u64) < end {
        let mut header = [0; FRAME_HEADER];
        reader.read_exact(&mut header)?;
        let size = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
        offset += FRAME_HEADER as u64;
        frames.push((offset, size as usize));
        offset += u64::from(size);
        reader.seek_relative(i64::from(size))?;
    }
    Ok(frames)
}

/// Offset and length of each access unit of an Annex B file in which each begins with a delimiter.
fn access_units(path: &Path) -> io::Result<Vec<(u64, usize)>> {
    const DELIMITER: [u8; 4] = [0, 0, 1, 9];
    let mut starts = Vec::new();
    let mut last = [0xff; 4];
    let mut length = 0u64;
    let mut reader = BufReader::new(File::open(path)?);
    let mut buffer = [0; 1 << 16];
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        for &byte in &buffer[..count] {
            length += 1;
            last = [last[1], last[2], last[3], byte];
            if last == DELIMITER {
                starts.push(length - DELIMITER.len() as u64);
            }
        }
    }
    let ends = starts.iter().skip(1).copied().chain([length]);
    Ok(starts.iter().zip(ends).map(|(start, end)| (*start, (end - start) as usize)).collect())
}

/// Muxes the frames into a part, the way a publisher's are.
fn store(
    raw: &Path,
    frames: &[(u64, usize)],
    pictures: &[Entry],
    codec: VideoCodec,
    scratch: &Path,
) -> Result<PathBuf, TranscodeError> {
    let mut file = File::open(raw)?;
    let mut muxer = Muxer::new();
    let mut outputs = Vec::new();
    let mut part: Option<PartWriter> = None;
    let path = scratch.join("part.mp4");
    let mut deliver = |outputs: &mut Vec<Output>| -> io::Result<()> {
        for output in outputs.drain(..) {
            match (output, &mut part) {
                (Output::Part(Tracks { video, .. }), none @ None) => {
                    *none = Some(PartWriter::create(path.clone(), Tracks { video, audio: false })?);
                }
                (Output::Part(_), Some(_)) => return Err(io::Error::other("the encoder changed its parameters")),
                (Output::Fragment(fragment), Some(part)) => part.append(&fragment)?,
                (Output::Fragment(_), None) => {}
            }
        }
        Ok(())
    };
    for (number, &(offset, size)) in frames.iter().enumerate() {
        let mut data = vec![0; size];
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut data)?;
        // As many out as in, normally. Where the decoder gave up on some, the rest spread over the same time.
        let Some(picture) = pictures.get(number * pictures.len() / frames.len()) else { break };
        let time = duration(picture.time, VIDEO_TIMESCALE);
        let payload = Payload::Video { codec, key: false };
        muxer.push(Frame { time, payload, data: Bytes::from(data) }, &mut outputs);
        deliver(&mut outputs)?;
    }
    muxer.end_part(&mut outputs);
    deliver(&mut outputs)?;
    Ok(path)
}
