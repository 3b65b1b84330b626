//! The audit log. Each use case writes its own entry; nothing that somebody typed as a secret comes near it.

use std::sync::atomic::{AtomicU32, Ordering};

use domain::{
    Timestamp,
    audit::{AuditEntry, Deed},
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
}

impl Everlight {
    pub(crate) async fn note(&self, actor: &Actor, deed: Deed, what: impl Into<String> + Send) -> Result<(), Error> {
        self.note_of(actor.name(), deed, what).await
    }

    /// For whoever has no account: `who` says how they were known.
    pub(crate) async fn note_of(&self, who: &str, deed: Deed, what: impl Into<String> + Send) -> Result<(), Error> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let at = self.now();
        let id = audit_id(at, NUMBER.fetch_add(1, Ordering::Relaxed), rand::random());
        let entry = AuditEntry { id, at, who: who.to_owned(), deed, what: what.into() };
        Ok(self.store.insert_audit(&entry).await?)
    }

    /// A service in words: the person who is remembered, and its title.
    pub(crate) async fn in_words(&self, stream: &Stream) -> Result<String, Error> {
        let memorial = self.store.memorial(stream.memorial_id).await?;
        let name = memorial.map(|memorial| String::from(memorial.details.name)).unwrap_or_default();
        Ok(format!("{name}: {}", stream.details.title.as_str()))
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
