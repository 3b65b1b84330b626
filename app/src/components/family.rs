//! The family of a memorial: who they are, and inviting them.

use domain::{Action, MemorialId};
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
use crate::api::{memorials::MemorialPage, people::InviteFamily};

/// Stands on the page from the beginning, so that what is open in it stays when the page is loaded again.
#[component]
pub fn FamilyPart(
    page: Signal<Option<MemorialPage>>,
    /// The memorial's page without a dialog.
    close_href: Signal<String>,
    changed: Callback<()>,
) -> impl IntoView {
    let query = use_query_map();
    let inviting = Memo::new(move |_| query.with(|query| query.get_str("invite").is_some()));
    // For whoever may see them.
    let family = Memo::new(move |_| {
        let page = page.get()?;
        let may_remove = page.may(Action::RemoveFamily);
        Some((page.memorial.id, page.family?, may_remove))
    });
    let memorial = Memo::new(move |_| family.get().map(|(memorial, ..)| memorial));
    view! {
        <ShownLink close_href=close_href/>
        {move || family.get().map(|(memorial, family, may_remove)| {
            let nobody = family.people.is_empty() && family.invitations.is_empty();
            view! {
                <section class="people-part" aria-labelledby="family">
                    <div class="page-head">
                        <h2 id="family">"Family"</h2>
                        <a class="button" href=format!("/admin/memorials/{memorial}?invite") data-noscroll="">"Invite family"</a>
                    </div>
                    {nobody.then(|| view! { <p class="muted">"Nobody of the family is invited yet. They may watch, decide what of the recording is shown, download it, and invite others."</p> })}
                    <PeopleList group=family memorial_id=Some(memorial) may_remove=may_remove changed=changed/>
                </section>
            }
        })}
        <InviteModal memorial=memorial open=inviting close_href=close_href changed=changed/>
    }
    .into_any()
}

#[component]
fn InviteModal(
    memorial: Memo<Option<MemorialId>>,
    #[prop(into)] open: Signal<bool>,
    close_href: Signal<String>,
    changed: Callback<()>,
) -> impl IntoView {
    let action = ServerAction::<InviteFamily>::new();
    let error = form_error(action);
    let navigate = use_navigate();
    on_success(action, move |id| {
        changed.run(());
        navigate(
            &format!("{}?link={id}", close_href.get_untracked()),
            NavigateOptions { scroll: false, ..Default::default() },
        );
    });
    view! {
        <Modal id="invite-family" title="Invite family" open=open close_href=close_href>
            <ActionForm action=action attr:class="form" attr:aria-describedby="invite-family-error">
                <FormError id="invite-family-error" message=error/>
                <input type="hidden" name="memorial_id" value=move || memorial.get().map(|id| id.to_string())/>
                <p>"You get a link to send on. Whoever opens it first makes their own account with it: they see this memorial, decide what of its recordings is shown, may download them, and may invite others of the family."</p>
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
