//! Room on the disk that recordings lie on. Below a floor nothing new begins: what is left belongs to the services that are
//! on air.

use std::{fmt, sync::Arc};

/// Reads how many bytes are free. `None`: the system does not tell.
pub type FreeSpace = Arc<dyn Fn() -> Option<u64> + Send + Sync>;

#[derive(Clone)]
pub struct Space {
    floor: u64,
    free: FreeSpace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    Enough,
    /// Less than twice the floor, or nobody knows.
    Low,
    BelowFloor,
}

impl Space {
    /// Below `floor` bytes nothing new begins.
    pub fn new(floor: u64, free: FreeSpace) -> Self {
        Self { floor, free }
    }

    pub fn room(&self) -> Room {
        match (self.free)() {
            _ if self.floor == 0 => Room::Enough,
            Some(free) if free < self.floor => Room::BelowFloor,
            Some(free) if free >= self.floor.saturating_mul(2) => Room::Enough,
            _ => Room::Low,
        }
    }

    pub(crate) fn is_below_floor(&self) -> bool {
        self.room() == Room::BelowFloor
    }

    /// For staff, while it is time to do something about it.
    pub(crate) fn words(&self) -> Option<&'static str> {
        match self.room() {
            Room::Enough => None,
            Room::Low => Some("The disk of this server is filling up. Please make room before the next service."),
            Room::BelowFloor => Some(
                "The disk of this server is nearly full. No further service can begin until there is room; those that \
                 are on air are recorded for as long as it lasts.",
            ),
        }
    }
}

impl fmt::Debug for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Space").field("floor", &self.floor).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_the_floor_nothing_begins_and_before_that_it_is_said() {
        let room = |free| Space::new(1000, Arc::new(move || free)).room();
        assert_eq!(
            [Some(2000), Some(1999), Some(1000), Some(999), Some(0), None].map(room),
            [Room::Enough, Room::Low, Room::Low, Room::BelowFloor, Room::BelowFloor, Room::Low]
        );
    }

    #[test]
    fn without_a_floor_nothing_is_refused() {
        assert_eq!(Space::new(0, Arc::new(|| Some(0))).room(), Room::Enough);
    }
}
