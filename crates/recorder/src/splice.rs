//! A second recording of the same service: made into a file of its own, or into the holes of the first.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::directory::Directory;
use crate::finalize::{FinalizeError, Joined, Parts, join, one_codec};
use crate::frame::{AUDIO_TIMESCALE, VIDEO_TIMESCALE, VideoCodec, duration, ticks};
use crate::import::{Cut, import};
use crate::partial::Scratch;
use crate::probe::{Report, probe};
use crate::read::Entry;
use crate::rotation::Rotation;
use crate::timeline::Stretch;
use crate::track::VideoConfig;

/// A stretch this long without a new picture is a hole.
const HOLE: Duration = Duration::from_millis(500);
/// What a picture is shown for where the next one is missing.
const PICTURE: Duration = Duration::from_millis(33);
/// Less than this is not worth a cut.
const SHORTEST: Duration = Duration::from_millis(200);

/// A file of another recorder, and when it begins on a clock that all takes share.
#[derive(Debug, Clone)]
pub struct Take {
    pub file: PathBuf,
    pub start: Duration,
}

/// A file that was made of takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assembled {
    pub report: Report,
    /// Of its first sample, on the takes' clock: not every take that was begun has something to show.
    pub start: Duration,
    /// Takes that could not be read.
    pub left_out: Vec<PathBuf>,
}

/// Joins takes (WebM or MP4, as browsers record) into one MP4 at `out`, on their common clock. One that cannot be read is
/// left out, with a warning. `out` begins with the first sample there is.
///
/// # Errors
/// When no take can be read, or the file cannot be written.
pub fn assemble(takes: &[Take], out: &Path, ffmpeg: &Path) -> Result<Assembled, FinalizeError> {
    let scratch = Scratch::beside(out)?;
    let mut takes: Vec<&Take> = takes.iter().collect();
    takes.sort_by_key(|take| take.start);
    let Some(first) = takes.first().map(|take| take.start) else { return Err(FinalizeError::Empty) };
    let (mut refused, mut left_out) = (None, Vec::new());
    // One file has one mark. Takes that are marked differently are turned, which means that they are encoded again.
    let rotations: Vec<Rotation> = takes.iter().map(|take| Rotation::of_file(&take.file)).collect();
    let alike = rotations.first().copied().filter(|first| rotations.iter().all(|other| other == first));
    for (take, rotation) in takes.into_iter().zip(rotations) {
        let turned = (alike.is_none() && rotation != Rotation::None).then(|| Cut::whole(VideoCodec::H264));
        if let Err(error) = import(ffmpeg, &take.file, turned, take.start.saturating_sub(first), scratch.path()) {
            tracing::warn!(file = %take.file.display(), %error, "a take cannot be read");
            refused = refused.or(Some(error));
            left_out.push(take.file.clone());
        }
    }
    let joined = || {
        let mut parts = Parts { rotation: alike.unwrap_or_default(), ..Parts::read(scratch.path())? };
        one_codec(&mut parts.stretches, &mut parts.files, scratch.path(), Some(ffmpeg))?;
        join(&parts, out)
    };
    match (joined(), refused) {
        (Err(FinalizeError::Empty), Some(error)) => Err(error.into()),
        (outcome, _) => {
            outcome.map(|Joined { report, start }| Assembled { report, start: first.saturating_add(start), left_out })
        }
    }
}

/// A finished file of the same service, and when it begins, in Unix milliseconds.
#[derive(Debug, Clone)]
pub struct Fill {
    pub file: PathBuf,
    pub starts_at_unix_ms: i64,
}

/// As [`finalize`], with the holes of the recording in `dir` filled from `fills`, each in its place: what the first
/// of them leaves open, from the next. `None`, and no file, when there is no hole that they could fill.
///
/// # Errors
/// As [`finalize`]; and when nothing can be cut out of any of them.
pub fn splice(dir: &Path, fills: &[Fill], out: &Path, ffmpeg: &Path) -> Result<Option<Report>, FinalizeError> {
    let mut parts = Parts::read(dir)?;
    let scratch = Scratch::beside(out)?;
    one_codec(&mut parts.stretches, &mut parts.files, scratch.path(), Some(ffmpeg))?;
    let Some(codec) = parts.stretches.iter().find_map(|stretch| stretch.config.as_ref()).map(VideoConfig::codec) else {
        return Ok(None);
    };
    let origin = Directory::new(dir).origin().and_then(|origin| i64::try_from(origin).ok()).unwrap_or(0);
    let (mut filled, mut refused) = (0, None);
    for (number, fill) in fills.iter().enumerate() {
        let dir = scratch.path().join(format!("fill-{number}"));
        let begins = fill.starts_at_unix_ms.saturating_sub(origin);
        if let Err(error) = fill_holes(&mut parts, begins, codec, fill, &dir, ffmpeg, &mut filled) {
            tracing::warn!(file = %fill.file.display(), %error, "holes cannot be filled from this file");
            refused = refused.or(Some(error));
        }
    }
    match (filled, refused) {
        (0, Some(error)) => Err(error),
        (0, None) => Ok(None),
        _ => Ok(Some(join(&parts, out)?.report)),
    }
}

/// Fills what a file that begins at `begins` milliseconds on the recording's clock can fill, and counts it.
fn fill_holes(
    parts: &mut Parts,
    begins: i64,
    codec: VideoCodec,
    fill: &Fill,
    dir: &Path,
    ffmpeg: &Path,
    filled: &mut usize,
) -> Result<(), FinalizeError> {
    let length = probe(&fill.file)?.duration;
    // From the last to the first, so that the places of the earlier ones stay.
    for (number, hole) in holes(&parts.stretches).into_iter().enumerate().rev() {
        let Some((hole, from)) = covered(hole, begins, length) else { continue };
        fill_hole(parts, hole, from, codec, fill, &dir.join(format!("hole-{number}")), ffmpeg)?;
        *filled += 1;
    }
    Ok(())
}

/// Where pictures are missing, on the recording's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hole {
    from: Duration,
    until: Duration,
}

/// Between the pictures that can be shown: what follows a hole can be from the next key frame on.
fn holes(stretches: &[Stretch]) -> Vec<Hole> {
    let mut holes = Vec::new();
    let mut last: Option<Duration> = None;
    for stretch in stretches {
        let mut broken = true;
        for entry in &stretch.video {
            let time = duration(entry.time, VIDEO_TIMESCALE);
            if let Some(last) = last {
                broken |= time.saturating_sub(last) > HOLE;
            }
            if broken && !entry.key {
                continue;
            }
            if let Some(last) = last
                && time.saturating_sub(last) > HOLE
            {
                holes.push(Hole { from: last + PICTURE, until: time });
            }
            broken = false;
            last = Some(time);
        }
    }
    holes
}

/// The part of a hole that is covered by a file of this length, which begins at `begins` milliseconds on the recording's
/// clock; and where that part is in the file.
fn covered(hole: Hole, begins: i64, length: Duration) -> Option<(Hole, Duration)> {
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let from = hole.from.max(Duration::from_millis(u64::try_from(begins).unwrap_or(0)));
    let inside = Duration::from_millis(u64::try_from(millis(from).saturating_sub(begins)).ok()?);
    let until = hole.until.min(from + length.checked_sub(inside)?);
    let worth = until.saturating_sub(from) >= SHORTEST;
    worth.then_some((Hole { from, until }, inside))
}

fn fill_hole(
    parts: &mut Parts,
    hole: Hole,
    from: Duration,
    codec: VideoCodec,
    fill: &Fill,
    dir: &Path,
    ffmpeg: &Path,
) -> Result<(), FinalizeError> {
    fs::create_dir_all(dir).map_err(|source| FinalizeError::Write { path: dir.to_owned(), source })?;
    // A picture less than the hole is long: the next one of the recording has its own place.
    let cut = Cut { from, length: hole.until.saturating_sub(hole.from).saturating_sub(PICTURE / 2), codec };
    import(ffmpeg, &fill.file, Some(cut), hole.from, dir)?;
    let files = std::mem::take(&mut parts.files);
    let mut filling = Parts { files, stretches: Vec::new(), rotation: parts.rotation };
    let known = filling.files.len();
    let appended = filling.append(dir);
    parts.files = filling.files;
    appended?;
    debug_assert!(filling.stretches.iter().all(|stretch| stretch.video_file >= known));

    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut sound_inside = Vec::new();
    for stretch in std::mem::take(&mut parts.stretches) {
        let Stretch { config, video, video_file, audio, audio_file } = stretch;
        let [video_before, _, video_after] = cut_up(video, hole, VIDEO_TIMESCALE);
        let [audio_before, inside, audio_after] = cut_up(audio, hole, AUDIO_TIMESCALE);
        if !inside.is_empty() {
            sound_inside.push((audio_file, inside));
        }
        let part = |video: Vec<Entry>, audio: Vec<Entry>| {
            let held = !video.is_empty() || !audio.is_empty();
            held.then(|| Stretch { config: config.clone(), video, video_file, audio, audio_file })
        };
        before.extend(part(video_before, audio_before));
        after.extend(part(video_after, audio_after));
    }
    // The recording's own sound goes before the other's, where there is enough of it.
    if let Some((file, inside)) = sound_inside.into_iter().max_by_key(|(_, inside)| inside.len())
        && covers_half(&inside, hole)
    {
        for stretch in &mut filling.stretches {
            stretch.audio = Vec::new();
        }
        if let Some(first) = filling.stretches.first_mut() {
            (first.audio_file, first.audio) = (file, inside);
        }
    }
    parts.stretches = before.into_iter().chain(filling.stretches).chain(after).collect();
    Ok(())
}

/// Before, inside of and after a hole. The last picture before it no longer stands until its end.
fn cut_up(entries: Vec<Entry>, hole: Hole, timescale: u32) -> [Vec<Entry>; 3] {
    let (from, until) = (ticks(hole.from, timescale), ticks(hole.until, timescale));
    let mut pieces = [Vec::new(), Vec::new(), Vec::new()];
    for mut entry in entries {
        if entry.time < from {
            entry.duration = entry.duration.min(u32::try_from(from - entry.time).unwrap_or(u32::MAX));
        }
        let piece = usize::from(entry.time >= from) + usize::from(entry.time >= until);
        pieces[piece].push(entry);
    }
    pieces
}

fn covers_half(sound: &[Entry], hole: Hole) -> bool {
    let sum: u64 = sound.iter().map(|entry| u64::from(entry.duration)).sum();
    duration(sum, AUDIO_TIMESCALE) * 2 > hole.until.saturating_sub(hole.from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pictures(times_ms: &[(u64, bool)]) -> Stretch {
        let video = times_ms
            .iter()
            .map(|(ms, key)| Entry { time: ms * 90, offset: 0, size: 1, duration: 3000, key: *key })
            .collect();
        Stretch { config: None, video, video_file: 0, audio: Vec::new(), audio_file: 0 }
    }

    fn hole(from: u64, until: u64) -> Hole {
        Hole { from: Duration::from_millis(from), until: Duration::from_millis(until) }
    }

    #[test]
    fn a_hole_lasts_until_the_next_key_frame() {
        let stretches = [
            pictures(&[(0, true), (40, false), (2040, false), (2080, false), (2200, true)]),
            pictures(&[(9000, true)]),
        ];
        assert_eq!(holes(&stretches), [hole(73, 2200), hole(2233, 9000)]);
        assert_eq!(holes(&[pictures(&[(0, true), (400, false)])]), []);
    }

    #[test]
    fn only_what_the_other_recording_has_is_filled() {
        let second = Duration::from_secs;
        let wanted = hole(10_000, 20_000);
        assert_eq!(covered(wanted, -5_000, second(60)), Some((wanted, second(15))));
        assert_eq!(covered(wanted, 12_000, second(60)), Some((hole(12_000, 20_000), second(0))));
        assert_eq!(covered(wanted, 0, second(15)), Some((hole(10_000, 15_000), second(10))));
        assert_eq!(covered(wanted, 0, second(10)), None);
        assert_eq!(covered(wanted, 19_900, second(60)), None);
    }
}
