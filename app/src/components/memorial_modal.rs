//! A memorial's form: "New memorial" and "Edit".

use domain::memorial::Memorial;
use leptos::{form::ActionForm, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};

use super::{
    form::{FormError, form_error, on_success},
    modal::Modal,
    zone_field::ZoneField,
};
use crate::api::memorials::{CreateMemorial, EditMemorial, list_homes};

/// "New memorial". When it was made, the browser goes on to its page.
#[component]
pub fn NewMemorialModal(#[prop(into)] open: Signal<bool>) -> impl IntoView {
    let action = ServerAction::<CreateMemorial>::new();
    let error = form_error(action);
    let query = use_query_map();
    view! {
        <Modal id="new-memorial" title="New memorial" open=open close_href=Signal::stored("/admin".to_owned())>
            <ActionForm action=action attr:class="form" attr:aria-describedby="new-memorial-error">
                <FormError id="new-memorial-error" message=error/>
                <MemorialFields typed=query.with_untracked(Typed::from_query) browser_zone=true/>
                <button type="submit" class="button primary" disabled=move || action.pending().get()>"Create memorial"</button>
            </ActionForm>
        </Modal>
    }
}

/// "Edit memorial".
#[component]
pub fn EditMemorialModal(
    memorial: Signal<Option<Memorial>>,
    #[prop(into)] open: Signal<bool>,
    #[prop(into)] close_href: Signal<String>,
    /// Called when it was changed.
    changed: Callback<()>,
) -> impl IntoView {
    let action = ServerAction::<EditMemorial>::new();
    let error = form_error(action);
    let query = use_query_map();
    let navigate = use_navigate();
    on_success(action, move |()| {
        changed.run(());
        navigate(&close_href.get_untracked(), NavigateOptions { scroll: false, ..Default::default() });
    });
    view! {
        <Modal id="edit-memorial" title="Edit memorial" open=open close_href=close_href>
            {move || memorial.get().map(|memorial| {
                let typed = query.with_untracked(|query| {
                    if query.get_str("name").is_some() { Typed::from_query(query) } else { Typed::from(&memorial) }
                });
                view! {
                    <ActionForm action=action attr:class="form" attr:aria-describedby="edit-memorial-error">
                        <FormError id="edit-memorial-error" message=error/>
                        <input type="hidden" name="id" value=memorial.id.to_string()/>
                        <MemorialFields typed=typed/>
                        <button type="submit" class="button primary" disabled=move || action.pending().get()>"Save"</button>
                    </ActionForm>
                }
            })}
        </Modal>
    }
    .into_any()
}

/// What stands in the fields at first.
#[derive(Debug, Clone, Default)]
struct Typed {
    name: String,
    born: String,
    died: String,
    time_zone: Option<String>,
    home: String,
}

impl Typed {
    fn from_query(query: &ParamsMap) -> Self {
        let text = |name| query.get(name).unwrap_or_default();
        Self {
            name: text("name"),
            born: text("born"),
            died: text("died"),
            time_zone: query.get("time_zone"),
            home: text("home"),
        }
    }
}

impl From<&Memorial> for Typed {
    fn from(memorial: &Memorial) -> Self {
        let date = |date: Option<domain::CivilDate>| date.map(|date| date.to_string()).unwrap_or_default();
        let details = &memorial.details;
        Self {
            name: details.name.as_str().to_owned(),
            born: date(details.born),
            died: date(details.died),
            time_zone: Some(details.time_zone.to_string()),
            home: memorial.home.map(|home| home.to_string()).unwrap_or_default(),
        }
    }
}

#[component]
fn MemorialFields(typed: Typed, #[prop(optional)] browser_zone: bool) -> impl IntoView {
    view! {
        <label class="field">
            <span>"Name of the person"</span>
            <input type="text" name="name" required maxlength="120" autocomplete="off" value=typed.name/>
        </label>
        <div class="field-row">
            <label class="field">
                <span>"Born " <small>"(if known)"</small></span>
                <input type="date" name="born" value=typed.born/>
            </label>
            <label class="field">
                <span>"Died " <small>"(if known)"</small></span>
                <input type="date" name="died" value=typed.died/>
            </label>
        </div>
        <ZoneField hint="Of the place of the services. Times are shown in it." value=typed.time_zone browser_zone=browser_zone/>
        <HomeField value=typed.home/>
    }
}

/// Whose staff look after the memorial: for administrators, once there is a funeral home.
#[component]
fn HomeField(value: String) -> impl IntoView {
    let homes = Resource::new(|| (), |()| list_homes());
    view! {
        <Suspense>
            {move || {
                let value = value.clone();
                Suspend::new(async move {
                    homes.await.ok().filter(|homes| !homes.is_empty()).map(|homes| view! {
                        <label class="field">
                            <span>"Funeral home"</span>
                            <select name="home">
                                <option value="">"None: for administrators only"</option>
                                {homes.into_iter().map(|home| {
                                    let id = home.id.to_string();
                                    let chosen = id == value;
                                    view! { <option value=id selected=chosen>{home.name}</option> }
                                }).collect_view()}
                            </select>
                        </label>
                    })
                })
            }}
        </Suspense>
    }
}
