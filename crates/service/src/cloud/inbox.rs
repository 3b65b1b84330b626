//! What webhooks wait in until it is stored: those that come at the same time are stored in one write, because each write
//! waits for the disk.

use std::sync::{Mutex, PoisonError};

use domain::Timestamp;
use store::{InboxEntry, Store, StoreError};
use tokio::sync::{Notify, oneshot};

/// An entry, and whom to tell that it is on disk.
type Waiting = (InboxEntry, oneshot::Sender<Result<(), StoreError>>);

#[derive(Default)]
pub(super) struct Inbox {
    waiting: Mutex<Vec<Waiting>>,
    /// Whoever has it writes for all who wait.
    turn: tokio::sync::Mutex<()>,
    /// Something is there to be applied.
    pub(super) filled: Notify,
}

impl Inbox {
    /// Returns when the entry is on disk.
    pub(super) async fn put(&self, store: &Store, entry: InboxEntry, now: Timestamp) -> Result<(), StoreError> {
        let (stored, answer) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((entry, stored));
        {
            let _turn = self.turn.lock().await;
            let batch = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
            if !batch.is_empty() {
                let (entries, waiting): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
                let done = store.receive(&entries, now).await;
                self.filled.notify_one();
                for stored in waiting {
                    // Whoever went away does not need to know.
                    let _ = stored.send(match &done {
                        Ok(()) => Ok(()),
                        Err(_) => Err(StoreError::Contended),
                    });
                }
                done?;
            }
        }
        // Whoever wrote for us may have been cut off: then nothing is known to be stored, and the provider sends again.
        answer.await.unwrap_or(Err(StoreError::Contended))
    }
}
