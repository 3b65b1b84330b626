//! The picture of the person who is remembered: given and taken away by whoever may, seen by whoever may see the memorial
//! or is admitted to one of its services.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use domain::{Action, MemorialId, PortraitId, audit::Deed};

use crate::{Actor, Error, Everlight, audit::About, viewing::Admission};

#[derive(Debug)]
pub struct Portraits<'a>(pub(crate) &'a Everlight);

impl Portraits<'_> {
    /// Whether the actor may give one: before a file is read.
    pub async fn may_give(&self, actor: &Actor, memorial: MemorialId) -> Result<(), Error> {
        self.0.memorial_for(actor, Action::Portray, memorial).await.map(|_| ())
    }

    /// Takes the place of the one before. `file`: a JPEG, PNG or WebP, of which a small picture is made.
    pub async fn give(&self, actor: &Actor, memorial: MemorialId, file: Vec<u8>) -> Result<(), Error> {
        let memorial = self.0.memorial_for(actor, Action::Portray, memorial).await?;
        let jpeg = self.0.pictures.small(file).await?;
        let (millis, random) = self.0.id_parts();
        let id = PortraitId::from_parts(millis, random);
        self.0.store.set_portrait(memorial.id, id, &BASE64_STANDARD.encode(jpeg)).await?;
        self.0.note(actor, Deed::PortraitGiven, About::memorial(&memorial)).await
    }

    pub async fn remove(&self, actor: &Actor, memorial: MemorialId) -> Result<(), Error> {
        let memorial = self.0.memorial_for(actor, Action::Portray, memorial).await?;
        // Gone already is gone, too.
        if self.0.store.remove_portrait(memorial.id).await? {
            self.0.note(actor, Deed::PortraitRemoved, About::memorial(&memorial)).await?;
        }
        Ok(())
    }

    /// The JPEG, for whoever sees the memorial.
    pub async fn of_memorial(&self, actor: &Actor, memorial: MemorialId, id: PortraitId) -> Result<Vec<u8>, Error> {
        self.0.memorial_for(actor, Action::View, memorial).await?;
        self.jpeg(memorial, id).await
    }

    /// The JPEG, for whoever watches one of the memorial's services.
    pub async fn for_viewer(&self, admission: &Admission, id: PortraitId) -> Result<Vec<u8>, Error> {
        self.jpeg(admission.stream().memorial_id, id).await
    }

    async fn jpeg(&self, memorial: MemorialId, id: PortraitId) -> Result<Vec<u8>, Error> {
        let text = self.0.store.portrait(memorial, id).await?.ok_or(Error::NotFound)?;
        BASE64_STANDARD.decode(text).map_err(|_| Error::Internal("a stored picture cannot be read".into()))
    }
}
