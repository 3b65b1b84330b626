//! Media that another recorder made (a phone's browser: WebM or MP4, whatever it has) as parts of a recording. An `ffmpeg`
//! child takes the container apart; pictures keep their bytes unless they have to be cut.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::iter::Peekable;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;

use crate::directory::Directory;
use crate::ffmpeg;
use crate::fragment::Tracks;
use crate::frame::{Frame, Payload, VideoCodec};
use crate::muxer::{Muxer, Output};
use crate::part::PartWriter;

/// Why media could not be taken over.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("ffmpeg could not be run: {0}")]
    Run(io::Error),
    #[error("the media cannot be read: {0}")]
    Ffmpeg(String),
    #[error("pictures of this kind are not known: {0}")]
    Codec(String),
    #[error("what was read could not be stored: {0}")]
    Store(#[from] io::Error),
}

/// A stretch to be cut out of a file; its pictures are encoded anew, so that it begins with a whole one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) from: Duration,
    pub(crate) length: Duration,
    pub(crate) codec: VideoCodec,
}

impl Cut {
    /// All of a file, as a player would show it: turned as it is marked.
    pub(crate) fn whole(codec: VideoCodec) -> Self {
        Self { from: Duration::ZERO, length: Duration::from_secs(24 * 60 * 60), codec }
    }
}

/// Appends the media of `file` to the parts in `dir`, from `start` on.
pub(crate) fn import(
    program: &Path,
    file: &Path,
    cut: Option<Cut>,
    start: Duration,
    dir: &Path,
) -> Result<(), ImportError> {
    let scratch = dir.join("taken-apart");
    fs::create_dir_all(&scratch)?;
    let outcome = take_apart(program, file, cut, &scratch).and_then(|()| store(&scratch, start, dir));
    fs::remove_dir_all(&scratch)?;
    outcome
}

/// Leaves the packets of each track one after the other, and beside them a list of their times and lengths.
fn take_apart(program: &Path, file: &Path, cut: Option<Cut>, scratch: &Path) -> Result<(), ImportError> {
    let whole = scratch.join("cut.mkv");
    let file = match cut {
        Some(cut) => {
            encode(program, file, cut, &whole)?;
            &whole
        }
        None => file,
    };
    // H.264 comes with its parameter sets beside the pictures; the filter puts them in front of each key frame, and
    // refuses other codecs. A file without sound is refused where sound is asked for.
    let mut refused = None;
    for (h264, sound) in [(true, true), (false, true), (true, false), (false, false)] {
        match pictures_and_sound(program, file, h264, sound, scratch) {
            Ok(()) => {
                refused = None;
                break;
            }
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    if let Some(error) = refused {
        return Err(error);
    }
    let sound = scratch.join("sound.mka");
    if !sound.is_file() {
        return Ok(());
    }
    let mut list = ffmpeg::reading(program, &[], &sound);
    list.args(["-map", "0:a:0", "-c", "copy", "-f", "data"]).arg(scratch.join("sound.raw"));
    list.args(["-map", "0:a:0", "-c", "copy", "-f", "framecrc"]).arg(scratch.join("sound.list"));
    run(&mut list, &sound)
}

/// Cuts a stretch out, encoded anew: one picture out for one in, and nothing reordered.
fn encode(program: &Path, file: &Path, cut: Cut, out: &Path) -> Result<(), ImportError> {
    let stretch = ["-ss", &seconds(cut.from), "-t", &seconds(cut.length)];
    let mut command = ffmpeg::reading(program, &stretch, file);
    command.args(["-map", "0:v:0", "-map", "0:a:0?", "-fps_mode", "passthrough", "-pix_fmt", "yuv420p"]);
    let encoder: &[&str] = match cut.codec {
        VideoCodec::H264 => &["libx264", "-preset", "veryfast", "-crf", "20", "-bf", "0"],
        VideoCodec::Vp8 => &["libvpx", "-deadline", "realtime", "-cpu-used", "4", "-b:v", "2500k"],
        VideoCodec::Vp9 => &["libvpx-vp9", "-deadline", "realtime", "-cpu-used", "6", "-b:v", "2500k"],
    };
    let lookahead: &[&str] = match cut.codec {
        VideoCodec::H264 => &[],
        VideoCodec::Vp8 | VideoCodec::Vp9 => &["-auto-alt-ref", "0", "-lag-in-frames", "0"],
    };
    command.arg("-c:v").args(encoder).args(lookahead).args(["-g", "60", "-c:a", "libopus", "-b:a", "96k"]).arg(out);
    run(&mut command, file)
}

fn pictures_and_sound(program: &Path, file: &Path, h264: bool, sound: bool, scratch: &Path) -> Result<(), ImportError> {
    let mut command = ffmpeg::reading(program, &[], file);
    let filter: &[&str] = if h264 { &["-bsf:v", "h264_mp4toannexb"] } else { &[] };
    for (format, name) in [("rawvideo", "picture.raw"), ("framecrc", "picture.list")] {
        command.args(["-map", "0:v:0", "-c:v", "copy"]).args(filter).args(["-f", format]).arg(scratch.join(name));
    }
    if sound {
        // Where the phone's sound had a hole, silence fills it: packets follow each other without a gap.
        command.args(["-map", "0:a:0", "-af", "aresample=async=1:first_pts=0", "-c:a", "libopus", "-b:a", "96k"]);
        command.args(["-ar", "48000", "-ac", "2", "-frame_duration", "20", "-f", "matroska"]);
        command.arg(scratch.join("sound.mka"));
    }
    run(&mut command, file)
}

fn seconds(time: Duration) -> String {
    format!("{}.{:03}", time.as_secs(), time.subsec_millis())
}

fn run(command: &mut Command, file: &Path) -> Result<(), ImportError> {
    let output = ffmpeg::run(command, file).map_err(ImportError::Run)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(ImportError::Ffmpeg(said.lines().take(5).collect::<Vec<_>>().join("; ")))
}

/// A track that was taken apart.
struct Packets {
    codec: String,
    lines: io::Lines<BufReader<File>>,
    data: BufReader<File>,
    /// Of the list's times, in seconds.
    base: (u64, u64),
}

impl Packets {
    /// `None`: there is no such track.
    fn open(scratch: &Path, name: &str) -> Result<Option<Self>, ImportError> {
        let list = scratch.join(format!("{name}.list"));
        if fs::metadata(&list).map_or(0, |list| list.len()) == 0 {
            return Ok(None);
        }
        let data = BufReader::new(File::open(scratch.join(format!("{name}.raw")))?);
        let (mut codec, mut base) = (String::new(), (1, 1000));
        for line in BufReader::new(File::open(&list)?).lines() {
            let line = line?;
            if let Some(value) = line.strip_prefix("#codec_id 0: ") {
                value.trim().clone_into(&mut codec);
            } else if let Some((numerator, denominator)) =
                line.strip_prefix("#tb 0: ").and_then(|it| it.split_once('/'))
            {
                base = (numerator.trim().parse().unwrap_or(1), denominator.trim().parse().unwrap_or(1000).max(1));
            } else if !line.starts_with('#') {
                break;
            }
        }
        let lines = BufReader::new(File::open(&list)?).lines();
        Ok((!codec.is_empty()).then_some(Self { codec, lines, data, base }))
    }
}

impl Iterator for Packets {
    type Item = io::Result<(Duration, Bytes)>;

    /// A line is `stream, dts, pts, duration, size, checksum, …`.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match self.lines.next()? {
                Ok(line) => line,
                Err(error) => return Some(Err(error)),
            };
            let mut fields = line.split(',').map(str::trim);
            let (Some(time), Some(size)) = (
                fields.nth(2).and_then(|field| field.parse::<i64>().ok()),
                fields.nth(1).and_then(|field| field.parse::<usize>().ok()),
            ) else {
                continue;
            };
            let ticks = u64::try_from(time).unwrap_or(0);
            let nanos = u128::from(ticks) * u128::from(self.base.0) * 1_000_000_000 / u128::from(self.base.1);
            let mut data = vec![0; size];
            return Some(
                self.data
                    .read_exact(&mut data)
                    .map(|()| (Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)), Bytes::from(data))),
            );
        }
    }
}

/// Muxes the packets the way a publisher's are.
fn store(scratch: &Path, start: Duration, dir: &Path) -> Result<(), ImportError> {
    let pictures = Packets::open(scratch, "picture")?;
    let codec = match pictures.as_ref().map(|pictures| pictures.codec.as_str()) {
        Some("h264") => Some(VideoCodec::H264),
        Some("vp8") => Some(VideoCodec::Vp8),
        Some("vp9") => Some(VideoCodec::Vp9),
        Some(other) => return Err(ImportError::Codec(other.to_owned())),
        None => None,
    };
    let mut pictures = pictures.into_iter().flatten().peekable();
    let mut sounds = Packets::open(scratch, "sound")?.into_iter().flatten().peekable();
    let mut parts = Parts::after(dir)?;
    let mut muxer = Muxer::new();
    let mut outputs = Vec::new();
    loop {
        let picture_first = match (time(&mut pictures), time(&mut sounds)) {
            (Some(picture), Some(sound)) => picture <= sound,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => break,
        };
        let next = if picture_first { pictures.next() } else { sounds.next() };
        let Some((time, data)) = next.transpose()? else { break };
        let payload = match codec.filter(|_| picture_first) {
            Some(codec) => Payload::Video { codec, key: codec.is_key_frame(&data) },
            None => Payload::Audio,
        };
        muxer.push(Frame { time: start + time, payload, data }, &mut outputs);
        parts.deliver(&mut outputs)?;
    }
    muxer.end_part(&mut outputs);
    parts.deliver(&mut outputs)?;
    parts.close()
}

fn time(packets: &mut Peekable<impl Iterator<Item = io::Result<(Duration, Bytes)>>>) -> Option<Duration> {
    // What cannot be read comes first, so that it is told.
    packets.peek().map(|packet| packet.as_ref().map_or(Duration::ZERO, |(time, _)| *time))
}

/// The parts that are being written, numbered after those that are there.
struct Parts {
    directory: Directory,
    number: u32,
    current: Option<PartWriter>,
}

impl Parts {
    fn after(dir: &Path) -> io::Result<Self> {
        let directory = Directory::new(dir);
        let number = directory.parts()?.last().map_or(0, |(number, _)| *number);
        Ok(Self { directory, number, current: None })
    }

    fn deliver(&mut self, outputs: &mut Vec<Output>) -> io::Result<()> {
        for output in outputs.drain(..) {
            match output {
                Output::Part(tracks) => self.begin(tracks)?,
                Output::Fragment(fragment) => {
                    if let Some(part) = &mut self.current {
                        part.append(&fragment)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, tracks: Tracks) -> io::Result<()> {
        if let Some(part) = self.current.take() {
            part.close()?;
        }
        self.number += 1;
        self.current = Some(PartWriter::create(self.directory.part(self.number), tracks)?);
        Ok(())
    }

    fn close(self) -> Result<(), ImportError> {
        Ok(self.current.map_or(Ok(()), PartWriter::close)?)
    }
}
