//! Requests and responses, as far as a session needs them.

use std::fmt;

use crate::{SDP, SDP_FRAGMENT};

/// Ties a response to its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(pub(super) u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Post,
    Patch,
    Delete,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// To be sent as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    pub id: RequestId,
    pub method: Method,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<String>,
}

impl Request {
    pub(super) fn new(
        id: RequestId,
        method: Method,
        url: &str,
        bearer: Option<&str>,
        if_match: Option<String>,
        body: Option<String>,
    ) -> Self {
        let mut headers = Vec::new();
        if let Some(token) = bearer {
            headers.push(("Authorization", ["Bearer ", token].concat()));
        }
        match method {
            Method::Post => headers.push(("Content-Type", SDP.to_owned())),
            Method::Patch => headers.push(("Content-Type", SDP_FRAGMENT.to_owned())),
            Method::Delete => {}
        }
        if let Some(value) = if_match {
            headers.push(("If-Match", value));
        }
        Self { id, method, url: url.to_owned(), headers, body }
    }

    /// Whether the request has to outlive the page (`keepalive` of `fetch`).
    pub fn outlives_page(&self) -> bool {
        self.method == Method::Delete
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Without the token and the body, which holds the ICE password.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("id", &self.id.0)
            .field("method", &self.method.as_str())
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// The address that answered, after redirects; empty if it is not known.
    pub url: String,
    pub location: Option<String>,
    /// All `Link` fields, joined by commas.
    pub link: Option<String>,
    pub etag: Option<String>,
    pub retry_after: Option<String>,
    pub body: String,
}

impl Response {
    pub(super) fn is_success(&self) -> bool {
        self.status / 100 == 2
    }
}
