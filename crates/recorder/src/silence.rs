//! A track of sound without holes: silence is put where nothing was received.

use std::time::Duration;

use bytes::Bytes;

use crate::fragment::Sample;
use crate::frame::{AUDIO_TIMESCALE, ticks};
use crate::opus;

/// Sound may come this much later than the picture of the same moment before silence takes its place.
const PATIENCE: Duration = Duration::from_secs(1);
/// Packets that would start this much too late are left out, in 1/48000 s.
const LATE: u64 = 2880;

/// Fills a track of Opus packets as they come.
#[derive(Debug)]
pub(crate) struct Filler {
    /// The end of what was handed out, in 1/48000 s.
    end: u64,
}

impl Filler {
    /// Sound begins at `start`, whatever is there.
    pub(crate) fn new(start: Duration) -> Self {
        Self { end: ticks(start, AUDIO_TIMESCALE) }
    }

    /// Takes the packets that came with pictures up to `pictures`; they follow each other without a hole afterwards.
    pub(crate) fn fill(&mut self, packets: Vec<Sample>, pictures: Option<Duration>) -> Vec<Sample> {
        let mut out = Vec::with_capacity(packets.len());
        for packet in packets {
            let length = opus::samples(&packet.data).unwrap_or(opus::SILENCE_SAMPLES);
            // From before the start, or in place of which there is silence already.
            if packet.time + LATE.min(u64::from(length)) <= self.end {
                continue;
            }
            self.silence(packet.time, &mut out);
            self.add(length, packet.data, &mut out);
        }
        if let Some(pictures) = pictures {
            self.silence(ticks(pictures.saturating_sub(PATIENCE), AUDIO_TIMESCALE), &mut out);
        }
        out
    }

    /// Nothing more comes: fills up to the end of the picture.
    pub(crate) fn close(&mut self, pictures: Duration) -> Vec<Sample> {
        let mut out = Vec::new();
        self.silence(ticks(pictures, AUDIO_TIMESCALE), &mut out);
        out
    }

    fn silence(&mut self, until: u64, out: &mut Vec<Sample>) {
        for _ in 0..until.saturating_sub(self.end) / u64::from(opus::SILENCE_SAMPLES) {
            self.add(opus::SILENCE_SAMPLES, Bytes::from_static(&opus::SILENCE), out);
        }
    }

    fn add(&mut self, duration: u32, data: Bytes, out: &mut Vec<Sample>) {
        out.push(Sample { time: self.end, duration, key: true, data });
        self.end += u64::from(duration);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packets(times_ms: impl IntoIterator<Item = u64>) -> Vec<Sample> {
        let packet = |ms| Sample { time: ms * 48, duration: 0, key: true, data: Bytes::from_static(&[0xf8, 1, 2, 3]) };
        times_ms.into_iter().map(packet).collect()
    }

    fn silent(samples: &[Sample]) -> usize {
        samples.iter().filter(|sample| sample.data[..] == opus::SILENCE).count()
    }

    #[test]
    fn what_is_whole_is_left_alone() {
        let mut filler = Filler::new(Duration::ZERO);
        let filled = filler.fill(packets((0..50).map(|n| n * 20)), Some(Duration::from_secs(1)));
        assert_eq!((filled.len(), silent(&filled)), (50, 0));
        assert_eq!(filler.close(Duration::from_secs(1)), []);
    }

    #[test]
    fn a_picture_without_sound_gets_silence() {
        let mut filler = Filler::new(Duration::from_secs(5));
        assert_eq!(filler.fill(Vec::new(), Some(Duration::from_millis(5500))), []);
        let filled = filler.fill(Vec::new(), Some(Duration::from_millis(6500)));
        assert_eq!((filled.len(), silent(&filled)), (25, 25));
        assert_eq!(filler.close(Duration::from_secs(7)).len(), 75);
    }

    #[test]
    fn sound_that_comes_later_is_in_its_place() {
        let mut filler = Filler::new(Duration::ZERO);
        let filled = filler.fill(packets([400, 420]), Some(Duration::from_millis(500)));
        assert_eq!((filled.len(), silent(&filled)), (22, 20));
        assert_eq!(filled[20].time, 400 * 48);
    }

    proptest! {
        /// Whatever comes: no holes, no overlaps, and no sound further from its time than the tolerance.
        #[test]
        fn any_packets(groups in proptest::collection::vec(
            (proptest::collection::vec(0u64..5000, 0..10), proptest::option::of(0u64..5000)), 0..10,
        )) {
            let mut filler = Filler::new(Duration::ZERO);
            let mut end = 0;
            for (times, pictures) in groups {
                let packets = packets(times);
                for sample in filler.fill(packets.clone(), pictures.map(Duration::from_millis)) {
                    prop_assert_eq!(sample.time, end);
                    end += u64::from(sample.duration);
                    let silent = sample.data[..] == opus::SILENCE;
                    prop_assert!(silent || packets.iter().any(|packet| packet.time.abs_diff(sample.time) <= LATE));
                }
            }
        }
    }
}
