//! The mourner's page is compressed on its way: on a slow network every kilobyte is seen. No other answer is. What is
//! compressed can be guessed at by its length where a secret stands beside words that somebody else can put there
//! (BREACH): the page holds no secret but its own address, which whoever asks has, and repeats nothing that is asked for.

use std::io::Write as _;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use flate2::{Compression, write::GzEncoder};
use http_body_util::BodyExt as _;

use super::reply;

/// A middleware, for pages.
pub async fn mourners_page(request: Request, next: Next) -> Response {
    let accept = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let wanted = request.uri().path().starts_with("/watch/") && accept.is_some_and(takes_gzip);
    let response = next.run(request).await;
    if !wanted || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // It is whole: the page is rendered before it is answered with.
    let Ok(body) = body.collect().await else { return reply::unavailable() };
    let Ok(small) = gzip(&body.to_bytes()) else { return reply::unavailable() };
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    Response::from_parts(parts, Body::from(small))
}

/// Named, and not with the weight of nothing (RFC 9110 §12.5.3).
fn takes_gzip(accept: &str) -> bool {
    accept.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().trim_start_matches("q=");
        name.trim().eq_ignore_ascii_case("gzip") && (weight.is_empty() || weight.parse::<f32>().is_ok_and(|q| q > 0.0))
    })
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::takes_gzip;

    #[test]
    fn only_who_takes_it_gets_it() {
        for taken in ["gzip", "gzip, deflate, br, zstd", "br;q=1.0, GZIP;q=0.5"] {
            assert!(takes_gzip(taken), "{taken}");
        }
        for not in ["", "identity", "br", "gzip;q=0", "gzip;q=0.000, br", "x-gzip"] {
            assert!(!takes_gzip(not), "{not}");
        }
    }
}
