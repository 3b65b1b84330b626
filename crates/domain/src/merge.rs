//! The two ways in which a fact takes in another of its kind. Both are commutative, associative and idempotent.

use crate::Timestamp;

/// Keeps the first time that something happened.
pub(crate) fn earliest(slot: &mut Option<Timestamp>, at: Timestamp) {
    *slot = Some(slot.map_or(at, |known| known.min(at)));
}

/// Keeps the last report. Reports are ordered by time first, so that two of the same moment have an order too.
pub(crate) fn latest<T: Ord>(slot: &mut Option<T>, new: T) {
    if slot.as_ref().is_none_or(|known| *known < new) {
        *slot = Some(new);
    }
}
