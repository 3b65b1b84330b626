//! What viewers fetch: `/{id}/…`, where the id is a live input's, a video's, or a signed token.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::{Html, IntoResponse as _, Response};
use http::{StatusCode, header};
use serde_json::json;

use super::Account;
use super::videos::{Download, VideoState};
use crate::ingest::show;
use crate::world::Shared;
use crate::{ffmpeg, files};

/// What an id in an address stands for.
struct Opened {
    /// A live input was meant: the current show.
    is_input: bool,
    video: Option<String>,
    live: bool,
    state: Option<VideoState>,
    downloadable: bool,
}

impl Account {
    fn open(&mut self, id: &str) -> Result<Opened, StatusCode> {
        let (subject, signed, downloadable) = match self.opened_by(id) {
            Some((subject, downloadable)) => (subject, true, downloadable),
            // Ids have no dots: a token, and not a good one.
            None if id.contains('.') => return Err(StatusCode::UNAUTHORIZED),
            None => (id.to_owned(), false, true),
        };
        if let Some(input) = self.input(&subject) {
            // The input's rules apply, not those of its videos.
            if input.recording.require_signed_urls && !signed {
                return Err(StatusCode::UNAUTHORIZED);
            }
            let video = input.live.show.as_ref().map(|show| show.id.clone());
            let live = video.is_some() && input.live.is_on_air();
            let state = video.is_some().then_some(VideoState::Live);
            return Ok(Opened { is_input: true, video, live, state, downloadable: false });
        }
        let video = self.video(&subject).ok_or(StatusCode::NOT_FOUND)?;
        if video.require_signed_urls && !signed {
            return Err(StatusCode::UNAUTHORIZED);
        }
        let live = video.state == VideoState::Live;
        let downloadable = downloadable && video.download == Some(Download::Ready);
        let (uid, state) = (video.uid.clone(), video.state.clone());
        Ok(Opened { is_input: false, video: Some(uid), live, state: Some(state), downloadable })
    }
}

impl Opened {
    /// The video that can be played, or the answer that says why there is none.
    fn playable(self) -> Result<String, StatusCode> {
        match (self.video, self.state) {
            (Some(video), Some(VideoState::Live | VideoState::Processing | VideoState::Ready)) => Ok(video),
            (_, Some(VideoState::Error { .. })) => Err(StatusCode::FAILED_DEPENDENCY),
            (Some(_), _) => Err(StatusCode::NOT_FOUND),
            // Between shows.
            (None, _) => Err(StatusCode::NO_CONTENT),
        }
    }
}

pub(super) async fn manifest(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    let opened = world.state().cloudflare.open(&id);
    match opened.and_then(Opened::playable) {
        // A show whose first segment is not cut yet.
        Ok(video) if !world.folder(&video).join("live.m3u8").exists() => StatusCode::NO_CONTENT.into_response(),
        Ok(video) => files::master(&format!("{video}/live.m3u8"), world.state().captions),
        Err(status) => status.into_response(),
    }
}

/// Variants and segments. Those of a show stay where they are when it is over.
pub(super) async fn piece(
    State(world): State<Shared>,
    Path((id, video, file)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    let allowed = {
        let mut state = world.state();
        match state.cloudflare.open(&id) {
            Ok(opened) if opened.is_input => {
                let input = state.cloudflare.opened_by(&id).map_or(id, |(subject, _)| subject);
                state.cloudflare.video(&video).is_some_and(|video| video.live_input.as_ref() == Some(&input))
            }
            Ok(opened) => opened.video.as_ref() == Some(&video),
            Err(status) => return status.into_response(),
        }
    };
    if !allowed {
        return StatusCode::NOT_FOUND.into_response();
    }
    files::hls(request, &world.folder(&video), &file).await
}

pub(super) async fn lifecycle(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    match world.state().cloudflare.open(&id) {
        Ok(opened) => {
            Json(json!({ "isInput": opened.is_input, "videoUID": opened.video, "live": opened.live })).into_response()
        }
        Err(status) => status.into_response(),
    }
}

/// Viewers over HLS are not counted here; those of WHEP are not counted by Cloudflare.
pub(super) async fn views(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    match world.state().cloudflare.open(&id) {
        Ok(_) => Json(json!({ "liveViewers": 0 })).into_response(),
        Err(status) => status.into_response(),
    }
}

pub(super) async fn player(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    match world.state().cloudflare.open(&id) {
        Ok(_) => {
            let source = format!("{}/{id}/manifest/video.m3u8", world.base);
            Html(format!(
                "<!doctype html><title>Stream</title><video controls autoplay muted src=\"{source}\"></video>"
            ))
            .into_response()
        }
        Err(status) => status.into_response(),
    }
}

pub(super) async fn thumbnail(
    State(world): State<Shared>,
    Path((id, _)): Path<(String, String)>,
    request: Request,
) -> Response {
    let opened = world.state().cloudflare.open(&id);
    let video = match opened.and_then(Opened::playable) {
        Ok(video) => world.folder(&video),
        Err(status) => return status.into_response(),
    };
    let picture = video.join("thumbnail.jpg");
    if !picture.exists() && ffmpeg::picture(&show::recording(&video), 0.0, &picture).await.is_err() {
        return StatusCode::NOT_FOUND.into_response();
    }
    files::serve(request, &picture, "image/jpeg").await
}

pub(super) async fn download(
    State(world): State<Shared>,
    Path((id, file)): Path<(String, String)>,
    request: axum::http::Request<Body>,
) -> Response {
    let opened = world.state().cloudflare.open(&id);
    let (downloadable, video) = match opened {
        Ok(opened) => (opened.downloadable, opened.playable()),
        Err(status) => return status.into_response(),
    };
    match video {
        Err(status) => status.into_response(),
        Ok(video) if downloadable && file == "default.mp4" => {
            let mut response = files::serve(request, &show::recording(&world.folder(&video)), "video/mp4").await;
            let name = header::HeaderValue::from_static("attachment; filename=\"default.mp4\"");
            response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
            response
        }
        Ok(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
