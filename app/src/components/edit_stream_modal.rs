//! "Edit service".

use domain::document::StreamDocument;
use leptos::{form::ActionForm, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::{
    form::{FormError, form_error, on_success},
    modal::Modal,
    privacy_fields::{PrivacyFieldset, PrivacyInitial},
    stream_fields::{StreamFields, StreamFieldset},
};
use crate::api::streams::EditStream;

#[component]
pub fn EditStreamModal(
    /// The service that is being edited.
    stream: Signal<Option<StreamDocument>>,
    #[prop(into)] open: Signal<bool>,
    #[prop(into)] close_href: Signal<String>,
    /// Called when it was changed.
    changed: Callback<()>,
) -> impl IntoView {
    let action = ServerAction::<EditStream>::new();
    let error = form_error(action);
    let query = use_query_map();
    let navigate = use_navigate();
    on_success(action, move |()| {
        changed.run(());
        navigate(&close_href.get_untracked(), NavigateOptions { scroll: false, ..Default::default() });
    });
    view! {
        <Modal id="edit-service" title="Edit service" open=open close_href=close_href>
            {move || stream.get().map(|stream| {
                let initial = query.with_untracked(|query| StreamFields::from(&stream).or_typed(query));
                let privacy = query.with_untracked(|query| PrivacyInitial::from(&stream.privacy).or_typed(query));
                view! {
                    <ActionForm action=action attr:class="form" attr:aria-describedby="edit-service-error">
                        <FormError id="edit-service-error" message=error/>
                        <input type="hidden" name="id" value=stream.id.to_string()/>
                        <input type="hidden" name="memorial_id" value=stream.memorial_id.to_string()/>
                        <StreamFieldset initial=initial/>
                        <PrivacyFieldset initial=privacy/>
                        <button type="submit" class="button primary" disabled=move || action.pending().get()>"Save"</button>
                    </ActionForm>
                }
            })}
        </Modal>
    }
    .into_any()
}
