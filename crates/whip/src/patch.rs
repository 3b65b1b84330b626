//! What a server does with a `PATCH` (RFC 9725 §4.3). `DELETE` needs no decision: it ignores entity tags (§4.3.1).

use crate::candidate::Candidate;
use crate::credentials::Credentials;
use crate::etag::{EntityTag, IfMatch};
use crate::fragment::Fragment;
use crate::{SDP_FRAGMENT, is_media_type};

/// The request, as far as it decides.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub content_type: Option<&'a str>,
    pub if_match: Option<&'a str>,
    pub body: &'a [u8],
}

/// The session that the request is addressed to.
#[derive(Debug, Clone, Copy)]
pub struct Session<'a> {
    /// Names the current ICE session: changes with every restart.
    pub etag: &'a EntityTag,
    /// The *client's* credentials: of the offer, or of the last restart.
    pub credentials: &'a Credentials,
    /// Whether restarts are served. Without, a restart is answered by `422`.
    pub restart: bool,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Add the candidates, silently dropping those that cannot be used; answer `204`, no body, no `ETag`.
    Trickle { candidates: Vec<Candidate>, end_of_candidates: bool },
    /// Start a new ICE session beside the old one, which stays until its consent expires or the new one is connected
    /// (RFC 9725 §4.3.3). Answer `200` with a [`Fragment`] of the server's new credentials and all its candidates, and a
    /// new `ETag`.
    Restart { credentials: Credentials, candidates: Vec<Candidate> },
}

/// Why it is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    #[error("the content type is not application/trickle-ice-sdpfrag")]
    ContentType,
    #[error("If-Match is missing")]
    NoPrecondition,
    #[error("If-Match is neither * nor a list of entity tags")]
    MalformedPrecondition,
    #[error("the ICE session has changed: If-Match does not name the current one")]
    Stale,
    #[error("not an SDP fragment: {0}")]
    Malformed(&'static str),
    #[error("ICE restarts are not supported")]
    RestartUnsupported,
}

impl PatchError {
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::MalformedPrecondition => 400,
            Self::Stale => 412,
            Self::ContentType => 415,
            Self::RestartUnsupported => 422,
            Self::NoPrecondition => 428,
        }
    }
}

/// Decides on a `PATCH`.
///
/// # Errors
/// [`PatchError`] with the status to answer. The session goes on as it was.
pub fn decide(request: Request, session: Session) -> Result<Decision, PatchError> {
    if !is_media_type(request.content_type, SDP_FRAGMENT) {
        return Err(PatchError::ContentType);
    }
    let if_match = IfMatch::parse(request.if_match.ok_or(PatchError::NoPrecondition)?)
        .map_err(|_| PatchError::MalformedPrecondition)?;
    if !if_match.matches(session.etag) {
        return Err(PatchError::Stale);
    }
    let body = std::str::from_utf8(request.body).map_err(|_| PatchError::Malformed("it is not UTF-8"))?;
    let fragment = Fragment::parse(body).map_err(|_| PatchError::Malformed("see RFC 8840 §9"))?;

    let end_of_candidates = fragment.sections.iter().any(|it| it.end_of_candidates);
    let candidates = fragment.sections.into_iter().flat_map(|it| it.candidates).collect();
    match fragment.credentials {
        Some(credentials) if credentials != *session.credentials => {
            if !session.restart {
                return Err(PatchError::RestartUnsupported);
            }
            Ok(Decision::Restart { credentials, candidates })
        }
        _ => Ok(Decision::Trickle { candidates, end_of_candidates }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
        a=mid:0\r\na=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host\r\na=end-of-candidates\r\n";

    fn judge(
        content_type: Option<&str>,
        if_match: Option<&str>,
        body: &[u8],
        restart: bool,
    ) -> Result<Decision, PatchError> {
        let etag = EntityTag::new("one").unwrap();
        let credentials = Credentials::new("EsAw", "P2uYro0UCOQ4zxjKXaWCBui1").unwrap();
        decide(Request { content_type, if_match, body }, Session { etag: &etag, credentials: &credentials, restart })
    }

    fn patch(if_match: Option<&str>, body: &str) -> Result<Decision, PatchError> {
        judge(Some(SDP_FRAGMENT), if_match, body.as_bytes(), true)
    }

    fn status(result: Result<Decision, PatchError>) -> u16 {
        match result {
            Ok(Decision::Trickle { .. }) => 204,
            Ok(Decision::Restart { .. }) => 200,
            Err(error) => error.status(),
        }
    }

    #[test]
    fn s9_the_current_credentials_are_a_trickle() {
        let Ok(Decision::Trickle { candidates, end_of_candidates }) = patch(Some("\"one\""), BODY) else {
            panic!("not a trickle");
        };
        assert_eq!(candidates[0].address, "192.0.2.1");
        assert!(end_of_candidates);
        assert_eq!(status(patch(Some("*"), BODY)), 204, "clients that were given no usable tag trickle with a star");
    }

    #[test]
    fn s9_a_fragment_without_credentials_is_a_trickle() {
        assert_eq!(status(patch(Some("\"one\""), "m=audio 9 X 0\r\na=mid:0\r\na=end-of-candidates\r\n")), 204);
    }

    #[test]
    fn s9_candidates_that_cannot_be_used_are_no_reason_to_refuse() {
        let body = BODY.replace("1 udp 2122260223 192.0.2.1", "1 tcp 2122260223 a1b2.local");
        assert_eq!(status(patch(Some("\"one\""), &body)), 204);
    }

    #[test]
    fn s10_no_precondition_is_428() {
        assert_eq!(status(patch(None, BODY)), 428);
    }

    #[test]
    fn s10_a_stale_tag_is_412() {
        assert_eq!(status(patch(Some("\"zero\""), BODY)), 412);
        assert_eq!(status(patch(Some("W/\"one\""), BODY)), 412);
        assert_eq!(status(patch(Some("\"zero\", \"one\""), BODY)), 204);
    }

    #[test]
    fn s10_a_malformed_tag_is_400() {
        assert_eq!(status(patch(Some("one"), BODY)), 400);
    }

    #[test]
    fn s11_another_content_type_is_415() {
        for content_type in [None, Some("application/sdp"), Some("text/plain")] {
            assert_eq!(status(judge(content_type, Some("*"), BODY.as_bytes(), true)), 415);
        }
        assert_eq!(status(judge(Some("application/Trickle-ICE-sdpfrag; x=y"), Some("*"), BODY.as_bytes(), true)), 204);
    }

    #[test]
    fn s11_a_malformed_body_is_400() {
        assert_eq!(status(patch(Some("*"), "hello")), 400);
        assert_eq!(status(patch(Some("*"), "")), 400);
        assert_eq!(status(judge(Some(SDP_FRAGMENT), Some("*"), b"\xff\xfe", true)), 400);
        assert_eq!(status(patch(Some("*"), "a=ice-ufrag:Other\r\n")), 400, "a user fragment without its password");
    }

    #[test]
    fn s11_a_restart_is_422_where_it_is_not_served() {
        let body = BODY.replace("EsAw", "Other");
        assert_eq!(status(judge(Some(SDP_FRAGMENT), Some("*"), body.as_bytes(), false)), 422);
    }

    #[test]
    fn s12_new_credentials_are_a_restart() {
        for (from, to) in [("EsAw", "Other"), ("P2uYro0UCOQ4zxjKXaWCBui1", "P2uYro0UCOQ4zxjKXaWCBui2")] {
            let Ok(Decision::Restart { credentials, candidates }) = patch(Some("*"), &BODY.replace(from, to)) else {
                panic!("not a restart");
            };
            assert!(credentials.ufrag() == to || credentials.pwd() == to);
            assert_eq!(candidates.len(), 1);
        }
        assert_eq!(status(patch(Some("\"*\""), &BODY.replace("EsAw", "Other"))), 200, "the quoted star counts");
    }
}
