//! Whether the camera sees and the microphone hears: a track can be alive and bring nothing.

/// A picture this dark, of 255, in all of its parts …
const DARK: u8 = 16;
/// … for this long is told.
const DARK_MS: u64 = 6_000;
/// Not one part of the picture has changed for this long. A real camera's picture never stands quite still.
const FROZEN_MS: u64 = 8_000;
/// Sound that stays below this share of the loudest possible is none: the noise of any room is above it.
const SILENT: f32 = 0.000_4;
const SILENT_MS: u64 = 20_000;

/// What is wrong with what comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Senses {
    pub dark: bool,
    pub frozen: bool,
    pub silent: bool,
}

/// A look at the picture, in a few bright and dark points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Of the brightest point.
    pub brightest: u8,
    /// Of all points: another picture has another sum.
    pub sum: u32,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Observer {
    dark_since: Option<u64>,
    last: Option<(Look, u64)>,
    silent_since: Option<u64>,
}

impl Observer {
    /// `None`: there was nothing to look at, which says nothing.
    pub fn look(&mut self, look: Option<Look>, now: u64) {
        let Some(look) = look else {
            *self = Self { silent_since: self.silent_since, ..Self::default() };
            return;
        };
        if look.brightest >= DARK {
            self.dark_since = None;
        } else {
            self.dark_since.get_or_insert(now);
        }
        if self.last.is_none_or(|(last, _)| last != look) {
            self.last = Some((look, now));
        }
    }

    /// The loudest moment since the last time, from 0 to 1. `None`: it cannot be told, or the person muted it.
    pub fn hear(&mut self, loudest: Option<f32>, now: u64) {
        match loudest {
            Some(level) if level < SILENT => {
                self.silent_since.get_or_insert(now);
            }
            _ => self.silent_since = None,
        }
    }

    pub fn senses(&self, now: u64) -> Senses {
        let for_long = |since: Option<u64>, long| since.is_some_and(|since| now.saturating_sub(since) >= long);
        let dark = for_long(self.dark_since, DARK_MS);
        Senses {
            dark,
            // A black picture does not change either: that it is black says more.
            frozen: !dark && self.dark_since.is_none() && for_long(self.last.map(|(_, at)| at), FROZEN_MS),
            silent: for_long(self.silent_since, SILENT_MS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(brightest: u8, sum: u32) -> Option<Look> {
        Some(Look { brightest, sum })
    }

    #[test]
    fn a_black_picture_is_noticed_after_a_while() {
        let mut observer = Observer::default();
        for second in 0..6 {
            observer.look(look(3, 40), second * 1000);
            assert!(!observer.senses(second * 1000).dark);
        }
        observer.look(look(3, 40), 6000);
        assert_eq!(observer.senses(6000), Senses { dark: true, ..Senses::default() });
        observer.look(look(90, 4000), 7000);
        assert_eq!(observer.senses(7000), Senses::default());
    }

    #[test]
    fn a_picture_that_stands_still_is_noticed() {
        let mut observer = Observer::default();
        for second in 0..=8 {
            observer.look(look(200, 9000), second * 1000);
        }
        assert!(observer.senses(8000).frozen);
        observer.look(look(200, 9001), 9000);
        assert!(!observer.senses(9000).frozen);
        observer.look(None, 10_000);
        assert!(!observer.senses(60_000).frozen, "nothing to look at says nothing");
    }

    #[test]
    fn a_dead_microphone_is_noticed_and_a_muted_one_is_not() {
        let mut observer = Observer::default();
        for second in 0..=20 {
            observer.hear(Some(0.0), second * 1000);
        }
        assert!(observer.senses(20_000).silent);
        observer.hear(None, 21_000);
        assert!(!observer.senses(60_000).silent);
        observer.hear(Some(0.0), 61_000);
        observer.hear(Some(0.01), 70_000);
        assert!(!observer.senses(90_000).silent);
    }
}
