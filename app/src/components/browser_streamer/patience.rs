//! For how long an answer is waited for. A browser may ask on a connection that is dead, and would wait for minutes.

/// Enough for a server that is there.
const FIRST_MS: u32 = 5_000;
/// On the slowest way that is of use a connection stands by then.
const MOST_MS: u32 = 20_000;

/// Grows with each question that was in vain, for those whose way is slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience(u32);

impl Default for Patience {
    fn default() -> Self {
        Self(FIRST_MS)
    }
}

impl Patience {
    pub const fn ms(self) -> u32 {
        self.0
    }

    #[must_use]
    pub fn after_silence(self) -> Self {
        Self((2 * self.0).min(MOST_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_with_silence_but_not_for_ever() {
        let mut patience = Patience::default();
        let waited: Vec<u32> = std::iter::repeat_with(|| {
            let ms = patience.ms();
            patience = patience.after_silence();
            ms
        })
        .take(5)
        .collect();
        assert_eq!(waited, [5_000, 10_000, 20_000, 20_000, 20_000]);
    }
}
