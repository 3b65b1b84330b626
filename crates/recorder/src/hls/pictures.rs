//! A track of pictures without holes: the last key frame stands where nothing was received.

use std::time::Duration;

use crate::fragment::Sample;
use crate::frame::{VIDEO_TIMESCALE, ticks};

/// The picture may end so much before the sound of the same moment: a little more than a second, since there may be one
/// picture a second, each of which comes when the next one does.
pub(super) const PATIENCE: Duration = Duration::from_millis(1250);
/// How long a key frame stands before it is repeated, so that a player can begin there.
const STILL: u64 = VIDEO_TIMESCALE as u64;

/// Fills a track of pictures as they come.
#[derive(Debug)]
pub(super) struct Pictures {
    /// The last key frame.
    key: Option<Sample>,
    /// The end of what was handed out, in 1/90000 s.
    end: u64,
    /// Whether what comes is of use from a key frame on only: what it refers to was not shown last.
    broken: bool,
}

impl Pictures {
    /// Begins at `start`, with `key` where no key frame comes.
    pub(super) fn new(start: Duration, key: Option<Sample>) -> Self {
        Self { key, end: ticks(start, VIDEO_TIMESCALE), broken: true }
    }

    /// The last key frame.
    pub(super) fn key(self) -> Option<Sample> {
        self.key
    }

    /// Whether the next picture will be a key frame.
    pub(super) fn broken(&self) -> bool {
        self.broken
    }

    /// Takes the pictures that came; they follow each other without a hole afterwards.
    pub(super) fn fill(&mut self, pictures: Vec<Sample>) -> Vec<Sample> {
        let mut out = Vec::with_capacity(pictures.len());
        for picture in pictures {
            if self.broken && !picture.key {
                continue;
            }
            if std::mem::take(&mut self.broken) {
                self.stand(picture.time, &mut out);
            }
            if picture.key {
                self.key = Some(picture.clone());
            }
            // One that is late still has to be decoded.
            let end = picture.end().max(self.end + 1);
            self.add(end, picture, &mut out);
        }
        out
    }

    /// The sound goes on until `sound`: the last key frame stands, once the picture is missing for too long.
    pub(super) fn wait(&mut self, sound: Duration) -> Vec<Sample> {
        let mut out = Vec::new();
        while self.key.is_some() && self.end + ticks(PATIENCE, VIDEO_TIMESCALE) <= ticks(sound, VIDEO_TIMESCALE) {
            self.broken = true;
            self.stand(self.end + STILL, &mut out);
        }
        out
    }

    /// Nothing more comes: the last key frame stands until the end of the sound.
    pub(super) fn close(&mut self, sound: Duration) -> Vec<Sample> {
        let mut out = Vec::new();
        self.stand(ticks(sound, VIDEO_TIMESCALE), &mut out);
        out
    }

    fn stand(&mut self, until: u64, out: &mut Vec<Sample>) {
        while let Some(key) = self.key.clone().filter(|_| self.end < until) {
            self.add(until.min(self.end + STILL), key, out);
        }
    }

    fn add(&mut self, end: u64, picture: Sample, out: &mut Vec<Sample>) {
        let duration = u32::try_from(end - self.end).unwrap_or(u32::MAX);
        out.push(Sample { time: self.end, duration, ..picture });
        self.end += u64::from(duration);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;

    const SECOND: u64 = VIDEO_TIMESCALE as u64;

    fn pictures(times: impl IntoIterator<Item = (u64, bool)>) -> Vec<Sample> {
        let picture = |(time, key)| Sample { time, duration: 3000, key, data: Bytes::from_static(&[1]) };
        times.into_iter().map(picture).collect()
    }

    #[test]
    fn what_is_whole_is_left_alone() {
        let mut track = Pictures::new(Duration::ZERO, None);
        let whole = pictures((0..30).map(|n| (n * 3000, n == 0)));
        assert_eq!(track.fill(whole.clone()), whole);
        assert_eq!(track.wait(Duration::from_secs(2)), []);
    }

    #[test]
    fn the_last_key_frame_stands_until_the_next_one() {
        let mut track = Pictures::new(Duration::ZERO, None);
        track.fill(pictures((0..30).map(|n| (n * 3000, n == 0))));
        let stills = track.wait(Duration::from_millis(3400));
        assert_eq!(
            stills.iter().map(|still| (still.time, still.key)).collect::<Vec<_>>(),
            [(SECOND, true), (2 * SECOND, true)]
        );
        let after = track.fill(pictures([(4 * SECOND, false), (4 * SECOND + 3000, true), (4 * SECOND + 6000, false)]));
        let times: Vec<u64> = after.iter().map(|sample| sample.time).collect();
        assert_eq!(times, [3 * SECOND, 4 * SECOND, 4 * SECOND + 3000, 4 * SECOND + 6000]);
    }

    #[test]
    fn a_key_frame_that_is_late_is_shown_all_the_same() {
        let mut track = Pictures::new(Duration::ZERO, None);
        track.fill(pictures([(0, true)]));
        track.wait(Duration::from_secs(2));
        let late = track.fill(pictures([(SECOND / 2, true), (2 * SECOND, false)]));
        assert_eq!(late.iter().map(|sample| sample.time).collect::<Vec<_>>(), [SECOND + 3000, SECOND + 3001]);
        assert_eq!(late[1].end(), 2 * SECOND + 3000);
    }

    proptest! {
        /// Whatever comes: no holes, no overlaps, and after a still nothing that refers to another picture.
        #[test]
        fn any_pictures(groups in proptest::collection::vec(
            (proptest::collection::vec((0u64..900_000, any::<bool>()), 0..10), 0u64..10_000), 0..10,
        )) {
            let mut track = Pictures::new(Duration::ZERO, None);
            let (mut end, mut broken) = (None, true);
            for (times, sound) in groups {
                let (filled, stills) = (track.fill(pictures(times)), track.wait(Duration::from_millis(sound)));
                prop_assert!(stills.iter().all(|still| still.key));
                prop_assert!(!broken || filled.first().is_none_or(|first| first.key));
                broken = (broken && filled.is_empty()) || !stills.is_empty();
                for sample in filled.into_iter().chain(stills) {
                    prop_assert!(sample.duration > 0);
                    prop_assert_eq!(sample.time, end.unwrap_or(sample.time));
                    end = Some(sample.end());
                }
            }
        }
    }
}
