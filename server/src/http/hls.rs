//! LL-HLS for players that cannot connect by WebRTC: `/hls/{slug}/index.m3u8` and what it names.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use domain::Slug;
use recorder::{HlsError, HlsResource};
use serde::Deserialize;
use service::Everlight;

use super::{reply, viewer};

/// A blocking request waits at most this long (the specification says three target durations).
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Delivery directives (draft-pantos-hls-rfc8216bis §6.2.5).
#[derive(Debug, Deserialize)]
pub struct Directives {
    #[serde(rename = "_HLS_msn")]
    msn: Option<u64>,
    #[serde(rename = "_HLS_part")]
    part: Option<usize>,
}

pub async fn file(
    State(everlight): State<Arc<Everlight>>,
    Path((slug, file)): Path<(String, String)>,
    Query(directives): Query<Directives>,
    headers: HeaderMap,
) -> Response {
    let Ok(slug) = slug.parse::<Slug>() else { return reply::not_found() };
    let admission = viewer::admit(&everlight, &slug, &headers).await;
    let live = match admission.and_then(|admission| everlight.viewing().hls(&admission)) {
        Ok(live) => live,
        Err(error) => return reply::service_error(&error),
    };
    if file == "index.m3u8" {
        let asked = async {
            match directives.msn {
                None => live.first_playlist().await,
                Some(msn) => live.playlist_with(msn, directives.part).await,
            }
        };
        return match tokio::time::timeout(LONGEST_WAIT, asked).await.unwrap_or_else(|_| live.playlist()) {
            Ok(playlist) => ([(header::CONTENT_TYPE, "application/vnd.apple.mpegurl")], playlist).into_response(),
            Err(error) => refused(&error),
        };
    }
    let Ok(resource) = file.parse::<HlsResource>() else { return reply::not_found() };
    match tokio::time::timeout(LONGEST_WAIT, live.get_or_wait(resource)).await {
        Ok(Some(bytes)) => ([(header::CONTENT_TYPE, "video/mp4")], bytes).into_response(),
        Ok(None) | Err(_) => reply::not_found(),
    }
}

fn refused(error: &HlsError) -> Response {
    let status = match error {
        HlsError::TooFarAhead => StatusCode::BAD_REQUEST,
        HlsError::NotAvailable => StatusCode::NOT_FOUND,
    };
    reply::problem(status, &error.to_string())
}
