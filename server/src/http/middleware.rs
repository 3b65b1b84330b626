//! Every layer, from the outside in, each with its reason.

use std::{any::Any, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    trace::TraceLayer,
};

use service::instances::Voucher;
use tracing::Span;

use super::{Edge, access, followers, forward, limits, reads, refusals, reply};
use crate::traces;

/// Session descriptions and forms are far smaller.
pub const BODY_LIMIT: usize = 64 * 1024;
/// A handler that has not begun to answer by then never will. Streams of events answer at once and go on.
const HANDLER_LIMIT: Duration = Duration::from_secs(30);

/// As long as a UUID with its hyphens. A token of ours is longer.
const REQUEST_ID_LIMIT: usize = 36;
static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub fn around(routes: Router<Edge>, edge: &Edge) -> Router<Edge> {
    let layers = ServiceBuilder::new()
        // A panic is our bug, and one person's: the others go on.
        .layer(CatchPanicLayer::custom(panicked))
        // A proxy's id is kept if it is one: it comes to the log and back.
        .layer(from_fn(plain_request_id))
        // Each line of the log about a request can be found by its id, which the answer carries too.
        .layer(SetRequestIdLayer::new(REQUEST_ID.clone(), MakeRequestUuid))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID.clone()))
        // Headers that every answer carries, also those of the layers below.
        .layer(from_fn_with_state(edge.clone(), headers))
        // Who asks another instance that passes their request on to us: the trace goes on where it began.
        .layer(from_fn_with_state(edge.clone(), forward::recognise))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_response(answered).on_failure(()))
        // What was refused, or could not be done, is in the log, and nobody fills it.
        .layer(from_fn_with_state(edge.clone(), refusals::log))
        // Nobody asks faster than people and their browsers do.
        .layer(from_fn_with_state(edge.clone(), limits::enforce))
        // Nobody holds all the streams of events open that are there for mourners.
        .layer(from_fn_with_state(edge.clone(), followers::limit))
        // Nothing waits for ever.
        .layer(from_fn(time_limit))
        // A stream that another instance has is asked for there, where the layers below are as well.
        .layer(from_fn_with_state(edge.clone(), forward::forward))
        // Nothing large is read.
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        // Other sites cannot act in the name of who is signed in here.
        .layer(from_fn_with_state(edge.clone(), same_origin))
        // Who asks, and whether they may.
        .layer(from_fn_with_state(edge.clone(), access::guard))
        // Nobody reads faster than a congregation does, but for those who work here.
        .layer(from_fn_with_state(edge.clone(), reads::limit));
    routes.layer(layers)
}

/// The path is left out: it can hold a mourner's slug. The route's template tells as much.
fn span(request: &Request) -> Span {
    let route = request.extensions().get::<axum::extract::MatchedPath>().map_or("", |route| route.as_str());
    let id = request.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let span = tracing::info_span!(
        "request",
        http.request.method = %request.method(),
        http.route = route,
        request.id = id,
        http.response.status_code = tracing::field::Empty,
    );
    if request.extensions().get::<Voucher>().is_some() {
        traces::continue_from(request.headers(), &span);
    }
    span
}

fn answered(response: &Response, latency: Duration, span: &Span) {
    let status = response.status();
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        traces::failed(span);
    }
    tracing::debug!(latency_ms = latency.as_millis(), "answered");
}

async fn plain_request_id(mut request: Request, next: Next) -> Response {
    if request.headers().get(&REQUEST_ID).is_some_and(|id| !is_plain(id.as_bytes())) {
        request.headers_mut().remove(&REQUEST_ID);
    }
    next.run(request).await
}

/// Short, and of letters, digits and hyphens.
fn is_plain(id: &[u8]) -> bool {
    (1..=REQUEST_ID_LIMIT).contains(&id.len()) && id.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    reply::unavailable()
}

async fn time_limit(request: Request, next: Next) -> Response {
    // A phone's copy takes as long as its uplink needs; there it is silence that ends the wait.
    if request.uri().path().starts_with("/uploads/") {
        return next.run(request).await;
    }
    match tokio::time::timeout(HANDLER_LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(seconds = HANDLER_LIMIT.as_secs(), "a request was given up: its answer took too long");
            reply::unavailable()
        }
    }
}

/// Unsafe methods come from our own pages: `Sec-Fetch-Site: same-origin`, or where a browser does not send that, our
/// `Origin`; a request with neither is no browser's, which holds no cookies of ours (ASVS 5.0 §3.5.1). WHIP and WHEP take
/// no cookies but a bearer token or a link, and other origins may use them.
async fn same_origin(axum::extract::State(edge): axum::extract::State<Edge>, request: Request, next: Next) -> Response {
    let by_cookie = match access::access(request.uri().path()) {
        access::Access::StreamerToken | access::Access::Webhook => false,
        // The handler looks at the token alone where there is one.
        access::Access::StaffOrApiToken => !request.headers().contains_key(header::AUTHORIZATION),
        // A mourner's form acts in nobody's name, and the old browsers of old tablets say nothing of where it comes from.
        access::Access::ViewerLink => false,
        _ => true,
    };
    if by_cookie && !request.method().is_safe() && !comes_from(&request, &edge.everlight.settings().public_url) {
        let refused = reply::text(StatusCode::FORBIDDEN, "This request did not come from this site.");
        return refusals::because("it came from another site", refused);
    }
    next.run(request).await
}

fn comes_from(request: &Request, site: &str) -> bool {
    let header = |name: &HeaderName| request.headers().get(name).map(HeaderValue::as_bytes);
    match (header(&HeaderName::from_static("sec-fetch-site")), header(&header::ORIGIN)) {
        (Some(site), _) => site == b"same-origin",
        (None, Some(origin)) => origin == site.as_bytes(),
        (None, None) => false,
    }
}

async fn headers(axum::extract::State(edge): axum::extract::State<Edge>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let streamer = path.starts_with("/go/");
    let built = path.starts_with("/pkg/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Links hold slugs and ids.
    set(header::REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("x-robots-tag"), "noindex, nofollow");
    set(
        HeaderName::from_static("permissions-policy"),
        if streamer {
            "camera=(self), microphone=(self), screen-wake-lock=(self), geolocation=()"
        } else {
            "camera=(), microphone=(), geolocation=()"
        },
    );
    // Pages set their own policy with a nonce; what is no page needs nothing.
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    if !built {
        set(header::CACHE_CONTROL, "no-store");
    }
    if edge.keep_to_https {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&'static str, &'static str)]) -> Request {
        let mut request = Request::new(axum::body::Body::empty());
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_static(value));
        }
        request
    }

    #[test]
    fn only_a_plain_id_of_a_request_is_kept() {
        assert!(is_plain(b"01a2046e-1b8a-7ac3-a7ba-374324a10b39") && is_plain(b"4f1c"));
        let token = [b'a'; 64];
        for id in [&b""[..], b"a b", b"a\"b", b"Bearer=", &token] {
            assert!(!is_plain(id), "{id:?}");
        }
    }

    #[test]
    fn only_our_own_pages_may_act() {
        let site = "https://live.example.com";
        for (headers, ours) in [
            (vec![("sec-fetch-site", "same-origin")], true),
            (vec![("origin", "https://live.example.com")], true),
            (vec![("sec-fetch-site", "cross-site"), ("origin", "https://live.example.com")], false),
            (vec![("sec-fetch-site", "same-site")], false),
            (vec![("sec-fetch-site", "none")], false),
            (vec![("origin", "https://live.example.com.evil.org")], false),
            (vec![("origin", "null")], false),
            (vec![], false),
        ] {
            assert_eq!(comes_from(&request(&headers), site), ours, "{headers:?}");
        }
    }
}
