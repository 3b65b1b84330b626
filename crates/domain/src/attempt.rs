//! Whether a phone that goes live gets picture and sound across: looked at once a second until it is known.

use std::time::Duration;

use crate::{Timestamp, recording::LONGEST_STEP_MS};

/// Picture and sound without a longer step than a whole recording may have, for so long: it works.
const GOOD: Duration = Duration::from_secs(60);
/// Who has not had that by then, though they tried, will not.
const PATIENCE: Duration = Duration::from_secs(180);
/// Who has hung up may be connecting anew.
const COMES_BACK: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Works,
    Fails,
    /// It was ended while all was well, and before that could be called working.
    Untold,
}

/// Frames that have come, as they are counted since whenever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Frames {
    pub video: u64,
    pub audio: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    begun: Timestamp,
    /// Somebody stopped by themselves.
    left: Option<Timestamp>,
    frames: Frames,
    /// When the newest of each kind was seen.
    video: Option<Timestamp>,
    audio: Option<Timestamp>,
    good_since: Option<Timestamp>,
}

impl Attempt {
    pub const fn begin(at: Timestamp) -> Self {
        let frames = Frames { video: 0, audio: 0 };
        Self { begun: at, left: None, frames, video: None, audio: None, good_since: None }
    }

    /// The same phone connects anew.
    pub const fn again(&mut self) {
        self.left = None;
    }

    /// The person stopped, or the service is over.
    pub fn leave(&mut self, at: Timestamp) {
        self.left.get_or_insert(at);
    }

    /// `None` as long as it is not known.
    pub fn look(&mut self, at: Timestamp, frames: Frames) -> Option<Outcome> {
        let fresh = |newest: &mut Option<Timestamp>, before: u64, now: u64| {
            // A count that is lower was begun anew.
            if now != before && now > 0 {
                *newest = Some(at);
            }
            newest.is_some_and(|newest| at.since(newest) <= Duration::from_millis(LONGEST_STEP_MS))
        };
        let video = fresh(&mut self.video, self.frames.video, frames.video);
        let audio = fresh(&mut self.audio, self.frames.audio, frames.audio);
        self.frames = frames;
        self.good_since = if video && audio { self.good_since.or(Some(at)) } else { None };
        if self.good_since.is_some_and(|since| at.since(since) >= GOOD) {
            return Some(Outcome::Works);
        }
        if self.left.is_some_and(|left| at.since(left) >= COMES_BACK) {
            // Who saw it work tells nothing; who gave up does.
            let came = self.video.is_some() && self.audio.is_some();
            return Some(if came { Outcome::Untold } else { Outcome::Fails });
        }
        (at.since(self.begun) >= PATIENCE).then_some(Outcome::Fails)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks once a second; the frames of each second are said by `come`, from 1 on.
    fn outcome(seconds: i64, mut come: impl FnMut(i64, &mut Attempt) -> (u64, u64)) -> Option<(i64, Outcome)> {
        let mut attempt = Attempt::begin(Timestamp(0));
        let mut frames = Frames::default();
        (1..=seconds).find_map(|second| {
            let (video, audio) = come(second, &mut attempt);
            frames = Frames { video: frames.video + video, audio: frames.audio + audio };
            attempt.look(Timestamp(second * 1000), frames).map(|outcome| (second, outcome))
        })
    }

    #[test]
    fn a_minute_of_picture_and_sound_works() {
        assert_eq!(outcome(300, |_, _| (30, 50)), Some((61, Outcome::Works)));
        assert_eq!(outcome(300, |second, _| if second < 100 { (0, 0) } else { (30, 50) }), Some((160, Outcome::Works)));
        // A camera is flipped.
        assert_eq!(outcome(300, |second, _| (if second == 30 { 0 } else { 30 }, 50)), Some((61, Outcome::Works)));
    }

    #[test]
    fn a_picture_without_sound_or_with_holes_fails() {
        assert_eq!(outcome(300, |_, _| (30, 0)), Some((180, Outcome::Fails)));
        assert_eq!(outcome(300, |_, _| (0, 50)), Some((180, Outcome::Fails)));
        assert_eq!(
            outcome(300, |second, _| if second % 40 < 4 { (0, 50) } else { (30, 50) }),
            Some((180, Outcome::Fails))
        );
        assert_eq!(outcome(300, |_, _| (0, 0)), Some((180, Outcome::Fails)));
    }

    #[test]
    fn who_stops_early_tells_something_only_if_nothing_came() {
        let left_at_ten = |frames: (u64, u64)| {
            move |second: i64, attempt: &mut Attempt| {
                if second == 10 {
                    attempt.leave(Timestamp(10_000));
                }
                if second < 10 { frames } else { (0, 0) }
            }
        };
        assert_eq!(outcome(300, left_at_ten((30, 50))), Some((40, Outcome::Untold)));
        assert_eq!(outcome(300, left_at_ten((0, 0))), Some((40, Outcome::Fails)));
    }

    #[test]
    fn who_comes_back_goes_on() {
        let mut flaps = |second: i64, attempt: &mut Attempt| {
            match second {
                10 => attempt.leave(Timestamp(10_000)),
                20 => attempt.again(),
                _ => {}
            }
            if (10..20).contains(&second) { (0, 0) } else { (30, 50) }
        };
        assert_eq!(outcome(300, &mut flaps), Some((80, Outcome::Works)));
    }

    #[test]
    fn a_count_that_begins_anew_is_a_picture_too() {
        let mut attempt = Attempt::begin(Timestamp(0));
        let found = (1..=61).find_map(|second: i64| {
            let frames = u64::try_from(if second < 30 { second * 30 } else { (second - 29) * 30 }).unwrap();
            attempt.look(Timestamp(second * 1000), Frames { video: frames, audio: frames })
        });
        assert_eq!(found, Some(Outcome::Works));
    }
}
