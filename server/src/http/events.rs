//! Live updates (server-sent events): the whole document at first, and again whenever it has changed. A browser that was
//! away reconnects by itself and is up to date with the first message.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::{Path, State},
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use domain::{Slug, StreamId};
use futures::{Stream, stream::unfold};
use serde::Serialize;
use service::{Actor, Error, Everlight, events::StreamNews};

use super::reply;

/// A comment that keeps proxies from closing a quiet connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub async fn for_staff(
    State(everlight): State<Arc<Everlight>>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = id.parse::<StreamId>() else { return reply::not_found() };
    match everlight.streams().follow(&actor, id).await {
        Ok(news) => stream(news, move || {
            let (everlight, actor) = (Arc::clone(&everlight), actor.clone());
            async move {
                // Hours may have passed: whoever was signed out or lost their role is told no more.
                let actor = everlight.accounts().still(&actor).await?;
                everlight.streams().get(&actor, id).await
            }
        }),
        Err(error) => reply::service_error(&error),
    }
}

pub async fn for_viewers(State(everlight): State<Arc<Everlight>>, Path(slug): Path<String>) -> Response {
    let Ok(slug) = slug.parse::<Slug>() else { return reply::not_found() };
    match everlight.viewing().follow(&slug).await {
        Ok(news) => stream(news, move || {
            let (everlight, slug) = (Arc::clone(&everlight), slug.clone());
            async move { everlight.viewing().document(&slug).await }
        }),
        Err(error) => reply::service_error(&error),
    }
}

fn stream<T, F>(news: StreamNews, document: impl FnMut() -> F + Send + 'static) -> Response
where
    T: Serialize + PartialEq + Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    Sse::new(messages(news, document)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}

/// Ends when the document cannot be read any more: the stream was deleted, or the database is away and the browser does
/// well to ask again.
fn messages<T, F>(
    news: StreamNews,
    document: impl FnMut() -> F + Send + 'static,
) -> impl Stream<Item = Result<Event, Infallible>> + Send
where
    T: Serialize + PartialEq + Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    unfold((news, document, None), |(mut news, mut document, last)| async move {
        loop {
            if last.is_some() && !news.next().await {
                return None;
            }
            let now = document().await.ok()?;
            if last.as_ref() == Some(&now) {
                continue;
            }
            let event = Event::default().json_data(&now).ok()?;
            return Some((Ok(event), (news, document, Some(now))));
        }
    })
}
