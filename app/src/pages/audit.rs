//! The audit log: who did what, to what, and when.

use domain::{audit::Deed, deletion::BeingDeleted};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_query_map};

use crate::{
    api::{
        ApiError,
        account::Moment,
        audit::{self, load_audit},
    },
    components::{header::StaffHeader, moment::MomentText},
};

#[component]
pub fn AuditPage() -> impl IntoView {
    let query = use_query_map();
    let before = Memo::new(move |_| query.with(|query| query.get("before")));
    let page = Resource::new(move || before.get(), load_audit);
    view! {
        <Title text="What was done · Everlight"/>
        <StaffHeader/>
        <main class="page">
            <p class="crumb"><a href="/admin/people">"People"</a></p>
            <h1>"What was done"</h1>
            <p class="muted">"Nothing in this list can be changed or removed."</p>
            <Transition fallback=|| view! { <p class="muted">"One moment…"</p> }>
                {move || page.get().map(|result| match result {
                    Ok(page) => view! { <Entries page=page/> }.into_any(),
                    Err(ApiError::SignedOut) => view! { <Redirect path="/login"/> }.into_any(),
                    Err(error) => view! { <p role="alert" class="form-error">{error.to_string()}</p> }.into_any(),
                })}
            </Transition>
            <p class="page-foot">{move || before.get().map(|_| view! { <a href="/admin/audit">"Back to the newest"</a> })}</p>
        </main>
    }
}

#[component]
fn Entries(page: audit::AuditPage) -> impl IntoView {
    view! {
        {(!page.being_deleted.is_empty()).then(|| view! { <NotGoneYet deletions=page.being_deleted/> })}
        <ol class="plain log">
            {page.entries.into_iter().map(|(entry, moment)| view! {
                <li>
                    <p class="muted"><MomentText moment=moment/></p>
                    <p><strong>{deed_words(entry.deed)}</strong> {(!entry.what.is_empty()).then(|| format!(": {}", entry.what))}</p>
                    <p class="muted">{entry.who}</p>
                </li>
            }).collect_view()}
        </ol>
        {page.next.map(|next| view! { <p><a class="button" href=format!("/admin/audit?before={next}")>"Older"</a></p> })}
    }
}

/// What was deleted and is not gone everywhere yet.
#[component]
fn NotGoneYet(deletions: Vec<(BeingDeleted, Moment)>) -> impl IntoView {
    view! {
        <section class="notice">
            <h2>"Being deleted"</h2>
            <p>"Of these services something is still there. Once all of it was seen to be gone, the list below says so."</p>
            <ul class="plain log">
                {deletions.into_iter().map(|(deletion, asked)| view! {
                    <li>
                        <p><strong>{deletion.what}</strong></p>
                        <p class="muted">"Deleted " <MomentText moment=asked/></p>
                        {deletion.left.into_iter().map(|left| view! { <p>{left}</p> }).collect_view()}
                    </li>
                }).collect_view()}
            </ul>
        </section>
    }
}

const fn deed_words(deed: Deed) -> &'static str {
    match deed {
        Deed::SetUp => "Set up this installation",
        Deed::AccountMade => "Made an administrator",
        Deed::SignedIn => "Signed in",
        Deed::SignInFailed => "Sign-in failed",
        Deed::SecondStepOn => "Turned the second step on",
        Deed::SecondStepOff => "Turned the second step off",
        Deed::SecondStepFailed => "Wrong code at the second step",
        Deed::SignedOut => "Signed out",
        Deed::SessionEnded => "Signed out another browser",
        Deed::PasswordChanged => "Changed the password",
        Deed::PasswordReset => "Set a new password by a link",
        Deed::HomeCreated => "Created a funeral home",
        Deed::HomeRenamed => "Renamed a funeral home",
        Deed::Invited => "Made a link",
        Deed::InvitationShown => "Looked at a link",
        Deed::InvitationWithdrawn => "Withdrew a link",
        Deed::InvitationAccepted => "Accepted an invitation",
        Deed::PersonRemoved => "Removed a person",
        Deed::FamilyRemoved => "Removed family",
        Deed::MemorialCreated => "Created a memorial",
        Deed::MemorialEdited => "Edited a memorial",
        Deed::MemorialArchived => "Archived a memorial",
        Deed::MemorialRestored => "Brought back a memorial",
        Deed::MemorialDeleted => "Deleted a memorial with its services",
        Deed::MemorialExported => "Downloaded everything of a memorial",
        Deed::PortraitGiven => "Gave a memorial its picture",
        Deed::PortraitRemoved => "Removed the picture of a memorial",
        Deed::StreamCreated => "Created a service",
        Deed::StreamEdited => "Edited a service",
        Deed::StreamEnded => "Ended a service",
        Deed::StreamDeleted => "Deleted a service with its recordings",
        Deed::DeletionProven => "Saw that every copy of a deleted service is gone",
        Deed::LinkShown => "Looked at the link for filming",
        Deed::LinkReplaced => "Replaced the link for filming",
        Deed::RecordingDownloaded => "Downloaded a recording",
        Deed::RecordingShown => "Showed a recording to those who watch",
        Deed::RecordingHidden => "Hid a recording from those who watch",
        Deed::RecordingCut => "Changed which part of a recording is shown",
        Deed::LastDayChanged => "Changed the last day to watch",
        Deed::TokenMade => "Made a token for a program",
        Deed::TokenRevoked => "Revoked a token for a program",
    }
}
