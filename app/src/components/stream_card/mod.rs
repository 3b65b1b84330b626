//! One service on the stream management page: how it stands, what to do next, and everything that belongs to it. It
//! follows the service live.

mod access;
mod actions;
mod cloud;
mod live;
mod recordings;
mod viewers;

pub(crate) use self::actions::EndService;

use domain::{Action, document::StreamDocument, feedback::Feedback, stream::StreamState};
use leptos::prelude::*;

use self::{
    access::AccessPart,
    actions::CardActions,
    cloud::CloudPart,
    live::{OnAirClock, follow},
    recordings::Recordings,
    viewers::ViewersPart,
};
use super::words::{next_words, state_name, state_words};
use crate::api::{ApiError, streams::StreamerAccess};

#[component]
pub fn StreamCard(
    document: StreamDocument,
    /// What whoever looks at it may do.
    allowed: Signal<Vec<Action>>,
    /// The streamer's link, when this service's was asked for.
    access: Signal<Option<Result<StreamerAccess, ApiError>>>,
    /// Called when the list is to be loaded again: the service was deleted or ended.
    changed: Callback<()>,
    /// Called when there is a new link for whoever films.
    replaced: Callback<()>,
) -> impl IntoView {
    let (id, memorial_id) = (document.id, document.memorial_id);
    let may = |action| allowed.with_untracked(|allowed| allowed.contains(&action));
    let (may_film, may_end, may_edit) = (may(Action::Film), may(Action::EndStream), may(Action::EditStream));
    let (may_delete, may_approve) = (may(Action::DeleteStream), may(Action::Approve));
    let method = document.streaming_method;
    let title = document.title.clone();
    let heading = format!("service-{id}");
    let labelled_by = heading.clone();
    let when = document.scheduled_local.clone().map_or_else(
        || view! { <span class="muted">"No time set"</span> }.into_any(),
        |local| view! { <time datetime=local.utc>{local.label}</time> }.into_any(),
    );
    let description = document.description.clone();
    let watch_url = document.watch_url.clone();
    let document = RwSignal::new(document);
    follow(id, document);
    let state = Memo::new(move |_| document.with(|document| document.status));
    view! {
        <article class="card stream-card" data-state=move || state_name(state.get()) aria-labelledby=labelled_by>
            <div class="card-head">
                <h2 id=heading>{title}</h2>
                <p class="state" role="status">
                    <span class="badge" data-state=move || state_name(state.get())>{move || state_words(state.get())}</span>
                    " "
                    <OnAirClock document=document/>
                </p>
            </div>
            <p class="when">{when}</p>
            {(!description.is_empty()).then(|| view! { <p class="description">{description}</p> })}
            {may_film.then(|| view! { <p class="next">{move || next_words(state.get(), method)}</p> })}
            {move || document.with(|document| document.failure.clone()).map(|failure| view! {
                <p class="failure">{failure}</p>
            })}
            // The family can make no room.
            {move || document.with(|document| document.disk_warning.clone()).filter(|_| may_film).map(|warning| view! {
                <p class="failure">{warning}</p>
            })}
            <Show when=move || may_end && (state.get().is_on_air() || state.get() == StreamState::Failed)>
                <EndService id=id memorial_id=memorial_id changed=changed/>
            </Show>
            <Show when=move || may_film && !state.get().is_over()>
                <AccessPart id=id memorial_id=memorial_id method=method document=document access=access changed=replaced/>
            </Show>
            {may_edit.then(|| view! { <CloudPart id=id memorial_id=memorial_id document=document/> })}
            <Recordings id=id memorial_id=memorial_id document=document may_trim=may_approve/>
            <ViewersPart id=id memorial_id=memorial_id watch_url=watch_url document=document may_approve=may_approve/>
            {move || document.with(|document| document.feedback.clone()).map(|Feedback { stars, remarks }| view! {
                <section class="card-part">
                    <h3>"From whoever filmed"</h3>
                    <p>{stars.number()} " of 5 stars"</p>
                    {(!remarks.as_str().is_empty()).then(|| view! { <blockquote class="feedback">{remarks.as_str().to_owned()}</blockquote> })}
                </section>
            })}
            {may_edit.then(|| view! { <CardActions id=id memorial_id=memorial_id may_delete=may_delete changed=changed/> })}
        </article>
    }
    .into_any()
}
