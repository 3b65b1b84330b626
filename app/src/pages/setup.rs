//! The first administrator is made here, with the one-time token of the link that the program printed. It is in the
//! fragment, which browsers send to nobody; the form sends it in its body. Without script the link is pasted.

use leptos::{form::ActionForm, html, prelude::*};
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
    let email = use_query_map().with_untracked(|query| query.get("email")).unwrap_or_default();
    let link = NodeRef::<html::Input>::new();
    #[cfg(feature = "hydrate")]
    fill_from_fragment(link);
    view! {
        <h1>"Set up Everlight"</h1>
        <p>"Choose with what you will sign in from now on."</p>
        <ActionForm action=action attr:class="form" attr:aria-describedby="setup-error">
            <FormError id="setup-error" message=error/>
            <label class="field">
                <span>"Set-up link"</span>
                <input node_ref=link type="text" name="token" required autocomplete="off" spellcheck="false"/>
                <small>"The program printed it when it started. Its last part is enough."</small>
            </label>
            <label class="field">
                <span>"E-mail"</span>
                <input type="email" name="email" required autocomplete="username" value=email/>
            </label>
            <NewPasswordField label="Password" name="password"/>
            <button type="submit" class="button primary" disabled=move || action.pending().get()>"Finish set-up"</button>
        </ActionForm>
    }
}

/// Puts the token of the link into the form, and takes it out of the address bar.
#[cfg(feature = "hydrate")]
fn fill_from_fragment(link: NodeRef<html::Input>) {
    let fill = move || {
        let (Some(link), location) = (link.get(), window().location()) else { return };
        let fragment = location.hash().unwrap_or_default();
        let Some((_, token)) = fragment.split_once("token=") else { return };
        link.set_value(token);
        if let (Ok(history), Ok(path), Ok(query)) = (window().history(), location.pathname(), location.search()) {
            let state = history.state().unwrap_or_default();
            // Where the browser does not let it be changed, it stays in the address bar.
            let _ = history.replace_state_with_url(&state, "", Some(&[path, query].concat()));
        }
    };
    Effect::new(move |_| fill());
    // The link may be opened where this page is open already: then nothing is loaded anew.
    let opened = window_event_listener(leptos::ev::hashchange, move |_| untrack(fill));
    on_cleanup(move || opened.remove());
}
