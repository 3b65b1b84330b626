//! Reads a recording while it is written, for whoever sends it on: whole fragments only, sound without holes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use mp4_atom::{Atom, Ftyp, Mdat, Moof, Moov};

use crate::directory::Directory;
use crate::fragment::{Fragment, Sample, Tracks, init_segment};
use crate::frame::{AUDIO_TIMESCALE, VIDEO_TIMESCALE, VideoCodec, duration, ticks};
use crate::read::{Boxes, Entry, LARGEST_HEADER, PartIndex, tracks};
use crate::silence::Filler;

/// No fragment written here comes near this.
const LARGEST_FRAGMENT: u64 = 64 << 20;

/// Why a recording cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    #[error("{} cannot be read: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{} is damaged", path.display())]
    Damaged { path: PathBuf },
}

/// The numbers of the parts there are, in order. None where there is no directory.
///
/// # Errors
/// When the directory cannot be read.
pub fn part_numbers(dir: &Path) -> Result<Vec<u32>, FollowError> {
    let parts = Directory::new(dir).parts();
    let parts = parts.map_err(|source| FollowError::Io { path: dir.to_owned(), source })?;
    Ok(parts.into_iter().map(|(number, _)| number).collect())
}

/// What a part's picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartVideo {
    pub codec: VideoCodec,
    /// In pixels.
    pub width: u16,
    pub height: u16,
}

/// A piece of a part, to be handed on in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// The init segment: comes first. `video` is `None` for a part of sound alone.
    Init { bytes: Bytes, video: Option<PartVideo> },
    /// A fragment, `moof` and `mdat`.
    Fragment {
        bytes: Bytes,
        /// Where it begins and ends on the recording's clock.
        start: Duration,
        end: Duration,
    },
}

/// Where a reader of whole fragments is in a part that may still grow.
#[derive(Debug)]
struct Cursor {
    path: PathBuf,
    position: u64,
    index: PartIndex,
}

#[derive(Debug)]
struct Found {
    video: Vec<Entry>,
    audio: Vec<Entry>,
    start: Duration,
    end: Duration,
    /// Where the fragment is in the file.
    at: u64,
}

impl Cursor {
    fn new(path: PathBuf) -> Self {
        Self { index: PartIndex::empty(&path), path, position: 0 }
    }

    /// What the part declares. `None`: not written yet.
    fn tracks(&mut self) -> Result<Option<Tracks>, FollowError> {
        if self.index.tracks.is_none() {
            let mut boxes = self.boxes()?;
            while let Some(at) = boxes.next().map_err(self.io())? {
                match at.kind {
                    Ftyp::KIND => boxes.skip(&at).map_err(self.io())?,
                    Moov::KIND => {
                        let moov = boxes.decode::<Moov>(&at, LARGEST_HEADER).map_err(self.io())?;
                        let tracks = moov.and_then(|moov| tracks(&moov)).ok_or_else(|| self.damaged())?;
                        self.index.tracks = Some(tracks);
                        self.position = at.end;
                        break;
                    }
                    _ => return Err(self.damaged()),
                }
            }
        }
        Ok(self.index.tracks.clone())
    }

    /// The next fragment, if it is whole.
    fn fragment(&mut self) -> Result<Option<Found>, FollowError> {
        if self.tracks()?.is_none() {
            return Ok(None);
        }
        let mut boxes = self.boxes()?;
        let Some(head) = boxes.next().map_err(self.io())? else { return Ok(None) };
        if head.kind != Moof::KIND {
            return Err(self.damaged());
        }
        let moof = boxes.decode::<Moof>(&head, LARGEST_HEADER).map_err(self.io())?;
        let moof = moof.ok_or_else(|| self.damaged())?;
        let Some(body) = boxes.next().map_err(self.io())? else { return Ok(None) };
        self.index.video.clear();
        self.index.audio.clear();
        let whole = body.kind == Mdat::KIND && self.index.add(&head, &moof, &body).is_some();
        if !whole || body.end - head.start > LARGEST_FRAGMENT {
            return Err(self.damaged());
        }
        self.position = body.end;
        let (video, audio) = (std::mem::take(&mut self.index.video), std::mem::take(&mut self.index.audio));
        let bounds = |entries: &[Entry], timescale| {
            let (first, last) = entries.first().zip(entries.last())?;
            Some((duration(first.time, timescale), duration(last.time + u64::from(last.duration), timescale)))
        };
        let (pictures, sound) = (bounds(&video, VIDEO_TIMESCALE), bounds(&audio, AUDIO_TIMESCALE));
        let start = pictures.or(sound).map_or(Duration::ZERO, |bounds| bounds.0);
        let end = pictures.or(sound).map_or(Duration::ZERO, |bounds| bounds.1);
        Ok(Some(Found { video, audio, start, end, at: head.start }))
    }

    fn boxes(&self) -> Result<Boxes, FollowError> {
        Boxes::open_at(&self.path, self.position).map_err(self.io())
    }

    fn io(&self) -> impl Fn(io::Error) -> FollowError + use<> {
        let path = self.path.clone();
        move |source| FollowError::Io { path: path.clone(), source }
    }

    fn damaged(&self) -> FollowError {
        FollowError::Damaged { path: self.path.clone() }
    }
}

/// Hands out one part as it grows: from a picture that can be started with, and with silence where no sound was
/// received, so that both tracks go on together. Blocking: for a thread that may wait for the disk.
#[derive(Debug)]
pub struct PartFollower {
    cursor: Cursor,
    from: Duration,
    shift: Duration,
    begun: bool,
    sequence_number: u32,
    sound: Option<Filler>,
    /// The end of the last picture handed out.
    pictures: Option<Duration>,
}

impl PartFollower {
    /// Part `number` of the recording in `dir`, from the last place at or before `from` where decoding can start; from
    /// the part's first such place if there is none. All times written into the fragments are moved by `shift`.
    pub fn open(dir: &Path, number: u32, from: Duration, shift: Duration) -> Self {
        let cursor = Cursor::new(Directory::new(dir).part(number));
        Self { cursor, from, shift, begun: false, sequence_number: 0, sound: None, pictures: None }
    }

    /// What the part's picture is; `None` while that is not written yet.
    ///
    /// # Errors
    /// When the part cannot be read.
    pub fn video(&mut self) -> Result<Option<Option<PartVideo>>, FollowError> {
        Ok(self.cursor.tracks()?.map(|tracks| part_video(&tracks)))
    }

    /// The next piece. `None`: nothing whole is there yet.
    ///
    /// # Errors
    /// When the part cannot be read.
    pub fn next_piece(&mut self) -> Result<Option<Piece>, FollowError> {
        let Some(tracks) = self.cursor.tracks()? else { return Ok(None) };
        if !self.begun {
            if !self.seek(&tracks)? {
                return Ok(None);
            }
            self.begun = true;
            let bytes = init_segment(&tracks).map_err(|_| self.cursor.damaged())?;
            return Ok(Some(Piece::Init { bytes, video: part_video(&tracks) }));
        }
        let Some(found) = self.cursor.fragment()? else { return Ok(None) };
        let (video, audio) = self.samples(&found)?;
        let sound = self.sound.get_or_insert_with(|| Filler::new(found.start));
        if !video.is_empty() {
            self.pictures = Some(found.end);
        }
        let audio = sound.fill(audio, self.pictures);
        self.encode(&tracks, video, audio, found.start, found.end).map(Some)
    }

    /// The part does not grow any more, and [`Self::next_piece`] has nothing: the silence that is missing up to the end
    /// of the picture.
    ///
    /// # Errors
    /// When the fragment cannot be made.
    pub fn last_piece(&mut self) -> Result<Option<Piece>, FollowError> {
        let (Some(tracks), Some(sound), Some(end)) = (self.cursor.tracks()?, &mut self.sound, self.pictures) else {
            return Ok(None);
        };
        let audio = sound.close(end);
        if audio.is_empty() { Ok(None) } else { self.encode(&tracks, Vec::new(), audio, end, end).map(Some) }
    }

    /// Goes to where handing out begins. `false`: nothing to begin with is there yet.
    fn seek(&mut self, tracks: &Tracks) -> Result<bool, FollowError> {
        let mut begin = None;
        while let Some(found) = self.cursor.fragment()? {
            let decodable = found.video.first().map_or(tracks.video.is_none(), |first| first.key);
            if decodable && (begin.is_none() || found.start <= self.from) {
                begin = Some(found.at);
            }
            if begin.is_some() && found.start > self.from {
                break;
            }
        }
        if let Some(begin) = begin {
            self.cursor.position = begin;
        }
        Ok(begin.is_some())
    }

    fn samples(&self, found: &Found) -> Result<(Vec<Sample>, Vec<Sample>), FollowError> {
        let length = usize::try_from(self.cursor.position - found.at).map_err(|_| self.cursor.damaged())?;
        let mut bytes = vec![0; length];
        let mut read = || {
            let mut file = File::open(&self.cursor.path)?;
            file.seek(SeekFrom::Start(found.at))?;
            file.read_exact(&mut bytes)
        };
        read().map_err(self.cursor.io())?;
        let bytes = Bytes::from(bytes);
        let sample = |entry: &Entry| {
            // `PartIndex::add` has checked that it lies within the fragment.
            let start = (entry.offset - found.at) as usize;
            let data = bytes.slice(start..start + entry.size as usize);
            Sample { time: entry.time, duration: entry.duration, key: entry.key, data }
        };
        Ok((found.video.iter().map(sample).collect(), found.audio.iter().map(sample).collect()))
    }

    fn encode(
        &mut self,
        tracks: &Tracks,
        mut video: Vec<Sample>,
        mut audio: Vec<Sample>,
        start: Duration,
        end: Duration,
    ) -> Result<Piece, FollowError> {
        for (run, timescale) in [(&mut video, VIDEO_TIMESCALE), (&mut audio, AUDIO_TIMESCALE)] {
            run.iter_mut().for_each(|sample| sample.time += ticks(self.shift, timescale));
        }
        self.sequence_number += 1;
        let fragment = Fragment { video, audio, start, length: end.saturating_sub(start), closed: false };
        let bytes = fragment.encode(self.sequence_number, tracks).map_err(|_| self.cursor.damaged())?;
        Ok(Piece::Fragment { bytes, start, end })
    }
}

fn part_video(tracks: &Tracks) -> Option<PartVideo> {
    let config = tracks.video.as_ref()?;
    let (width, height) = config.size();
    Some(PartVideo { codec: config.codec(), width, height })
}

/// Tells how far a recording is written. Reads headers only, and each one once.
#[derive(Debug)]
pub struct WrittenUntil {
    dir: PathBuf,
    current: Option<(u32, Cursor)>,
    until: Option<(u32, Duration)>,
}

impl WrittenUntil {
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), current: None, until: None }
    }

    /// The last part with anything in it, and the end of its last whole fragment on the recording's clock. Blocking.
    ///
    /// # Errors
    /// When the recording cannot be read.
    pub fn look(&mut self) -> Result<Option<(u32, Duration)>, FollowError> {
        let last = part_numbers(&self.dir)?.last().copied();
        if let Some(number) = last
            && self.current.as_ref().is_none_or(|(current, _)| *current != number)
        {
            self.current = Some((number, Cursor::new(Directory::new(&self.dir).part(number))));
        }
        if let Some((number, cursor)) = &mut self.current {
            while let Some(found) = cursor.fragment()? {
                self.until = Some((*number, found.end));
            }
        }
        Ok(self.until)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::synthetic::{recording, whole_fragments};

    const NO_SHIFT: Duration = Duration::ZERO;

    fn all(follower: &mut PartFollower) -> Vec<Piece> {
        std::iter::from_fn(|| follower.next_piece().unwrap()).collect()
    }

    /// Writes what was handed out, and reads it as a part.
    fn reread(pieces: &[Piece]) -> PartIndex {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("copy.mp4");
        let bytes = |piece: &Piece| match piece {
            Piece::Init { bytes, .. } | Piece::Fragment { bytes, .. } => bytes.to_vec(),
        };
        fs::write(&path, pieces.iter().flat_map(bytes).collect::<Vec<u8>>()).unwrap();
        PartIndex::read(&path).unwrap()
    }

    #[test]
    fn a_growing_part_is_handed_out_as_far_as_it_is_whole() {
        let original = tempfile::tempdir().unwrap();
        let path = recording(original.path());
        let bytes = fs::read(&path).unwrap();
        let fragments = whole_fragments(&path);

        let dir = tempfile::tempdir().unwrap();
        let mut follower = PartFollower::open(dir.path(), 1, Duration::ZERO, NO_SHIFT);
        let mut written = WrittenUntil::new(dir.path());
        let mut pieces = Vec::new();
        for length in (0..bytes.len()).step_by(97).chain([bytes.len()]) {
            fs::write(dir.path().join("part-0001.mp4"), &bytes[..length]).unwrap();
            pieces.extend(all(&mut follower));
            let whole = fragments.iter().filter(|(end, _)| *end <= length as u64).count();
            assert_eq!(pieces.len(), if whole == 0 { 0 } else { whole + 1 }, "{length}");
            let until = written.look().unwrap();
            assert_eq!(until.is_some(), whole > 0);
        }
        let (copy, source) = (reread(&pieces), PartIndex::read(&path).unwrap());
        let times = |entries: &[Entry]| entries.iter().map(|entry| (entry.time, entry.size)).collect::<Vec<_>>();
        assert_eq!(times(&copy.video), times(&source.video));
        assert_eq!(times(&copy.audio), times(&source.audio));
        assert_eq!(written.look().unwrap(), Some((1, Duration::from_secs(2))));
    }

    #[test]
    fn times_are_moved() {
        let dir = tempfile::tempdir().unwrap();
        recording(dir.path());
        let mut follower = PartFollower::open(dir.path(), 1, Duration::ZERO, Duration::from_secs(10));
        let copy = reread(&all(&mut follower));
        assert_eq!((copy.video[0].time, copy.audio[0].time), (900_000, 480_000));
    }

    #[test]
    fn what_is_no_part_is_damaged() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("part-0001.mp4"), [0, 0, 0, 16, b'f', b'r', b'e', b'e', 0, 0, 0, 0, 0, 0, 0, 0])
            .unwrap();
        let mut follower = PartFollower::open(dir.path(), 1, Duration::ZERO, NO_SHIFT);
        assert!(matches!(follower.next_piece(), Err(FollowError::Damaged { .. })));
    }
}
