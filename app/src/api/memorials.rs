//! Memorials: list, show, create, edit, archive, delete.

use domain::{
    Action, HomeId, MemorialId,
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
    /// What whoever looks at it may do.
    pub allowed: Vec<Action>,
    /// Family, for whoever may see and invite them.
    pub family: Option<super::people::Group>,
    /// What this installation can do.
    pub installation: Installation,
    /// For the next form: the same twice makes one service.
    pub submission: String,
}

impl MemorialPage {
    pub fn may(&self, action: Action) -> bool {
        self.allowed.contains(&action)
    }
}

/// A funeral home to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeChoice {
    pub id: HomeId,
    pub name: String,
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
        let allowed = everlight.memorials().allowed(&actor, &memorial).await?;
        let family = if allowed.contains(&Action::Invite) {
            Some(everlight.people().family(&actor, id).await?.into())
        } else {
            None
        };
        Ok::<_, service::Error>(MemorialPage { memorial, streams, allowed, family, installation, submission })
    };
    page.await.map_err(ApiError::from).inspect_err(set_status)
}

#[server]
pub async fn create_memorial(
    name: String,
    born: String,
    died: String,
    time_zone: String,
    home: Option<String>,
) -> Result<MemorialId, ApiError> {
    use super::request::{actor, answer_form, everlight};
    let form = form(&name, &born, &died, &time_zone, home.as_deref());
    let result = everlight().memorials().create(&actor()?, form).await;
    let home = home.unwrap_or_default();
    let typed = [("name", name.as_str()), ("born", &born), ("died", &died), ("time_zone", &time_zone), ("home", &home)];
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
    home: Option<String>,
) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let form = form(&name, &born, &died, &time_zone, home.as_deref());
    let result = everlight().memorials().edit(&actor()?, id, form).await;
    let home = home.unwrap_or_default();
    let typed = [("name", name.as_str()), ("born", &born), ("died", &died), ("time_zone", &time_zone), ("home", &home)];
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

/// Deletes a memorial with all of its services and their recordings, for good.
#[server]
pub async fn delete_memorial(id: MemorialId) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().memorials().delete(&actor()?, id).await;
    answer_form(result, |()| "/admin".into(), &format!("/admin/memorials/{id}"), &[])
        .inspect(|()| leptos_axum::redirect("/admin"))
}

/// The fields of a memorial's form, as they were typed.
#[cfg(feature = "ssr")]
fn form<'a>(
    name: &str,
    born: &'a str,
    died: &'a str,
    time_zone: &'a str,
    home: Option<&'a str>,
) -> service::memorials::MemorialForm<'a> {
    service::memorials::MemorialForm { name: name.to_owned(), born, died, time_zone, home }
}

/// The funeral homes that a memorial can be of, for whoever may say so.
#[server]
pub async fn list_homes() -> Result<Vec<HomeChoice>, ApiError> {
    use super::request::{actor, everlight};
    let homes = everlight().people().home_names(&actor()?).await?.into_iter();
    Ok(homes.map(|home| HomeChoice { id: home.id, name: home.name.into() }).collect())
}

/// Names of the time zones that can be chosen.
#[server]
pub async fn time_zones() -> Result<Vec<String>, ApiError> {
    super::request::actor()?;
    Ok(service::time::zone_names())
}
