//! What is deleted by itself, where an installation says so (`EVERLIGHT_DELETE_AFTER`).

use crate::{Error, Everlight};

impl Everlight {
    /// Deletes every service whose time is over. Decided anew for each in the moment of its deletion: a last day that was
    /// changed until then counts.
    pub(crate) async fn delete_what_is_old(&self) -> Result<(), Error> {
        let Some(after) = self.settings.delete_after else { return Ok(()) };
        for stream in self.store.all_streams().await? {
            let due = stream.privacy.deleted_at(&stream.facts, after).is_some_and(|at| self.now() >= at);
            if due {
                let days = after.as_secs() / (24 * 60 * 60);
                let why = format!(" (by itself, {days} days after its last day)");
                self.delete_for_good(&stream, "this server", &why).await?;
            }
        }
        Ok(())
    }
}
