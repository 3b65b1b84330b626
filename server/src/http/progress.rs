//! How the service stands, pushed to the person who films (server-sent events): every second while it is on air, and
//! whenever something has changed.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::{
        IntoResponse as _, Response,
        sse::{Event, Sse},
    },
};
use domain::StreamId;
use futures::stream::unfold;
use service::Everlight;

use super::{reply, whip::bearer};

const WHILE_ON_AIR: Duration = Duration::from_secs(1);
/// Also what keeps proxies from closing a quiet connection.
const OTHERWISE: Duration = Duration::from_secs(5);

pub async fn events(
    State(everlight): State<Arc<Everlight>>,
    Path(stream): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Ok(id) = stream.parse::<StreamId>() else { return reply::not_found() };
    let token = bearer(&headers).map(str::to_owned);
    let news = match everlight.follow_progress(id, token.as_deref()).await {
        Ok(news) => news,
        Err(refusal) => return reply::refusal(&refusal),
    };
    let messages = unfold((news, None), move |(mut news, wait)| {
        let (everlight, token) = (Arc::clone(&everlight), token.clone());
        async move {
            if let Some(wait) = wait {
                // Whichever comes first: both mean to look again.
                if let Ok(false) = tokio::time::timeout(wait, news.next()).await {
                    return None;
                }
            }
            // A link that was replaced, a database that is away, another instance that has taken the service since it was asked
            // for: the phone asks again, and is told.
            let progress = everlight.progress(id, token.as_deref()).await.ok()?;
            let wait = if progress.comes_every_second() { WHILE_ON_AIR } else { OTHERWISE };
            let event = Event::default().json_data(&progress).ok()?;
            Some((Ok::<_, Infallible>(event), (news, Some(wait))))
        }
    });
    Sse::new(messages).into_response()
}
