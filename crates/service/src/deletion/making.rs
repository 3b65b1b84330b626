//! Who is making files of which streams. A file that is put in its place after everything was looked for would make the
//! receipt of a deletion wrong.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::StreamId;

#[derive(Debug, Default, Clone)]
pub(crate) struct Making(Arc<Mutex<HashMap<StreamId, Makers>>>);

#[derive(Debug, Default)]
struct Makers {
    count: usize,
    /// The service is being deleted: whoever takes long may leave off.
    unwanted: bool,
}

/// Files of this stream are being made for as long as this is there.
#[derive(Debug)]
pub(crate) struct MakingGuard(Making, StreamId);

impl Making {
    /// To be called before it is looked whether there is such a stream.
    #[must_use]
    pub(crate) fn begin(&self, stream: StreamId) -> MakingGuard {
        self.lock().entry(stream).or_default().count += 1;
        MakingGuard(self.clone(), stream)
    }

    /// To be asked after the stream's row is gone.
    pub(crate) fn is_going_on(&self, stream: StreamId) -> bool {
        self.lock().contains_key(&stream)
    }

    /// To be asked as [`Self::is_going_on`]; those who make files are told that nobody wants them.
    pub(crate) fn goes_on_in_vain(&self, stream: StreamId) -> bool {
        self.lock().get_mut(&stream).map(|makers| makers.unwanted = true).is_some()
    }

    pub(crate) fn is_in_vain(&self, stream: StreamId) -> bool {
        self.lock().get(&stream).is_some_and(|makers| makers.unwanted)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<StreamId, Makers>> {
        // Consistent between any two statements: a panic elsewhere leaves it usable.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for MakingGuard {
    fn drop(&mut self) {
        let mut making = self.0.lock();
        if let Some(makers) = making.get_mut(&self.1) {
            makers.count -= 1;
            if makers.count == 0 {
                making.remove(&self.1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_until_the_last_one_is_done() {
        let (making, stream) = (Making::default(), StreamId::from_parts(1, [1; 10]));
        let (one, other) = (making.begin(stream), making.begin(stream));
        drop(one);
        assert!(making.is_going_on(stream));
        assert!(!making.is_in_vain(stream));
        assert!(making.goes_on_in_vain(stream));
        assert!(making.is_in_vain(stream));
        drop(other);
        assert!(!making.is_going_on(stream) && !making.is_in_vain(stream));
        assert!(!making.goes_on_in_vain(stream));
    }
}
