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
    } else if name == "captions.m3u8" {
        ([(header::CONTENT_TYPE, M3U8)], CAPTIONS_PLAYLIST).into_response()
    } else if name == "captions.vtt" {
        ([(header::CONTENT_TYPE, "text/vtt")], CAPTIONS).into_response()
    } else if number.is_some_and(|number| number.parse::<u64>().is_ok()) {
        serve(request, &folder.join(name), "video/mp2t").await
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

/// A master playlist with one variant, and with captions beside it if there are some.
pub(crate) fn master(variant: &str, captions: bool) -> Response {
    let (media, group) = if captions {
        let playlist = variant.replace("live.m3u8", "captions.m3u8");
        let media = format!(
            "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subs\",NAME=\"English\",LANGUAGE=\"en\",DEFAULT=NO,AUTOSELECT=YES,\
             URI=\"{playlist}\"\n"
        );
        (media, ",SUBTITLES=\"subs\"")
    } else {
        (String::new(), "")
    };
    let text = format!("#EXTM3U\n#EXT-X-VERSION:3\n{media}#EXT-X-STREAM-INF:BANDWIDTH=3000000{group}\n{variant}\n");
    ([(header::CONTENT_TYPE, M3U8)], text).into_response()
}

/// Words that stand for what a provider would have heard: the same all along.
const CAPTIONS: &str = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n\
                        00:00:00.000 --> 12:00:00.000\nWe are gathered here to remember her.\n";
const CAPTIONS_PLAYLIST: &str = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:43200\n#EXT-X-MEDIA-SEQUENCE:0\n\
                                 #EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:43200,\ncaptions.vtt\n#EXT-X-ENDLIST\n";

const M3U8: &str = "application/vnd.apple.mpegurl";
