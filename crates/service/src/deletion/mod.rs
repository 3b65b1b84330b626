//! Deleting a service for good: its row goes at once, and then everything that was recorded of it, wherever it lies. A
//! place counts as empty when somebody looked there and found nothing; when all are, the audit log gets the receipt.
//!
//! What is to be removed is in the database from the first moment on ([`store::Deletion`]), so that a stop in the middle
//! loses nothing. What lies at providers is removed by the reconciler (`cloud/provision.rs`), what lies here by this.

mod files;
mod making;
mod objects;
mod retention;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use domain::{
    StreamId,
    audit::Deed,
    deletion::{BeingDeleted, DeletionEvent, DeletionFacts, Named, Place, PlaceFacts, Thing, ThingKind, place_words},
    provision::ProvisionEvent,
    recording::RecordingSource,
    stream::Stream,
};
use store::Deletion;
use tokio::sync::{Mutex, Notify};

pub(crate) use self::making::{Making, MakingGuard};
use crate::{Error, Everlight, audit::About, time};

/// How often what is not over is looked at.
const ROUND: Duration = Duration::from_secs(5);
/// After files that could not be removed.
const PAUSE: Duration = Duration::from_secs(60);

/// What is going on with deletions.
#[derive(Debug, Default)]
pub(crate) struct Deletions {
    pub(crate) woken: Notify,
    /// One round at a time.
    working: Mutex<()>,
    pub(crate) making: Making,
}

impl Everlight {
    /// Runs for as long as the program.
    pub async fn delete_forever(self: Arc<Self>) {
        loop {
            if let Err(error) = self.carry_out_deletions().await {
                tracing::error!(%error, "what was deleted could not be looked after; it is tried again");
            }
            tokio::select! {
                () = tokio::time::sleep(ROUND) => {}
                () = self.deletions.woken.notified() => {}
            }
        }
    }

    /// Deletes the stream for good, with every copy of its recordings. Whether it was still as it is said here: its last
    /// day may have been changed meanwhile, and then nothing is done.
    pub(crate) async fn delete_for_good(&self, stream: &Stream, who: &str, why: &str) -> Result<bool, Error> {
        let id = stream.id;
        let About { words, memorial } = self.in_words(stream).await?;
        let about = About { words: format!("{words}{why}"), memorial };
        let entry = self.audit_entry(who, Deed::StreamDeleted, about);
        let (facts, memorial_id) = (self.what_there_is(id).await?, stream.memorial_id);
        let deletion = Deletion { stream_id: id, what: words, memorial_id, asked_at: self.now(), facts };
        if !self.store.begin_deletion(&deletion, &stream.privacy, &entry).await? {
            return Ok(false);
        }
        self.stop_pushes(Some(id));
        // Said at once, and found out by the reconciler if a stop comes in between.
        for provision in self.store.provisions_of(id).await? {
            self.record_provision(id, provision.provider, ProvisionEvent::Unwanted { at: self.now() }).await?;
        }
        self.events.changed(id);
        self.wake_cloud(id);
        // It has begun: what goes wrong now is tried again, and is no reason to say that it was not deleted.
        if let Err(error) = self.carry_out_deletions().await {
            tracing::error!(stream.id = %id, %error, "a deletion stopped; it goes on soon");
        }
        Ok(true)
    }

    /// Every place that a copy may be at, with what is known to be there.
    async fn what_there_is(&self, id: StreamId) -> Result<DeletionFacts, Error> {
        let recordings = self.store.recordings_of(id).await?;
        let mut facts = DeletionFacts::default();
        let ours = [RecordingSource::Server, RecordingSource::Phone];
        if self.storage.is_some() || !self.store.stored_files_of(id).await?.is_empty() {
            let here = recordings.iter().filter(|copy| ours.contains(&copy.source));
            let stems: BTreeSet<_> = here.map(|copy| domain::storage::folder(copy.id)).collect();
            if !stems.is_empty() {
                facts.places.insert(Place::Storage, PlaceFacts { stems, ..PlaceFacts::default() });
            }
        }
        for place in ours {
            let of_place = recordings.iter().filter(|copy| copy.source == place).map(|copy| copy.id);
            let stems = files::stems(place, id, of_place);
            facts.places.insert(place.into(), PlaceFacts { stems, ..PlaceFacts::default() });
        }
        for provision in self.store.provisions_of(id).await? {
            let place = provision.provider.source();
            let hosted = recordings.iter().filter(|copy| copy.source == place).filter_map(|copy| {
                let (_, hosted) = copy.facts.hosted.as_ref()?;
                Some(Thing { kind: ThingKind::Copy, id: hosted.id.clone() })
            });
            facts.places.insert(place.into(), PlaceFacts { things: hosted.collect(), ..PlaceFacts::default() });
        }
        Ok(facts)
    }

    /// Does what can be done now for everything that is being deleted, and writes the receipts of what is gone.
    pub(crate) async fn carry_out_deletions(&self) -> Result<(), Error> {
        let _one_at_a_time = self.deletions.working.lock().await;
        for deletion in self.store.deletions().await? {
            self.carry_out(deletion).await?;
        }
        Ok(())
    }

    #[tracing::instrument(name = "delete service", skip_all, fields(stream.id = %deletion.stream_id))]
    async fn carry_out(&self, mut deletion: Deletion) -> Result<(), Error> {
        let id = deletion.stream_id;
        // What writes files of it is with the instance that has it, which therefore is the one to remove them.
        if !self.take(id).await? {
            return Ok(());
        }
        let here: Vec<_> = deletion.facts.left().filter(|(_, known)| !known.stems.is_empty()).collect();
        let due =
            here.iter().any(|(_, known)| known.trouble.as_ref().is_none_or(|(at, _)| self.now() >= at.plus(PAUSE)));
        if due {
            self.close_what_writes(id).await;
            // Whoever began before the row went may still put a file there; whoever comes later finds no row.
            if self.deletions.making.goes_on_in_vain(id) {
                return Ok(());
            }
            let here: Vec<_> = here.into_iter().map(|(place, known)| (place, known.stems.clone())).collect();
            for (place, stems) in here {
                match place {
                    Place::Storage => self.remove_objects(id, stems).await?,
                    place => self.remove_files(id, place, stems).await?,
                }
            }
            let Some(now) = self.store.deletion(id).await? else { return Ok(()) };
            deletion = now;
        }
        if deletion.facts.is_over() {
            let about = About { words: receipt(&deletion), memorial: Some(deletion.memorial_id) };
            let entry = self.audit_entry("this server", Deed::DeletionProven, about);
            if self.store.conclude_deletion(id, &entry).await? {
                tracing::info!(stream.id = %id, "every copy of a deleted service is gone");
            }
        }
        Ok(())
    }

    /// Nothing is written for this stream any more.
    pub(crate) async fn close_what_writes(&self, id: StreamId) {
        self.gateway.end_stream(id).await;
        self.stop_pushes(Some(id));
        self.stop_rehearsal(id).await;
        if let Some(live) = self.archive.take(id) {
            // Whatever it says: what it wrote is removed next.
            let _ = tokio::task::spawn_blocking(move || live.finish_blocking()).await;
        }
    }

    /// Removes the files of one place, and looks whether they are gone.
    async fn remove_files(&self, id: StreamId, place: Place, stems: BTreeSet<String>) -> Result<(), Error> {
        let folder = self.settings.recordings_dir.clone();
        let stopped = || Error::Internal("deleting files stopped".into());
        let look = {
            let (folder, stems) = (folder.clone(), stems.clone());
            move || files::found(&folder, &stems)
        };
        let found = tokio::task::spawn_blocking(look.clone()).await.map_err(|_| stopped())?;
        let event = match found {
            Ok(things) => {
                // Stored before anything is removed, for the receipt.
                let found = DeletionEvent::Found { things: things.clone() };
                self.store.record_deletion_event(id, place, &found).await?;
                let remove = move || files::remove(&folder, &things).and_then(|()| look());
                match tokio::task::spawn_blocking(remove).await.map_err(|_| stopped())? {
                    Ok(left) if left.is_empty() => DeletionEvent::Gone { at: self.now() },
                    Ok(left) => self.failed(format!("still there: {}", Named(place, &left))),
                    Err(error) => self.failed(error.to_string()),
                }
            }
            Err(error) => self.failed(error.to_string()),
        };
        if let DeletionEvent::Failed { reason, .. } = &event {
            tracing::error!(stream.id = %id, %reason, "files of a deleted service could not be removed; it is tried again");
        }
        self.store.record_deletion_event(id, place, &event).await?;
        Ok(())
    }

    pub(super) fn failed(&self, reason: String) -> DeletionEvent {
        DeletionEvent::Failed { at: self.now(), reason }
    }

    /// For whoever makes files of a stream that was read a while ago: there is one still, and while they are at it nothing
    /// is said to be gone.
    pub(crate) async fn making_for(&self, id: StreamId) -> Result<MakingGuard, Error> {
        let making = self.deletions.making.begin(id);
        self.store.stream(id).await?.ok_or(Error::NotFound)?;
        Ok(making)
    }

    /// Nothing of the stream is at a provider any more: it was looked for.
    pub(crate) async fn gone_from(&self, id: StreamId, place: RecordingSource) -> Result<(), Error> {
        let gone = DeletionEvent::Gone { at: self.now() };
        if self.store.record_deletion_event(id, place, &gone).await?.is_some() {
            self.deletions.woken.notify_one();
        }
        Ok(())
    }

    /// What is deleted and not gone everywhere yet.
    pub(crate) async fn being_deleted(&self) -> Result<Vec<BeingDeleted>, Error> {
        let mut all = Vec::new();
        for deletion in self.store.deletions().await? {
            let provisions = self.store.provisions_of(deletion.stream_id).await?;
            let left = deletion.facts.left().map(|(place, known)| {
                let at_provider = provisions.iter().find(|provision| Place::from(provision.provider.source()) == place);
                let why = match at_provider {
                    Some(there) if self.cloud.host(there.provider).is_none() => {
                        let name = there.provider.name();
                        Some(format!("This server has no access to {name} any more: give it back, or delete it there."))
                    }
                    Some(there) => there.facts.trouble().map(|trouble| trouble.reason.clone()),
                    None => known.trouble.as_ref().map(|(_, reason)| format!("{reason}. It is tried again by itself.")),
                };
                let why = why.unwrap_or_else(|| "It is being removed.".into());
                let things = match known.things.is_empty() {
                    true => "something may be left".to_owned(),
                    false => Named(place, &known.things).to_string(),
                };
                format!("{} {things}. {why}", capital(place_words(place)))
            });
            all.push(BeingDeleted { left: left.collect(), what: deletion.what, asked_at: deletion.asked_at });
        }
        Ok(all)
    }
}

/// Of a deletion that is over: every copy, and when it was seen that there is none any more.
fn receipt(deletion: &Deletion) -> String {
    let place = |(place, known): (&Place, &PlaceFacts)| {
        let at = known.gone.map(time::utc_words).unwrap_or_default();
        format!("{} {} ({at})", place_words(*place), Named(*place, &known.things))
    };
    let places: Vec<_> = deletion.facts.places.iter().map(place).collect();
    format!("{}. Looked for and not there any more: {}", deletion.what, places.join("; "))
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
