//! Collecting candidates and sending them a handful at a time (RFC 9725 §4.3.2). Trickling helps, nothing depends on it:
//! some servers never answer a `PATCH`, and a session must not fail for that.

use std::time::Duration;

use super::RequestId;
use super::description::LocalIce;
use crate::candidate::Candidate;

/// Candidates come in bursts: those of one burst go in one request.
const GATHER: Duration = Duration::from_millis(100);
const TIMEOUT: Duration = Duration::from_secs(5);
const RETRY: Duration = Duration::from_secs(1);
/// After so many failures the server is left alone.
const MAX_FAILURES: u8 = 3;

#[derive(Debug, Default)]
pub(super) struct Trickle {
    /// Of the current ICE session; none before there is one.
    local: Option<LocalIce>,
    waiting: Batch,
    due: Option<Duration>,
    in_flight: Option<(RequestId, Duration, Batch)>,
    failures: u8,
}

#[derive(Debug, Default, Clone)]
struct Batch {
    candidates: Vec<Candidate>,
    end: bool,
}

impl Trickle {
    /// A new ICE session. Candidates that were gathered before its `201` are kept; with a restart, what is still here or on
    /// its way belongs to the old session, and the response will be ignored.
    pub(super) fn begin(&mut self, local: LocalIce) {
        let waiting = if self.local.is_none() { std::mem::take(&mut self.waiting) } else { Batch::default() };
        let due = (waiting.end || !waiting.candidates.is_empty()).then_some(Duration::ZERO);
        *self = Self { local: Some(local), waiting, due, ..Self::default() };
    }

    pub(super) fn add(&mut self, now: Duration, candidate: &str, mid: Option<&str>) {
        if candidate.is_empty() {
            self.waiting.end = true;
            self.due = Some(now);
        } else if let Ok(candidate) = Candidate::parse(candidate)
            && self.local.as_ref().is_none_or(|local| local.owns(&candidate, mid))
        {
            self.waiting.candidates.push(candidate);
            self.due.get_or_insert(now + GATHER);
        }
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        match &self.in_flight {
            Some((_, sent, _)) => Some(*sent + TIMEOUT),
            None => self.due.filter(|_| self.failures < MAX_FAILURES),
        }
    }

    pub(super) fn on_timer(&mut self, now: Duration) {
        if self.in_flight.as_ref().is_some_and(|(_, sent, _)| *sent + TIMEOUT <= now) {
            self.failed(now);
        }
    }

    /// The body of a request that is due, if one is: to be followed by [`Trickle::sent`].
    pub(super) fn take_due(&mut self, now: Duration) -> Option<String> {
        let local = self.local.as_ref()?;
        if self.in_flight.is_some() || self.failures >= MAX_FAILURES || self.due.is_none_or(|due| due > now) {
            return None;
        }
        // Those that were gathered before the session was known may belong to another.
        self.waiting.candidates.retain(|it| local.owns(it, None));
        self.due = None;
        let Batch { candidates, end } = self.waiting.clone();
        (end || !candidates.is_empty()).then(|| local.fragment(candidates, end).to_string())
    }

    pub(super) fn sent(&mut self, now: Duration, id: RequestId) {
        self.in_flight = Some((id, now, std::mem::take(&mut self.waiting)));
    }

    /// Takes the response (none: there was none). Whether it says that the server has another ICE session by now.
    pub(super) fn on_response(&mut self, now: Duration, id: RequestId, status: Option<u16>) -> bool {
        if self.in_flight.as_ref().is_none_or(|(current, ..)| *current != id) {
            return false;
        }
        match status.map(|it| it / 100) {
            Some(2) => {
                self.in_flight = None;
                self.failures = 0;
                if self.waiting.end || !self.waiting.candidates.is_empty() {
                    self.due.get_or_insert(now + GATHER);
                }
            }
            // The server does not take them, and will not.
            Some(3 | 4) => {
                self.in_flight = None;
                self.failures = MAX_FAILURES;
            }
            _ => self.failed(now),
        }
        status == Some(412)
    }

    fn failed(&mut self, now: Duration) {
        if let Some((_, _, mut batch)) = self.in_flight.take() {
            batch.candidates.append(&mut self.waiting.candidates);
            self.waiting = Batch { candidates: batch.candidates, end: batch.end || self.waiting.end };
        }
        self.failures += 1;
        self.due = Some(now + RETRY);
    }
}
