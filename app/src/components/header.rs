//! The head of every staff page.

use domain::Role;
use leptos::{form::ActionForm, prelude::*};

use crate::api::account::{SignOut, who_am_i};

#[component]
pub fn StaffHeader() -> impl IntoView {
    let user = Resource::new(|| (), |()| who_am_i());
    let sign_out = ServerAction::<SignOut>::new();
    view! {
        <header class="top">
            <a class="brand" href="/admin"><Flame/>"Everlight"</a>
            <nav class="top-nav" aria-label="Pages">
                <Suspense>
                    {move || Suspend::new(async move {
                        let role = user.await.ok().flatten().map(|user| user.role);
                        role.is_some_and(|role| role != Role::Family).then(|| view! { <a href="/admin/today">"Today"</a> })
                    })}
                </Suspense>
                <a href="/admin">"Memorials"</a>
                <Suspense>
                    {move || Suspend::new(async move {
                        let role = user.await.ok().flatten().map(|user| user.role);
                        role.is_some_and(Role::manages_people).then(|| view! { <a href="/admin/people">"People"</a> })
                    })}
                </Suspense>
            </nav>
            <div class="top-side">
                <Suspense>
                    {move || Suspend::new(async move {
                        user.await.ok().flatten().map(|user| view! { <a class="who" href="/account" title="Your account">{user.email}</a> })
                    })}
                </Suspense>
                <ActionForm action=sign_out>
                    <button type="submit" class="button quiet">"Sign out"</button>
                </ActionForm>
            </div>
        </header>
    }
}

/// The product's sign: a small flame.
#[component]
pub fn Flame() -> impl IntoView {
    view! {
        <svg class="flame" viewBox="0 0 24 24" width="28" height="28" aria-hidden="true">
            <path d="M12 2c1 4 6 6.5 6 12a6 6 0 0 1-12 0c0-3 1.5-4.5 2.5-6 .5 1.5 1.2 2.2 2 2.5C10 7.5 10.5 4.5 12 2z"/>
        </svg>
    }
}
