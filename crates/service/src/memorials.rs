//! Memorials: list, show, create, edit, archive, delete.

use domain::{
    Action, HomeId, MemorialId, Role,
    access::{self, Scope, Who},
    audit::Deed,
    memorial::{Memorial, MemorialDetails},
};
use store::{MemorialEntry, Visible};

use crate::{Actor, Error, Everlight, audit::About, streams::is_on_air, time};

#[derive(Debug)]
pub struct Memorials<'a>(pub(crate) &'a Everlight);

impl Memorials<'_> {
    /// Those that the actor may see.
    pub async fn list(&self, actor: &Actor, archived: bool) -> Result<Vec<MemorialEntry>, Error> {
        let visible = match (actor.who(), actor.user()) {
            (Who::Person(Role::Administrator) | Who::Program(Scope::All), _) => Visible::All,
            (Who::Person(Role::Director(home) | Role::Assistant(home)) | Who::Program(Scope::Home(home)), user) => {
                Visible::OfHome(home, user)
            }
            (Who::Person(Role::Family), Some(user)) => Visible::OfMember(user),
            (Who::Person(Role::Family), None) => return Ok(Vec::new()),
        };
        Ok(self.0.store.memorials(visible, archived).await?)
    }

    pub async fn get(&self, actor: &Actor, id: MemorialId) -> Result<Memorial, Error> {
        self.0.memorial_for(actor, Action::View, id).await
    }

    /// Everything that the actor may do with a memorial that they may see.
    pub async fn allowed(&self, actor: &Actor, memorial: &Memorial) -> Result<Vec<Action>, Error> {
        self.0.allowed(actor, memorial).await
    }

    /// `home`: of which funeral home, for whoever may choose.
    pub async fn create(&self, actor: &Actor, form: MemorialForm<'_>) -> Result<MemorialId, Error> {
        let home = access::home_of_new(actor.who(), form.home(self.0).await?).map_err(Error::Forbidden)?;
        let details = form.details()?;
        let (millis, random) = self.0.id_parts();
        let id = MemorialId::from_parts(millis, random);
        let memorial = Memorial { id, home, details, portrait: None, created_at: self.0.now(), archived_at: None };
        self.0.store.insert_memorial(&memorial).await?;
        self.0.note(actor, Deed::MemorialCreated, About::memorial(&memorial)).await?;
        Ok(id)
    }

    pub async fn edit(&self, actor: &Actor, id: MemorialId, form: MemorialForm<'_>) -> Result<(), Error> {
        let memorial = self.0.memorial_for(actor, Action::Edit, id).await?;
        let details = form.details()?;
        if let Some(home) = form.home {
            let home = parse_home(self.0, home).await?;
            if home != memorial.home {
                self.0.memorial_for(actor, Action::Assign, id).await?;
                found(self.0.store.assign_memorial(id, home).await?)?;
            }
        }
        found(self.0.store.update_memorial(id, &details).await?)?;
        self.0.note(actor, Deed::MemorialEdited, About::memorial(&Memorial { details, ..memorial })).await
    }

    /// Puts a memorial out of the daily list, or back into it. Nothing is deleted.
    pub async fn archive(&self, actor: &Actor, id: MemorialId, archived: bool) -> Result<(), Error> {
        let memorial = self.0.memorial_for(actor, Action::Archive, id).await?;
        let at = archived.then(|| self.0.now());
        found(self.0.store.archive_memorial(id, at).await?)?;
        let deed = if archived { Deed::MemorialArchived } else { Deed::MemorialRestored };
        self.0.note(actor, deed, About::memorial(&memorial)).await
    }

    /// Deletes a memorial with all of its services, for good. Not while one of them is on air. After a stop in the middle it
    /// is there still, with fewer services, and can be deleted again.
    pub async fn delete(&self, actor: &Actor, id: MemorialId) -> Result<(), Error> {
        let memorial = self.0.memorial_for(actor, Action::Delete, id).await?;
        let streams = self.0.store.streams_of(id).await?;
        if streams.iter().any(is_on_air) {
            return Err(Error::Invalid("One of its services is on air. Please end it first.".into()));
        }
        for stream in streams {
            self.0.streams().delete(actor, stream.id).await?;
        }
        let entry = self.0.audit_entry(actor.name(), Deed::MemorialDeleted, About::memorial(&memorial));
        found(self.0.store.delete_memorial(id, &entry).await?)
    }
}

/// The fields of the form, as they were typed.
#[derive(Debug, Clone, Default)]
pub struct MemorialForm<'a> {
    pub name: String,
    pub born: &'a str,
    pub died: &'a str,
    pub time_zone: &'a str,
    /// The id of a funeral home; empty for none. Not there when whoever filled it in could not choose.
    pub home: Option<&'a str>,
}

impl MemorialForm<'_> {
    fn details(&self) -> Result<MemorialDetails, Error> {
        let details = MemorialDetails::parse(self.name.clone(), self.born, self.died, self.time_zone)?;
        time::check_zone(&details.time_zone).map_err(domain::memorial::InvalidMemorial::TimeZone)?;
        Ok(details)
    }

    async fn home(&self, everlight: &Everlight) -> Result<Option<HomeId>, Error> {
        parse_home(everlight, self.home.unwrap_or_default()).await
    }
}

async fn parse_home(everlight: &Everlight, text: &str) -> Result<Option<HomeId>, Error> {
    let unknown = || Error::Invalid("Please choose one of the funeral homes.".into());
    if text.is_empty() {
        return Ok(None);
    }
    let id = text.parse().map_err(|_| unknown())?;
    everlight.store.home(id).await?.ok_or_else(unknown)?;
    Ok(Some(id))
}

pub(crate) fn found(there_was_one: bool) -> Result<(), Error> {
    if there_was_one { Ok(()) } else { Err(Error::NotFound) }
}
