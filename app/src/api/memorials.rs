//! Memorials: list, show, create, edit, archive.

use domain::{
    MemorialId,
    document::{Installation, StreamDocument},
    memorial::Memorial,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;

/// A memorial in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemorialSummary {
    pub memorial: Memorial,
    /// How many services it has.
    pub streams: u32,
    /// Whether one of them is on air now.
    pub on_air: bool,
}

/// The stream management page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemorialPage {
    pub memorial: Memorial,
    pub streams: Vec<StreamDocument>,
    /// What this installation can do.
    pub installation: Installation,
    /// For the next form: the same twice makes one service.
    pub submission: String,
}

#[server]
pub async fn list_memorials(archived: bool) -> Result<Vec<MemorialSummary>, ApiError> {
    use super::request::{actor, everlight};
    let list = everlight().memorials().list(&actor()?, archived).await?;
    Ok(list
        .into_iter()
        .map(|entry| MemorialSummary { memorial: entry.memorial, streams: entry.streams, on_air: entry.on_air })
        .collect())
}

#[server]
pub async fn load_memorial(id: MemorialId) -> Result<MemorialPage, ApiError> {
    use super::request::{actor, everlight, set_status};
    let (everlight, actor) = (everlight(), actor()?);
    let page = async {
        let memorial = everlight.memorials().get(&actor, id).await?;
        let streams = everlight.streams().of_memorial(&actor, id).await?;
        let installation = everlight.streams().installation(&actor);
        let submission = everlight.streams().new_submission();
        Ok::<_, service::Error>(MemorialPage { memorial, streams, installation, submission })
    };
    page.await.map_err(ApiError::from).inspect_err(set_status)
}

#[server]
pub async fn create_memorial(
    name: String,
    born: String,
    died: String,
    time_zone: String,
) -> Result<MemorialId, ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().memorials().create(&actor()?, name.clone(), &born, &died, &time_zone).await;
    let typed = [("name", name.as_str()), ("born", &born), ("died", &died), ("time_zone", &time_zone)];
    answer_form(result, |id| format!("/admin/memorials/{id}"), "/admin?new", &typed)
        .inspect(|id| leptos_axum::redirect(&format!("/admin/memorials/{id}")))
}

#[server]
pub async fn edit_memorial(
    id: MemorialId,
    name: String,
    born: String,
    died: String,
    time_zone: String,
) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().memorials().edit(&actor()?, id, name.clone(), &born, &died, &time_zone).await;
    let typed = [("name", name.as_str()), ("born", &born), ("died", &died), ("time_zone", &time_zone)];
    let page = format!("/admin/memorials/{id}");
    answer_form(result, |()| page.clone(), &format!("{page}?edit"), &typed)
}

/// Puts a memorial out of the daily list, or back into it. Nothing is deleted.
#[server]
pub async fn archive_memorial(id: MemorialId, archived: bool) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().memorials().archive(&actor()?, id, archived).await;
    answer_form(result, |()| "/admin".into(), &format!("/admin/memorials/{id}"), &[])
}

/// Names of the time zones that can be chosen.
#[server]
pub async fn time_zones() -> Result<Vec<String>, ApiError> {
    super::request::actor()?;
    Ok(service::time::zone_names())
}
