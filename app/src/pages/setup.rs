//! The first administrator is made here, with the one-time token of the link that the program printed.

use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    api::account::{SetUp, setup_needed},
    components::{
        form::{FormError, NewPasswordField, form_error},
        header::Flame,
    },
};

#[component]
pub fn SetupPage() -> impl IntoView {
    let needed = Resource::new(|| (), |()| setup_needed());
    let action = ServerAction::<SetUp>::new();
    view! {
        <Title text="Set up · Everlight"/>
        <main class="page narrow">
            <a class="brand" href="/"><Flame/>"Everlight"</a>
            <Suspense>
                {move || Suspend::new(async move {
                    if needed.await.unwrap_or(true) {
                        view! { <SetupForm action=action/> }.into_any()
                    } else {
                        view! {
                            <h1>"Already set up"</h1>
                            <p>"This installation has its administrator. A set-up link works once only."</p>
                            <a class="button primary" href="/login">"Sign in"</a>
                        }.into_any()
                    }
                })}
            </Suspense>
        </main>
    }
}

#[component]
fn SetupForm(action: ServerAction<SetUp>) -> impl IntoView {
    let error = form_error(action);
    let query = use_query_map();
    let email = query.with_untracked(|query| query.get("email")).unwrap_or_default();
    let token = query.with_untracked(|query| query.get("token")).unwrap_or_default();
    let token_field = if token.is_empty() {
        view! {
            <label class="field">
                <span>"Set-up token"</span>
                <input type="text" name="token" required autocomplete="off" spellcheck="false"/>
                <small>"The program printed it when it started, as the last part of the set-up link."</small>
            </label>
        }
        .into_any()
    } else {
        view! { <input type="hidden" name="token" value=token/> }.into_any()
    };
    view! {
        <h1>"Set up Everlight"</h1>
        <p>"Choose with what you will sign in from now on."</p>
        <ActionForm action=action attr:class="form" attr:aria-describedby="setup-error">
            <FormError id="setup-error" message=error/>
            {token_field}
            <label class="field">
                <span>"E-mail"</span>
                <input type="email" name="email" required autocomplete="username" value=email/>
            </label>
            <NewPasswordField label="Password" name="password"/>
            <button type="submit" class="button primary" disabled=move || action.pending().get()>"Finish set-up"</button>
        </ActionForm>
    }
}
