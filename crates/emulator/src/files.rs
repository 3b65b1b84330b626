//! Files as answers, with `Range` (RFC 9110 §14).

use std::path::Path;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, Request, StatusCode, header};
use tower::ServiceExt as _;
use tower_http::services::ServeFile;

/// The file, or 404. `request` may ask for a part of it.
pub(crate) async fn serve(request: Request<Body>, file: &Path, content_type: &'static str) -> Response {
    match ServeFile::new(file).oneshot(request).await {
        Ok(response) => {
            let mut response = response.into_response();
            if response.status().is_success() {
                response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            }
            response
        }
        Err(never) => match never {},
    }
}

/// A piece of HLS inside a recording's folder, if the name is that of one.
pub(crate) async fn hls(request: Request<Body>, folder: &Path, name: &str) -> Response {
    let number = name.strip_prefix("seg-").and_then(|rest| rest.strip_suffix(".ts"));
    if name == "live.m3u8" {
        serve(request, &folder.join(name), M3U8).await
    } else if number.is_some_and(|number| number.parse::<u64>().is_ok()) {
        serve(request, &folder.join(name), "video/mp2t").await
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

/// A master playlist with one variant.
pub(crate) fn master(variant: &str) -> Response {
    let text = format!("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-STREAM-INF:BANDWIDTH=3000000\n{variant}\n");
    ([(header::CONTENT_TYPE, M3U8)], text).into_response()
}

const M3U8: &str = "application/vnd.apple.mpegurl";
