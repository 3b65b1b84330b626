//! The second step of signing in.

use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;

use crate::{
    api::account::EnterCode,
    components::{
        form::{FormError, form_error},
        header::Flame,
    },
};

#[component]
pub fn CodePage() -> impl IntoView {
    let action = ServerAction::<EnterCode>::new();
    let error = form_error(action);
    view! {
        <Title text="Code · Everlight"/>
        <main class="page narrow">
            <a class="brand" href="/"><Flame/>"Everlight"</a>
            <h1>"One more step"</h1>
            <p>"Please type the six digits that your authenticator app shows for Everlight."</p>
            <ActionForm action=action attr:class="form" attr:aria-describedby="code-error">
                <FormError id="code-error" message=error/>
                <CodeField/>
                <button type="submit" class="button primary" disabled=move || action.pending().get()>"Sign in"</button>
            </ActionForm>
            <p class="muted">
                "No phone at hand? One of the codes that you wrote down works, too, each of them once. If you have neither, \
                 ask whoever invited you."
            </p>
            <p class="page-foot"><a href="/login">"Sign in as somebody else"</a></p>
        </main>
    }
}

/// A code of an authenticator app.
#[component]
pub fn CodeField() -> impl IntoView {
    view! {
        <label class="field">
            <span>"Code"</span>
            <input
                type="text"
                name="code"
                required
                maxlength="40"
                autocomplete="one-time-code"
                autocapitalize="characters"
                spellcheck="false"
            />
        </label>
    }
}
