//! The HTTP port: which part answers what, counting, and faults on the way.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::faults::{self, ApiFault, Provider};
use crate::world::Shared;
use crate::{cloudflare, control, mux};

/// Marks an answer that is not to be sent: the connection is closed instead.
#[derive(Clone)]
struct Unsent;

#[derive(Debug, thiserror::Error)]
#[error("this connection is closed on purpose")]
struct OnPurpose;

/// Everything on the port.
pub(crate) fn router(world: &Shared) -> Router {
    let cloudflare = Router::new()
        .nest("/client/v4", cloudflare::api(world))
        .route_layer(middleware::from_fn_with_state((world.clone(), Provider::Cloudflare), api));
    let mux = mux::api(world).route_layer(middleware::from_fn_with_state((world.clone(), Provider::Mux), api));
    Router::new()
        .merge(cloudflare)
        .merge(mux)
        .merge(cloudflare::open())
        .merge(mux::open())
        .nest("/_emulator", control::router())
        .with_state(world.clone())
}

/// Answers until stopped.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    continue;
                }
            },
        };
        let (router, stop) = (router.clone(), stop.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                let router = router.clone();
                async move {
                    let response =
                        router.oneshot(request.map(Body::new)).await.unwrap_or_else(|never: Infallible| match never {});
                    if response.extensions().get::<Unsent>().is_some() { Err(OnPurpose) } else { Ok(response) }
                }
            });
            let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // A client that goes away is no news.
            tokio::select! {
                _ = connection => {}
                () = stop.cancelled() => {}
            }
        });
    }
}

/// Around every API call: it is counted, and spoiled if that was asked for.
async fn api(State((world, provider)): State<(Shared, Provider)>, request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    let path = request.uri().path().to_owned();
    let route = request.extensions().get::<MatchedPath>().map_or(path.as_str(), MatchedPath::as_str);
    let call = format!("{method} {route}");
    let fault = {
        let mut state = world.state();
        *state.log.calls.entry(call).or_default() += 1;
        state.faults.for_request(provider, &method, &path, Instant::now())
    };
    match fault {
        None => next.run(request).await,
        Some(ApiFault::RateLimited { retry_after }) => {
            let mut response = match provider {
                Provider::Cloudflare => cloudflare::rate_limited(),
                Provider::Mux => mux::rate_limited(),
            };
            if let Some(seconds) = retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        }
        Some(ApiFault::ServerError { status }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            match provider {
                Provider::Cloudflare => cloudflare::server_error(status),
                Provider::Mux => mux::server_error(status),
            }
        }
        Some(ApiFault::Delay { millis }) => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            next.run(request).await
        }
        Some(ApiFault::HalfOpen) => std::future::pending().await,
        Some(ApiFault::Garbage) => ([(header::CONTENT_TYPE, "application/json")], "<html>{\"data\":,,").into_response(),
        Some(ApiFault::IgnoreSettings { fields }) => match without(request, &fields).await {
            Ok(request) => next.run(request).await,
            Err(status) => status.into_response(),
        },
        Some(ApiFault::DropBeforeWork) => unsent(StatusCode::NO_CONTENT.into_response()),
        Some(ApiFault::DropAfterWork) => unsent(next.run(request).await),
    }
}

fn unsent(mut response: Response) -> Response {
    response.extensions_mut().insert(Unsent);
    response
}

/// The request without these fields of its JSON body.
async fn without(request: Request, fields: &[String]) -> Result<Request, StatusCode> {
    let (mut parts, body) = request.into_parts();
    let bytes = body.collect().await.map_err(|_| StatusCode::BAD_REQUEST)?.to_bytes();
    let Ok(mut json) = serde_json::from_slice(&bytes) else {
        return Ok(Request::from_parts(parts, Body::from(bytes)));
    };
    for field in fields {
        faults::drop_field(&mut json, field);
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Ok(Request::from_parts(parts, Body::from(json.to_string())))
}
