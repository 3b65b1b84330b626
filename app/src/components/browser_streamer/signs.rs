//! Whether the server shows signs of life, asked for again and again: when they come back after a silence, the network is
//! back.

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SignsOfLife {
    asked: u32,
    /// The newest question of which it is known what became of it.
    known: u32,
    silent: bool,
}

impl SignsOfLife {
    /// The number of the next question.
    pub fn ask(&mut self) -> u32 {
        self.asked += 1;
        self.asked
    }

    /// What became of a question. `true`: the silence is over. An older question says nothing any more.
    pub fn heard(&mut self, number: u32, answered: bool) -> bool {
        if number <= self.known {
            return false;
        }
        self.known = number;
        std::mem::replace(&mut self.silent, !answered) && answered
    }

    /// The connection stands.
    pub fn all_is_well(&mut self) {
        self.known = self.asked;
        self.silent = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_silence_is_news() {
        let mut signs = SignsOfLife::default();
        let (one, two, three) = (signs.ask(), signs.ask(), signs.ask());
        assert!(!signs.heard(one, true), "there was no silence");
        assert!(!signs.heard(two, false));
        assert!(signs.heard(three, true));
        let four = signs.ask();
        assert!(!signs.heard(four, true), "it is told once");
    }

    #[test]
    fn an_older_question_that_ran_out_of_time_is_no_new_silence() {
        let mut signs = SignsOfLife::default();
        let (one, two, three) = (signs.ask(), signs.ask(), signs.ask());
        signs.heard(one, false);
        assert!(signs.heard(three, true));
        assert!(!signs.heard(two, false));
        let four = signs.ask();
        assert!(!signs.heard(four, true));
        let five = signs.ask();
        signs.all_is_well();
        assert!(!signs.heard(five, false), "what was asked before the connection came back");
    }
}
