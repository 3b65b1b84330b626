//! What has arrived, by the provider's acknowledgements.

use std::collections::VecDeque;

use crate::position::Position;

/// A provider that acknowledges nothing has at least what is this many bytes back: more than what the send buffer of
/// the connection and a usual receive buffer hold.
const ON_ITS_WAY: u64 = 2 << 20;
/// However little is acknowledged, no more than this is on its way: the largest buffers that systems give a connection.
/// Some servers count from the last acknowledgement on, and not from the start as RTMP §5.4.3 wants; what they say is
/// far too little and would have everything sent again.
const MOST_ON_ITS_WAY: u64 = 8 << 20;

/// Which byte of a connection is which moment of the recording.
#[derive(Debug)]
pub(crate) struct Ledger {
    sent_bytes: u64,
    acknowledged: Option<u64>,
    /// The end of a message in the byte stream, and its position; in order.
    on_its_way: VecDeque<(u64, Position)>,
    arrived: Position,
}

impl Ledger {
    /// `start` is from where this connection sends.
    pub(crate) fn new(start: Position) -> Self {
        Self { sent_bytes: 0, acknowledged: None, on_its_way: VecDeque::new(), arrived: start }
    }

    /// Bytes were written that are no media.
    pub(crate) fn overhead(&mut self, bytes: usize) {
        self.sent_bytes += bytes as u64;
    }

    /// Media was written.
    pub(crate) fn media(&mut self, bytes: usize, position: Position) {
        self.sent_bytes += bytes as u64;
        match self.on_its_way.back_mut() {
            // One entry for what has the same time.
            Some((end, last)) if *last == position => *end = self.sent_bytes,
            _ => self.on_its_way.push_back((self.sent_bytes, position)),
        }
        self.settle();
    }

    /// The provider has got so many bytes; the count is taken modulo 2³².
    pub(crate) fn acknowledge(&mut self, count: u32) {
        const WRAP: u64 = 1 << 32;
        let mut total = self.sent_bytes / WRAP * WRAP + u64::from(count);
        // What was not sent cannot have arrived: it is the count before its last turn.
        if total > self.sent_bytes {
            total = total.saturating_sub(WRAP);
        }
        self.acknowledged = self.acknowledged.max(Some(total.min(self.sent_bytes)));
        self.settle();
    }

    /// All before this has arrived.
    pub(crate) fn arrived(&self) -> Position {
        self.arrived
    }

    /// The provider closed the stream in good order: it has everything.
    pub(crate) fn all_arrived(&mut self) {
        if let Some((_, last)) = self.on_its_way.drain(..).next_back() {
            self.arrived = self.arrived.max(last);
        }
    }

    fn settle(&mut self) {
        let until = match self.acknowledged {
            Some(acknowledged) => acknowledged.max(self.sent_bytes.saturating_sub(MOST_ON_ITS_WAY)),
            None => self.sent_bytes.saturating_sub(ON_ITS_WAY),
        };
        while let Some((_, position)) = self.on_its_way.pop_front_if(|(end, _)| *end <= until) {
            self.arrived = self.arrived.max(position);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(time_ms: u64) -> Position {
        Position { part: 1, time_ms }
    }

    #[test]
    fn an_acknowledgement_moves_to_what_it_covers() {
        let mut ledger = Ledger::new(at(0));
        ledger.overhead(3000);
        for n in 1..=10 {
            ledger.media(1000, at(n * 20));
        }
        assert_eq!(ledger.arrived(), at(0));
        ledger.acknowledge(5999);
        assert_eq!(ledger.arrived(), at(40));
        ledger.acknowledge(6000);
        assert_eq!(ledger.arrived(), at(60));
        // Older, or more than was sent: no progress.
        ledger.acknowledge(10);
        ledger.acknowledge(u32::MAX);
        assert_eq!(ledger.arrived(), at(60));
    }

    #[test]
    fn without_acknowledgements_what_is_far_back_has_arrived() {
        let mut ledger = Ledger::new(at(0));
        for n in 1..=30 {
            ledger.media(100_000, at(n * 100));
        }
        assert_eq!(ledger.arrived(), at(900));
    }

    #[test]
    fn counts_from_the_last_acknowledgement_do_not_hold_it_forever() {
        let mut ledger = Ledger::new(at(0));
        for n in 1..=200 {
            ledger.media(100_000, at(n * 100));
            ledger.acknowledge(100_000);
        }
        assert!(ledger.arrived() > at(11_000));
    }

    proptest! {
        /// A count of all bytes, in 32 bits: never beyond what has arrived, and less than a message short of it, also
        /// after the count began anew.
        #[test]
        fn acknowledgements_of_a_long_stream(sizes in proptest::collection::vec(1usize..200_000_000, 1..60)) {
            let mut ledger = Ledger::new(at(0));
            let mut total = 0u64;
            for (n, size) in sizes.iter().enumerate() {
                total += *size as u64;
                ledger.media(*size, at(n as u64 + 1));
                ledger.acknowledge((total % (1 << 32)) as u32);
                prop_assert_eq!(ledger.arrived(), at(n as u64 + 1));
            }
        }
    }
}
