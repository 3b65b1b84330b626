//! Takes the beginning and the end off a finished file. Nothing is encoded again: pictures begin with a key frame.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mp4_atom::{Codec, Trak};

use crate::finalize::{FinalizeError, Parts, join};
use crate::frame::{AUDIO_TIMESCALE, VIDEO_TIMESCALE, duration, ticks};
use crate::probe::{ProbeError, Report, Samples, Tables};
use crate::read::Entry;
use crate::rotation::Rotation;
use crate::timeline::Stretch;
use crate::track::VideoConfig;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trimmed {
    /// Where the new file begins in the old one: at the key frame at or before the moment that was asked for.
    pub begin: Duration,
    pub report: Report,
}

/// Writes what lies between `begin` and `end` of the finished file `from` to `out`, checked, and leaves `from` as it is.
///
/// # Errors
/// When `from` is not a file of this recorder, nothing lies between, or `out` cannot be written.
pub fn trim(from: &Path, begin: Duration, end: Duration, out: &Path) -> Result<Trimmed, FinalizeError> {
    let Tables { moov, mdat, .. } = Tables::read(from)?;
    let (mut configs, mut video, mut audio) = (Vec::new(), Vec::new(), Vec::new());
    for trak in &moov.trak {
        let Some(entry) = trak.mdia.minf.stbl.stsd.codecs.first() else { continue };
        if VideoConfig::from_sample_entry(entry).is_some() {
            video = entries(trak, &mdat, "video", VIDEO_TIMESCALE)?;
            configs = configs_of(trak, video.len());
        } else if matches!(entry, Codec::Opus(_)) {
            audio = entries(trak, &mdat, "sound", AUDIO_TIMESCALE)?;
        }
    }
    let begin = key_frame(&video, begin).unwrap_or(begin);
    let stretches: Vec<_> = alike(&video, &configs, begin, end)
        .into_iter()
        .map(|(config, begin, end)| Stretch {
            config,
            video: between(&video, begin, end, VIDEO_TIMESCALE),
            video_file: 0,
            audio: between(&audio, begin, end, AUDIO_TIMESCALE),
            audio_file: 0,
        })
        .collect();
    if stretches.iter().all(|stretch| stretch.video.is_empty() && stretch.audio.is_empty()) {
        return Err(FinalizeError::Empty);
    }
    let rotation = Rotation::of_movie(&moov);
    let report = join(&Parts { files: vec![PathBuf::from(from)], stretches, rotation }, out)?.report;
    Ok(Trimmed { begin, report })
}

/// A track's samples with their times.
fn entries(
    trak: &Trak,
    mdat: &std::ops::Range<u64>,
    track: &'static str,
    timescale: u32,
) -> Result<Vec<Entry>, ProbeError> {
    if trak.mdia.mdhd.timescale != timescale {
        return Err(ProbeError::Tables { track, what: "another clock than this recorder's" });
    }
    let stbl = &trak.mdia.minf.stbl;
    let durations = stbl.stts.entries.iter().flat_map(|entry| {
        std::iter::repeat_n(entry.sample_delta, usize::try_from(entry.sample_count).unwrap_or(usize::MAX))
    });
    let mut keys = stbl.stss.as_ref().map(|stss| stss.entries.iter().copied().peekable());
    let mut time = 0;
    // As many times as places: reading them has made sure of that.
    let places = Samples::read(trak, mdat, track)?.places;
    Ok((1u32..)
        .zip(places.into_iter().zip(durations))
        .map(|(number, ((offset, size), duration))| {
            let key = keys.as_mut().is_none_or(|keys| keys.next_if_eq(&number).is_some());
            let entry = Entry { time, offset, size, duration, key };
            time += u64::from(duration);
            entry
        })
        .collect())
}

/// What the decoder of each sample of a track must know, by its sample entry.
fn configs_of(trak: &Trak, samples: usize) -> Vec<Option<VideoConfig>> {
    let stbl = &trak.mdia.minf.stbl;
    let known: Vec<_> = stbl.stsd.codecs.iter().map(VideoConfig::from_sample_entry).collect();
    let mut configs = Vec::with_capacity(samples);
    let mut runs = stbl.stsc.entries.iter().peekable();
    while let Some(run) = runs.next() {
        // The last one goes on to the end.
        let until = runs.peek().map_or(u32::MAX, |next| next.first_chunk);
        let count = u64::from(until.saturating_sub(run.first_chunk)) * u64::from(run.samples_per_chunk);
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(samples - configs.len());
        let entry = usize::try_from(run.sample_description_index).unwrap_or(usize::MAX).wrapping_sub(1);
        configs.extend(std::iter::repeat_n(known.get(entry).cloned().flatten(), count));
    }
    configs
}

/// The time from `begin` to `end`, cut where the pictures become others.
fn alike(
    video: &[Entry],
    configs: &[Option<VideoConfig>],
    begin: Duration,
    end: Duration,
) -> Vec<(Option<VideoConfig>, Duration, Duration)> {
    let mut runs: Vec<(Option<VideoConfig>, Duration, Duration)> = Vec::new();
    let inside = video.iter().zip(configs).map(|(entry, config)| (duration(entry.time, VIDEO_TIMESCALE), config));
    for (time, config) in inside.filter(|(time, _)| (begin..end).contains(time)) {
        match runs.last_mut() {
            Some((known, ..)) if known == config => {}
            Some((.., until)) => {
                *until = time;
                runs.push((config.clone(), time, end));
            }
            // Sound may come before the first picture.
            None => runs.push((config.clone(), begin, end)),
        }
    }
    if runs.is_empty() {
        runs.push((None, begin, end));
    }
    runs
}

/// The last key frame at or before `moment`; the first one if there is none.
fn key_frame(video: &[Entry], moment: Duration) -> Option<Duration> {
    let moment = ticks(moment, VIDEO_TIMESCALE);
    let mut keys = video.iter().filter(|entry| entry.key);
    let first = keys.next()?;
    let found = keys.take_while(|entry| entry.time <= moment).last().unwrap_or(first);
    Some(duration(found.time, VIDEO_TIMESCALE))
}

/// The last sample stands until the end, not beyond.
fn between(entries: &[Entry], begin: Duration, end: Duration, timescale: u32) -> Vec<Entry> {
    let (begin, end) = (ticks(begin, timescale), ticks(end, timescale));
    let inside = entries.iter().filter(|entry| entry.time >= begin && entry.time < end);
    inside
        .map(|entry| Entry {
            duration: entry.duration.min(u32::try_from(end - entry.time).unwrap_or(u32::MAX)),
            ..*entry
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn video(keys: &[bool]) -> Vec<Entry> {
        let frame = |(number, key): (u64, &bool)| Entry {
            time: number * 3000,
            offset: number,
            size: 1,
            duration: 3000,
            key: number == 0 || *key,
        };
        (0..).zip(keys).map(frame).collect()
    }

    proptest! {
        /// Whatever is asked for: it begins with a key frame, loses nothing that was asked for, and ends where it should.
        #[test]
        fn any_cut(keys in proptest::collection::vec(any::<bool>(), 1..60), from in 0u64..2_000, length in 1u64..2_000) {
            let video = video(&keys);
            let (asked, end) = (Duration::from_millis(from), Duration::from_millis(from + length));
            let begin = key_frame(&video, asked).expect("the first is a key frame");
            prop_assert!(begin <= asked);
            let kept = between(&video, begin, end, VIDEO_TIMESCALE);
            prop_assert!(kept.first().is_none_or(|first| first.key));
            let wanted = between(&video, asked, end, VIDEO_TIMESCALE);
            prop_assert!(kept.ends_with(&wanted));
            let stop = kept.last().map_or(0, |last| last.time + u64::from(last.duration));
            prop_assert!(stop <= ticks(end, VIDEO_TIMESCALE));
        }
    }
}
