//! "New service": the form that makes a stream.

use leptos::{form::ActionForm, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::{
    backup_field::BackupField,
    form::{FormError, form_error, on_success},
    modal::Modal,
    privacy_fields::{PrivacyFieldset, PrivacyInitial},
    stream_fields::{StreamFields, StreamFieldset},
};
use crate::api::{memorials::MemorialPage, streams::CreateStream};

#[component]
pub fn CreateStreamModal(
    page: Signal<Option<MemorialPage>>,
    #[prop(into)] open: Signal<bool>,
    #[prop(into)] close_href: Signal<String>,
    /// Called when a stream was made.
    created: Callback<()>,
) -> impl IntoView {
    let action = ServerAction::<CreateStream>::new();
    let error = form_error(action);
    let query = use_query_map();
    let navigate = use_navigate();
    on_success(action, move |_| {
        created.run(());
        navigate(&close_href.get_untracked(), NavigateOptions { scroll: false, ..Default::default() });
    });
    view! {
        <Modal id="new-service" title="New service" open=open close_href=close_href>
            {move || page.get().map(|page| {
                let memorial = page.memorial;
                let privacy = query.with_untracked(|query| PrivacyInitial::default().or_typed(query));
                let typed_backup = query.with_untracked(|query| query.get("backup"));
                let initial = query.with_untracked(|query| {
                    StreamFields::empty(memorial.details.time_zone.to_string()).or_typed(query)
                });
                view! {
                    <ActionForm action=action attr:class="form" attr:aria-describedby="new-service-error">
                        <FormError id="new-service-error" message=error/>
                        <input type="hidden" name="memorial_id" value=memorial.id.to_string()/>
                        <input type="hidden" name="submission" value=page.submission/>
                        <StreamFieldset initial=initial installation=page.installation.clone()/>
                        <BackupField installation=page.installation typed=typed_backup/>
                        <PrivacyFieldset initial=privacy/>
                        <button type="submit" class="button primary" disabled=move || action.pending().get()>
                            "Create service"
                        </button>
                    </ActionForm>
                }
            })}
        </Modal>
    }
    .into_any()
}
