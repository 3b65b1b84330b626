//! Pages and server functions: Leptos, with what it needs of us in its context.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use leptos::prelude::provide_context;
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

use super::{Edge, middleware::BODY_LIMIT, reply};

fn context(edge: &Edge) -> impl Fn() + Clone + Send + Sync + 'static {
    let (everlight, cookie, media) = (Arc::clone(&edge.everlight), edge.cookie.clone(), edge.media_sources.clone());
    let typed = edge.typed.clone();
    move || {
        provide_context(typed.clone());
        provide_context(media.clone());
        provide_context(Arc::clone(&everlight));
        provide_context(cookie.clone());
    }
}

/// A page of the application.
pub async fn page(State(edge): State<Edge>, mut request: Request) -> Response {
    let assets = edge.assets.clone();
    let again = request.uri().query().and_then(|query| app::ShownAgain::of(query, &edge.typed));
    // The page reads what was typed where every page reads: in its query.
    if let Some(again) = &again
        && let Ok(uri) = format!("{}?{}", request.uri().path(), again.full).parse()
    {
        *request.uri_mut() = uri;
    }
    let context = context(&edge);
    let context = move || {
        context();
        if let Some(again) = &again {
            provide_context(again.clone());
        }
    };
    let render = leptos_axum::render_app_async_with_context(context, move || app::shell(&assets));
    render(request).await.into_response()
}

/// The streamer's page, a root of its own.
pub async fn streamer(State(edge): State<Edge>, request: Request) -> Response {
    let assets = edge.assets.clone();
    let render = leptos_axum::render_app_async_with_context(context(&edge), move || app::streamer_shell(&assets));
    render(request).await.into_response()
}

pub async fn server_function(State(edge): State<Edge>, request: Request) -> Response {
    // It would be read whole, however long it is: the limit for extractors knows nothing of this way to read.
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return reply::problem(StatusCode::PAYLOAD_TOO_LARGE, "That is too much to send at once.");
    };
    let request = Request::from_parts(parts, body.into());
    leptos_axum::handle_server_fns_with_context(context(&edge), request).await.into_response()
}

/// What no route takes: a file of `public/` (the icon, robots.txt), or the page that says so.
pub async fn file_or_not_found(State(edge): State<Edge>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return reply::not_found();
    }
    let root = edge.leptos.site_root.to_string();
    let (parts, body) = request.into_parts();
    let file = Request::from_parts(parts.clone(), axum::body::Body::empty());
    // Pages have no dot in their last part, files do: the list of assets is not one of the files for browsers.
    let named = parts.uri.path().rsplit('/').next().is_some_and(|name| name.contains('.') && name != "assets.json");
    if named {
        let Ok(found) = ServeDir::new(root).oneshot(file).await;
        if found.status() != StatusCode::NOT_FOUND {
            return found.into_response();
        }
        return reply::not_found();
    }
    page(State(edge), Request::from_parts(parts, body)).await
}
