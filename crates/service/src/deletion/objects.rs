//! What object storage holds of a service. It is known by the folders of its recordings: also what was half stored when the
//! program stopped is found.

use std::collections::BTreeSet;

use domain::{
    StreamId,
    deletion::{DeletionEvent, Named, Place, Thing, ThingKind},
};
use objects::{Objects, ObjectsError};

use crate::{Error, Everlight};

impl Everlight {
    /// Removes every object of these folders, and looks whether they are gone.
    pub(super) async fn remove_objects(&self, id: StreamId, folders: BTreeSet<String>) -> Result<(), Error> {
        let Some(storage) = &self.storage else {
            let reason = "This server has no access to the object storage any more: give it back, or delete it there";
            let failed = self.failed(reason.into());
            self.store.record_deletion_event(id, Place::Storage, &failed).await?;
            return Ok(());
        };
        let event = match found(&storage.objects, &folders).await {
            Ok(things) => {
                // Stored before anything is removed, for the receipt.
                let found = DeletionEvent::Found { things: things.clone() };
                self.store.record_deletion_event(id, Place::Storage, &found).await?;
                match remove(&storage.objects, &things, &folders).await {
                    Ok(left) if left.is_empty() => DeletionEvent::Gone { at: self.now() },
                    Ok(left) => self.failed(format!("still there: {}", Named(Place::Storage, &left))),
                    Err(error) => self.not_removed(id, &error),
                }
            }
            Err(error) => self.not_removed(id, &error),
        };
        self.store.record_deletion_event(id, Place::Storage, &event).await?;
        Ok(())
    }

    fn not_removed(&self, id: StreamId, error: &ObjectsError) -> DeletionEvent {
        tracing::error!(stream.id = %id, %error, "objects of a deleted service could not be removed; it is tried again");
        let why = error.in_words();
        let why = why.split_once(". ").map_or(why, |(first, _)| first);
        self.failed(why.trim_end_matches('.').to_owned())
    }
}

async fn found(objects: &Objects, folders: &BTreeSet<String>) -> Result<BTreeSet<Thing>, ObjectsError> {
    let mut things = BTreeSet::new();
    for folder in folders {
        let names = objects.list(folder).await?;
        things.extend(names.into_iter().map(|id| Thing { kind: ThingKind::File, id }));
    }
    Ok(things)
}

/// What is left.
async fn remove(
    objects: &Objects,
    things: &BTreeSet<Thing>,
    folders: &BTreeSet<String>,
) -> Result<BTreeSet<Thing>, ObjectsError> {
    for thing in things {
        objects.delete(&thing.id).await?;
    }
    found(objects, folders).await
}
