//! Who works here: funeral homes with their directors and assistants, and the administrators.

use domain::HomeId;
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    components::Redirect,
    hooks::{use_navigate, use_query_map},
};

use crate::{
    api::{
        ApiError,
        people::{self, CreateHome, Group, Home, InviteStaff, RenameHome, load_people},
    },
    components::{
        family::LabelField,
        form::{FormError, form_error, on_success},
        header::StaffHeader,
        modal::Modal,
        people::{PeopleList, ShownLink},
    },
};

const HERE: &str = "/admin/people";

#[component]
pub fn PeoplePage() -> impl IntoView {
    let query = use_query_map();
    let page = Resource::new(|| (), |()| load_people());
    let changed = Callback::new(move |()| page.refetch());
    let asked = move |name: &'static str| Memo::new(move |_| query.with(|query| query.get(name)));
    let (creating, inviting, renaming) = (asked("new"), asked("invite"), asked("rename"));
    let error = move || {
        let form = creating.get().is_some() || inviting.get().is_some() || renaming.get().is_some();
        query.with(|query| query.get("error")).filter(|_| !form)
    };
    let loaded = Signal::derive(move || page.get().and_then(Result::ok));
    let renamed = Signal::derive(move || {
        let id = renaming.get()?.parse::<HomeId>().ok()?;
        loaded.get()?.homes.into_iter().find(|home| home.id == id)
    });
    view! {
        <Title text="People · Everlight"/>
        <StaffHeader/>
        <main class="page">
            <p class="crumb"><a href="/admin">"Memorials"</a></p>
            {move || error().map(|error| view! { <p role="alert" class="form-error">{error}</p> })}
            <div class="page-head">
                <h1>"People"</h1>
                <Transition>
                    {move || loaded.get().and_then(|page| page.administrators).map(|_| view! {
                        <a class="button primary" href="/admin/people?new" data-noscroll="">"New funeral home"</a>
                    })}
                </Transition>
            </div>
            <ShownLink close_href=Signal::stored(HERE.to_owned())/>
            <Transition fallback=|| view! { <p class="muted">"One moment…"</p> }>
                {move || page.get().map(|result| match result {
                    Ok(page) => view! { <Everybody page=page changed=changed/> }.into_any(),
                    Err(ApiError::SignedOut) => view! { <Redirect path="/login"/> }.into_any(),
                    Err(error) => view! { <p role="alert" class="form-error">{error.to_string()}</p> }.into_any(),
                })}
            </Transition>
            <CreateHomeModal open=Signal::derive(move || creating.get().is_some()) changed=changed/>
            <Transition>
                <RenameHomeModal home=renamed changed=changed/>
                <InviteModal to=inviting changed=changed/>
            </Transition>
        </main>
    }
}

#[component]
fn Everybody(page: people::PeoplePage, changed: Callback<()>) -> impl IntoView {
    let administrator = page.administrators.is_some();
    view! {
        {(administrator && page.homes.is_empty()).then(|| view! {
            <div class="empty">
                <p>"There is no funeral home yet."</p>
                <p class="muted">"The people of a funeral home see its memorials and no others. Until there is one, administrators do everything."</p>
            </div>
        })}
        <div class="cards">
            {page.homes.into_iter().map(|home| view! { <HomeCard home=home administrator=administrator changed=changed/> }).collect_view()}
            {page.administrators.map(|group| view! { <Administrators group=group changed=changed/> })}
        </div>
        {administrator.then(|| view! {
            <ul class="plain page-foot">
                <li><a href="/admin/audit">"What was done, and by whom"</a></li>
                <li><a href="/admin/numbers">"How well it goes, in numbers"</a></li>
            </ul>
        })}
    }
}

#[component]
fn HomeCard(home: Home, administrator: bool, changed: Callback<()>) -> impl IntoView {
    let heading = format!("home-{}", home.id);
    let labelled_by = heading.clone();
    let nobody = home.group.people.is_empty() && home.group.invitations.is_empty();
    view! {
        <section class="card" aria-labelledby=labelled_by>
            <div class="card-head">
                <h2 id=heading>{home.name}</h2>
                <div class="actions">
                    <a class="button" href=format!("{HERE}?invite={}", home.id) data-noscroll="">"Invite"</a>
                    {administrator.then(|| view! { <a class="button quiet" href=format!("{HERE}?rename={}", home.id) data-noscroll="">"Rename"</a> })}
                </div>
            </div>
            {nobody.then(|| view! { <p class="muted">"Nobody works here yet. Invite its director first."</p> })}
            <PeopleList group=home.group memorial_id=None may_remove=true changed=changed/>
        </section>
    }
}

#[component]
fn Administrators(group: Group, changed: Callback<()>) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="administrators">
            <div class="card-head">
                <h2 id="administrators">"Administrators"</h2>
                <a class="button" href="/admin/people?invite=administrators" data-noscroll="">"Invite"</a>
            </div>
            <p class="muted">"They see and do everything, for all funeral homes."</p>
            <PeopleList group=group memorial_id=None may_remove=true changed=changed/>
        </section>
    }
}

#[component]
fn HomeNameField(#[prop(into)] value: String) -> impl IntoView {
    view! {
        <label class="field">
            <span>"Name of the funeral home"</span>
            <input type="text" name="name" required maxlength="120" autocomplete="organization" value=value/>
        </label>
    }
}

#[component]
fn CreateHomeModal(open: Signal<bool>, changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<CreateHome>::new();
    let error = form_error(action);
    let navigate = use_navigate();
    on_success(action, move |_| {
        changed.run(());
        navigate(HERE, NavigateOptions::default());
    });
    let typed = StoredValue::new(use_query_map().with_untracked(|query| query.get("name")).unwrap_or_default());
    view! {
        <Modal id="new-home" title="New funeral home" open=open close_href=Signal::stored(HERE.to_owned())>
            <ActionForm action=action attr:class="form" attr:aria-describedby="new-home-error">
                <FormError id="new-home-error" message=error/>
                <HomeNameField value=typed.get_value()/>
                <button type="submit" class="button primary" disabled=move || action.pending().get()>"Create"</button>
            </ActionForm>
        </Modal>
    }
}

#[component]
fn RenameHomeModal(home: Signal<Option<Home>>, changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<RenameHome>::new();
    let error = form_error(action);
    let navigate = use_navigate();
    on_success(action, move |()| {
        changed.run(());
        navigate(HERE, NavigateOptions::default());
    });
    view! {
        <Modal id="rename-home" title="Rename funeral home" open=Signal::derive(move || home.get().is_some()) close_href=Signal::stored(HERE.to_owned())>
            {move || home.get().map(|home| view! {
                <ActionForm action=action attr:class="form" attr:aria-describedby="rename-home-error">
                    <FormError id="rename-home-error" message=error/>
                    <input type="hidden" name="id" value=home.id.to_string()/>
                    <HomeNameField value=home.name/>
                    <button type="submit" class="button primary" disabled=move || action.pending().get()>"Save"</button>
                </ActionForm>
            })}
        </Modal>
    }
}

/// `to`: the id of a funeral home, or `administrators`.
#[component]
fn InviteModal(to: Memo<Option<String>>, changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<InviteStaff>::new();
    let error = form_error(action);
    let navigate = use_navigate();
    on_success(action, move |id| {
        changed.run(());
        navigate(&format!("{HERE}?link={id}"), NavigateOptions::default());
    });
    view! {
        <Modal id="invite" title="Invite somebody" open=Signal::derive(move || to.get().is_some()) close_href=Signal::stored(HERE.to_owned())>
            <ActionForm action=action attr:class="form" attr:aria-describedby="invite-error">
                <FormError id="invite-error" message=error/>
                <p>"You get a link to send on. The person makes their own account with it; it works once, for seven days."</p>
                <LabelField/>
                {move || match to.get().and_then(|to| to.parse::<HomeId>().ok()) {
                    Some(home) => view! { <HomeRoles home=home/> }.into_any(),
                    None => view! { <input type="hidden" name="role" value="administrator"/> }.into_any(),
                }}
                <button type="submit" class="button primary" disabled=move || action.pending().get()>"Make the link"</button>
            </ActionForm>
        </Modal>
    }
}

#[component]
fn HomeRoles(home: HomeId) -> impl IntoView {
    view! {
        <input type="hidden" name="home" value=home.to_string()/>
        <fieldset class="choices">
            <legend>"What they are"</legend>
            <label class="choice">
                <input type="radio" name="role" value="director" checked=true/>
                <span><strong>"Director"</strong><small>"Also deletes and archives, and invites colleagues and families."</small></span>
            </label>
            <label class="choice">
                <input type="radio" name="role" value="assistant"/>
                <span><strong>"Assistant"</strong><small>"Prepares memorials and services, and follows them."</small></span>
            </label>
        </fieldset>
    }
}
