//! Live updates (server-sent events): the whole document at first, and again whenever it has changed. A browser that was
//! away reconnects by itself and is up to date with the first message.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::{Path, State},
    http::HeaderMap,
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use domain::{Slug, StreamId};
use futures::{Stream, StreamExt as _, stream::unfold};
use serde::Serialize;
use service::{
    Actor, Error, Everlight,
    events::{AnyNews, StreamNews},
};

use super::{reply, viewer};

/// A comment that keeps proxies from closing a quiet connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Of the board of the day.
const LOOK_AGAIN: Duration = Duration::from_secs(3);

pub async fn for_staff(
    State(everlight): State<Arc<Everlight>>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = id.parse::<StreamId>() else { return reply::not_found() };
    match everlight.streams().follow(&actor, id).await {
        Ok(news) => stream(everlight.stopping(), news, move || {
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

/// The board of the day: what happens is told at once, what only passes (a picture that is away) when it is looked at again.
pub async fn of_today(State(everlight): State<Arc<Everlight>>, Extension(actor): Extension<Actor>) -> Response {
    if let Err(error) = everlight.today(&actor).await {
        return reply::service_error(&error);
    }
    let news = BoardNews(everlight.follow_all());
    stream(everlight.stopping(), news, move || {
        let (everlight, actor) = (Arc::clone(&everlight), actor.clone());
        async move {
            let actor = everlight.accounts().still(&actor).await?;
            everlight.today(&actor).await
        }
    })
}

pub async fn for_viewers(
    State(everlight): State<Arc<Everlight>>,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Ok(slug) = slug.parse::<Slug>() else { return reply::not_found() };
    let pass = viewer::pass(&everlight, &headers);
    match everlight.viewing().admit(&slug, pass.as_ref()).await {
        Ok(admission) => stream(everlight.stopping(), everlight.viewing().follow(&admission), move || {
            let (everlight, slug, pass) = (Arc::clone(&everlight), slug.clone(), pass.clone());
            // Through the gate each time: who was let in before the passcode changed is told nothing more.
            async move {
                let admission = everlight.viewing().admit(&slug, pass.as_ref()).await?;
                everlight.viewing().document(&admission).await
            }
        }),
        Err(error) => reply::service_error(&error),
    }
}

/// When to read again what is followed. `false`: never again.
trait News: Send + 'static {
    fn next(&mut self) -> impl Future<Output = bool> + Send;
}

impl News for StreamNews {
    async fn next(&mut self) -> bool {
        Self::next(self).await
    }
}

struct BoardNews(AnyNews);

impl News for BoardNews {
    async fn next(&mut self) -> bool {
        tokio::time::timeout(LOOK_AGAIN, self.0.next()).await.unwrap_or(true)
    }
}

fn stream<T, F>(
    stopping: impl Future<Output = ()> + Send + 'static,
    news: impl News,
    document: impl FnMut() -> F + Send + 'static,
) -> Response
where
    T: Serialize + PartialEq + Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    Sse::new(messages(news, document).take_until(stopping))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response()
}

/// Ends when the document cannot be read any more: the stream was deleted, or the database is away and the browser does
/// well to ask again.
fn messages<T, F>(
    news: impl News,
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
