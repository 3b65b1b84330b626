//! One's own second step at sign-in: turning it on and off.

use leptos::{form::ActionForm, prelude::*};

use crate::{
    api::account::{BeginSecondStep, ConfirmSecondStep, SecondStep, TurnOffSecondStep, load_second_step},
    components::{
        copy_field::CopyField,
        form::{FormError, action_error, form_error, on_success},
    },
    pages::code::CodeField,
};

#[component]
pub fn SecondStepCard() -> impl IntoView {
    let step = Resource::new(|| (), |()| load_second_step());
    let changed = Callback::new(move |()| step.refetch());
    view! {
        <section class="card" aria-labelledby="second-step">
            <h2 id="second-step">"A second step at sign-in"</h2>
            <Transition fallback=|| view! { <p class="muted">"One moment…"</p> }>
                {move || step.get().and_then(Result::ok).map(|step| match step {
                    SecondStep::Off => view! { <Off changed=changed/> }.into_any(),
                    SecondStep::Pending { qr, secret, recovery } => {
                        view! { <Pending qr=qr secret=secret recovery=recovery changed=changed/> }.into_any()
                    }
                    SecondStep::On => view! { <On changed=changed/> }.into_any(),
                })}
            </Transition>
        </section>
    }
}

#[component]
fn Off(changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<BeginSecondStep>::new();
    on_success(action, move |()| changed.run(()));
    view! {
        <p>"With it a password alone opens nothing: an app on your phone shows a code that you type as well."</p>
        <ActionForm action=action>
            <button type="submit" class="button" disabled=move || action.pending().get()>"Set it up"</button>
            <FormError message=action_error(action)/>
        </ActionForm>
    }
}

#[component]
fn Pending(qr: String, secret: String, recovery: Vec<String>, changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<ConfirmSecondStep>::new();
    let error = form_error(action);
    on_success(action, move |()| changed.run(()));
    view! {
        <p>"1. Scan this with an authenticator app on your phone, or type the key into it."</p>
        <div class="qr" role="img" aria-label="The key as a QR code" inner_html=qr></div>
        <CopyField label="Key" value=secret/>
        <p>"2. Write these codes down and keep them away from the phone. Each replaces it once, should it be lost. They are not shown again."</p>
        <ul class="recovery">{recovery.into_iter().map(|code| view! { <li>{code}</li> }).collect_view()}</ul>
        <p>"3. Type the six digits that the app shows now."</p>
        <ActionForm action=action attr:class="form" attr:aria-describedby="second-step-error">
            <FormError id="second-step-error" message=error/>
            <CodeField/>
            <button type="submit" class="button primary" disabled=move || action.pending().get()>"Turn it on"</button>
        </ActionForm>
    }
}

#[component]
fn On(changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<TurnOffSecondStep>::new();
    on_success(action, move |()| changed.run(()));
    view! {
        <p role="status">"It is on: a code is asked for whenever you sign in."</p>
        <details class="question">
            <summary class="button quiet">"Turn it off"</summary>
            <ActionForm action=action attr:class="answer">
                <label class="field">
                    <span>"Your password"</span>
                    <input type="password" name="password" required autocomplete="current-password"/>
                </label>
                <button type="submit" class="button" disabled=move || action.pending().get()>"Turn off the second step"</button>
                <FormError message=action_error(action)/>
            </ActionForm>
        </details>
    }
}
