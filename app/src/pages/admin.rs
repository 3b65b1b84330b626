//! The list of memorials.

use domain::Role;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_query_map};

use crate::{
    api::{
        ApiError,
        account::who_am_i,
        memorials::{MemorialSummary, list_memorials},
    },
    components::{
        header::StaffHeader,
        memorial_modal::NewMemorialModal,
        words::{life_dates, services_words},
    },
};

#[component]
pub fn AdminPage() -> impl IntoView {
    let query = use_query_map();
    let archived = Memo::new(move |_| query.with(|query| query.get_str("archived").is_some()));
    let creating = Memo::new(move |_| query.with(|query| query.get_str("new").is_some()));
    let memorials = Resource::new(move || archived.get(), list_memorials);
    let user = Resource::new(|| (), |()| who_am_i());
    // Family are invited to memorials, and make none.
    let staff = move || user.get().and_then(Result::ok).flatten().is_some_and(|user| user.role != Role::Family);
    view! {
        <Title text="Memorials · Everlight"/>
        <StaffHeader/>
        <main class="page">
            <div class="page-head">
                <h1>{move || if archived.get() { "Archived memorials" } else { "Memorials" }}</h1>
                <Transition>
                    {move || staff().then(|| view! { <a class="button primary" href="/admin?new" data-noscroll="">"New memorial"</a> })}
                </Transition>
            </div>
            <NewMemorialModal open=creating/>
            <Transition fallback=|| view! { <p class="muted">"One moment…"</p> }>
                {move || Suspend::new(async move {
                    let archived = archived.get();
                    match memorials.await {
                        Ok(list) if list.is_empty() => {
                            let staff = user.await.ok().flatten().is_none_or(|user| user.role != Role::Family);
                            view! { <Nothing archived=archived staff=staff/> }.into_any()
                        }
                        Ok(list) => view! {
                            <ul class="cards plain">{list.into_iter().map(|entry| view! { <Entry entry=entry/> }).collect_view()}</ul>
                        }.into_any(),
                        Err(ApiError::SignedOut) => view! { <Redirect path="/login"/> }.into_any(),
                        Err(error) => view! { <p role="alert" class="form-error">{error.to_string()}</p> }.into_any(),
                    }
                })}
            </Transition>
            <p class="page-foot">
                {move || if archived.get() {
                    view! { <a href="/admin">"Back to the memorials"</a> }
                } else {
                    view! { <a href="/admin?archived">"Archived memorials"</a> }
                }}
            </p>
        </main>
    }
}

#[component]
fn Entry(entry: MemorialSummary) -> impl IntoView {
    let details = entry.memorial.details;
    view! {
        <li class="card memorial-card">
            <h2><a href=format!("/admin/memorials/{}", entry.memorial.id)>{details.name.as_str().to_owned()}</a></h2>
            {life_dates(details.born, details.died).map(|dates| view! { <p class="muted">{dates}</p> })}
            <p>
                {services_words(entry.streams)}
                {entry.on_air.then(|| view! { " " <span class="badge" data-state="live">"On air now"</span> })}
            </p>
        </li>
    }
}

#[component]
fn Nothing(archived: bool, staff: bool) -> impl IntoView {
    view! {
        <div class="empty">
            {if archived {
                view! { <p>"Nothing is archived."</p> }.into_any()
            } else if !staff {
                view! { <p>"You have not been invited to a memorial yet, or it is over. The funeral home can help."</p> }.into_any()
            } else {
                view! {
                    <p>"There is no memorial yet."</p>
                    <p class="muted">"A memorial is for one person and holds all of their services. Begin with \u{201c}New memorial\u{201d}."</p>
                }.into_any()
            }}
        </div>
    }
}
