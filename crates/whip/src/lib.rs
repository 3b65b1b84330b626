//! WHIP (RFC 9725) and WHEP: header fields, SDP fragments, the checks of an offer, and the client's session as a state
//! machine. No sockets, no clock, no randomness, no browser: bytes, state and `now` come in, values come out. The
//! browser's publisher and the server's endpoints are written on top of it.
//!
//! For a server: [`offer::check`] judges the body of a `POST`, [`patch::decide`] the body of a `PATCH`,
//! [`etag::EntityTag`] and [`link::IceServer::to_link`] write header fields, [`problem::Problem`] writes error bodies.
//! For a client: [`client::Client`] says which requests to send and what to do with the peer connection.

pub mod candidate;
pub mod client;
pub mod codecs;
pub mod credentials;
pub mod etag;
pub mod fragment;
pub mod link;
pub mod location;
pub mod offer;
pub mod patch;
pub mod problem;
pub mod retry_after;
mod sdp;

/// The media type of offers and answers (RFC 9725 §4.2).
pub const SDP: &str = "application/sdp";
/// The media type of what a `PATCH` carries and a restart returns (RFC 8840 §9).
pub const SDP_FRAGMENT: &str = "application/trickle-ice-sdpfrag";
/// What a page of another origin must be able to read of our responses.
pub const EXPOSE_HEADERS: &str = "Location, Link, ETag, Retry-After, Accept-Post, Accept-Patch";
/// What a page of another origin must be able to send. `*` would not cover `Authorization` (Fetch standard).
pub const ALLOW_HEADERS: &str = "Authorization, Content-Type, If-Match";

/// Whether a `Content-Type` names this media type; parameters and case do not matter.
///
/// ```
/// assert!(whip::is_media_type(Some("Application/SDP; charset=utf-8"), whip::SDP));
/// ```
pub fn is_media_type(content_type: Option<&str>, expected: &str) -> bool {
    content_type
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case(expected))
}

/// The token of an `Authorization: Bearer …` value (RFC 6750 §2.1); `None` for another scheme or an empty token.
pub fn bearer_token(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains(' ')).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s2_the_content_type_is_compared_without_parameters_and_case() {
        assert!(is_media_type(Some("application/sdp"), SDP));
        assert!(is_media_type(Some(" APPLICATION/sdp ;charset=utf-8"), SDP));
        assert!(!is_media_type(Some("application/sdp2"), SDP));
        assert!(!is_media_type(Some("text/plain"), SDP));
        assert!(!is_media_type(None, SDP));
    }

    #[test]
    fn s21_a_bearer_token_is_read() {
        assert_eq!(bearer_token("Bearer abc"), Some("abc"));
        assert_eq!(bearer_token("bearer  abc "), Some("abc"));
        assert_eq!(bearer_token("Basic abc"), None);
        assert_eq!(bearer_token("Bearer "), None);
        assert_eq!(bearer_token("Bearer a b"), None);
        assert_eq!(bearer_token(""), None);
    }
}
