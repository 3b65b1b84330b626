//! Port 80, for whoever types the bare name: leads to the public address, and serves nothing else.

use axum::Router;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};

/// `public_url`: without a slash at the end.
pub fn router(public_url: String) -> Router {
    Router::new().fallback(move |uri: Uri| {
        let answer = lead(&public_url, &uri);
        async move { answer }
    })
}

/// 308: the method stays what it was.
fn lead(public_url: &str, uri: &Uri) -> Response {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, format!("{public_url}{path}"))]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_the_service_is_kept() {
        let leads_to = |uri: &'static str| {
            let answer = lead("https://live.example.com", &Uri::from_static(uri));
            answer.headers()[header::LOCATION].to_str().unwrap().to_owned()
        };
        assert_eq!(leads_to("/watch/abc?x=1"), "https://live.example.com/watch/abc?x=1");
        assert_eq!(leads_to("//elsewhere.example/"), "https://live.example.com//elsewhere.example/");
        assert_eq!(leads_to("http://elsewhere.example/path"), "https://live.example.com/path");
    }
}
