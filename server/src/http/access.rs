//! Who may use which address. What is not named here is for staff only: a new route is closed until it says so.

use axum::{
    extract::{Request, State},
    http::{Method, header},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use domain::Token;

use super::{Edge, refusals, reply};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Open,
    /// The handler itself asks for the streamer's token.
    StreamerToken,
    /// The address holds an unguessable slug: the handler goes through the one gate, `service::viewing::Admission`.
    ViewerLink,
    /// The handler itself checks the provider's signature.
    Webhook,
    /// A person who has signed in, or a program with an API token: the handler decides.
    StaffOrApiToken,
    /// An administrator.
    Administrator,
    /// A person who has signed in. What they may see and do, the use cases know.
    Staff,
}

/// The table. `path` is that of the request.
pub fn access(path: &str) -> Access {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    match first {
        "" | "setup" | "login" | "invite" | "healthz" | "readyz" | "pkg" => Access::Open,
        ".well-known" if path == "/.well-known/security.txt" => Access::Open,
        "favicon.ico" | "icon.svg" | "robots.txt" | "player.js" | "hls.js" | "captions.js" => Access::Open,
        // The page holds nothing of anybody: the token is in the fragment, which is not sent.
        "go" => Access::Open,
        "whip" | "uploads" => Access::StreamerToken,
        "whep" | "hls" | "watch" => Access::ViewerLink,
        "api" => api(path),
        "admin" if ["/admin/audit", "/admin/numbers", "/admin/numbers.csv"].contains(&path) => Access::Administrator,
        _ => Access::Staff,
    }
}

fn api(path: &str) -> Access {
    let rest = path.trim_start_matches("/api/");
    if rest.starts_with("go/") {
        return Access::StreamerToken;
    }
    match rest {
        "webhooks/mux" | "webhooks/cloudflare/stream" | "webhooks/cloudflare/live" => return Access::Webhook,
        "streams/create-whip" => return Access::StaffOrApiToken,
        // It says what there is, and nothing of anybody.
        "openapi.json" => return Access::Open,
        _ => {}
    }
    match function_name(rest) {
        "setup_needed" | "set_up" | "sign_in" | "enter_code" | "who_am_i" => Access::Open,
        // Whoever has the link has its token.
        "read_invitation" | "accept_invitation" => Access::Open,
        "load_audit" | "load_numbers" | "create_home" | "rename_home" => Access::Administrator,
        "load_watch_page" => Access::ViewerLink,
        _ => Access::Staff,
    }
}

/// A server function's address is its name and a hash: `sign_in1234567890`.
pub fn function_name(path: &str) -> &str {
    path.trim_end_matches(|letter: char| letter.is_ascii_digit())
}

/// Finds out who asks, and turns away who may not. Runs before every handler.
pub async fn guard(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let token = request
        .headers()
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .find_map(|value| edge.cookie.read(value));
    let actor = match authenticate(&edge, token).await {
        Ok(actor) => actor,
        // Whether somebody is signed in is not known: nobody is let in by mistake.
        Err(error) => {
            tracing::error!(%error, "sessions cannot be read");
            return reply::unavailable();
        }
    };
    let wanted = access(request.uri().path());
    let role = actor.as_ref().and_then(service::Actor::role);
    if let Some(actor) = actor {
        request.extensions_mut().insert(actor);
    }
    let page = request.method() == Method::GET && !request.uri().path().starts_with("/api/");
    match (wanted, role) {
        (Access::Staff | Access::Administrator, None) => {
            return if page { Redirect::to("/login").into_response() } else { reply::signed_out() };
        }
        (Access::Administrator, Some(role)) if role != domain::Role::Administrator => {
            let refused = if page { Redirect::to("/admin").into_response() } else { reply::forbidden() };
            return refusals::because("it is for administrators", refused);
        }
        _ => {}
    }
    next.run(request).await
}

async fn authenticate(edge: &Edge, token: Option<Token>) -> Result<Option<service::Actor>, service::Error> {
    match token {
        Some(token) => edge.everlight.accounts().authenticate(&token).await,
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_for_staff() {
        for path in [
            "/admin",
            "/admin/memorials/1",
            "/metrics",
            "/api/create_stream123",
            "/api/streams/1/events",
            "/recordings/1.mp4",
        ] {
            assert_eq!(access(path), Access::Staff, "{path}");
        }
    }

    #[test]
    fn names_that_begin_alike_are_not_opened() {
        for path in [
            "/api/sign_in_as_anybody1",
            "/api/gold",
            "/loginas",
            "/pkgs",
            "/api/set_upper12",
            "/api/webhooks/other",
            "/.well-known/else",
            "/api/webhooks/mux/x",
        ] {
            assert_eq!(access(path), Access::Staff, "{path}");
        }
        assert_eq!(access("/api/sign_in2918301"), Access::Open);
    }

    /// Every server function there is, seen from outside: only these are not for people who have signed in.
    #[test]
    fn only_the_named_server_functions_are_open() {
        let mut open: Vec<_> = server_fn::axum::server_fn_paths()
            .filter(|(path, _)| !matches!(access(path), Access::Staff | Access::Administrator))
            .map(|(path, _)| function_name(path.trim_start_matches("/api/")).to_owned())
            .collect();
        open.sort_unstable();
        open.dedup();
        assert_eq!(
            open,
            [
                "accept_invitation",
                "enter_code",
                "load_watch_page",
                "read_invitation",
                "set_up",
                "setup_needed",
                "sign_in",
                "who_am_i"
            ]
        );
    }
}
