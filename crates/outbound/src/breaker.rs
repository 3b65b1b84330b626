//! A circuit breaker: a provider that is down is not asked at every turn, and one that is down does not delay the
//! other. Sans I/O: the time comes from outside.

use std::time::{Duration, Instant};

#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Failures in a row after which the circuit opens.
    pub failures: u32,
    /// How long it stays open the first time; doubled each time the trial call fails.
    pub open: Duration,
    pub open_at_most: Duration,
    /// A trial call that reported nothing for so long was given up by its caller: another one may try.
    pub trial: Duration,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            failures: 6,
            open: Duration::from_secs(5),
            open_at_most: Duration::from_secs(60),
            trial: Duration::from_secs(15),
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        until: Instant,
    },
    /// One trial call is under way.
    Trial {
        until: Instant,
    },
}

#[derive(Debug)]
pub struct Breaker {
    rule: Rule,
    state: State,
    /// How often it opened since it was last closed.
    opened: u32,
}

impl Breaker {
    #[must_use]
    pub fn new(rule: Rule) -> Self {
        Self { rule, state: State::Closed { failures: 0 }, opened: 0 }
    }

    /// May a call go out now?
    ///
    /// # Errors
    /// How long to wait, if it may not.
    pub fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        match self.state {
            State::Closed { .. } => Ok(()),
            State::Open { until } | State::Trial { until } if now < until => Err(until - now),
            State::Open { .. } | State::Trial { .. } => {
                self.state = State::Trial { until: now + self.rule.trial };
                Ok(())
            }
        }
    }

    pub fn succeeded(&mut self) {
        // While it is open, this is a call that left before it opened: it says nothing about now.
        if !matches!(self.state, State::Open { .. }) {
            self.state = State::Closed { failures: 0 };
            self.opened = 0;
        }
    }

    pub fn failed(&mut self, now: Instant) {
        match &mut self.state {
            State::Open { .. } => {}
            State::Closed { failures } => {
                *failures += 1;
                if *failures >= self.rule.failures {
                    self.open(now);
                }
            }
            State::Trial { .. } => self.open(now),
        }
    }

    /// The provider said when it will listen again. An opening that ends later stays.
    pub fn hold(&mut self, now: Instant, wait: Duration) {
        let until = match self.state {
            State::Open { until } => until.max(now + wait),
            State::Closed { .. } | State::Trial { .. } => now + wait,
        };
        self.state = State::Open { until };
    }

    fn open(&mut self, now: Instant) {
        let open = self.rule.open.saturating_mul(1 << self.opened.min(16)).min(self.rule.open_at_most);
        self.opened += 1;
        self.state = State::Open { until: now + open };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULE: Rule = Rule {
        failures: 3,
        open: Duration::from_secs(5),
        open_at_most: Duration::from_secs(60),
        trial: Duration::from_secs(15),
    };

    fn opened(now: Instant) -> Breaker {
        let mut breaker = Breaker::new(RULE);
        (0..RULE.failures).for_each(|_| breaker.failed(now));
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_only() {
        let now = Instant::now();
        let mut breaker = Breaker::new(RULE);
        for _ in 0..10 {
            breaker.failed(now);
            breaker.failed(now);
            breaker.succeeded();
        }
        assert_eq!(breaker.admit(now), Ok(()));
        assert_eq!(opened(now).admit(now), Err(RULE.open));
    }

    #[test]
    fn one_trial_at_a_time_and_each_failure_doubles_the_wait() {
        let mut now = Instant::now();
        let mut breaker = opened(now);
        for wait in [5, 10, 20, 40, 60, 60] {
            assert_eq!(breaker.admit(now), Err(Duration::from_secs(wait)));
            now += Duration::from_secs(wait);
            assert_eq!(breaker.admit(now), Ok(()));
            assert_eq!(breaker.admit(now), Err(RULE.trial), "a second trial");
            breaker.failed(now);
        }
        now += RULE.open_at_most;
        assert_eq!(breaker.admit(now), Ok(()));
        breaker.succeeded();
        assert_eq!(breaker.admit(now), Ok(()));
    }

    #[test]
    fn a_trial_that_reports_nothing_does_not_block_for_ever() {
        let now = Instant::now();
        let mut breaker = opened(now);
        let later = now + RULE.open;
        assert_eq!(breaker.admit(later), Ok(()));
        assert_eq!(breaker.admit(later + RULE.trial), Ok(()));
    }

    #[test]
    fn a_late_success_does_not_lift_a_rate_limit() {
        let now = Instant::now();
        let mut breaker = Breaker::new(RULE);
        breaker.hold(now, Duration::from_secs(300));
        breaker.succeeded();
        breaker.hold(now, Duration::from_secs(1));
        assert_eq!(breaker.admit(now), Err(Duration::from_secs(300)));
    }

    #[derive(Debug, Clone)]
    enum Step {
        Admit,
        Succeed,
        Fail,
        Hold(u64),
        Wait(u64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            Just(Step::Admit),
            Just(Step::Succeed),
            Just(Step::Fail),
            (0u64..600).prop_map(Step::Hold),
            (0u64..120).prop_map(Step::Wait),
        ];
        proptest::collection::vec(step, 0..80)
    }

    proptest! {
        /// Whatever happens, the wait it names is the truth: never longer than what was asked for, and after it a
        /// call goes out.
        #[test]
        fn nothing_blocks_it_for_longer_than_it_says(steps in steps()) {
            let mut now = Instant::now();
            let mut breaker = Breaker::new(RULE);
            let mut longest = RULE.open_at_most;
            for step in steps {
                match step {
                    Step::Admit => { let _ = breaker.admit(now); }
                    Step::Succeed => breaker.succeeded(),
                    Step::Fail => breaker.failed(now),
                    Step::Hold(wait) => {
                        longest = longest.max(Duration::from_secs(wait));
                        breaker.hold(now, Duration::from_secs(wait));
                    }
                    Step::Wait(wait) => now += Duration::from_secs(wait),
                }
            }
            if let Err(wait) = breaker.admit(now) {
                prop_assert!(wait > Duration::ZERO && wait <= longest);
                prop_assert_eq!(breaker.admit(now + wait), Ok(()));
            }
        }
    }
}
