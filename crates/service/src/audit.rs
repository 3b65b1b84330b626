//! The audit log. Each use case writes its own entry; nothing that somebody typed as a secret comes near it.

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
        let at = self.now();
        let id = audit_id(at, rand::random());
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

/// Sorts by time.
fn audit_id(at: Timestamp, random: [u8; 8]) -> String {
    format!("{:012x}-{}", at.millis().max(0), keys::hex(&random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_sort_by_time() {
        assert!(audit_id(Timestamp(1), [255; 8]) < audit_id(Timestamp(2), [0; 8]));
        assert!(
            audit_id(Timestamp(1_795_000_000_000), [255; 8]) < audit_id(Timestamp(i64::from(u32::MAX) * 4096), [0; 8])
        );
    }
}
