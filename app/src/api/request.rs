//! What a server function needs of the request it answers.

use std::{net::IpAddr, sync::Arc};

use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use service::{Actor, Everlight, accounts::Client};

use super::{
    ApiError,
    typed::{AGAIN, TypedForms},
};

/// The use cases. The server provides them to every request.
pub(super) fn everlight() -> Arc<Everlight> {
    expect_context::<Arc<Everlight>>()
}

/// Who asks, for use cases of people who have signed in.
pub(super) fn actor() -> Result<Actor, ApiError> {
    signed_in().ok_or(ApiError::SignedOut).inspect_err(set_status)
}

/// Who asks, if they have signed in.
pub(super) fn signed_in() -> Option<Actor> {
    parts()?.extensions.get::<Actor>().cloned()
}

/// The pass of a mourner who said the passcode, if the browser sent one.
pub(super) fn viewer_pass(everlight: &Everlight) -> Option<domain::Token> {
    let parts = parts()?;
    let cookies = parts.headers.get_all(http::header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    service::passes::PassCookie::for_site(&everlight.settings().public_url).read(cookies)
}

/// The network that a request comes from. The server's edge knows it.
#[derive(Debug, Clone, Copy)]
pub struct Network(pub IpAddr);

/// From where somebody signs in, as far as it is known.
pub(super) fn client() -> Client {
    let Some(parts) = parts() else { return Client::default() };
    let header = parts.headers.get(http::header::USER_AGENT).and_then(|value| value.to_str().ok());
    let unknown = Client::default().network;
    Client {
        network: parts.extensions.get::<Network>().map_or(unknown, |Network(network)| *network),
        agent: service::agent::words(header.unwrap_or_default()),
    }
}

/// The request's own address and headers.
pub(super) fn parts() -> Option<http::request::Parts> {
    use_context::<http::request::Parts>()
}

/// Says the outcome in the HTTP status too: server functions answer 500 for every error by themselves.
pub(super) fn set_status(error: &ApiError) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(error.status());
    }
}

/// Whether the browser sent a plain form, before or without hydration.
fn is_plain_form() -> bool {
    parts().is_some_and(|parts| {
        let accept = parts.headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok());
        accept.is_some_and(|accept| accept.contains("text/html"))
    })
}

/// Ends a form's server function. With hydration the result is the answer. A plain form is sent back to its page: to
/// `done` when it worked, else to `back` with the name under which everything that was typed and the error are kept, so
/// that the page can show both again, and neither is in its address.
pub(super) fn answer_form<T>(
    result: Result<T, service::Error>,
    done: impl FnOnce(&T) -> String,
    back: &str,
    typed: &[(&str, &str)],
) -> Result<T, ApiError> {
    let result = result.map_err(ApiError::from);
    match &result {
        Ok(value) if is_plain_form() => leptos_axum::redirect(&done(value)),
        Ok(_) => {}
        Err(error) if is_plain_form() => {
            let mut query = form_urlencoded(typed);
            query.push_str(&form_urlencoded(&[("error", &error.to_string())]));
            let name = expect_context::<TypedForms>().keep(query);
            let joint = if back.contains('?') { '&' } else { '?' };
            leptos_axum::redirect(&format!("{back}{joint}{AGAIN}={name}"));
        }
        Err(error) => set_status(error),
    }
    result
}

/// `name=value&` for each pair, percent-encoded.
fn form_urlencoded(pairs: &[(&str, &str)]) -> String {
    use std::fmt::Write as _;
    let mut query = String::new();
    for (name, value) in pairs {
        query.push_str(name);
        query.push('=');
        for byte in value.bytes() {
            // Writing to a String cannot fail.
            let _ = match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => write!(query, "{}", char::from(byte)),
                _ => write!(query, "%{byte:02X}"),
            };
        }
        query.push('&');
    }
    query
}

#[cfg(test)]
mod tests {
    use super::form_urlencoded;

    #[test]
    fn what_was_typed_survives_the_way_back() {
        assert_eq!(
            form_urlencoded(&[("title", "Ann & Bob"), ("time", "14:30")]),
            "title=Ann%20%26%20Bob&time=14%3A30&"
        );
    }
}
