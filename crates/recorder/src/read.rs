//! Reads a part back: which samples it has, and where. The media bytes stay on disk.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use mp4_atom::{Atom, Codec, DecodeAtom, FourCC, Ftyp, Header, Mdat, Moof, Moov};

use crate::fragment::Tracks;
use crate::frame::{AUDIO_TIMESCALE, VIDEO_TIMESCALE};
use crate::track::{AUDIO_TRACK, VIDEO_TRACK, VideoConfig};

/// No `moov` or `moof` written here comes near this: anything larger is damage.
pub(crate) const LARGEST_HEADER: u64 = 16 << 20;

/// No sample is later than this after the recording's origin, in seconds (30 days): a larger time is damage.
const LATEST: u64 = 30 * 24 * 3600;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("{} cannot be read: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl ReadError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// Where a sample is, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// In the track's timescale, since the recording's origin.
    pub(crate) time: u64,
    /// In the file.
    pub(crate) offset: u64,
    pub(crate) size: u32,
    pub(crate) duration: u32,
    pub(crate) key: bool,
}

/// What a part holds.
#[derive(Debug)]
pub(crate) struct PartIndex {
    pub(crate) path: PathBuf,
    /// `None` when not even the init segment is whole.
    pub(crate) tracks: Option<Tracks>,
    pub(crate) video: Vec<Entry>,
    pub(crate) audio: Vec<Entry>,
    /// The file's length up to the end of the last whole fragment.
    pub(crate) whole: u64,
    pub(crate) length: u64,
}

/// The top-level boxes of a file, as far as they are whole.
pub(crate) struct Boxes {
    reader: BufReader<File>,
    position: u64,
    length: u64,
}

pub(crate) struct BoxAt {
    pub(crate) kind: FourCC,
    /// Where the box begins.
    pub(crate) start: u64,
    /// Where its payload begins.
    pub(crate) payload: u64,
    pub(crate) end: u64,
}

impl Boxes {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { reader: BufReader::new(file), position: 0, length })
    }

    /// From a box that begins at `position`.
    pub(crate) fn open_at(path: &Path, position: u64) -> io::Result<Self> {
        let mut boxes = Self::open(path)?;
        boxes.reader.seek(SeekFrom::Start(position))?;
        boxes.position = position.min(boxes.length);
        Ok(boxes)
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The next box that is whole. `None` at the end, or where no whole box follows.
    pub(crate) fn next(&mut self) -> io::Result<Option<BoxAt>> {
        let left = self.length - self.position;
        if left < 8 {
            return Ok(None);
        }
        let mut head = [0; 16];
        self.reader.read_exact(&mut head[..8])?;
        let kind = FourCC::from([head[4], head[5], head[6], head[7]]);
        let (header, size) = match u32::from_be_bytes([head[0], head[1], head[2], head[3]]) {
            1 if left < 16 => return Ok(None),
            1 => {
                self.reader.read_exact(&mut head[8..])?;
                let (_, large) = head.split_last_chunk::<8>().expect("the array has 16 bytes");
                (16, u64::from_be_bytes(*large))
            }
            size => (8, u64::from(size)),
        };
        if size < header || size > left {
            return Ok(None);
        }
        let start = self.position;
        self.position += header;
        Ok(Some(BoxAt { kind, start, payload: start + header, end: start + size }))
    }

    /// The payload of a header box. `None` when it is not one.
    pub(crate) fn decode<T: Atom>(&mut self, at: &BoxAt, limit: u64) -> io::Result<Option<T>> {
        let size = at.end - at.payload;
        if size > limit {
            return Ok(None);
        }
        let size = usize::try_from(size).map_err(io::Error::other)?;
        let mut payload = vec![0; size];
        self.reader.read_exact(&mut payload)?;
        self.position = at.end;
        let header = Header { kind: at.kind, size: Some(size) };
        Ok(T::decode_atom(&header, &mut payload.as_slice()).ok())
    }

    pub(crate) fn skip(&mut self, at: &BoxAt) -> io::Result<()> {
        match i64::try_from(at.end - self.position) {
            Ok(distance) => self.reader.seek_relative(distance)?,
            Err(_) => {
                self.reader.seek(SeekFrom::Start(at.end))?;
            }
        }
        self.position = at.end;
        Ok(())
    }
}

impl PartIndex {
    pub(crate) fn empty(path: &Path) -> Self {
        Self { path: path.to_owned(), tracks: None, video: Vec::new(), audio: Vec::new(), whole: 0, length: 0 }
    }

    /// Reads what is whole; a torn end is left out, and shows as `whole < length`.
    pub(crate) fn read(path: &Path) -> Result<Self, ReadError> {
        Self::scan(path).map_err(ReadError::io(path))
    }

    fn scan(path: &Path) -> io::Result<Self> {
        let mut boxes = Boxes::open(path)?;
        let mut index = Self { length: boxes.length(), ..Self::empty(path) };
        let mut moof: Option<(BoxAt, Moof)> = None;
        while let Some(at) = boxes.next()? {
            let known = match at.kind {
                Ftyp::KIND => boxes.skip(&at).map(|()| true)?,
                Moov::KIND => match boxes.decode::<Moov>(&at, LARGEST_HEADER)?.and_then(|moov| tracks(&moov)) {
                    Some(tracks) => {
                        index.tracks = Some(tracks);
                        index.whole = at.end;
                        true
                    }
                    None => false,
                },
                Moof::KIND => {
                    moof = boxes.decode(&at, LARGEST_HEADER)?.map(|decoded| (at, decoded));
                    moof.is_some()
                }
                Mdat::KIND => {
                    boxes.skip(&at)?;
                    let whole = moof.take().is_some_and(|(start, moof)| index.add(&start, &moof, &at).is_some());
                    if whole {
                        index.whole = at.end;
                    }
                    whole
                }
                _ => false,
            };
            if !known {
                break;
            }
        }
        Ok(index)
    }

    /// Takes a fragment's samples over; `None`, and nothing taken, when its tables do not fit its data.
    pub(crate) fn add(&mut self, start: &BoxAt, moof: &Moof, mdat: &BoxAt) -> Option<()> {
        self.tracks.as_ref()?;
        let (videos, audios) = (self.video.len(), self.audio.len());
        let added = self.add_runs(start, moof, mdat);
        if added.is_none() {
            self.video.truncate(videos);
            self.audio.truncate(audios);
        }
        added
    }

    fn add_runs(&mut self, start: &BoxAt, moof: &Moof, mdat: &BoxAt) -> Option<()> {
        for traf in &moof.traf {
            let (entries, timescale) = match traf.tfhd.track_id {
                VIDEO_TRACK => (&mut self.video, VIDEO_TIMESCALE),
                AUDIO_TRACK => (&mut self.audio, AUDIO_TIMESCALE),
                _ => return None,
            };
            let latest = LATEST * u64::from(timescale);
            let mut time = traf.tfdt.as_ref()?.base_media_decode_time;
            for run in &traf.trun {
                let mut offset = start.start.checked_add_signed(i64::from(run.data_offset?))?;
                for sample in &run.samples {
                    let (size, duration) = (sample.size?, sample.duration?);
                    let end = offset.checked_add(u64::from(size))?;
                    if offset < mdat.payload || end > mdat.end || time > latest {
                        return None;
                    }
                    let key = sample.flags? & 0x0001_0000 == 0;
                    entries.push(Entry { time, offset, size, duration, key });
                    offset = end;
                    time = time.checked_add(u64::from(duration))?;
                }
            }
        }
        Some(())
    }
}

/// What the `moov` declares. `None` when it is not one of ours.
pub(crate) fn tracks(moov: &Moov) -> Option<Tracks> {
    let mut tracks = Tracks { video: None, audio: false };
    for trak in &moov.trak {
        let entry = trak.mdia.minf.stbl.stsd.codecs.first()?;
        match (trak.tkhd.track_id, trak.mdia.mdhd.timescale, entry) {
            (AUDIO_TRACK, AUDIO_TIMESCALE, Codec::Opus(_)) => tracks.audio = true,
            (VIDEO_TRACK, VIDEO_TIMESCALE, entry) => tracks.video = Some(VideoConfig::from_sample_entry(entry)?),
            _ => return None,
        }
    }
    Some(tracks)
}
