//! One's own account: another password, and where one is signed in.

use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_query_map};

use crate::{
    api::{
        ApiError,
        account::{ChangePassword, EndSession, OpenSession, load_account},
    },
    components::{
        form::{FormError, NewPasswordField, action_error, form_error, on_success},
        header::StaffHeader,
        moment::MomentText,
        second_step::SecondStepCard,
    },
};

#[component]
pub fn AccountPage() -> impl IntoView {
    let sessions = Resource::new(|| (), |()| load_account());
    let changed = Callback::new(move |()| sessions.refetch());
    view! {
        <Title text="Your account · Everlight"/>
        <StaffHeader/>
        <main class="page">
            <p class="crumb"><a href="/admin">"Memorials"</a></p>
            <h1>"Your account"</h1>
            <div class="cards">
                <PasswordCard changed=changed/>
                <SecondStepCard/>
                <section class="card" aria-labelledby="sessions">
                    <h2 id="sessions">"Where you are signed in"</h2>
                    <Transition fallback=|| view! { <p class="muted">"One moment…"</p> }>
                        {move || sessions.get().map(|result| match result {
                            Ok(sessions) => view! { <Sessions sessions=sessions changed=changed/> }.into_any(),
                            Err(ApiError::SignedOut) => view! { <Redirect path="/login"/> }.into_any(),
                            Err(error) => view! { <p role="alert" class="form-error">{error.to_string()}</p> }.into_any(),
                        })}
                    </Transition>
                </section>
            </div>
        </main>
    }
}

#[component]
fn PasswordCard(changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<ChangePassword>::new();
    let error = form_error(action);
    on_success(action, move |()| changed.run(()));
    let query = use_query_map();
    let done = move || {
        let answered = action.value().with(|value| value.as_ref().map(Result::is_ok));
        answered.unwrap_or_else(|| query.with(|query| query.get_str("changed").is_some()))
    };
    view! {
        <section class="card" aria-labelledby="password">
            <h2 id="password">"Password"</h2>
            <p role="status">{move || done().then_some("Your password was changed. You are signed out everywhere else.")}</p>
            <ActionForm action=action attr:class="form" attr:aria-describedby="password-error">
                <FormError id="password-error" message=error/>
                <label class="field">
                    <span>"Present password"</span>
                    <input type="password" name="present" required autocomplete="current-password"/>
                </label>
                <NewPasswordField label="New password" name="new"/>
                <button type="submit" class="button primary" disabled=move || action.pending().get()>"Change password"</button>
            </ActionForm>
        </section>
    }
}

#[component]
fn Sessions(sessions: Vec<OpenSession>, changed: Callback<()>) -> impl IntoView {
    let several = sessions.len() > 1;
    view! {
        <ul class="plain people">
            {sessions.into_iter().map(|session| {
                let (current, handle) = (session.current, session.handle);
                let agent = if session.agent.is_empty() { "A browser".to_owned() } else { session.agent };
                view! {
                    <li>
                        <p class="person">
                            <strong>{agent}</strong>
                            " "
                            {current.then(|| view! { <span class="badge">"This one"</span> })}
                            <br/>
                            <span class="muted">"Since " <MomentText moment=session.since/> ", last seen " <MomentText moment=session.last_seen/></span>
                        </p>
                        {(!current).then(|| view! { <EndForm handle=handle words="Sign out" changed=changed/> })}
                    </li>
                }
            }).collect_view()}
        </ul>
        {several.then(|| view! { <EndForm handle=String::new() words="Sign out everywhere else" changed=changed/> })}
    }
}

#[component]
fn EndForm(handle: String, words: &'static str, changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<EndSession>::new();
    on_success(action, move |()| changed.run(()));
    view! {
        <ActionForm action=action>
            <input type="hidden" name="handle" value=handle/>
            <button type="submit" class="button" disabled=move || action.pending().get()>{words}</button>
            <FormError message=action_error(action)/>
        </ActionForm>
    }
}
