//! Where a one-time link leads: an invitation, or a new password. The token is in the fragment, which browsers send to
//! nobody; the form sends it in its body. Without script the link is pasted.

use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    api::account::{AcceptInvitation, Offer, OfferKind, read_invitation},
    components::{
        form::{FormError, NewPasswordField, form_error},
        header::Flame,
    },
};

#[component]
pub fn InvitePage() -> impl IntoView {
    let token = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if let Ok(fragment) = window().location().hash() {
            token.set(fragment.trim_start_matches('#').to_owned());
        }
    });
    let offer = Resource::new(
        move || token.get(),
        |token| async move { if token.is_empty() { None } else { Some(read_invitation(token).await) } },
    );
    view! {
        <Title text="Your invitation · Everlight"/>
        <main class="page narrow">
            <a class="brand" href="/"><Flame/>"Everlight"</a>
            <Transition fallback=|| view! { <p class="muted">"One moment…"</p> }>
                {move || match offer.get().flatten() {
                    None => view! {
                        <h1>"Your invitation"</h1>
                        <p>"Please paste the link that you were sent."</p>
                        <InviteForm token=token.get() kind=None/>
                    }.into_any(),
                    Some(Ok(offer)) => view! {
                        <Words offer=offer.clone()/>
                        <InviteForm token=token.get() kind=Some(offer.kind)/>
                    }.into_any(),
                    Some(Err(error)) => view! {
                        <h1>"Your invitation"</h1>
                        <p role="alert" class="form-error">{error.to_string()}</p>
                    }.into_any(),
                }}
            </Transition>
        </main>
    }
}

#[component]
fn Words(offer: Offer) -> impl IntoView {
    let Offer { kind, of } = offer;
    let sentence = match kind {
        OfferKind::Administrator => "As an administrator you will see and do everything here.".to_owned(),
        OfferKind::Director => format!("As a director of {of} you will look after its memorials and services."),
        OfferKind::Assistant => format!("As an assistant of {of} you will prepare its memorials and services."),
        OfferKind::Family => {
            format!(
                "As family of {of} you can see the services, decide what of the recordings is shown, download them, and invite others."
            )
        }
        OfferKind::Password => format!("For the account {of}. You will be signed out everywhere else."),
    };
    view! {
        <h1>{if kind == OfferKind::Password { "Choose a new password" } else { "You are invited" }}</h1>
        <p>{sentence}</p>
    }
}

/// `kind`: what the link is for, when it is known.
#[component]
fn InviteForm(token: String, kind: Option<OfferKind>) -> impl IntoView {
    let action = ServerAction::<AcceptInvitation>::new();
    let error = form_error(action);
    let email = use_query_map().with_untracked(|query| query.get("email")).unwrap_or_default();
    let known = kind.is_some();
    view! {
        <ActionForm action=action attr:class="form" attr:aria-describedby="invite-error">
            <FormError id="invite-error" message=error/>
            {if known {
                view! { <input type="hidden" name="token" value=token/> }.into_any()
            } else {
                view! {
                    <label class="field">
                        <span>"The link"</span>
                        <input type="text" name="token" required autocomplete="off" spellcheck="false"/>
                    </label>
                }.into_any()
            }}
            {(kind != Some(OfferKind::Password)).then(|| view! {
                <label class="field">
                    <span>"Your e-mail"</span>
                    <input type="email" name="email" required=known autocomplete="username" value=email/>
                    <small>{if known { "With it you sign in from now on." } else { "Leave it empty if you have an account and forgot how to sign in." }}</small>
                </label>
            })}
            <NewPasswordField
                label="Password"
                name="password"
                more=if kind == Some(OfferKind::Password) { "" } else { " If you have an account here already, write its password." }
            />
            <button type="submit" class="button primary" disabled=move || action.pending().get()>
                {if kind == Some(OfferKind::Password) { "Set password and sign in" } else { "Accept and sign in" }}
            </button>
        </ActionForm>
    }
}
