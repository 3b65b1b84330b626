//! The recording's times on the clock of one RTMP connection.

/// A track of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Track {
    Audio,
    Video,
}

/// A connection's clock begins with zero and never goes back, also where a new part begins with an earlier time than
/// the one before ended (a wall clock that was set back). Pauses between parts stay as long as they were.
#[derive(Debug, Default)]
pub(crate) struct Timestamps {
    /// What is subtracted, and of which part.
    base: Option<(u32, i64)>,
    last_audio: i64,
    last_video: i64,
}

impl Timestamps {
    /// The timestamp in milliseconds of what is at `time_ms` in `part`.
    pub(crate) fn map(&mut self, part: u32, track: Track, time_ms: i64) -> u32 {
        let highest = self.last_audio.max(self.last_video);
        let base = match self.base {
            None => time_ms,
            // The first of a new part may come a little early: an encoder begins with what it needs to start up.
            Some((of, base)) if of != part && time_ms - base + EARLY < highest => time_ms - highest,
            Some((_, base)) => base,
        };
        self.base = Some((part, base));
        let last = match track {
            Track::Audio => &mut self.last_audio,
            Track::Video => &mut self.last_video,
        };
        *last = (time_ms - base).max(*last);
        wire(*last)
    }

    /// The last timestamp of a track; zero before the first.
    pub(crate) fn last(&self, track: Track) -> u32 {
        wire(match track {
            Track::Audio => self.last_audio,
            Track::Video => self.last_video,
        })
    }
}

/// RTMP's clock is 32 bits wide and begins anew after 49 days (§5.3.1).
fn wire(time_ms: i64) -> u32 {
    (time_ms % (1 << 32)) as u32
}

const EARLY: i64 = 100;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn begins_with_zero_and_keeps_pauses() {
        let mut clock = Timestamps::default();
        assert_eq!(clock.map(1, Track::Audio, 59_979), 0);
        assert_eq!(clock.map(1, Track::Video, 60_000), 21);
        assert_eq!(clock.map(1, Track::Video, 61_000), 1021);
        assert_eq!(clock.map(2, Track::Audio, 60_985), 1006);
        assert_eq!(clock.map(3, Track::Video, 80_000), 20_021);
    }

    #[test]
    fn a_part_from_the_past_follows_on() {
        let mut clock = Timestamps::default();
        clock.map(1, Track::Video, 0);
        assert_eq!(clock.map(1, Track::Video, 9000), 9000);
        assert_eq!(clock.map(2, Track::Video, 2000), 9000);
        assert_eq!(clock.map(2, Track::Audio, 2040), 9040);
    }

    proptest! {
        #[test]
        fn no_track_goes_back(items in proptest::collection::vec((0u32..3, any::<bool>(), 0i64..100_000), 0..200)) {
            let mut clock = Timestamps::default();
            let (mut last, mut part) = ([0; 2], 0);
            for (step, audio, time) in items {
                part += step / 2;
                let track = if audio { Track::Audio } else { Track::Video };
                let timestamp = clock.map(part, track, time);
                prop_assert!(timestamp >= last[usize::from(audio)]);
                last[usize::from(audio)] = timestamp;
            }
        }
    }
}
