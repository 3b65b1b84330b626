//! The services of today, for a director with several of them.

use leptos::prelude::*;
use leptos_router::components::Redirect;

use crate::{
    api::{ApiError, today::load_today},
    components::{header::StaffHeader, today_board::TodayBoard},
};

#[component]
pub fn TodayPage() -> impl IntoView {
    let rows = Resource::new(|| (), |()| load_today());
    let changed = Callback::new(move |()| rows.refetch());
    view! {
        <StaffHeader/>
        <main class="page">
            <h1>"Today"</h1>
            <Transition fallback=|| view! { <p class="muted">"One moment…"</p> }>
                {move || Suspend::new(async move {
                    match rows.await {
                        Ok(rows) => view! { <TodayBoard rows=rows changed=changed/> }.into_any(),
                        Err(ApiError::SignedOut) => view! { <Redirect path="/login"/> }.into_any(),
                        Err(error) => view! { <p role="alert" class="form-error">{error.to_string()}</p> }.into_any(),
                    }
                })}
            </Transition>
        </main>
    }
}
