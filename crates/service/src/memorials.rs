//! Memorials: list, show, create, edit, archive.

use domain::{
    MemorialId,
    memorial::{Memorial, MemorialDetails},
};
use store::MemorialEntry;

use crate::{Actor, Error, Everlight, time};

#[derive(Debug)]
pub struct Memorials<'a>(pub(crate) &'a Everlight);

impl Memorials<'_> {
    pub async fn list(&self, _actor: &Actor, archived: bool) -> Result<Vec<MemorialEntry>, Error> {
        Ok(self.0.store.memorials(archived).await?)
    }

    pub async fn get(&self, _actor: &Actor, id: MemorialId) -> Result<Memorial, Error> {
        self.0.store.memorial(id).await?.ok_or(Error::NotFound)
    }

    pub async fn create(
        &self,
        _actor: &Actor,
        name: String,
        born: &str,
        died: &str,
        time_zone: &str,
    ) -> Result<MemorialId, Error> {
        let details = details(name, born, died, time_zone)?;
        let (millis, random) = self.0.id_parts();
        let id = MemorialId::from_parts(millis, random);
        let memorial = Memorial { id, details, created_at: self.0.now(), archived_at: None };
        self.0.store.insert_memorial(&memorial).await?;
        Ok(id)
    }

    pub async fn edit(
        &self,
        _actor: &Actor,
        id: MemorialId,
        name: String,
        born: &str,
        died: &str,
        time_zone: &str,
    ) -> Result<(), Error> {
        let details = details(name, born, died, time_zone)?;
        found(self.0.store.update_memorial(id, &details).await?)
    }

    /// Puts a memorial out of the daily list, or back into it. Nothing is deleted.
    pub async fn archive(&self, _actor: &Actor, id: MemorialId, archived: bool) -> Result<(), Error> {
        let at = archived.then(|| self.0.now());
        found(self.0.store.archive_memorial(id, at).await?)
    }
}

fn details(name: String, born: &str, died: &str, time_zone: &str) -> Result<MemorialDetails, Error> {
    let details = MemorialDetails::parse(name, born, died, time_zone)?;
    time::check_zone(&details.time_zone).map_err(domain::memorial::InvalidMemorial::TimeZone)?;
    Ok(details)
}

pub(crate) fn found(there_was_one: bool) -> Result<(), Error> {
    if there_was_one { Ok(()) } else { Err(Error::NotFound) }
}
