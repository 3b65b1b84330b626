//! A resumable upload: what to do next, given what happened. Sans I/O; both providers' uploads are driven by it.

use crate::{Call, Failure};
use std::time::Duration;

/// Failures in a row, with nothing new accepted in between, after which an upload is given up for now.
const FAILURES: u32 = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Ask how many bytes have arrived.
    Ask,
    /// Send from this offset on.
    Send {
        from: u64,
    },
    Done,
}

#[derive(Debug)]
pub struct Resume {
    len: u64,
    /// Where to go on; `None`: it is to be asked.
    at: Option<u64>,
    /// The most that was ever said to have arrived.
    furthest: Option<u64>,
    failures: u32,
}

impl Resume {
    /// An upload of `len` bytes that has not begun.
    #[must_use]
    pub fn beginning(len: u64) -> Self {
        Self { len, at: Some(0), furthest: None, failures: 0 }
    }

    /// An upload of `len` bytes that may have begun.
    #[must_use]
    pub fn continuing(len: u64) -> Self {
        Self { len, at: None, furthest: None, failures: 0 }
    }

    #[must_use]
    pub fn next(&self) -> Next {
        match (self.furthest, self.at) {
            (Some(furthest), _) if furthest >= self.len => Next::Done,
            (_, Some(from)) => Next::Send { from },
            (_, None) => Next::Ask,
        }
    }

    /// Bytes that have arrived, as far as is known.
    #[must_use]
    pub fn arrived(&self) -> u64 {
        self.furthest.unwrap_or(0)
    }

    /// Takes in what became of [`Self::next`]: how many bytes have arrived in all, or a failure. Returns how long to wait
    /// before going on.
    ///
    /// # Errors
    /// The failure, if another try is useless, or was in vain too often.
    pub fn take(&mut self, call: Call, result: Result<u64, Failure>) -> Result<Duration, Failure> {
        let failure = match result {
            Ok(arrived) if arrived > self.len => {
                Failure::Garbled { call, why: "more has arrived than was sent".to_owned(), repeatable: true }
            }
            Ok(arrived) if Some(arrived) > self.furthest => {
                (self.at, self.furthest, self.failures) = (Some(arrived), Some(arrived), 0);
                return Ok(Duration::ZERO);
            }
            // It was only asked: nothing new, and nothing wrong.
            Ok(arrived) if self.at.is_none() => {
                self.at = Some(arrived);
                return Ok(Duration::ZERO);
            }
            Ok(_) => Failure::NoAnswer { call, why: "no byte arrives".to_owned() },
            Err(failure) => failure,
        };
        self.failures += 1;
        self.at = None;
        if self.failures >= FAILURES || !failure.is_transient() {
            return Err(failure);
        }
        let wait = failure.retry_after().unwrap_or(Duration::from_millis(250 << self.failures));
        Ok(wait.min(Duration::from_secs(60)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CALL: Call = Call { provider: "Example", what: "upload" };

    fn lost() -> Failure {
        Failure::Unknown { call: CALL, why: "lost".into() }
    }

    fn refused() -> Failure {
        Failure::Refused { call: CALL, status: 413, code: None, message: "too large".into() }
    }

    #[test]
    fn after_a_failure_it_asks_and_goes_on_from_there() {
        let mut upload = Resume::beginning(10);
        assert_eq!(upload.next(), Next::Send { from: 0 });
        assert!(upload.take(CALL, Err(lost())).unwrap() > Duration::ZERO);
        assert_eq!(upload.next(), Next::Ask);
        upload.take(CALL, Ok(4)).unwrap();
        assert_eq!(upload.next(), Next::Send { from: 4 });
        upload.take(CALL, Ok(10)).unwrap();
        assert_eq!(upload.next(), Next::Done);
    }

    #[test]
    fn a_refusal_ends_it_at_once() {
        assert_eq!(Resume::beginning(10).take(CALL, Err(refused())), Err(refused()));
    }

    #[test]
    fn it_ends_when_nothing_arrives() {
        let mut upload = Resume::continuing(10);
        upload.take(CALL, Ok(5)).unwrap();
        let mut sent = 0;
        let failure = (0..100).find_map(|_| {
            sent += u32::from(upload.next() != Next::Ask);
            upload.take(CALL, Ok(5)).err()
        });
        assert!(matches!(failure, Some(Failure::NoAnswer { .. })));
        assert_eq!(sent, FAILURES);
    }

    #[test]
    fn an_empty_file_is_sent_once() {
        let mut upload = Resume::beginning(0);
        assert_eq!(upload.next(), Next::Send { from: 0 });
        upload.take(CALL, Ok(0)).unwrap();
        assert_eq!(upload.next(), Next::Done);
    }

    proptest! {
        /// Whatever the server says, it ends; and it is done only when all has arrived.
        #[test]
        fn it_always_ends(len in 0u64..6, said in proptest::collection::vec(proptest::option::of(0u64..8), 200)) {
            let mut upload = Resume::continuing(len);
            let mut all = false;
            for said in said {
                if upload.next() == Next::Done {
                    prop_assert!(all);
                    return Ok(());
                }
                if let Next::Send { from } = upload.next() {
                    prop_assert!(from <= len);
                }
                all |= said == Some(len);
                if upload.take(CALL, said.ok_or_else(lost)).is_err() {
                    return Ok(());
                }
            }
            prop_assert!(false, "it goes on for ever");
        }
    }
}
