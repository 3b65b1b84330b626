//! Writes an ordinary MP4: `moov` first, so that it plays while it loads; 64-bit sizes, so that it may be long.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use mp4_atom::{Co64, Encode, Ftyp, Moov, Stbl, Stsc, StscEntry, Stss, Stsz, StszSamples, Stts, SttsEntry};

use crate::frame::{AUDIO_TIMESCALE, VIDEO_TIMESCALE};
use crate::opus;
use crate::rotation::Rotation;
use crate::timeline::{Placed, Source, Timeline};
use crate::track;

/// Sound and picture take turns in the file this often, in milliseconds.
const INTERLEAVE_MS: u64 = 500;

/// Some samples of one track that lie together in the file.
struct Chunk<'a> {
    video: bool,
    samples: &'a [Placed],
}

/// Reads samples from the parts.
#[derive(Debug)]
pub(crate) struct Sources<'a> {
    paths: &'a [PathBuf],
    open: Option<(usize, File)>,
}

impl<'a> Sources<'a> {
    pub(crate) fn new(paths: &'a [PathBuf]) -> Self {
        Self { paths, open: None }
    }

    pub(crate) fn read(&mut self, file: usize, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let file = match &mut self.open {
            Some((open, handle)) if *open == file => handle,
            other => {
                let path = self.paths.get(file).ok_or(io::ErrorKind::NotFound)?;
                &mut other.insert((file, File::open(path)?)).1
            }
        };
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(into)
    }

    /// The bytes of samples that lie one after the other, appended to `into`.
    fn append(&mut self, source: Source, into: &mut Vec<u8>) -> io::Result<()> {
        let Some(file) = source.file else {
            into.extend_from_slice(&opus::SILENCE);
            return Ok(());
        };
        let start = into.len();
        into.resize(start + source.size as usize, 0);
        self.read(file as usize, source.offset, &mut into[start..])
    }
}

/// Writes the whole file to `out`. Only the sample tables are in memory.
pub(crate) fn write(timeline: &Timeline, rotation: Rotation, sources: &mut Sources, out: &mut File) -> io::Result<()> {
    let chunks = chunks(timeline);
    let media: u64 = chunks.iter().map(Chunk::size).sum();
    let ftyp = Ftyp {
        major_brand: b"isom".into(),
        minor_version: 512,
        compatible_brands: vec![b"isom".into(), b"iso2".into(), b"avc1".into(), b"mp41".into()],
    };
    let mut head = Vec::new();
    ftyp.encode(&mut head).map_err(io::Error::other)?;
    let ftyp_size = head.len();
    // The size of `moov` does not depend on the offsets in it.
    moov(timeline, rotation, &chunks, 0).encode(&mut head).map_err(io::Error::other)?;
    let start = head.len() as u64 + 16;
    head.truncate(ftyp_size);
    moov(timeline, rotation, &chunks, start).encode(&mut head).map_err(io::Error::other)?;
    head.extend_from_slice(&1u32.to_be_bytes());
    head.extend_from_slice(b"mdat");
    head.extend_from_slice(&(media + 16).to_be_bytes());

    let mut out = BufWriter::with_capacity(1 << 20, out);
    out.write_all(&head)?;
    let mut buffer = Vec::new();
    for chunk in &chunks {
        buffer.clear();
        for run in runs(chunk.samples) {
            sources.append(run, &mut buffer)?;
        }
        out.write_all(&buffer)?;
    }
    out.flush()
}

/// Joins samples that follow each other in the same file, to read them at once.
fn runs(samples: &[Placed]) -> impl Iterator<Item = Source> {
    let mut samples = samples.iter().map(|sample| sample.source).peekable();
    std::iter::from_fn(move || {
        let mut run = samples.next()?;
        while let Some(next) = samples.next_if(|next| {
            run.file.is_some() && next.file == run.file && next.offset == run.offset + u64::from(run.size)
        }) {
            run.size += next.size;
        }
        Some(run)
    })
}

impl Chunk<'_> {
    fn size(&self) -> u64 {
        self.samples.iter().map(|sample| u64::from(sample.source.size)).sum()
    }
}

/// Cuts both tracks into chunks by time.
fn chunks(timeline: &Timeline) -> Vec<Chunk<'_>> {
    let mut tracks = [
        (true, timeline.video.as_slice(), 0u64, u64::from(VIDEO_TIMESCALE)),
        (false, timeline.audio.as_slice(), 0u64, u64::from(AUDIO_TIMESCALE)),
    ];
    let mut chunks = Vec::new();
    // A picture may stand for hours: the window moves to where the next sample is.
    while let Some(next) =
        tracks.iter().filter(|(_, left, ..)| !left.is_empty()).map(|(_, _, time, scale)| time * 1000 / scale).min()
    {
        let window = next + INTERLEAVE_MS;
        for (video, left, time, timescale) in &mut tracks {
            // All that is in a chunk has one description.
            let config = left.first().map_or(0, |sample| sample.config);
            let count = left
                .iter()
                .take_while(|sample| {
                    let inside = *time * 1000 / *timescale < window && sample.config == config;
                    if inside {
                        *time += u64::from(sample.duration);
                    }
                    inside
                })
                .count();
            let (samples, rest) = left.split_at(count);
            *left = rest;
            if count > 0 {
                chunks.push(Chunk { video: *video, samples });
            }
        }
    }
    chunks
}

fn moov(timeline: &Timeline, rotation: Rotation, chunks: &[Chunk], start: u64) -> Moov {
    let total = |samples: &[Placed]| samples.iter().map(|sample| u64::from(sample.duration)).sum();
    let video = timeline.configs.first().filter(|_| !timeline.video.is_empty()).map(|largest| {
        let mut stbl = sample_table(&timeline.video, chunks, true, start);
        let keys = (1u32..).zip(&timeline.video).filter(|(_, sample)| sample.key);
        stbl.stss = Some(Stss { entries: keys.map(|(number, _)| number).collect() });
        let mut trak = track::video_trak(&timeline.configs, total(&timeline.video), stbl);
        let (width, height) = largest.size();
        trak.tkhd.matrix = rotation.matrix(width, height);
        trak
    });
    let audio = (!timeline.audio.is_empty()).then(|| {
        let stbl = sample_table(&timeline.audio, chunks, false, start);
        track::audio_trak(total(&timeline.audio), stbl)
    });
    track::movie(video.into_iter().chain(audio).collect())
}

fn sample_table(samples: &[Placed], chunks: &[Chunk], video: bool, start: u64) -> Stbl {
    let mut stts = Stts::default();
    for sample in samples {
        match stts.entries.last_mut() {
            Some(last) if last.sample_delta == sample.duration => last.sample_count += 1,
            _ => stts.entries.push(SttsEntry { sample_count: 1, sample_delta: sample.duration }),
        }
    }
    let mut stsc = Stsc::default();
    let mut co64 = Co64::default();
    let mut offset = start;
    for chunk in chunks {
        if chunk.video == video {
            let first_chunk = u32::try_from(co64.entries.len() + 1).unwrap_or(u32::MAX);
            let samples_per_chunk = u32::try_from(chunk.samples.len()).unwrap_or(u32::MAX);
            let config = chunk.samples.first().map_or(0, |sample| sample.config);
            let sample_description_index = u32::try_from(config + 1).unwrap_or(u32::MAX);
            let next = StscEntry { first_chunk, samples_per_chunk, sample_description_index };
            if stsc.entries.last().is_none_or(|last| StscEntry { first_chunk, ..last.clone() } != next) {
                stsc.entries.push(next);
            }
            co64.entries.push(offset);
        }
        offset += chunk.size();
    }
    let sizes = samples.iter().map(|sample| sample.source.size).collect();
    Stbl { stts, stsc, stsz: Stsz { samples: StszSamples::Different { sizes } }, co64: Some(co64), ..Stbl::default() }
}
