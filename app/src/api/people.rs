//! Funeral homes, who works there, the families of memorials, and the links that bring them in.

use domain::{HomeId, InvitationId, MemorialId, Role, UserId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;

/// The people page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeoplePage {
    pub homes: Vec<Home>,
    /// For administrators.
    pub administrators: Option<Group>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    pub id: HomeId,
    pub name: String,
    pub group: Group,
}

/// People, and those who were invited and did not come yet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Group {
    pub people: Vec<Person>,
    pub invitations: Vec<Invitation>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: UserId,
    pub email: String,
    pub role: Role,
    pub oneself: bool,
    pub may_reset: bool,
    /// Whether a code is asked for when they sign in.
    pub second_step: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub id: InvitationId,
    /// For whom it is.
    pub label: String,
    pub kind: super::account::OfferKind,
    /// Until when it can be used.
    pub until: super::account::Moment,
}

/// A one-time link, shown to whoever may give it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationLink {
    pub invitation: Invitation,
    pub link: String,
}

#[cfg(feature = "ssr")]
mod from_service {
    use super::{Group, Invitation, Person};

    impl From<service::people::InvitationRow> for Invitation {
        fn from(row: service::people::InvitationRow) -> Self {
            Self { id: row.id, label: row.label, kind: row.gives.into(), until: row.expires_at.into() }
        }
    }

    impl From<service::people::Group> for Group {
        fn from(group: service::people::Group) -> Self {
            let people = group.people.into_iter().map(|person| Person {
                id: person.id,
                email: person.email,
                role: person.role,
                oneself: person.oneself,
                may_reset: person.may_reset,
                second_step: person.second_step,
            });
            Self {
                people: people.collect(),
                invitations: group.invitations.into_iter().map(Invitation::from).collect(),
            }
        }
    }
}

#[server]
pub async fn load_people() -> Result<PeoplePage, ApiError> {
    use super::request::{actor, everlight, set_status};
    let (everlight, actor) = (everlight(), actor()?);
    let page = async {
        let homes = everlight.people().homes(&actor).await?;
        let administrators = match actor.role() {
            Some(Role::Administrator) => Some(everlight.people().administrators(&actor).await?.into()),
            _ => None,
        };
        let homes =
            homes.into_iter().map(|(home, group)| Home { id: home.id, name: home.name.into(), group: group.into() });
        Ok::<_, service::Error>(PeoplePage { homes: homes.collect(), administrators })
    };
    page.await.map_err(ApiError::from).inspect_err(set_status)
}

#[server]
pub async fn create_home(name: String) -> Result<HomeId, ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().people().create_home(&actor()?, name.clone()).await;
    answer_form(result, |_| "/admin/people".into(), "/admin/people?new", &[("name", &name)])
}

#[server]
pub async fn rename_home(id: HomeId, name: String) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().people().rename_home(&actor()?, id, name.clone()).await;
    answer_form(result, |()| "/admin/people".into(), &format!("/admin/people?rename={id}"), &[("name", &name)])
}

/// `role` is `administrator`, `director` or `assistant`; the last two are of a funeral home. `label`: for whom it is.
#[server]
pub async fn invite_staff(role: String, home: Option<HomeId>, label: String) -> Result<InvitationId, ApiError> {
    use super::request::{actor, answer_form, everlight};
    let actor = actor()?;
    let grant = match (role.as_str(), home) {
        ("administrator", None) => Some(domain::Grant::Administrator),
        ("director", Some(home)) => Some(domain::Grant::Director(home)),
        ("assistant", Some(home)) => Some(domain::Grant::Assistant(home)),
        _ => None,
    };
    let result = match grant {
        Some(grant) => everlight().invitations().create(&actor, grant, &label).await,
        None => Err(service::Error::Invalid("Please choose what the person is to be.".into())),
    };
    let back = home.map_or_else(|| "administrators".to_owned(), |home| home.to_string());
    answer_form(
        result,
        |id| format!("/admin/people?link={id}"),
        &format!("/admin/people?invite={back}"),
        &[("role", &role), ("label", &label)],
    )
}

/// A link for a new password. `memorial_id`: whose page it was asked for on, if it was not the people's.
#[server]
pub async fn reset_password(id: UserId, memorial_id: Option<MemorialId>) -> Result<InvitationId, ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().invitations().create(&actor()?, domain::Grant::Password(id), "").await;
    let page = page(memorial_id);
    answer_form(result, |id| format!("{page}?link={id}"), &page, &[])
}

/// Turns off the second step of somebody who lost their phone and their codes.
#[server]
pub async fn remove_second_step(id: UserId, memorial_id: Option<MemorialId>) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().second_factor().remove(&actor()?, id).await;
    let page = page(memorial_id);
    answer_form(result, |()| page.clone(), &page, &[])
}

/// Takes an administrator's or an employee's role away.
#[server]
pub async fn remove_person(id: UserId) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().people().remove(&actor()?, id).await;
    answer_form(result, |()| "/admin/people".into(), "/admin/people", &[])
}

/// The link of an invitation that was not used yet.
#[server]
pub async fn reveal_invitation(id: InvitationId) -> Result<InvitationLink, ApiError> {
    use super::request::{actor, everlight, set_status};
    let shown = everlight().invitations().link(&actor()?, id).await.map_err(ApiError::from).inspect_err(set_status);
    shown.map(|(row, link)| InvitationLink { invitation: row.into(), link })
}

#[server]
pub async fn withdraw_invitation(id: InvitationId, memorial_id: Option<MemorialId>) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().invitations().withdraw(&actor()?, id).await;
    let page = page(memorial_id);
    answer_form(result, |()| page.clone(), &page, &[])
}

#[server]
pub async fn invite_family(memorial_id: MemorialId, label: String) -> Result<InvitationId, ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().invitations().create(&actor()?, domain::Grant::Family(memorial_id), &label).await;
    let page = page(Some(memorial_id));
    answer_form(result, |id| format!("{page}?link={id}"), &format!("{page}?invite"), &[("label", &label)])
}

#[server]
pub async fn remove_family(memorial_id: MemorialId, id: UserId) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().people().remove_family(&actor()?, memorial_id, id).await;
    let page = page(Some(memorial_id));
    answer_form(result, |()| page.clone(), &page, &[])
}

/// The page that a form was on.
#[cfg(feature = "ssr")]
fn page(memorial: Option<MemorialId>) -> String {
    memorial.map_or_else(|| "/admin/people".to_owned(), |id| format!("/admin/memorials/{id}"))
}
