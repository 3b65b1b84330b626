//! The family of a memorial: who they are, and inviting them.

use domain::MemorialId;
use leptos::{form::ActionForm, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::{
    form::{FormError, form_error, on_success},
    modal::Modal,
    people::{PeopleList, ShownLink},
};
use crate::api::people::{Group, InviteFamily};

#[component]
pub fn FamilyPart(family: Group, memorial_id: MemorialId, may_remove: bool, changed: Callback<()>) -> impl IntoView {
    let here = format!("/admin/memorials/{memorial_id}");
    let query = use_query_map();
    let inviting = Memo::new(move |_| query.with(|query| query.get_str("invite").is_some()));
    let nobody = family.people.is_empty() && family.invitations.is_empty();
    view! {
        <section class="people-part" aria-labelledby="family">
            <div class="page-head">
                <h2 id="family">"Family"</h2>
                <a class="button" href=format!("{here}?invite") data-noscroll="">"Invite family"</a>
            </div>
            <ShownLink memorial_id=Some(memorial_id)/>
            {nobody.then(|| view! { <p class="muted">"Nobody of the family is invited yet. They may watch, download the recording, and invite others."</p> })}
            <PeopleList group=family memorial_id=Some(memorial_id) may_remove=may_remove changed=changed/>
            <InviteModal memorial_id=memorial_id open=inviting close_href=here changed=changed/>
        </section>
    }
}

#[component]
fn InviteModal(
    memorial_id: MemorialId,
    #[prop(into)] open: Signal<bool>,
    close_href: String,
    changed: Callback<()>,
) -> impl IntoView {
    let action = ServerAction::<InviteFamily>::new();
    let error = form_error(action);
    let navigate = use_navigate();
    let here = close_href.clone();
    on_success(action, move |id| {
        changed.run(());
        navigate(&format!("{here}?link={id}"), NavigateOptions { scroll: false, ..Default::default() });
    });
    view! {
        <Modal id="invite-family" title="Invite family" open=open close_href=Signal::stored(close_href)>
            <ActionForm action=action attr:class="form" attr:aria-describedby="invite-family-error">
                <FormError id="invite-family-error" message=error/>
                <input type="hidden" name="memorial_id" value=memorial_id.to_string()/>
                <p>"You get a link to send on. Whoever opens it first makes their own account with it: they see this memorial, may download its recordings, and may invite others of the family."</p>
                <LabelField/>
                <button type="submit" class="button primary" disabled=move || action.pending().get()>"Make the link"</button>
            </ActionForm>
        </Modal>
    }
}

/// For whom an invitation is.
#[component]
pub fn LabelField() -> impl IntoView {
    let label = use_query_map().with_untracked(|query| query.get("label")).unwrap_or_default();
    view! {
        <label class="field">
            <span>"For whom"</span>
            <input type="text" name="label" required maxlength="80" autocomplete="off" value=label/>
            <small>"A name, so that you know it again. The person does not see it."</small>
        </label>
    }
}
