//! The success metrics: how well it goes, in numbers.

use domain::success::Period;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_query_map};

use crate::{
    api::{ApiError, numbers::load_numbers},
    components::{header::StaffHeader, numbers::Cards},
};

#[component]
pub fn NumbersPage() -> impl IntoView {
    let query = use_query_map();
    let period = Memo::new(move |_| query.with(|query| query.get("period")));
    let page = Resource::new(move || period.get(), load_numbers);
    let chosen = move || Period::named(&period.get().unwrap_or_default());
    view! {
        <Title text="In numbers · Everlight"/>
        <StaffHeader/>
        <main class="page">
            <p class="crumb"><a href="/admin/people">"People"</a></p>
            <h1>"How well it goes, in numbers"</h1>
            <p class="muted">"A target counts as met, or as missed, only when the numbers leave no room for the other."</p>
            // A plain form: it works before, and without, any script.
            <form method="get" action="/admin/numbers" class="period">
                <label class="field">
                    <span>"Time"</span>
                    <select name="period">
                        <option value=Period::Month.name() selected=move || chosen() == Period::Month>"The last 30 days"</option>
                        <option value=Period::Year.name() selected=move || chosen() == Period::Year>"The last 12 months"</option>
                    </select>
                </label>
                <button type="submit" class="button">"Show"</button>
                <a class="button quiet" rel="external" download href=move || format!("/admin/numbers.csv?period={}", chosen().name())>
                    "Download as a table (CSV)"
                </a>
            </form>
            <Transition fallback=|| view! { <p class="muted">"One moment…"</p> }>
                {move || page.get().map(|result| match result {
                    Ok(report) => view! { <Cards report=report/> }.into_any(),
                    Err(ApiError::SignedOut) => view! { <Redirect path="/login"/> }.into_any(),
                    Err(error) => view! { <p role="alert" class="form-error">{error.to_string()}</p> }.into_any(),
                })}
            </Transition>
        </main>
    }
}
