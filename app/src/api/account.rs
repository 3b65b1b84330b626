//! Setting up, signing in and out, and one's own account.

use domain::{Role, Timestamp};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;

/// The person who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentUser {
    pub email: String,
    pub role: Role,
}

/// A moment, also in words for when the reader's zone is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    pub at: Timestamp,
    pub utc: String,
}

#[cfg(feature = "ssr")]
impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self { at, utc: service::time::utc_words(at) }
    }
}

/// Where one is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSession {
    /// Names it, and opens nothing.
    pub handle: String,
    pub since: Moment,
    pub last_seen: Moment,
    /// `Firefox on Windows`.
    pub agent: String,
    pub current: bool,
}

/// Whether the first administrator is still to be made.
#[server]
pub async fn setup_needed() -> Result<bool, ApiError> {
    Ok(super::request::everlight().accounts().setup_needed().await?)
}

/// Makes the first administrator with the one-time token and signs them in.
#[server]
pub async fn set_up(token: String, email: String, password: String) -> Result<(), ApiError> {
    use super::request::{answer_form, client, everlight};
    let result = async {
        let session = everlight().accounts().set_up(secret_of(&token), &email, password, &client()).await?;
        session_cookie::replace(&session).await?;
        Ok(())
    }
    .await;
    // The token is not sent back in the address; without script it is pasted again.
    answer_form(result, |()| "/admin".into(), "/setup", &[("email", &email)])
        .inspect(|()| leptos_axum::redirect("/admin"))
}

#[server]
pub async fn sign_in(email: String, password: String) -> Result<(), ApiError> {
    use super::request::{answer_form, client, everlight};
    let result = async {
        let session = everlight().accounts().sign_in(&email, &password, &client()).await?;
        session_cookie::replace(&session).await?;
        Ok(landing(&session))
    }
    .await;
    answer_form(result, |page| (*page).into(), "/login", &[("email", &email)])
        .inspect(|page| leptos_axum::redirect(page))
        .map(drop)
}

/// Where somebody goes who has just signed in, or is half-way there.
#[cfg(feature = "ssr")]
const fn landing(session: &service::accounts::NewSession) -> &'static str {
    if session.waiting { "/login/code" } else { "/admin" }
}

/// The second step: a code of the authenticator app, or one that was written down.
#[server]
pub async fn enter_code(code: String) -> Result<(), ApiError> {
    use super::request::{answer_form, client, everlight};
    let result = async {
        let waiting = session_cookie::read().ok_or(service::Error::SignedOut)?;
        let session = everlight().second_factor().enter(&waiting, &code, &client()).await?;
        session_cookie::replace(&session).await?;
        Ok(())
    }
    .await;
    answer_form(result, |()| "/admin".into(), "/login/code", &[]).inspect(|()| leptos_axum::redirect("/admin"))
}

/// How it stands with one's own second step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecondStep {
    Off,
    /// Begun, and to be confirmed with the first code.
    Pending {
        /// What the app scans: SVG markup made by the server.
        qr: String,
        /// The same to be typed.
        secret: String,
        /// To be written down for when the phone is lost.
        recovery: Vec<String>,
    },
    On,
}

#[server]
pub async fn load_second_step() -> Result<SecondStep, ApiError> {
    use super::request::{actor, everlight, set_status};
    use service::second_factor::Standing;
    let standing = everlight().second_factor().standing(&actor()?).await;
    Ok(match standing.map_err(ApiError::from).inspect_err(set_status)? {
        Standing::Off => SecondStep::Off,
        Standing::On => SecondStep::On,
        Standing::Pending { uri, secret, recovery } => {
            SecondStep::Pending { qr: super::streams::qr_svg(&uri), secret, recovery }
        }
    })
}

#[server]
pub async fn begin_second_step() -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().second_factor().begin(&actor()?).await;
    answer_form(result, |()| "/account".into(), "/account", &[])
}

#[server]
pub async fn confirm_second_step(code: String) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let result = everlight().second_factor().confirm(&actor()?, &code).await;
    answer_form(result, |()| "/account".into(), "/account", &[])
}

#[server]
pub async fn turn_off_second_step(password: String) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, client, everlight};
    let result = everlight().second_factor().turn_off(&actor()?, &password, &client()).await;
    answer_form(result, |()| "/account".into(), "/account", &[])
}

#[server]
pub async fn sign_out() -> Result<(), ApiError> {
    use super::request::{actor, everlight};
    everlight().accounts().sign_out(&actor()?).await?;
    session_cookie::clear();
    leptos_axum::redirect("/login");
    Ok(())
}

/// Who is signed in on this browser, if anybody.
#[server]
pub async fn who_am_i() -> Result<Option<CurrentUser>, ApiError> {
    Ok(super::request::signed_in()
        .and_then(|actor| Some(CurrentUser { email: actor.name().to_owned(), role: actor.role()? })))
}

/// Where one is signed in, the latest used first.
#[server]
pub async fn load_account() -> Result<Vec<OpenSession>, ApiError> {
    use super::request::{actor, everlight, set_status};
    let sessions =
        everlight().own_account().sessions(&actor()?).await.map_err(ApiError::from).inspect_err(set_status)?;
    Ok(sessions
        .into_iter()
        .map(|session| OpenSession {
            handle: session.handle,
            since: session.since.into(),
            last_seen: session.last_seen.into(),
            agent: session.agent,
            current: session.current,
        })
        .collect())
}

/// Signs out elsewhere: one session, or with an empty handle all but this one.
#[server]
pub async fn end_session(handle: String) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, everlight};
    let (everlight, actor) = (everlight(), actor()?);
    let result = if handle.is_empty() {
        everlight.own_account().end_other_sessions(&actor).await
    } else {
        everlight.own_account().end_session(&actor, &handle).await
    };
    answer_form(result, |()| "/account".into(), "/account", &[])
}

/// Sets another password; every other session ends.
#[server]
pub async fn change_password(present: String, new: String) -> Result<(), ApiError> {
    use super::request::{actor, answer_form, client, everlight};
    let result = everlight().own_account().change_password(&actor()?, &present, new, &client()).await;
    answer_form(result, |()| "/account?changed".into(), "/account", &[])
}

/// Of a one-time link: what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub kind: OfferKind,
    /// The name of the funeral home or of the person who is remembered, or the account's e-mail address.
    pub of: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OfferKind {
    Administrator,
    Director,
    Assistant,
    Family,
    Password,
}

#[cfg(feature = "ssr")]
impl From<domain::Grant> for OfferKind {
    fn from(grant: domain::Grant) -> Self {
        use domain::Grant;
        match grant {
            Grant::Administrator => Self::Administrator,
            Grant::Director(_) => Self::Director,
            Grant::Assistant(_) => Self::Assistant,
            Grant::Family(_) => Self::Family,
            Grant::Password(_) => Self::Password,
        }
    }
}

/// What a one-time link is for. The token travels in the body: addresses are kept in histories and logs.
#[server]
pub async fn read_invitation(token: String) -> Result<Offer, ApiError> {
    use super::request::{everlight, set_status};
    let offer =
        everlight().invitations().read(secret_of(&token)).await.map_err(ApiError::from).inspect_err(set_status)?;
    Ok(Offer { kind: offer.gives.into(), of: offer.of })
}

/// Uses a one-time link and signs in. `email` is not there when the link is for a new password.
#[server]
pub async fn accept_invitation(token: String, email: Option<String>, password: String) -> Result<(), ApiError> {
    use super::request::{answer_form, client, everlight};
    let email = email.unwrap_or_default();
    let result = async {
        let session = everlight().invitations().accept(secret_of(&token), &email, password, &client()).await?;
        session_cookie::replace(&session).await?;
        Ok(landing(&session))
    }
    .await;
    // The token is not sent back in the address; without script it is pasted again.
    answer_form(result, |page| (*page).into(), "/invite", &[("email", &email)])
        .inspect(|page| leptos_axum::redirect(page))
        .map(drop)
}

/// The secret of a one-time link of which all, or only the end, was pasted.
#[cfg(feature = "ssr")]
fn secret_of(pasted: &str) -> &str {
    pasted.rsplit(['#', '=']).next().unwrap_or_default().trim()
}

#[cfg(feature = "ssr")]
mod session_cookie {
    use leptos::prelude::{expect_context, use_context};
    use leptos_axum::ResponseOptions;
    use service::{accounts::NewSession, cookie::SessionCookie};

    /// The browser has this session from now on, and the one that it had before is over.
    pub(super) async fn replace(session: &NewSession) -> Result<(), service::Error> {
        if let Some(former) = read() {
            super::super::request::everlight().accounts().end_former(&former).await?;
        }
        append(&expect_context::<SessionCookie>().set(session));
        Ok(())
    }

    /// Of the session that the browser sent, whatever it opens.
    pub(super) fn read() -> Option<domain::Token> {
        let (cookie, parts) = (expect_context::<SessionCookie>(), super::super::request::parts()?);
        let headers = parts.headers.get_all(http::header::COOKIE).iter();
        headers.filter_map(|value| value.to_str().ok()).find_map(|value| cookie.read(value))
    }

    pub(super) fn clear() {
        append(&expect_context::<SessionCookie>().clear());
    }

    fn append(cookie: &str) {
        if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), http::HeaderValue::from_str(cookie)) {
            response.append_header(http::header::SET_COOKIE, value);
        }
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::secret_of;

    #[test]
    fn a_link_is_pasted_whole_or_its_end() {
        for pasted in [
            "c0ffee",
            " c0ffee\n",
            "token=c0ffee",
            "#c0ffee",
            "https://a.example/setup#token=c0ffee ",
            "http://a/invite#c0ffee",
        ] {
            assert_eq!(secret_of(pasted), "c0ffee", "{pasted}");
        }
        assert_eq!((secret_of(""), secret_of("https://a.example/setup#token=")), ("", ""));
    }
}
