//! Whether all that recordings need can be done there: for the doctor.

use object_store::{ObjectStoreExt as _, PutPayload};

use super::{Objects, ObjectsError};

/// The steps of a trial, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    Write,
    Read,
    List,
    Delete,
}

impl Objects {
    /// Writes, reads, lists and deletes a small object.
    ///
    /// # Errors
    /// The first step that fails, with why.
    pub async fn try_out(&self, mark: &str) -> Result<(), (Trial, ObjectsError)> {
        let name = format!("trials/{mark}");
        let key = self.key(&name);
        let bytes = b"everlight".as_slice();
        let at = |step| move |error: object_store::Error| (step, ObjectsError::from(error));
        self.store.put(&key, PutPayload::from_static(bytes)).await.map_err(at(Trial::Write))?;
        let read = async { self.store.get_range(&key, 0..bytes.len() as u64).await };
        if read.await.map_err(at(Trial::Read))? != bytes {
            return Err((Trial::Read, ObjectsError::Different));
        }
        let listed = self.list("trials").await.map_err(|error| (Trial::List, error))?;
        if !listed.contains(&name) {
            return Err((Trial::List, ObjectsError::NotFound(name)));
        }
        self.delete(&name).await.map_err(|error| (Trial::Delete, error))?;
        match self.list("trials").await {
            Ok(left) if left.contains(&name) => Err((Trial::Delete, ObjectsError::Different)),
            Ok(_) => Ok(()),
            Err(error) => Err((Trial::Delete, error)),
        }
    }
}
