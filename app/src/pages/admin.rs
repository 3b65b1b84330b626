//! The list of memorials.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_query_map};

use crate::{
    api::{
        ApiError,
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
    view! {
        <Title text="Memorials · Everlight"/>
        <StaffHeader/>
        <main class="page">
            <div class="page-head">
                <h1>{move || if archived.get() { "Archived memorials" } else { "Memorials" }}</h1>
                <a class="button primary" href="/admin?new" data-noscroll="">"New memorial"</a>
            </div>
            <NewMemorialModal open=creating/>
            <Transition fallback=|| view! { <p class="muted">"One moment…"</p> }>
                {move || Suspend::new(async move {
                    let archived = archived.get();
                    match memorials.await {
                        Ok(list) if list.is_empty() => view! { <Nothing archived=archived/> }.into_any(),
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
            <p class="muted">{life_dates(details.born, details.died)}</p>
            <p>
                {services_words(entry.streams)}
                {entry.on_air.then(|| view! { " " <span class="badge" data-state="live">"On air now"</span> })}
            </p>
        </li>
    }
}

#[component]
fn Nothing(archived: bool) -> impl IntoView {
    view! {
        <div class="empty">
            {if archived {
                view! { <p>"Nothing is archived."</p> }.into_any()
            } else {
                view! {
                    <p>"There is no memorial yet."</p>
                    <p class="muted">"A memorial is for one person and holds all of their services. Begin with \u{201c}New memorial\u{201d}."</p>
                }.into_any()
            }}
        </div>
    }
}
