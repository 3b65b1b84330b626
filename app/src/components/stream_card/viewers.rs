//! For those who watch: the link, who may, and until when; and afterwards whether they see the recording.

use domain::{MemorialId, StreamId, document::StreamDocument, privacy::PrivacyDocument, stream::StreamState};
use leptos::{form::ActionForm, prelude::*};

use super::live::look_again;
use crate::{
    api::streams::{ApproveRecording, ShowUntil},
    components::{
        copy_field::CopyField,
        form::{FormError, action_error, on_success},
        words::{approval_words, deleted_words, privacy_words, until_words},
    },
};

#[component]
pub fn ViewersPart(
    id: StreamId,
    memorial_id: MemorialId,
    watch_url: String,
    document: RwSignal<StreamDocument>,
    /// Whether whoever looks at it says what mourners are shown.
    may_approve: bool,
) -> impl IntoView {
    let privacy = Memo::new(move |_| document.with(|document| document.privacy.clone()));
    let recorded = Memo::new(move |_| document.with(|document| document.status == StreamState::Recorded));
    let over = Memo::new(move |_| document.with(|document| document.status.is_over()));
    view! {
        <section class="card-part viewers">
            <h3>"For those who watch"</h3>
            <CopyField label="Viewer link" value=watch_url.clone()/>
            <p class="alone"><a href=watch_url rel="external" target="_blank">"Open the viewer page"</a></p>
            <p class="muted">{move || privacy.with(privacy_words)}</p>
            <Show when=move || may_approve && recorded.get()>
                <Approval id=id memorial_id=memorial_id privacy=privacy document=document/>
            </Show>
            {move || privacy.with(deleted_words).map(|words| view! { <p class="notice">{words}</p> })}
            <Show when=move || may_approve && over.get()>
                <Until id=id memorial_id=memorial_id privacy=privacy document=document/>
            </Show>
        </section>
    }
    .into_any()
}

#[component]
fn Approval(
    id: StreamId,
    memorial_id: MemorialId,
    privacy: Memo<PrivacyDocument>,
    document: RwSignal<StreamDocument>,
) -> impl IntoView {
    let action = ServerAction::<ApproveRecording>::new();
    on_success(action, move |()| look_again(id, document));
    let shown = Memo::new(move |_| privacy.with(|privacy| !privacy.needs_approval || privacy.approved));
    view! {
        <p role="status">{move || approval_words(shown.get())}</p>
        <ActionForm action=action>
            <input type="hidden" name="id" value=id.to_string()/>
            <input type="hidden" name="memorial_id" value=memorial_id.to_string()/>
            <input type="hidden" name="shown" value=move || (!shown.get()).to_string()/>
            <button
                type="submit"
                class="button"
                class:primary=move || !shown.get()
                disabled=move || action.pending().get()
            >
                {move || if shown.get() { "Hide the recording" } else { "Show the recording" }}
            </button>
            <FormError message=action_error(action)/>
        </ActionForm>
    }
}

#[component]
fn Until(
    id: StreamId,
    memorial_id: MemorialId,
    privacy: Memo<PrivacyDocument>,
    document: RwSignal<StreamDocument>,
) -> impl IntoView {
    let action = ServerAction::<ShowUntil>::new();
    on_success(action, move |()| look_again(id, document));
    view! {
        <p role="status">{move || privacy.with(until_words)}</p>
        <details class="question">
            <summary class="button quiet">"Change the last day"</summary>
            <ActionForm action=action attr:class="answer">
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="memorial_id" value=memorial_id.to_string()/>
                <label class="field">
                    <span>"Last day to watch"</span>
                    <input type="date" name="until" prop:value=move || privacy.with(|privacy| privacy.until_date.clone())/>
                    <small>"Empty means 30 days after the service."</small>
                </label>
                <button type="submit" class="button" disabled=move || action.pending().get()>"Save the day"</button>
                <FormError message=action_error(action)/>
            </ActionForm>
        </details>
    }
}
