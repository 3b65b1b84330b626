//! How many streams of events of mourners one network may hold open. Each is a connection and a reader of the database.
//! Whoever films and staff are known by their token or session: they are never shut out by a crowd beside them.

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures::StreamExt as _;

use super::{Edge, reply};

/// Of one network.
pub const AT_ONCE: usize = 500;
/// Seconds after which whoever was refused may ask again.
const AGAIN: u64 = 30;

/// A middleware.
pub async fn limit(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !(path.starts_with("/watch/") && path.ends_with("/events")) {
        return next.run(request).await;
    }
    let Some(following) = edge.followers.take(edge.limits.asker(&request)) else { return reply::too_many(AGAIN) };
    // It counts until the last byte was sent, or the other side is gone.
    next.run(request).await.map(|body| {
        Body::from_stream(body.into_data_stream().map(move |part| {
            let _open = &following;
            part
        }))
    })
}
