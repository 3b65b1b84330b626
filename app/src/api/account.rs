//! Setting up, signing in and out.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;

/// The person who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentUser {
    pub email: String,
}

/// Whether the first administrator is still to be made.
#[server]
pub async fn setup_needed() -> Result<bool, ApiError> {
    Ok(super::request::everlight().accounts().setup_needed().await?)
}

/// Makes the first administrator with the one-time token and signs them in.
#[server]
pub async fn set_up(token: String, email: String, password: String) -> Result<(), ApiError> {
    use super::request::{answer_form, everlight};
    let result = async {
        let session = everlight().accounts().set_up(&token, &email, password).await?;
        session_cookie::set(&session);
        Ok(())
    }
    .await;
    answer_form(result, |()| "/admin".into(), "/setup", &[("token", &token), ("email", &email)])
        .inspect(|()| leptos_axum::redirect("/admin"))
}

#[server]
pub async fn sign_in(email: String, password: String) -> Result<(), ApiError> {
    use super::request::{answer_form, everlight};
    let result = async {
        let session = everlight().accounts().sign_in(&email, &password).await?;
        session_cookie::set(&session);
        Ok(())
    }
    .await;
    answer_form(result, |()| "/admin".into(), "/login", &[("email", &email)])
        .inspect(|()| leptos_axum::redirect("/admin"))
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
    Ok(super::request::signed_in().map(|actor| CurrentUser { email: actor.email().to_owned() }))
}

#[cfg(feature = "ssr")]
mod session_cookie {
    use leptos::prelude::{expect_context, use_context};
    use leptos_axum::ResponseOptions;
    use service::accounts::{NewSession, SessionCookie};

    pub(super) fn set(session: &NewSession) {
        append(&expect_context::<SessionCookie>().set(session));
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
