//! Stream management: a memorial and its services.

use domain::{Action, MemorialId, StreamId, document::StreamDocument};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    components::Redirect,
    hooks::{use_params_map, use_query_map},
};

use crate::{
    api::{
        ApiError,
        memorials::{ArchiveMemorial, DeleteMemorial, load_memorial},
        streams::reveal_access,
    },
    components::{
        create_stream_modal::CreateStreamModal,
        edit_stream_modal::EditStreamModal,
        family::FamilyPart,
        form::{FormError, action_error, on_success},
        header::StaffHeader,
        memorial_modal::EditMemorialModal,
        portrait::{Portrait, PortraitModal},
        stream_card::StreamCard,
        words::life_dates,
    },
};

#[component]
pub fn MemorialPage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let id =
        Memo::new(move |_| params.with(|params| params.get_str("id").and_then(|id| id.parse::<MemorialId>().ok())));
    let query_stream = move |name: &'static str| {
        Memo::new(move |_| query.with(|query| query.get_str(name).and_then(|id| id.parse::<StreamId>().ok())))
    };
    let (shown, edited) = (query_stream("access"), query_stream("edit_stream"));
    let has = move |name: &'static str| Memo::new(move |_| query.with(|query| query.get_str(name).is_some()));
    let (creating, editing, inviting, portraying) = (has("new"), has("edit"), has("invite"), has("portrait"));

    let page = Resource::new(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => load_memorial(id).await,
                None => Err(ApiError::NotFound),
            }
        },
    );
    let access = Resource::new(
        move || shown.get(),
        |shown| async move {
            match shown {
                Some(id) => Some((id, reveal_access(id).await)),
                None => None,
            }
        },
    );
    let changed = Callback::new(move |()| page.refetch());
    // Not with the rest: the link of a service that was just deleted is nothing to ask for.
    let replaced = Callback::new(move |()| access.refetch());

    let loaded = Signal::derive(move || page.get().and_then(Result::ok));
    let memorial = Signal::derive(move || loaded.get().map(|page| page.memorial));
    let allowed = Signal::derive(move || loaded.get().map(|page| page.allowed).unwrap_or_default());
    let streams = move || loaded.get().map(|page| page.streams).unwrap_or_default();
    let edited_stream = Signal::derive(move || streams().into_iter().find(|stream| Some(stream.id) == edited.get()));
    let access_of = move |id: StreamId| {
        Signal::derive(move || {
            access.get().flatten().filter(|(of, _)| *of == id && shown.get() == Some(id)).map(|(_, access)| access)
        })
    };
    let here =
        Signal::derive(move || id.get().map_or_else(|| "/admin".to_owned(), |id| format!("/admin/memorials/{id}")));
    // The error of a form that has no dialog of its own (archive, end, delete), sent without hydration.
    let error = move || {
        query
            .with(|query| query.get("error"))
            .filter(|_| !creating.get() && !editing.get() && !inviting.get() && !portraying.get())
            .filter(|_| edited.get().is_none())
    };
    view! {
        <StaffHeader/>
        <main class="page">
            <p class="crumb"><a href="/admin">"Memorials"</a></p>
            {move || error().map(|error| view! { <p role="alert" class="form-error">{error}</p> })}
            <Transition fallback=|| view! { <p class="muted">"One moment…"</p> }>
                {move || page.get().map(|result| match result {
                    Ok(page) => view! { <Heading page=page changed=changed/> }.into_any(),
                    Err(ApiError::SignedOut) => view! { <Redirect path="/login"/> }.into_any(),
                    Err(error) => view! { <Problem error=error/> }.into_any(),
                })}
                <CreateStreamModal page=loaded open=creating close_href=here created=changed/>
                <EditMemorialModal memorial=memorial open=editing close_href=here changed=changed/>
                <PortraitModal memorial=memorial open=portraying close_href=here/>
                <EditStreamModal stream=edited_stream open=Signal::derive(move || edited.get().is_some()) close_href=here changed=changed/>
                <div class="cards">
                    <For each=streams key=card_key let:stream>
                        <StreamCard access=access_of(stream.id) document=stream allowed=allowed changed=changed replaced=replaced/>
                    </For>
                </div>
                <FamilyPart page=loaded close_href=here changed=changed/>
            </Transition>
        </main>
    }
}

/// A card is kept while its service is the same; what changes by itself (states, recordings) it follows by itself.
fn card_key(stream: &StreamDocument) -> (StreamId, String, String, Option<String>, bool) {
    let local = stream.scheduled_local.as_ref().map(|local| local.label.clone());
    let phone = stream.streaming_method == domain::StreamingMethod::PhoneBrowser;
    (stream.id, stream.title.clone(), stream.description.clone(), local, phone)
}

#[component]
fn Heading(page: crate::api::memorials::MemorialPage, changed: Callback<()>) -> impl IntoView {
    let may = |action| page.may(action);
    let (may_create, may_edit, may_archive) = (may(Action::CreateStream), may(Action::Edit), may(Action::Archive));
    let (may_delete, may_download) = (may(Action::Delete), may(Action::Download));
    let may_portray = may(Action::Portray);
    let memorial = page.memorial;
    let here = format!("/admin/memorials/{}", memorial.id);
    let portrait = memorial.portrait.map(|portrait| format!("{here}/portrait/{portrait}.jpg"));
    let name = memorial.details.name.as_str().to_owned();
    let dates = life_dates(memorial.details.born, memorial.details.died);
    let archived = memorial.archived_at.is_some();
    let archive = ServerAction::<ArchiveMemorial>::new();
    on_success(archive, move |()| changed.run(()));
    let delete = ServerAction::<DeleteMemorial>::new();
    view! {
        <Title text=format!("{name} · Everlight")/>
        <div class="page-head">
            <div class="person-head">
                {portrait.map(|src| view! { <Portrait src=src name=name.clone()/> })}
                <div>
                    <h1>{name.clone()}</h1>
                    {dates.map(|dates| view! { <p class="muted">{dates}</p> })}
                </div>
            </div>
            {may_create.then(|| view! { <a class="button primary" href=format!("{here}?new") data-noscroll="">"New service"</a> })}
        </div>
        {(may_edit || may_archive || may_portray || may_download).then(|| view! {
            <div class="actions page-actions">
                {may_portray.then(|| view! { <a class="button quiet" href=format!("{here}?portrait") data-noscroll="">"Picture"</a> })}
                {may_edit.then(|| view! { <a class="button quiet" href=format!("{here}?edit") data-noscroll="">"Edit memorial"</a> })}
                {may_archive.then(|| view! {
                    <ActionForm action=archive>
                        <input type="hidden" name="id" value=memorial.id.to_string()/>
                        <input type="hidden" name="archived" value=(!archived).to_string()/>
                        <button type="submit" class="button quiet" disabled=move || archive.pending().get()>
                            {if archived { "Bring back from the archive" } else { "Archive" }}
                        </button>
                    </ActionForm>
                })}
                {may_download.then(|| view! {
                    <a class="button quiet" href=format!("{here}/export.zip") rel="external" download="">"Download everything"</a>
                })}
                {may_delete.then(|| view! {
                    <details class="question">
                        <summary class="button quiet">"Delete"</summary>
                        <ActionForm action=delete attr:class="answer">
                            <input type="hidden" name="id" value=memorial.id.to_string()/>
                            <p>"Delete this memorial with all of its services and every copy of their recordings, for good? Links to them will lead nowhere."</p>
                            <button type="submit" class="button danger" disabled=move || delete.pending().get()>"Yes, delete all of it"</button>
                            <FormError message=action_error(delete)/>
                        </ActionForm>
                    </details>
                })}
            </div>
        })}
        {archived.then(|| view! { <p class="notice">"This memorial is archived: it is not in the daily list. Nothing was deleted."</p> })}
        {page.streams.is_empty().then(|| view! {
            <div class="empty">
                <p>"No service yet."</p>
                {may_create.then(|| view! {
                    <p class="muted">"A visitation, a funeral, a burial: each is a service of its own. Begin with \u{201c}New service\u{201d}."</p>
                })}
            </div>
        })}
    }
    .into_any()
}

#[component]
fn Problem(error: ApiError) -> impl IntoView {
    let title = if error == ApiError::NotFound { "This memorial is not here" } else { "That did not work" };
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(error.status());
    }
    view! {
        <Title text=format!("{title} · Everlight")/>
        <h1>{title}</h1>
        <p>{error.to_string()}</p>
    }
}
