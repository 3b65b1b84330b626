//! Who watches: the way to the gate ([`service::viewing::Admission`]) from a request, and the form that asks for a
//! passcode.

use std::sync::Arc;

use axum::{
    Form,
    extract::{FromRequest as _, Path, Request, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{Slug, Token};
use serde::Deserialize;
use service::{Error, Everlight, passes::PassCookie, viewing::Admission};

use super::{Edge, reply};

/// The pass that the browser keeps, if it has one.
pub fn pass(everlight: &Everlight, headers: &HeaderMap) -> Option<Token> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    PassCookie::for_site(&everlight.settings().public_url).read(cookies)
}

/// Whoever asks, at the gate.
pub async fn admit(everlight: &Arc<Everlight>, slug: &Slug, headers: &HeaderMap) -> Result<Admission, Error> {
    everlight.viewing().admit(slug, pass(everlight, headers).as_ref()).await
}

#[derive(Debug, Deserialize)]
pub struct Said {
    passcode: String,
}

/// `POST /watch/{slug}/passcode`: a plain form. Back to the page in every case: with the pass, or with why not.
pub async fn enter(State(edge): State<Edge>, Path(slug): Path<String>, request: Request) -> Response {
    let Ok(slug) = slug.parse::<Slug>() else { return reply::not_found() };
    let address = edge.limits.asker(&request);
    let Ok(Form(Said { passcode })) = Form::from_request(request, &()).await else {
        return Redirect::to(&format!("/watch/{slug}?passcode=wrong")).into_response();
    };
    // Counted before it is looked at: many at once are no way around the limit.
    if !edge.limits.may_guess(address, &slug) {
        return Redirect::to(&format!("/watch/{slug}?passcode=later")).into_response();
    }
    match edge.everlight.viewing().enter(&slug, &passcode).await {
        Ok(pass) => {
            edge.limits.guessed_right(address, &slug);
            let mut response = Redirect::to(&format!("/watch/{slug}")).into_response();
            for cookie in PassCookie::for_site(&edge.everlight.settings().public_url).set(&slug, &pass) {
                let Ok(cookie) = HeaderValue::from_str(&cookie) else { return reply::unavailable() };
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(Error::Invalid(_)) => Redirect::to(&format!("/watch/{slug}?passcode=wrong")).into_response(),
        Err(Error::NotFound) => Redirect::to(&format!("/watch/{slug}")).into_response(),
        Err(error) => reply::service_error(&error),
    }
}
