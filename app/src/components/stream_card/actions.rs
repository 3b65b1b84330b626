//! Editing, ending and deleting a service. What cannot be undone asks first.

use domain::{MemorialId, StreamId};
use leptos::{form::ActionForm, prelude::*};

use crate::{
    api::streams::{DeleteStream, EndStream},
    components::form::{FormError, action_error, on_success},
};

/// The main action while a service is on air.
#[component]
pub fn EndService(id: StreamId, memorial_id: MemorialId, changed: Callback<()>) -> impl IntoView {
    let end = ServerAction::<EndStream>::new();
    on_success(end, move |()| changed.run(()));
    view! {
        <details class="question">
            <summary class="button danger large">"End the service"</summary>
            <ActionForm action=end attr:class="answer">
                <Which id=id memorial_id=memorial_id/>
                <p>"End the service for everybody? It cannot be started again; the recording is made ready."</p>
                <button type="submit" class="button danger" disabled=move || end.pending().get()>"Yes, end it now"</button>
                <FormError message=action_error(end)/>
            </ActionForm>
        </details>
    }
    .into_any()
}

#[component]
pub fn CardActions(id: StreamId, memorial_id: MemorialId, may_delete: bool, changed: Callback<()>) -> impl IntoView {
    let delete = ServerAction::<DeleteStream>::new();
    on_success(delete, move |()| changed.run(()));
    view! {
        <div class="actions">
            <a class="button quiet" href=format!("/admin/memorials/{memorial_id}?edit_stream={id}") data-noscroll="">"Edit"</a>
            {may_delete.then(|| view! {
                <details class="question">
                    <summary class="button quiet">"Delete"</summary>
                    <ActionForm action=delete attr:class="answer">
                        <Which id=id memorial_id=memorial_id/>
                        <p>"Delete this service and every copy of its recording, for good? Links to it will lead nowhere."</p>
                        <button type="submit" class="button danger" disabled=move || delete.pending().get()>"Yes, delete it"</button>
                        <FormError message=action_error(delete)/>
                    </ActionForm>
                </details>
            })}
        </div>
    }
    .into_any()
}

#[component]
fn Which(id: StreamId, memorial_id: MemorialId) -> impl IntoView {
    view! {
        <input type="hidden" name="id" value=id.to_string()/>
        <input type="hidden" name="memorial_id" value=memorial_id.to_string()/>
    }
}
