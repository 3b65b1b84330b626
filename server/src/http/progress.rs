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
use domain::{StreamId, progress::REFUSED};
use futures::{StreamExt as _, stream::unfold};
use service::{Everlight, publishing::Refusal};

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
    let stopping = everlight.stopping();
    let messages = unfold(Some((news, None)), move |next| {
        let (everlight, token) = (Arc::clone(&everlight), token.clone());
        async move {
            let (mut news, wait) = next?;
            if let Some(wait) = wait {
                // Whichever comes first: both mean to look again.
                if let Ok(false) = tokio::time::timeout(wait, news.next()).await {
                    return None;
                }
            }
            let (event, next) = match everlight.progress(id, token.as_deref()).await {
                Ok(progress) => {
                    let wait = if progress.comes_every_second() { WHILE_ON_AIR } else { OTHERWISE };
                    (Event::default().json_data(&progress).ok()?, Some((news, Some(wait))))
                }
                // A database that is away, another instance that has taken the service: the phone asks again, and is told.
                Err(Refusal::Service(_)) => return None,
                // The link was replaced, the service deleted: who asked again would only be refused.
                Err(_) => (Event::default().event(REFUSED).data("{}"), None),
            };
            Some((Ok::<_, Infallible>(event), next))
        }
    });
    Sse::new(messages.take_until(stopping)).into_response()
}
