//! Signing in.

use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    api::account::SignIn,
    components::{
        form::{FormError, form_error},
        header::Flame,
    },
};

#[component]
pub fn LoginPage() -> impl IntoView {
    let action = ServerAction::<SignIn>::new();
    let error = form_error(action);
    let email = use_query_map().with_untracked(|query| query.get("email")).unwrap_or_default();
    view! {
        <Title text="Sign in · Everlight"/>
        <main class="page narrow">
            <a class="brand" href="/"><Flame/>"Everlight"</a>
            <h1>"Sign in"</h1>
            <ActionForm action=action attr:class="form" attr:aria-describedby="login-error">
                <FormError id="login-error" message=error/>
                <label class="field">
                    <span>"E-mail"</span>
                    <input type="email" name="email" required autocomplete="username" value=email/>
                </label>
                <label class="field">
                    <span>"Password"</span>
                    <input type="password" name="password" required autocomplete="current-password"/>
                </label>
                <button type="submit" class="button primary" disabled=move || action.pending().get()>"Sign in"</button>
            </ActionForm>
        </main>
    }
}
