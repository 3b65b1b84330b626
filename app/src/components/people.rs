//! People in a list, with what may be done: the staff of a funeral home, the family of a memorial.

use domain::{InvitationId, MemorialId, Role, UserId};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::{
    copy_field::CopyField,
    form::{FormError, action_error, on_success},
    moment::MomentText,
};
use crate::api::{
    account::OfferKind,
    people::{
        Group, Invitation, Person, RemoveFamily, RemovePerson, RemoveSecondStep, ResetPassword, WithdrawInvitation,
        reveal_invitation,
    },
};

const fn role_words(role: Role) -> &'static str {
    match role {
        Role::Administrator => "Administrator",
        Role::Director(_) => "Director",
        Role::Assistant(_) => "Assistant",
        Role::Family => "Family",
    }
}

const fn kind_words(kind: OfferKind) -> &'static str {
    match kind {
        OfferKind::Administrator => "Administrator",
        OfferKind::Director => "Director",
        OfferKind::Assistant => "Assistant",
        OfferKind::Family => "Family",
        OfferKind::Password => "New password",
    }
}

/// The page that the list is on.
fn page_of(memorial: Option<MemorialId>) -> String {
    memorial.map_or_else(|| "/admin/people".to_owned(), |id| format!("/admin/memorials/{id}"))
}

#[component]
pub fn PeopleList(
    group: Group,
    /// Of which memorial they are the family; without one they are staff.
    memorial_id: Option<MemorialId>,
    may_remove: bool,
    changed: Callback<()>,
) -> impl IntoView {
    view! {
        <ul class="plain people">
            {group.people.into_iter().map(|person| view! {
                <PersonRow person=person memorial_id=memorial_id may_remove=may_remove changed=changed/>
            }).collect_view()}
            {group.invitations.into_iter().map(|invitation| view! {
                <InvitationRow invitation=invitation memorial_id=memorial_id changed=changed/>
            }).collect_view()}
        </ul>
    }
}

#[component]
fn PersonRow(
    person: Person,
    memorial_id: Option<MemorialId>,
    may_remove: bool,
    changed: Callback<()>,
) -> impl IntoView {
    let words = match (memorial_id.is_some(), person.oneself) {
        (true, false) => "Family",
        (true, true) => "Family, this is you",
        (false, true) => "This is you",
        (false, false) => role_words(person.role),
    };
    let may_remove = may_remove && !person.oneself;
    let (id, email) = (person.id, person.email);
    let may_turn_off = person.may_reset && person.second_step;
    view! {
        <li>
            <p class="person"><strong>{email.clone()}</strong> " " <span class="muted">{words}</span></p>
            <div class="actions">
                {person.may_reset.then(|| view! { <ResetForm id=id memorial_id=memorial_id/> })}
                {may_turn_off.then(|| view! { <SecondStepForm id=id memorial_id=memorial_id changed=changed/> })}
                {may_remove.then(|| match memorial_id {
                    Some(memorial) => view! { <RemoveFamilyForm id=id email=email memorial_id=memorial changed=changed/> }.into_any(),
                    None => view! { <RemoveForm id=id email=email changed=changed/> }.into_any(),
                })}
            </div>
        </li>
    }
}

#[component]
fn MemorialInput(memorial_id: Option<MemorialId>) -> impl IntoView {
    memorial_id.map(|id| view! { <input type="hidden" name="memorial_id" value=id.to_string()/> })
}

#[component]
fn ResetForm(id: UserId, memorial_id: Option<MemorialId>) -> impl IntoView {
    let action = ServerAction::<ResetPassword>::new();
    let navigate = use_navigate();
    on_success(action, move |id: &InvitationId| {
        navigate(&format!("{}?link={id}", page_of(memorial_id)), NavigateOptions::default());
    });
    view! {
        <details class="question">
            <summary class="button quiet">"New password"</summary>
            <ActionForm action=action attr:class="answer">
                <input type="hidden" name="id" value=id.to_string()/>
                <MemorialInput memorial_id=memorial_id/>
                <p>"Make a link with which this person chooses a new password? It works once, for an hour. Whoever has it can sign in as this person: give it to nobody else."</p>
                <button type="submit" class="button" disabled=move || action.pending().get()>"Make a link"</button>
                <FormError message=action_error(action)/>
            </ActionForm>
        </details>
    }
}

#[component]
fn SecondStepForm(id: UserId, memorial_id: Option<MemorialId>, changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<RemoveSecondStep>::new();
    on_success(action, move |()| changed.run(()));
    view! {
        <details class="question">
            <summary class="button quiet">"Lost phone"</summary>
            <ActionForm action=action attr:class="answer">
                <input type="hidden" name="id" value=id.to_string()/>
                <MemorialInput memorial_id=memorial_id/>
                <p>"Turn off the code that is asked for when this person signs in? Do so only if you know that it is them who asks."</p>
                <button type="submit" class="button" disabled=move || action.pending().get()>"Yes, turn it off"</button>
                <FormError message=action_error(action)/>
            </ActionForm>
        </details>
    }
}

#[component]
fn RemoveForm(id: UserId, email: String, changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<RemovePerson>::new();
    on_success(action, move |()| changed.run(()));
    view! {
        <details class="question">
            <summary class="button quiet">"Remove"</summary>
            <ActionForm action=action attr:class="answer">
                <input type="hidden" name="id" value=id.to_string()/>
                <p>{format!("Remove {email}? They are signed out at once, and invitations that they sent stop working. Memorials and services stay.")}</p>
                <button type="submit" class="button danger" disabled=move || action.pending().get()>"Yes, remove"</button>
                <FormError message=action_error(action)/>
            </ActionForm>
        </details>
    }
}

#[component]
fn RemoveFamilyForm(id: UserId, email: String, memorial_id: MemorialId, changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<RemoveFamily>::new();
    on_success(action, move |()| changed.run(()));
    view! {
        <details class="question">
            <summary class="button quiet">"Remove"</summary>
            <ActionForm action=action attr:class="answer">
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="memorial_id" value=memorial_id.to_string()/>
                <p>{format!("Remove {email} from this memorial? They can still watch with the viewer link.")}</p>
                <button type="submit" class="button danger" disabled=move || action.pending().get()>"Yes, remove"</button>
                <FormError message=action_error(action)/>
            </ActionForm>
        </details>
    }
}

#[component]
fn InvitationRow(invitation: Invitation, memorial_id: Option<MemorialId>, changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<WithdrawInvitation>::new();
    on_success(action, move |()| changed.run(()));
    let id = invitation.id;
    view! {
        <li>
            <p class="person">
                <strong>{invitation.label}</strong>
                " "
                <span class="muted">{kind_words(invitation.kind)} ", invited. The link works until " <MomentText moment=invitation.until/></span>
            </p>
            <div class="actions">
                <a class="button quiet" href=format!("{}?link={id}", page_of(memorial_id))>"Show link"</a>
                <ActionForm action=action>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <MemorialInput memorial_id=memorial_id/>
                    <button type="submit" class="button quiet" disabled=move || action.pending().get()>"Withdraw"</button>
                    <FormError message=action_error(action)/>
                </ActionForm>
            </div>
        </li>
    }
}

/// The one-time link that the address asks for (`?link=`). `close_href`: the page without it.
#[component]
pub fn ShownLink(#[prop(into)] close_href: Signal<String>) -> impl IntoView {
    let query = use_query_map();
    let wanted =
        Memo::new(move |_| query.with(|query| query.get_str("link").and_then(|id| id.parse::<InvitationId>().ok())));
    let link = Resource::new(
        move || wanted.get(),
        |wanted| async move {
            match wanted {
                Some(id) => Some(reveal_invitation(id).await),
                None => None,
            }
        },
    );
    view! {
        <Transition>
            {move || link.get().flatten().filter(|_| wanted.get().is_some()).map(|shown| match shown {
                Ok(shown) => {
                    let password = shown.invitation.kind == OfferKind::Password;
                    view! {
                        <section class="card shown-link" aria-labelledby="shown-link">
                            <h2 id="shown-link">{format!("Link for {}", shown.invitation.label)}</h2>
                            <p>
                                {if password {
                                    "Whoever opens it chooses a new password for this account. It works once, until "
                                } else {
                                    "Send it to this person. It works once, until "
                                }}
                                <MomentText moment=shown.invitation.until/> "."
                            </p>
                            <CopyField label="Invitation link" value=shown.link/>
                            <p><a class="button quiet" href=close_href data-noscroll="">"Hide"</a></p>
                        </section>
                    }.into_any()
                }
                Err(error) => view! { <p role="alert" class="form-error">{error.to_string()}</p> }.into_any(),
            })}
        </Transition>
    }
}
