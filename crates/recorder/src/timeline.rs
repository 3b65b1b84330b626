//! Lays the samples of all parts out on one timeline: what the finished file holds, in which order, and when.

use std::io;
use std::time::Duration;

use crate::frame::{AUDIO_TIMESCALE, VIDEO_TIMESCALE, duration};
use crate::opus;
use crate::read::Entry;
use crate::track::VideoConfig;

/// Moments are counted in 1/6000 s here, which divides both tracks' clocks.
const CLOCK: u64 = CLOCK_TIMESCALE as u64;
const CLOCK_TIMESCALE: u32 = 6000;
const VIDEO_TICKS: u64 = VIDEO_TIMESCALE as u64 / CLOCK;
const AUDIO_TICKS: u64 = AUDIO_TIMESCALE as u64 / CLOCK;

/// Sound from before the first picture is left out when it is shorter than this. Longer, and it is kept, and the first
/// picture stands still meanwhile.
const LEAD: u64 = CLOCK;
/// A part that begins this much before the one before it ended is taken for a wall clock that was set back.
const OVERLAP: u64 = CLOCK / 2;
/// The longest pause that is kept. A longer one would not fit a sample's 32 bits (13 hours), nor anybody's patience.
const LONGEST_PAUSE: u64 = 6 * 3600 * CLOCK;
/// Packets that would start this much too late are left out, in 1/48000 s.
const LATE: u64 = 2880;
/// A stretch without a picture, or without sound where there is none, that is worth telling.
const GAP: Duration = Duration::from_secs(1);

/// A stretch of the recording: the samples of one part, and the files they are in.
#[derive(Debug)]
pub(crate) struct Stretch {
    pub(crate) config: Option<VideoConfig>,
    pub(crate) video: Vec<Entry>,
    pub(crate) video_file: usize,
    pub(crate) audio: Vec<Entry>,
    pub(crate) audio_file: usize,
}

/// Where a sample's bytes are. Silence is in no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) file: Option<u32>,
    pub(crate) size: u32,
    pub(crate) offset: u64,
}

/// A sample of the finished file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) source: Source,
    /// In the track's timescale.
    pub(crate) duration: u32,
    pub(crate) key: bool,
    /// Of a picture: which of [`Timeline::configs`] its decoder must have.
    pub(crate) config: usize,
}

/// A stretch in which nothing was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// From the start of the file.
    pub at: Duration,
    pub length: Duration,
}

/// The tracks of the finished file. Both begin at its start and have no holes.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    /// When the finished file begins, on the parts' clock.
    pub(crate) start: Duration,
    /// What decoders of the pictures must know, each once; the largest picture first. A player that reads the first alone has room
    /// for the others.
    pub(crate) configs: Vec<VideoConfig>,
    pub(crate) video: Vec<Placed>,
    pub(crate) audio: Vec<Placed>,
    pub(crate) gaps: Vec<Gap>,
}

impl Timeline {
    /// `packet(file, offset)` reads the first two bytes of a packet: they say how long it plays.
    ///
    /// # Errors
    /// What `packet` fails with.
    pub(crate) fn new(
        stretches: &[Stretch],
        mut packet: impl FnMut(usize, u64) -> io::Result<[u8; 2]>,
    ) -> io::Result<Self> {
        let shifts = shifts(stretches);
        let shifted = || stretches.iter().zip(&shifts);
        let configs = configs(stretches);
        let videos = shifted().flat_map(|(stretch, shift)| {
            let config = configs.iter().position(|config| Some(config) == stretch.config.as_ref()).unwrap_or(0);
            let usable = stretch.video.iter().skip_while(|entry| !entry.key);
            usable.map(move |entry| (moved(entry.time, *shift, VIDEO_TICKS), stretch.video_file, config, entry))
        });
        let audios = shifted().flat_map(|(stretch, shift)| {
            let packets = stretch.audio.iter();
            packets.map(move |entry| (moved(entry.time, *shift, AUDIO_TICKS), stretch.audio_file, entry))
        });
        let first_picture = videos.clone().next().map(|(time, ..)| time / VIDEO_TICKS);
        let first_packet = audios.clone().next().map(|(time, ..)| time / AUDIO_TICKS);
        let start = match (first_picture, first_packet) {
            (Some(picture), Some(packet)) if packet + LEAD <= picture => packet,
            (Some(picture), _) => picture,
            (None, Some(packet)) => packet,
            (None, None) => return Ok(Self::default()),
        };

        let mut timeline = Self { start: duration(start, CLOCK_TIMESCALE), ..Self::default() };
        timeline.lay_video(start * VIDEO_TICKS, videos);
        timeline.configs.clone_from(&configs);
        timeline.lay_audio(start * AUDIO_TICKS, audios, &mut packet)?;
        Ok(timeline)
    }

    fn lay_video<'a>(&mut self, start: u64, videos: impl Iterator<Item = (u64, usize, usize, &'a Entry)>) {
        // The first picture stands from the start of the file.
        let mut began = start;
        for (time, file, config, entry) in videos {
            if let Some(previous) = self.video.last_mut() {
                let time = time.max(began + 1);
                previous.duration = u32::try_from(time - began).unwrap_or(u32::MAX);
                let length = duration(time - began, VIDEO_TIMESCALE);
                if length > GAP {
                    self.gaps.push(Gap { at: duration(began - start, VIDEO_TIMESCALE), length });
                }
                began = time;
            }
            let source = source(file, entry);
            self.video.push(Placed { source, duration: entry.duration, key: entry.key, config });
        }
    }

    fn lay_audio<'a>(
        &mut self,
        start: u64,
        audios: impl Iterator<Item = (u64, usize, &'a Entry)>,
        packet: &mut impl FnMut(usize, u64) -> io::Result<[u8; 2]>,
    ) -> io::Result<()> {
        let pictures = !self.video.is_empty();
        let shown: u64 = self.video.iter().map(|picture| u64::from(picture.duration)).sum();
        let shown = start + shown / VIDEO_TICKS * AUDIO_TICKS;
        let mut end = start;
        let mut usual = opus::SILENCE_SAMPLES;
        for (time, file, entry) in audios {
            // Where packets follow each other closely they play as long as they are apart, and need not be looked at.
            if entry.duration.abs_diff(usual) > 48 {
                let head = packet(file, entry.offset)?;
                let length = usize::try_from(entry.size).unwrap_or(usize::MAX).min(2);
                usual = opus::samples(&head[..length]).unwrap_or(usual);
            }
            // Late, or from before the start; or so far behind all that came before that its time must be damaged.
            let absurd = time > end.max(shown) + LONGEST_PAUSE * AUDIO_TICKS;
            if time + LATE.min(u64::from(usual)) <= start || time + LATE < end || absurd {
                continue;
            }
            let missing = time.saturating_sub(end) / u64::from(opus::SILENCE_SAMPLES);
            let length = missing * u64::from(opus::SILENCE_SAMPLES);
            if !pictures && duration(length, AUDIO_TIMESCALE) > GAP {
                let (at, length) = (duration(end - start, AUDIO_TIMESCALE), duration(length, AUDIO_TIMESCALE));
                self.gaps.push(Gap { at, length });
            }
            // Players count the sound they played and take no notice of a hole in the table: silence fills it.
            self.audio.extend((0..missing).map(|_| SILENCE));
            self.audio.push(Placed { source: source(file, entry), duration: usual, key: true, config: 0 });
            end += length + u64::from(usual);
        }
        Ok(())
    }
}

const SILENCE: Placed = Placed {
    source: Source { file: None, size: opus::SILENCE.len() as u32, offset: 0 },
    duration: opus::SILENCE_SAMPLES,
    key: true,
    config: 0,
};

/// What the stretches with pictures need, each once, the largest picture first.
fn configs(stretches: &[Stretch]) -> Vec<VideoConfig> {
    let shown = stretches.iter().filter(|stretch| !stretch.video.is_empty());
    let mut configs: Vec<VideoConfig> = Vec::new();
    for config in shown.filter_map(|stretch| stretch.config.as_ref()) {
        if !configs.contains(config) {
            configs.push(config.clone());
        }
    }
    configs.sort_by_key(|config| {
        let (width, height) = config.size();
        std::cmp::Reverse(u32::from(width) * u32::from(height))
    });
    // One for all, until browsers were seen to play several: the pictures bring their own parameter sets.
    configs.truncate(1);
    configs
}

fn source(file: usize, entry: &Entry) -> Source {
    let file = u32::try_from(file).unwrap_or(u32::MAX);
    Source { file: Some(file), size: entry.size, offset: entry.offset }
}

/// How far each stretch is moved, in [`CLOCK`] units, so that none begins before its predecessor ended, nor absurdly
/// long after.
fn shifts(stretches: &[Stretch]) -> Vec<i64> {
    let mut shift = 0i64;
    let mut end: Option<u64> = None;
    let mut shifts = Vec::with_capacity(stretches.len());
    for stretch in stretches {
        let bounds = |entries: &[Entry], ticks| {
            let (first, last) = entries.first().zip(entries.last())?;
            Some((first.time / ticks, (last.time + u64::from(last.duration)) / ticks))
        };
        let (video, audio) = (bounds(&stretch.video, VIDEO_TICKS), bounds(&stretch.audio, AUDIO_TICKS));
        let starts = [video, audio].into_iter().flatten().map(|bounds| bounds.0).min();
        let ends = [video, audio].into_iter().flatten().map(|bounds| bounds.1).max();
        if let (Some(first), Some(last)) = (starts, ends) {
            let first = moved(first, shift, 1);
            match end {
                Some(end) if first + OVERLAP < end => shift += signed(end - first),
                Some(end) if first > end + LONGEST_PAUSE => shift -= signed(first - end - LONGEST_PAUSE),
                _ => {}
            }
            end = end.max(Some(moved(last, shift, 1)));
        }
        shifts.push(shift);
    }
    shifts
}

fn signed(moment: u64) -> i64 {
    i64::try_from(moment).unwrap_or(i64::MAX)
}

fn moved(time: u64, shift: i64, ticks: u64) -> u64 {
    time.saturating_add_signed(shift.saturating_mul(signed(ticks)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entries(times: &[(u64, u32)], key_every: usize) -> Vec<Entry> {
        let entry = |(number, (time, duration)): (usize, &(u64, u32))| Entry {
            time: *time,
            offset: number as u64 * 10,
            size: 10,
            duration: *duration,
            key: number.is_multiple_of(key_every),
        };
        times.iter().enumerate().map(entry).collect()
    }

    fn stretch() -> impl Strategy<Value = Stretch> {
        let track = |largest: u64, scale: u64| {
            (0u64..40_000, proptest::collection::vec((1..largest, any::<bool>()), 0..30)).prop_map(
                move |(start, steps)| {
                    let mut time = start * scale;
                    let mut times = Vec::new();
                    for (step, nominal) in steps {
                        let step = if nominal { largest / 10 } else { step };
                        times.push((time, u32::try_from(step).unwrap()));
                        time += step;
                    }
                    times
                },
            )
        };
        (track(30_000, 90), track(9_600, 48), 1usize..10).prop_map(|(video, audio, key_every)| Stretch {
            config: None,
            video: entries(&video, key_every),
            video_file: 0,
            audio: entries(&audio, 1),
            audio_file: 0,
        })
    }

    #[test]
    fn a_damaged_time_costs_its_packet_and_not_the_memory() {
        let audio = entries(&[(0, 960), (960, 960), (1 << 36, 960), (1920, 960)], 1);
        let stretch = Stretch { config: None, video: Vec::new(), video_file: 0, audio, audio_file: 0 };
        let timeline = Timeline::new(&[stretch], |_, _| Ok([0xf8, 0xff])).unwrap();
        assert_eq!(timeline.audio.len(), 3);
    }

    proptest! {
        /// However the parts lie: no picture is lost, both tracks end where the recording ends, and sound is never
        /// further from its time than the tolerance.
        #[test]
        fn any_parts(stretches in proptest::collection::vec(stretch(), 0..5)) {
            let timeline = Timeline::new(&stretches, |_, _| Ok([0xf8, 0xff])).unwrap();
            let pictures: usize = stretches.iter().map(|stretch| stretch.video.len()).sum();
            prop_assert_eq!(timeline.video.len(), pictures);
            prop_assert!(timeline.video.iter().all(|sample| sample.duration > 0));
            prop_assert!(timeline.video.first().is_none_or(|first| first.key));
            let sound: u64 = timeline.audio.iter().map(|sample| u64::from(sample.duration)).sum();
            prop_assert_eq!(sound % 960, 0);
        }
    }
}
