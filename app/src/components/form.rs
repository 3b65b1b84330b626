//! What every form shares: the error of the last attempt, shown with the form and kept beside what was typed.

use domain::Password;
use leptos::{html, prelude::*};
use leptos_router::hooks::use_query_map;
use server_fn::ServerFn;

use crate::api::ApiError;

/// The sentence to show with a form: what the last attempt answered or, when the form was sent without hydration, what
/// the server wrote into the query (`error`).
pub fn form_error<S>(action: ServerAction<S>) -> Signal<Option<String>>
where
    S: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    let query = use_query_map();
    let answered = action_error(action);
    Signal::derive(move || {
        let asked = action.value().with(Option::is_some);
        if asked { answered.get() } else { query.with(|query| query.get("error")) }
    })
}

/// The sentence of the last attempt, for a form that is not sent back to with an error of its own.
pub fn action_error<S>(action: ServerAction<S>) -> Signal<Option<String>>
where
    S: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    Signal::derive(move || {
        action.value().with(|value| value.as_ref().and_then(|result| result.as_ref().err().map(ToString::to_string)))
    })
}

/// Runs `then` each time the action succeeds. In the browser only: a plain form is answered by a redirect.
pub fn on_success<S>(action: ServerAction<S>, then: impl Fn(&S::Output) + Send + Sync + 'static)
where
    S: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    Effect::new(move |_| {
        action.version().track();
        action.value().with_untracked(|value| {
            if let Some(Ok(output)) = value {
                then(output);
            }
        });
    });
}

/// The error of a form. The form names it: `aria-describedby`.
#[component]
pub fn FormError(#[prop(optional)] id: Option<&'static str>, message: Signal<Option<String>>) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        // The button that was pressed may be far below, in a long form.
        if message.get().is_some()
            && let Some(place) = place.get()
        {
            place.scroll_into_view();
        }
    });
    view! {
        <div node_ref=place id=id role="alert" class="form-error">
            {move || message.get().map(|message| view! { <p>{message}</p> })}
        </div>
    }
}

/// Where somebody chooses a password.
#[component]
pub fn NewPasswordField(
    label: &'static str,
    name: &'static str,
    /// What is to be known besides.
    #[prop(optional)]
    more: &'static str,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                type="password"
                name=name
                required
                minlength=Password::MIN.to_string()
                maxlength=Password::MAX.to_string()
                autocomplete="new-password"
            />
            <small>{format!("At least {} characters. Three or four words are easy to remember.{more}", Password::MIN)}</small>
        </label>
    }
}
