//! Checks a finished MP4: that its tables are sound, its media is there, and what is in it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use mp4_atom::{Atom, Codec, Mdat, Moov, Stbl, StszSamples, Trak};

use crate::complaints;
use crate::ffmpeg;
use crate::frame::{VideoCodec, duration};
use crate::h264;
use crate::opus;
use crate::read::Boxes;
use crate::timeline::Gap;
use crate::track::VideoConfig;
use crate::vpx::{Vp8Config, Vp9Config};

/// The tables of a day of picture and sound are well below this.
const LARGEST_MOOV: u64 = 512 << 20;
/// So many samples of each track are looked into.
const LOOKED_INTO: usize = 8;
const GAP: Duration = Duration::from_secs(1);

/// What a finished file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// From the start of the first track to the end of the last.
    pub duration: Duration,
    pub video: Option<VideoReport>,
    pub audio: Option<AudioReport>,
    /// Stretches longer than a second in which no new picture came (no sound, in a file without pictures).
    pub gaps: Vec<Gap>,
    /// The file's size.
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VideoReport {
    pub codec: VideoCodec,
    pub width: u16,
    pub height: u16,
    pub frames: u64,
    pub key_frames: u64,
    /// Of the first frame, from the start of the file.
    pub start: Duration,
    pub duration: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioReport {
    pub packets: u64,
    /// Of the first packet, from the start of the file.
    pub start: Duration,
    pub duration: Duration,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    #[error("{} cannot be read: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("the file ends early, or is no MP4")]
    Incomplete,
    #[error("the file holds no track that is known")]
    NoTrack,
    #[error("the tables of the {track} contradict each other: {what}")]
    Tables { track: &'static str, what: &'static str },
    #[error("a sample of the {track} cannot be read")]
    Sample { track: &'static str },
}

/// A track's samples, taken out of its tables: where each is, and how large.
pub(crate) struct Samples {
    pub(crate) places: Vec<(u64, u32)>,
    duration: u64,
}

/// A file's tables, and where its media is.
pub(crate) struct Tables {
    pub(crate) moov: Moov,
    pub(crate) mdat: std::ops::Range<u64>,
    bytes: u64,
}

impl Tables {
    pub(crate) fn read(path: &Path) -> Result<Self, ProbeError> {
        let failed = |source| ProbeError::Io { path: path.to_owned(), source };
        let mut boxes = Boxes::open(path).map_err(failed)?;
        let (mut moov, mut mdat) = (None, None);
        let mut end = 0;
        while let Some(at) = boxes.next().map_err(failed)? {
            end = at.end;
            if at.kind == Moov::KIND {
                moov = boxes.decode::<Moov>(&at, LARGEST_MOOV).map_err(failed)?;
                if moov.is_none() {
                    return Err(ProbeError::Incomplete);
                }
            } else {
                boxes.skip(&at).map_err(failed)?;
                if at.kind == Mdat::KIND {
                    mdat = Some(at.payload..at.end);
                }
            }
        }
        let (Some(moov), Some(mdat)) = (moov, mdat) else { return Err(ProbeError::Incomplete) };
        if end != boxes.length() {
            return Err(ProbeError::Incomplete);
        }
        Ok(Self { moov, mdat, bytes: end })
    }
}

/// Reads the whole of the tables and some of the media of the MP4 at `path`.
///
/// # Errors
/// What is wrong with the file.
pub fn probe(path: &Path) -> Result<Report, ProbeError> {
    let Tables { moov, mdat, bytes } = Tables::read(path)?;
    let mut file = File::open(path).map_err(|source| ProbeError::Io { path: path.to_owned(), source })?;
    let mut report = Report { duration: Duration::ZERO, video: None, audio: None, gaps: Vec::new(), bytes };
    for trak in &moov.trak {
        let timescale = trak.mdia.mdhd.timescale;
        let Some(entry) = trak.mdia.minf.stbl.stsd.codecs.first() else { continue };
        let start = start(trak, moov.mvhd.timescale);
        if let Some(config) = VideoConfig::from_sample_entry(entry) {
            let samples = Samples::read(trak, &mdat, "video")?;
            let length = duration(samples.duration, timescale);
            let codec = config.codec();
            samples.look_into(&mut file, "video", |number, data| picture_is_sound(codec, number == 0, data))?;
            let (width, height) = config.size();
            let frames = samples.places.len() as u64;
            let stss = &trak.mdia.minf.stbl.stss;
            let key_frames = stss.as_ref().map_or(frames, |stss| stss.entries.len() as u64);
            report.gaps = gaps(&trak.mdia.minf.stbl, timescale);
            report.duration = report.duration.max(start + length);
            report.video = Some(VideoReport { codec, width, height, frames, key_frames, start, duration: length });
        } else if matches!(entry, Codec::Opus(_) | Codec::Mp4a(_)) {
            let samples = Samples::read(trak, &mdat, "sound")?;
            // AAC is what a provider makes of our Opus; its packets tell nothing of themselves.
            let aac = matches!(entry, Codec::Mp4a(_));
            let is_sound = |packet: &[u8]| if aac { !packet.is_empty() } else { opus::samples(packet).is_some() };
            samples.look_into(&mut file, "sound", |_, packet| is_sound(packet))?;
            let length = duration(samples.duration, timescale);
            report.duration = report.duration.max(start + length);
            report.audio = Some(AudioReport { packets: samples.places.len() as u64, start, duration: length });
        }
    }
    if report.video.is_none() && report.audio.is_none() {
        return Err(ProbeError::NoTrack);
    }
    Ok(report)
}

impl Samples {
    /// Takes the tables of a track apart, and holds them against each other and against the media.
    pub(crate) fn read(trak: &Trak, mdat: &std::ops::Range<u64>, track: &'static str) -> Result<Self, ProbeError> {
        let wrong = |what| ProbeError::Tables { track, what };
        let stbl = &trak.mdia.minf.stbl;
        let count = match &stbl.stsz.samples {
            StszSamples::Different { sizes } => sizes.len() as u64,
            StszSamples::Identical { count, .. } => u64::from(*count),
        };
        let size = |index: usize| match &stbl.stsz.samples {
            StszSamples::Different { sizes } => sizes.get(index).copied(),
            StszSamples::Identical { size, .. } => Some(*size),
        };
        let timed: u64 = stbl.stts.entries.iter().map(|entry| u64::from(entry.sample_count)).sum();
        if count == 0 || timed != count {
            return Err(wrong("sizes and times"));
        }
        let chunks: Vec<u64> = match (&stbl.stco, &stbl.co64) {
            (_, Some(co64)) => co64.entries.clone(),
            (Some(stco), None) => stco.entries.iter().copied().map(u64::from).collect(),
            (None, None) => return Err(wrong("no chunks")),
        };
        let mut places = Vec::new();
        let mut entries = stbl.stsc.entries.iter().peekable();
        let mut per_chunk = 0;
        for (number, &chunk) in (1u32..).zip(&chunks) {
            if let Some(entry) = entries.next_if(|entry| entry.first_chunk == number) {
                per_chunk = entry.samples_per_chunk;
            }
            let mut offset = chunk;
            for _ in 0..per_chunk {
                let size = size(places.len()).ok_or(wrong("more samples in chunks than sizes"))?;
                let end = offset.checked_add(u64::from(size)).ok_or(wrong("an offset"))?;
                if offset < mdat.start || end > mdat.end {
                    return Err(wrong("a sample outside of the media"));
                }
                places.push((offset, size));
                offset = end;
            }
        }
        if places.len() as u64 != count || entries.next().is_some() {
            return Err(wrong("chunks and sizes"));
        }
        if let Some(stss) = &stbl.stss
            && !(stss.entries.first() == Some(&1) && stss.entries.iter().all(|number| u64::from(*number) <= count))
        {
            return Err(wrong("key frames"));
        }
        let table = stbl.stts.entries.iter();
        let duration = table.map(|entry| u64::from(entry.sample_count) * u64::from(entry.sample_delta)).sum();
        if duration != trak.mdia.mdhd.duration {
            return Err(wrong("duration"));
        }
        Ok(Self { places, duration })
    }

    /// Reads the first samples and some spread over the rest.
    fn look_into(
        &self,
        file: &mut File,
        track: &'static str,
        sound: impl Fn(usize, &[u8]) -> bool,
    ) -> Result<(), ProbeError> {
        let unreadable = || ProbeError::Sample { track };
        let count = self.places.len();
        let spread = (1..=LOOKED_INTO).map(|step| (count - 1) * step / LOOKED_INTO);
        for number in (0..LOOKED_INTO.min(count)).chain(spread) {
            let (offset, size) = self.places[number];
            // Within the media, as checked before: the file has this many bytes.
            let mut data = vec![0; usize::try_from(size).map_err(|_| unreadable())?];
            file.seek(SeekFrom::Start(offset)).map_err(|_| unreadable())?;
            file.read_exact(&mut data).map_err(|_| unreadable())?;
            if !sound(number, &data) {
                return Err(unreadable());
            }
        }
        Ok(())
    }
}

fn picture_is_sound(codec: VideoCodec, first: bool, data: &[u8]) -> bool {
    match codec {
        VideoCodec::H264 => h264::sample_is_idr(data).is_some_and(|idr| idr || !first),
        VideoCodec::Vp8 => !data.is_empty() && (!first || Vp8Config::parse(data).is_some()),
        VideoCodec::Vp9 => !data.is_empty() && (!first || Vp9Config::parse(data).is_some()),
    }
}

/// When a track's first sample is shown: what its edit list leaves empty.
fn start(trak: &Trak, movie_timescale: u32) -> Duration {
    let edits = trak.edts.as_ref().and_then(|edts| edts.elst.as_ref());
    let empty = edits.map_or(0, |elst| {
        let empty = elst.entries.iter().take_while(|entry| entry.media_time.is_none());
        empty.map(|entry| entry.segment_duration).sum()
    });
    duration(empty, movie_timescale.max(1))
}

fn gaps(stbl: &Stbl, timescale: u32) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut time = 0u64;
    for entry in &stbl.stts.entries {
        let length = duration(u64::from(entry.sample_delta), timescale);
        for _ in 0..entry.sample_count {
            if length <= GAP {
                break;
            }
            gaps.push(Gap { at: duration(time, timescale), length });
            time += u64::from(entry.sample_delta);
        }
        if length <= GAP {
            time += u64::from(entry.sample_delta) * u64::from(entry.sample_count);
        }
    }
    gaps
}

/// Why a file does not pass a real decoder.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error("{} cannot be run: {source}", path.display())]
    Ffmpeg { path: PathBuf, source: io::Error },
    #[error("the file cannot be decoded: {0}")]
    Failed(String),
}

/// What decoding a file showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoded {
    /// From beginning to end, with nothing to say.
    Clean,
    /// To the end, but with complaints: a picture may be damaged somewhere. The first lines of them.
    WithComplaints(String),
}

/// Decodes the whole file with ffmpeg.
///
/// # Errors
/// When ffmpeg cannot be run, or gives up on the file.
pub fn decode_check(program: &Path, file: &Path) -> Result<Decoded, DecodeError> {
    let mut command = ffmpeg::reading(program, &[], file);
    command
        // In the file's own time base: a phone's frames come when they come, and rounded to a frame rate two of them
        // can fall on the same moment, of which ffmpeg would complain.
        .args(["-enc_time_base", "-1", "-f", "null", "-"]);
    let output =
        ffmpeg::run(&mut command, file).map_err(|source| DecodeError::Ffmpeg { path: program.to_owned(), source })?;
    let said = complaints::first(&output.stderr);
    match (output.status.success(), said.is_empty()) {
        (true, true) => Ok(Decoded::Clean),
        (true, false) => Ok(Decoded::WithComplaints(said)),
        (false, _) => Err(DecodeError::Failed(said)),
    }
}
