//! WHEP (draft-ietf-wish-whep): the endpoint `/whep/{slug}` and the sessions under it, for whoever is let in at the
//! mourners' gate.

use std::sync::Arc;

use app::Network;
use axum::{
    Extension,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use domain::Slug;
use media::SessionId;
use service::Everlight;

use super::{
    reply, viewer,
    whip::{created, no_session, offer, open_to_other_origins, patch_request, patched_reply},
};

pub use super::whip::{discover, discover_session, nothing};

/// `POST`: a player's offer comes, an answer goes; `409` before anybody is live.
pub async fn view(
    State(everlight): State<Arc<Everlight>>,
    Extension(Network(network)): Extension<Network>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let offer = match offer(&headers, &body) {
        Ok(offer) => offer,
        Err(refused) => return open_to_other_origins(refused),
    };
    let Ok(slug) = slug.parse::<Slug>() else {
        return open_to_other_origins(reply::problem(StatusCode::NOT_FOUND, "there is no such stream"));
    };
    let admission = match viewer::admit(&everlight, &slug, &headers).await {
        Ok(admission) => admission,
        Err(error) => return open_to_other_origins(reply::service_error(&error)),
    };
    let answer = match everlight.viewing().view(&admission, network, offer).await {
        Ok(published) => created(&published, &format!("/whep/{slug}")),
        Err(error) => reply::view_error(&error),
    };
    open_to_other_origins(answer)
}

pub async fn patch(
    State(everlight): State<Arc<Everlight>>,
    Path((slug, session)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some((slug, session)) = session_of(&slug, &session) else { return open_to_other_origins(no_session()) };
    let answer = match viewer::admit(&everlight, &slug, &headers).await {
        Ok(admission) => match everlight.viewing().patch(&admission, session, patch_request(&headers, &body)).await {
            Ok(patched) => patched_reply(patched),
            Err(refusal) => reply::patch_refusal(&refusal),
        },
        Err(error) => reply::service_error(&error),
    };
    open_to_other_origins(answer)
}

pub async fn hang_up(
    State(everlight): State<Arc<Everlight>>,
    Path((slug, session)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some((slug, session)) = session_of(&slug, &session) else { return open_to_other_origins(no_session()) };
    let hung_up = async {
        let admission = viewer::admit(&everlight, &slug, &headers).await?;
        everlight.viewing().hang_up(&admission, session).await
    };
    open_to_other_origins(match hung_up.await {
        Ok(_) => StatusCode::OK.into_response(),
        Err(error) => reply::service_error(&error),
    })
}

/// `HEAD`: this is a WHEP endpoint.
pub async fn head() -> Response {
    let mut response = open_to_other_origins(StatusCode::OK.into_response());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(whip::SDP));
    response
}

fn session_of(slug: &str, session: &str) -> Option<(Slug, SessionId)> {
    Some((slug.parse().ok()?, session.parse().ok()?))
}
