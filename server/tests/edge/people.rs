//! Invitations, new passwords, sessions and the audit log, through the use cases over a real database.

use axum::http::StatusCode;
use domain::{Action, Grant, HomeId, MemorialId, Role, Token, audit::Deed};
use service::{Error, accounts::Client};

use crate::support::Site;

const PASSWORD: &str = "correct horse battery";

fn token_of(link: &str) -> &str {
    link.split_once('#').unwrap().1
}

async fn link(site: &Site, grant: Grant) -> String {
    let invitations = site.everlight.invitations();
    let id = invitations.create(&site.actor, grant, "Grace").await.unwrap();
    invitations.link(&site.actor, id).await.unwrap().1
}

async fn accept(site: &Site, link: &str, email: &str, password: &str) -> Result<Token, Error> {
    let client = Client::default();
    let invitations = site.everlight.invitations();
    invitations.accept(token_of(link), email, password.into(), &client).await.map(|session| session.token)
}

#[tokio::test]
async fn an_invitation_works_once() {
    let site = Site::open().await;
    let link = link(&site, Grant::Administrator).await;
    assert!(link.starts_with("http://localhost:3000/invite#"), "{link}");
    accept(&site, &link, "grace@example.com", PASSWORD).await.unwrap();
    assert!(matches!(accept(&site, &link, "eve@example.com", PASSWORD).await, Err(Error::Invalid(_))));
    assert!(matches!(site.everlight.invitations().read(token_of(&link)).await, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn a_withdrawn_invitation_and_one_of_somebody_who_was_removed_open_nothing() {
    let site = Site::open().await;
    let home = site.everlight.people().create_home(&site.actor, "Hillside".into()).await.unwrap();
    let invitations = site.everlight.invitations();
    let id = invitations.create(&site.actor, Grant::Director(home), "Grace").await.unwrap();
    let (_, withdrawn) = invitations.link(&site.actor, id).await.unwrap();
    invitations.withdraw(&site.actor, id).await.unwrap();
    assert!(accept(&site, &withdrawn, "grace@example.com", PASSWORD).await.is_err());

    let (director, _) = site.invited(Grant::Director(home), "director@example.com").await;
    let id = invitations.create(&director, Grant::Assistant(home), "Eve").await.unwrap();
    let (_, given) = invitations.link(&director, id).await.unwrap();
    let group = site.everlight.people().homes(&site.actor).await.unwrap().remove(0).1;
    site.everlight.people().remove(&site.actor, group.people[0].id).await.unwrap();
    assert!(accept(&site, &given, "eve@example.com", PASSWORD).await.is_err());
    assert!(matches!(site.everlight.accounts().still(&director).await, Err(Error::SignedOut)));
}

#[tokio::test]
async fn whoever_has_an_account_proves_it_before_an_invitation_is_added_to_it() {
    let site = Site::open().await;
    let (stream, _) = site.stream().await;
    let link = link(&site, Grant::Family(stream.memorial_id)).await;
    assert!(matches!(accept(&site, &link, "ada@example.com", "a wrong password").await, Err(Error::Invalid(_))));
    let token = accept(&site, &link, "ada@example.com", PASSWORD).await.unwrap();
    let actor = site.everlight.accounts().authenticate(&token).await.unwrap().unwrap();
    assert_eq!(actor.role(), Some(Role::Administrator), "nobody becomes less by opening a link");
}

#[tokio::test]
async fn an_account_does_not_change_the_funeral_home_by_a_link() {
    let site = Site::open().await;
    let people = site.everlight.people();
    let one = people.create_home(&site.actor, "Hillside".into()).await.unwrap();
    let other = people.create_home(&site.actor, "Riverside".into()).await.unwrap();
    site.invited(Grant::Assistant(one), "grace@example.com").await;
    let elsewhere = link(&site, Grant::Director(other)).await;
    assert!(accept(&site, &elsewhere, "grace@example.com", PASSWORD).await.is_err());
    let higher = link(&site, Grant::Director(one)).await;
    let token = accept(&site, &higher, "grace@example.com", PASSWORD).await.unwrap();
    let actor = site.everlight.accounts().authenticate(&token).await.unwrap().unwrap();
    assert_eq!(actor.role(), Some(Role::Director(one)));
}

#[tokio::test]
async fn a_new_password_by_a_link_ends_every_session() {
    let site = Site::open().await;
    let home = site.everlight.people().create_home(&site.actor, "Hillside".into()).await.unwrap();
    let (director, _) = site.invited(Grant::Director(home), "director@example.com").await;
    let group = site.everlight.people().homes(&site.actor).await.unwrap().remove(0).1;
    let link = link(&site, Grant::Password(group.people[0].id)).await;
    accept(&site, &link, "", "another good password").await.unwrap();
    assert!(matches!(site.everlight.accounts().still(&director).await, Err(Error::SignedOut)));
    let sign_in = async |password| {
        site.everlight.accounts().sign_in("director@example.com", password, &Client::default()).await.is_ok()
    };
    assert!(!sign_in(PASSWORD).await);
    assert!(sign_in("another good password").await);
}

#[tokio::test]
async fn a_link_for_a_new_password_ends_when_there_is_one() {
    let site = Site::open().await;
    let home = site.everlight.people().create_home(&site.actor, "Hillside".into()).await.unwrap();
    site.invited(Grant::Director(home), "director@example.com").await;
    let user = site.everlight.people().homes(&site.actor).await.unwrap().remove(0).1.people[0].id;
    let [first, second] = [link(&site, Grant::Password(user)).await, link(&site, Grant::Password(user)).await];
    accept(&site, &first, "", "another good password").await.unwrap();
    assert!(accept(&site, &second, "", "somebody else's password").await.is_err());
    let third = link(&site, Grant::Password(user)).await;
    let (accounts, client) = (site.everlight.accounts(), Client::default());
    let session = accounts.sign_in("director@example.com", "another good password", &client).await.unwrap();
    let director = accounts.authenticate(&session.token).await.unwrap().unwrap();
    let (present, new) = ("another good password", "a third good password".to_owned());
    site.everlight.own_account().change_password(&director, present, new, &client).await.unwrap();
    assert!(accept(&site, &third, "", "somebody else's password").await.is_err());
}

#[tokio::test]
async fn a_browser_that_signs_in_has_one_session() {
    let site = Site::open().await;
    site.invited(Grant::Administrator, "grace@example.com").await;
    let mut paths = server_fn::axum::server_fn_paths().map(|(path, _)| path);
    let path = paths.find(|path| path.starts_with("/api/sign_in")).expect("there is a way to sign in");
    let sign_in = async |cookie: &str| {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let headers = [form, ("cookie", cookie), ("sec-fetch-site", "same-origin")];
        let typed = format!("email=grace%40example.com&password={}", PASSWORD.replace(' ', "+"));
        let reply = site.send("POST", path, &headers, &typed).await;
        reply.header("set-cookie").split(';').next().unwrap().to_owned()
    };
    let page = async |cookie: &str| site.send("GET", "/admin", &[("cookie", cookie)], "").await.status;
    let first = sign_in("").await;
    assert_eq!(page(&first).await, StatusCode::OK);
    let second = sign_in(&first).await;
    assert_eq!((page(&second).await, page(&first).await), (StatusCode::OK, StatusCode::SEE_OTHER));
}

#[tokio::test]
async fn a_director_sets_no_password_of_somebody_who_sees_more() {
    let site = Site::open().await;
    let people = site.everlight.people();
    let own = people.create_home(&site.actor, "Hillside".into()).await.unwrap();
    let other = people.create_home(&site.actor, "Riverside".into()).await.unwrap();
    let (here, _) = site.stream_of(own).await;
    let (there, _) = site.stream_of(other).await;
    let (director, _) = site.invited(Grant::Director(own), "director@example.com").await;
    site.invited(Grant::Family(here.memorial_id), "niece@example.com").await;
    let niece = people.family(&director, here.memorial_id).await.unwrap().people.remove(0);
    assert!(niece.may_reset);
    // She is invited to a memorial of another funeral home as well.
    let second = link(&site, Grant::Family(there.memorial_id)).await;
    accept(&site, &second, "niece@example.com", PASSWORD).await.unwrap();
    let reset = site.everlight.invitations().create(&director, Grant::Password(niece.id), "").await;
    assert!(matches!(reset, Err(Error::NotFound)));
}

/// The director's own one, made while the niece was of their memorial only; and an administrator's.
async fn links_to_become_the_niece(site: &Site) -> (HomeId, MemorialId, [String; 2]) {
    let people = site.everlight.people();
    let own = people.create_home(&site.actor, "Hillside".into()).await.unwrap();
    let (here, _) = site.stream_of(own).await;
    let (director, _) = site.invited(Grant::Director(own), "director@example.com").await;
    site.invited(Grant::Family(here.memorial_id), "niece@example.com").await;
    let niece = people.family(&director, here.memorial_id).await.unwrap().people.remove(0).id;
    let invitations = site.everlight.invitations();
    let id = invitations.create(&director, Grant::Password(niece), "").await.unwrap();
    let (_, given) = invitations.link(&director, id).await.unwrap();
    assert!(invitations.read(token_of(&given)).await.is_ok());
    (own, here.memorial_id, [given, link(site, Grant::Password(niece)).await])
}

/// It neither says whose it is, nor sets a password.
async fn is_worthless(site: &Site, link: &str) -> bool {
    let read = site.everlight.invitations().read(token_of(link)).await;
    let used = accept(site, link, "", "another good password").await;
    matches!((read, used), (Err(Error::Invalid(read)), Err(Error::Invalid(used))) if read == used)
}

#[tokio::test]
async fn a_link_to_become_somebody_ends_when_they_are_let_in_elsewhere() {
    let site = Site::open().await;
    let (_, _, links) = links_to_become_the_niece(&site).await;
    let other = site.everlight.people().create_home(&site.actor, "Riverside".into()).await.unwrap();
    let (there, _) = site.stream_of(other).await;
    let second = link(&site, Grant::Family(there.memorial_id)).await;
    accept(&site, &second, "niece@example.com", PASSWORD).await.unwrap();
    // Also the administrator's: she has just shown that she knows her password.
    for link in links {
        assert!(is_worthless(&site, &link).await);
    }
    site.everlight.accounts().sign_in("niece@example.com", PASSWORD, &Client::default()).await.unwrap();
}

#[tokio::test]
async fn a_link_to_become_somebody_ends_when_they_become_more() {
    let site = Site::open().await;
    let (_, _, links) = links_to_become_the_niece(&site).await;
    let higher = link(&site, Grant::Administrator).await;
    accept(&site, &higher, "niece@example.com", PASSWORD).await.unwrap();
    for link in links {
        assert!(is_worthless(&site, &link).await);
    }
}

/// No link of hers was used: the memorial is another funeral home's now.
#[tokio::test]
async fn a_link_to_become_somebody_is_judged_again_when_it_is_used() {
    let site = Site::open().await;
    let (home, memorial, [directors, administrators]) = links_to_become_the_niece(&site).await;
    let other = site.everlight.people().create_home(&site.actor, "Riverside".into()).await.unwrap();
    site.store.assign_memorial(memorial, Some(other)).await.unwrap();
    assert!(is_worthless(&site, &directors).await);
    site.store.assign_memorial(memorial, Some(home)).await.unwrap();
    accept(&site, &administrators, "", "another good password").await.unwrap();
}

#[tokio::test]
async fn a_link_to_become_somebody_is_worth_what_its_giver_is_today() {
    let site = Site::open().await;
    let (home, _, [directors, _]) = links_to_become_the_niece(&site).await;
    let less = link(&site, Grant::Assistant(home)).await;
    accept(&site, &less, "director@example.com", PASSWORD).await.unwrap();
    assert!(is_worthless(&site, &directors).await);
}

#[tokio::test]
async fn family_see_their_memorial_and_do_what_family_may() {
    let site = Site::open().await;
    let (stream, _) = site.stream().await;
    site.stream().await;
    let (niece, _) = site.invited(Grant::Family(stream.memorial_id), "niece@example.com").await;
    let memorials = site.everlight.memorials();
    let seen: Vec<_> = memorials.list(&niece, false).await.unwrap().into_iter().map(|it| it.memorial.id).collect();
    assert_eq!(seen, [stream.memorial_id]);
    let memorial = memorials.get(&niece, stream.memorial_id).await.unwrap();
    let allowed = memorials.allowed(&niece, &memorial).await.unwrap();
    assert_eq!(allowed, [Action::View, Action::Download, Action::Approve, Action::Invite, Action::Portray]);
    let refused = site.everlight.streams().delete(&niece, stream.id).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
    assert!(matches!(site.everlight.streams().access(&niece, stream.id).await, Err(Error::Forbidden(_))));
    site.everlight.invitations().create(&niece, Grant::Family(stream.memorial_id), "Her brother").await.unwrap();
}

#[tokio::test]
async fn sessions_are_listed_and_ended_each_by_its_owner() {
    let site = Site::open().await;
    let accounts = site.everlight.accounts();
    let phone = Client { agent: "Safari on an iPhone".into(), ..Client::default() };
    let second = accounts.sign_in("ada@example.com", PASSWORD, &phone).await.unwrap();
    let sessions = site.everlight.own_account().sessions(&site.actor).await.unwrap();
    assert_eq!(sessions.len(), 2);
    let other = sessions.iter().find(|session| !session.current).unwrap();
    assert_eq!(other.agent, "Safari on an iPhone");
    let home = site.everlight.people().create_home(&site.actor, "Hillside".into()).await.unwrap();
    let (stranger, _) = site.invited(Grant::Director(home), "director@example.com").await;
    let theirs = site.everlight.own_account().end_session(&stranger, &other.handle).await;
    assert!(matches!(theirs, Err(Error::NotFound)));
    site.everlight.own_account().end_session(&site.actor, &other.handle).await.unwrap();
    assert_eq!(accounts.authenticate(&second.token).await.unwrap(), None);
}

#[tokio::test]
async fn guessing_takes_longer_and_longer_and_locks_nobody_else_out() {
    let site = Site::open().await;
    let accounts = site.everlight.accounts();
    let guesser = Client { network: [192, 0, 2, 1].into(), ..Client::default() };
    let mut waits = 0;
    for _ in 0..8 {
        match accounts.sign_in("ada@example.com", "a wrong password", &guesser).await {
            Err(Error::Wait(_)) => waits += 1,
            Err(Error::Invalid(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(waits, 3);
    // The right password does not help the guesser now, and the person at home notices nothing.
    assert!(matches!(accounts.sign_in("ada@example.com", PASSWORD, &guesser).await, Err(Error::Wait(_))));
    accounts.sign_in("ada@example.com", PASSWORD, &Client::default()).await.unwrap();
}

#[tokio::test]
async fn the_audit_log_tells_what_was_done_and_holds_no_secret() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let link = link(&site, Grant::Family(stream.memorial_id)).await;
    let canary = "a canary that was typed as an address";
    let _ = site.everlight.accounts().sign_in(canary, canary, &Client::default()).await;
    let session = accept(&site, &link, "niece@example.com", PASSWORD).await.unwrap();
    site.everlight.streams().replace_link(&site.actor, stream.id).await.unwrap();
    site.everlight.streams().delete(&site.actor, stream.id).await.unwrap();
    let log = site.everlight.audit().page(&site.actor, None).await.unwrap();
    let deeds: Vec<_> = log.iter().rev().map(|entry| entry.deed).collect();
    assert_eq!(
        deeds.iter().copied().filter(|deed| *deed != Deed::InvitationShown).collect::<Vec<_>>(),
        [
            Deed::SetUp,
            Deed::MemorialCreated,
            Deed::StreamCreated,
            Deed::LinkShown,
            Deed::Invited,
            Deed::SignInFailed,
            Deed::InvitationAccepted,
            Deed::LinkReplaced,
            Deed::StreamDeleted,
            Deed::DeletionProven
        ]
    );
    let text = format!("{log:?}");
    for secret in [token.expose(), session.expose(), token_of(&link), PASSWORD, canary] {
        assert!(!text.contains(secret), "{secret} is in the log");
    }
    let niece = site.everlight.accounts().authenticate(&session).await.unwrap().unwrap();
    assert!(matches!(site.everlight.audit().page(&niece, None).await, Err(Error::Forbidden(_))));
}
