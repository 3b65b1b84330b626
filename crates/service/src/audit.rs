//! The audit log. Each use case writes its own entry; nothing that somebody typed as a secret comes near it.

use std::sync::atomic::{AtomicU32, Ordering};

use domain::{
    MemorialId, Timestamp,
    audit::{AuditEntry, Deed},
    deletion::BeingDeleted,
    memorial::Memorial,
    stream::Stream,
};

use crate::{Actor, Error, Everlight, keys};

/// Entries of a page.
pub const PAGE: u32 = 50;

#[derive(Debug)]
pub struct Audit<'a>(pub(crate) &'a Everlight);

impl Audit<'_> {
    /// The newest first. `before` is the id that the page before ended with.
    pub async fn page(&self, actor: &Actor, before: Option<&str>) -> Result<Vec<AuditEntry>, Error> {
        actor.must_be_administrator()?;
        Ok(self.0.store.audit(before, PAGE).await?)
    }

    /// What was deleted and is not gone everywhere yet.
    pub async fn being_deleted(&self, actor: &Actor) -> Result<Vec<BeingDeleted>, Error> {
        actor.must_be_administrator()?;
        self.0.being_deleted().await
    }
}

impl Everlight {
    pub(crate) async fn note(&self, actor: &Actor, deed: Deed, what: impl Into<About> + Send) -> Result<(), Error> {
        self.note_of(actor.name(), deed, what).await
    }

    /// For whoever has no account: `who` says how they were known.
    pub(crate) async fn note_of(&self, who: &str, deed: Deed, what: impl Into<About> + Send) -> Result<(), Error> {
        Ok(self.store.insert_audit(&self.audit_entry(who, deed, what)).await?)
    }

    /// An entry that is written together with what it is about.
    pub(crate) fn audit_entry(&self, who: &str, deed: Deed, what: impl Into<About>) -> AuditEntry {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let at = self.now();
        let id = audit_id(at, NUMBER.fetch_add(1, Ordering::Relaxed), rand::random());
        let About { words, memorial } = what.into();
        AuditEntry { id, at, who: who.to_owned(), deed, what: words, memorial }
    }

    /// A service in words: the person who is remembered, and its title.
    pub(crate) async fn in_words(&self, stream: &Stream) -> Result<About, Error> {
        let memorial = self.store.memorial(stream.memorial_id).await?;
        let name = memorial.map(|memorial| String::from(memorial.details.name)).unwrap_or_default();
        let words = format!("{name}: {}", stream.details.title.as_str());
        Ok(About { words, memorial: Some(stream.memorial_id) })
    }
}

/// What an entry is about.
#[derive(Debug, Clone)]
pub(crate) struct About {
    pub(crate) words: String,
    /// The memorial that it belongs to, where there is one.
    pub(crate) memorial: Option<MemorialId>,
}

impl About {
    pub(crate) fn memorial(memorial: &Memorial) -> Self {
        Self { words: memorial.details.name.as_str().to_owned(), memorial: Some(memorial.id) }
    }
}

impl<T: Into<String>> From<T> for About {
    fn from(words: T) -> Self {
        Self { words: words.into(), memorial: None }
    }
}

/// Sorts by time, and in the order of one program's entries within a moment.
fn audit_id(at: Timestamp, number: u32, random: [u8; 4]) -> String {
    format!("{:012x}-{number:08x}-{}", at.millis().max(0), keys::hex(&random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_sort_by_time() {
        let now = Timestamp(1_795_000_000_000);
        assert!(audit_id(Timestamp(1), 9, [255; 4]) < audit_id(now, 0, [0; 4]));
        assert!(audit_id(now, 15, [255; 4]) < audit_id(now, 16, [0; 4]));
    }
}
