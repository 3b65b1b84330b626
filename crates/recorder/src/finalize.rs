//! From parts to one ordinary MP4.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::directory::Directory;
use crate::frame::VideoCodec;
use crate::import::ImportError;
use crate::mp4::{self, Sources};
use crate::partial::{Partial, Scratch};
use crate::probe::{ProbeError, Report, probe};
use crate::read::{PartIndex, ReadError};
use crate::rotation::Rotation;
use crate::timeline::{Stretch, Timeline};
use crate::transcode::{TranscodeError, transcode};

/// Why there is no finished file. The parts are untouched.
#[derive(Debug, thiserror::Error)]
pub enum FinalizeError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the recording holds no media")]
    Empty,
    #[error("{} cannot be written: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("the recording was made with {} and cannot become one file without ffmpeg", list(.0))]
    MixedCodecs(Vec<VideoCodec>),
    #[error("the recording was made with {} and could not be brought to one codec: {reason}", list(codecs))]
    Transcode { codecs: Vec<VideoCodec>, reason: TranscodeError },
    #[error("the finished file did not pass its check: {0}")]
    Probe(#[from] ProbeError),
    #[error("media of another recorder: {0}")]
    Import(#[from] ImportError),
}

fn list(codecs: &[VideoCodec]) -> String {
    codecs.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

/// Joins the parts in `dir` into one seekable MP4 at `out`: one track of picture and one of sound, on the timeline of
/// the recording. Pictures are copied; only where publishers used different codecs the lesser part is encoded again,
/// for which `ffmpeg` is needed. The file appears under its name when it is complete and checked.
///
/// # Errors
/// When there is nothing to join, the file cannot be written, or codecs are mixed and cannot be brought to one.
pub fn finalize(dir: &Path, out: &Path, ffmpeg: Option<&Path>) -> Result<Report, FinalizeError> {
    let mut parts = Parts::read(dir)?;
    let scratch = Scratch::beside(out)?;
    one_codec(&mut parts.stretches, &mut parts.files, scratch.path(), ffmpeg)?;
    Ok(join(&parts, out)?.report)
}

/// The parts of a recording: which files there are, and what is in them.
pub(crate) struct Parts {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) stretches: Vec<Stretch>,
    /// Of all pictures: the mark is the file's, and not a stretch's.
    pub(crate) rotation: Rotation,
}

impl Parts {
    pub(crate) fn read(dir: &Path) -> Result<Self, FinalizeError> {
        let mut parts = Self { files: Vec::new(), stretches: Vec::new(), rotation: Rotation::None };
        parts.append(dir)?;
        Ok(parts)
    }

    /// Adds the parts of another directory behind those that are known.
    pub(crate) fn append(&mut self, dir: &Path) -> Result<(), FinalizeError> {
        for (_, path) in Directory::new(dir).parts().map_err(ReadError::io(dir))? {
            let part = PartIndex::read(&path)?;
            if part.whole < part.length {
                tracing::warn!(path = %path.display(), bytes = part.length - part.whole, "the end of a part is not readable");
            }
            let file = self.files.len();
            let config = part.tracks.and_then(|tracks| tracks.video);
            self.files.push(path);
            self.stretches.push(Stretch {
                config,
                video: part.video,
                video_file: file,
                audio: part.audio,
                audio_file: file,
            });
        }
        Ok(())
    }
}

/// Parts that have become one file.
pub(crate) struct Joined {
    pub(crate) report: Report,
    /// When it begins, on the parts' clock.
    pub(crate) start: Duration,
}

/// Writes parts of one codec into one file, checks it, and gives it its name.
pub(crate) fn join(parts: &Parts, out: &Path) -> Result<Joined, FinalizeError> {
    let Parts { files, stretches, rotation } = parts;
    let mut sources = Sources::new(files);
    let head = |file: usize, offset: u64| {
        let mut head = [0; 2];
        sources.read(file, offset, &mut head).map(|()| head)
    };
    let timeline = Timeline::new(stretches, head).map_err(ReadError::io(out))?;
    if timeline.video.is_empty() && timeline.audio.is_empty() {
        return Err(FinalizeError::Empty);
    }

    let refused = |source| FinalizeError::Write { path: out.to_owned(), source };
    let partial = Partial::beside(out);
    write(&timeline, *rotation, &mut sources, partial.path()).map_err(refused)?;
    let mut report = probe(partial.path())?;
    partial.put(out).map_err(refused)?;
    report.gaps = timeline.gaps;
    Ok(Joined { report, start: timeline.start })
}

fn write(timeline: &Timeline, rotation: Rotation, sources: &mut Sources, path: &Path) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    mp4::write(timeline, rotation, sources, &mut file)?;
    file.sync_all()
}

/// A name next to `path`, on the same disk.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".");
    name.push(suffix);
    path.with_file_name(name)
}

/// Encodes stretches again whose codec is not that of most of the recording.
pub(crate) fn one_codec(
    stretches: &mut [Stretch],
    files: &mut Vec<PathBuf>,
    scratch: &Path,
    ffmpeg: Option<&Path>,
) -> Result<(), FinalizeError> {
    let mut totals: Vec<(VideoCodec, u64)> = Vec::new();
    for stretch in stretches.iter() {
        let (Some(config), Some((first, last))) = (&stretch.config, stretch.video.first().zip(stretch.video.last()))
        else {
            continue;
        };
        let length = last.time - first.time + u64::from(last.duration);
        match totals.iter_mut().find(|(codec, _)| *codec == config.codec()) {
            Some((_, total)) => *total += length,
            None => totals.push((config.codec(), length)),
        }
    }
    let codecs: Vec<VideoCodec> = totals.iter().map(|(codec, _)| *codec).collect();
    let Some((target, _)) = totals.iter().max_by_key(|(_, total)| *total) else { return Ok(()) };
    if codecs.len() == 1 {
        return Ok(());
    }
    let Some(ffmpeg) = ffmpeg else { return Err(FinalizeError::MixedCodecs(codecs)) };
    for stretch in stretches {
        let other = stretch.config.as_ref().is_some_and(|config| config.codec() != *target);
        if other && !stretch.video.is_empty() {
            let directory = scratch.join(stretch.video_file.to_string());
            let part = transcode(ffmpeg, &files[stretch.video_file], &stretch.video, *target, &directory)
                .map_err(|reason| FinalizeError::Transcode { codecs: codecs.clone(), reason })?;
            stretch.video_file = files.len();
            stretch.config = part.tracks.and_then(|tracks| tracks.video);
            stretch.video = part.video;
            files.push(part.path);
        }
    }
    Ok(())
}
