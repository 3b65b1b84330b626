//! Several instances behind one address: a request that belongs to a stream is passed on to the instance that has it, and its
//! answer back as it comes. Picture and sound do not go this way: the answer to an offer names that instance's own UDP address.
//!
//! RFC 9725 would have the client led there instead (307). Browsers take `Authorization` off a request that is led to another
//! origin, and each instance would need a name and a certificate that everybody can reach.

use std::{error::Error as _, io, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::Response,
};
use domain::{Slug, StreamId};
use futures::{StreamExt as _, TryStreamExt as _};
use service::{
    Everlight,
    instances::{Home, Peer, Voucher},
};

use super::{Edge, access, middleware::BODY_LIMIT, reply};
use crate::traces;

static VOUCHER: HeaderName = HeaderName::from_static("x-everlight-forwarded");
/// Of the connection, not of the message (RFC 9110 §7.6.1). reqwest says for itself what it needs of them.
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::HOST,
];
/// In a private network.
const CONNECTS_WITHIN: Duration = Duration::from_secs(1);
/// Longer than any handler takes, and than a stream of events is silent.
const SILENT_FOR: Duration = Duration::from_secs(35);
/// What a stream of events is.
const EVENTS: &[u8] = b"text/event-stream";
/// A request finds the instance dead at most this often before it is answered with “not now”.
const TRIES: usize = 3;

/// The way to the other instances.
#[derive(Debug)]
pub struct Way(reqwest::Client);

impl Way {
    /// `None`: there are no others, or there is no way to make a client for them.
    pub fn for_site(everlight: &Everlight) -> Option<Self> {
        everlight
            .is_among_others()
            .then(Self::new)?
            .inspect_err(|error| {
                tracing::error!(%error, "requests cannot be passed on to other instances");
            })
            .ok()
    }

    fn new() -> reqwest::Result<Self> {
        reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .http1_only()
            .connect_timeout(CONNECTS_WITHIN)
            .read_timeout(SILENT_FOR)
            .pool_idle_timeout(Duration::from_secs(10))
            .build()
            .map(Self)
    }
}

/// Believes what another instance says of a request that it passes on, and nobody else.
pub async fn recognise(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    if edge.way.is_some()
        && let Some(header) = request.headers_mut().remove(&VOUCHER)
    {
        let header = header.to_str().unwrap_or_default();
        match edge.everlight.vouched(header, request.method().as_str(), target(request.uri())) {
            Some(voucher) => drop(request.extensions_mut().insert(voucher)),
            // Handled as anybody's it might be passed on again, and again.
            None => return reply::problem(StatusCode::BAD_REQUEST, "this request was not passed on by an instance"),
        }
    }
    next.run(request).await
}

/// Passes on what belongs to a stream that another instance has. What was passed on to us is for us.
pub async fn forward(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let Some(way) = edge.way.clone() else { return next.run(request).await };
    if request.extensions().get::<Voucher>().is_some() || request.method() == Method::OPTIONS {
        return next.run(request).await;
    }
    let everlight = Arc::clone(&edge.everlight);
    let Some(subject) = subject(request.uri().path()) else { return next.run(request).await };
    let asker = edge.limits.asker(&request);
    let (parts, body) = request.into_parts();
    let mut body = Content::Unread(body);
    let stream = match subject {
        Subject::Stream(stream) => Some(stream),
        Subject::Link(slug) => match everlight.stream_of(&slug).await {
            Ok(stream) => stream,
            Err(error) => return reply::service_error(&error),
        },
        Subject::InForm => match body.read().await {
            Ok(form) => named_in(&form),
            Err(refused) => return refused,
        },
    };
    let Some(stream) = stream else { return next.run(Request::from_parts(parts, body.into_body())).await };
    for _ in 0..TRIES {
        let peer = match everlight.home(stream).await {
            Ok(Home::There(peer)) => peer,
            Ok(Home::Here | Home::Nowhere) => return next.run(Request::from_parts(parts, body.into_body())).await,
            Err(error) => return reply::service_error(&error),
        };
        let sent = match body.take(&parts).await {
            Ok(sent) => sent,
            Err(refused) => return refused,
        };
        let voucher = everlight.vouch(Voucher { asker }, parts.method.as_str(), target(&parts.uri));
        let asked = way.ask(&peer, &parts, sent, &voucher);
        let answer = tokio::select! {
            answer = asked => answer,
            // Its machine is gone without a word: nothing would ever come.
            () = everlight.until_gone(peer.id) => continue,
        };
        match answer {
            Ok(answer) => return passed_back(answer, everlight, peer),
            Err(error) if is_refused(&error) => {
                if let Err(error) = everlight.is_gone(peer.id).await {
                    return reply::service_error(&error);
                }
            }
            Err(error) => {
                tracing::warn!(instance = %peer.id, error = %error.without_url(), "a request could not be passed on");
                if matches!(body, Content::Sent) {
                    break;
                }
            }
        }
    }
    reply::problem(StatusCode::SERVICE_UNAVAILABLE, "another part of this server is not answering; please try again")
}

impl Way {
    async fn ask(
        &self,
        peer: &Peer,
        parts: &Parts,
        body: reqwest::Body,
        voucher: &str,
    ) -> reqwest::Result<reqwest::Response> {
        let address = format!("{}{}", peer.address, target(&parts.uri));
        let mut headers = without_hops(&parts.headers);
        traces::pass_on(&mut headers);
        self.0.request(parts.method.clone(), address).headers(headers).header(&VOUCHER, voucher).body(body).send().await
    }
}

/// The body of a request that may have to be sent again.
enum Content {
    Unread(Body),
    Read(Bytes),
    /// Too large to be kept: whoever sent it sends it again.
    Sent,
}

impl Content {
    async fn take(&mut self, parts: &Parts) -> Result<reqwest::Body, Response> {
        match std::mem::replace(self, Self::Sent) {
            // A phone's copy comes in portions of megabytes.
            Self::Unread(body) if parts.uri.path().starts_with("/uploads/") => {
                Ok(reqwest::Body::wrap_stream(body.into_data_stream()))
            }
            content => {
                *self = content;
                self.read().await.map(Into::into)
            }
        }
    }

    /// It can still be taken afterwards.
    async fn read(&mut self) -> Result<Bytes, Response> {
        let read = match std::mem::replace(self, Self::Sent) {
            Self::Unread(body) => {
                let read = to_bytes(body, BODY_LIMIT).await;
                read.map_err(|_| reply::text(StatusCode::PAYLOAD_TOO_LARGE, "This is too large."))?
            }
            Self::Read(bytes) => bytes,
            Self::Sent => {
                let words = "not all of it arrived; please send it again";
                return Err(reply::problem(StatusCode::SERVICE_UNAVAILABLE, words));
            }
        };
        *self = Self::Read(read.clone());
        Ok(read)
    }

    fn into_body(self) -> Body {
        match self {
            Self::Unread(body) => body,
            Self::Read(bytes) => bytes.into(),
            Self::Sent => Body::empty(),
        }
    }
}

/// The answer, as it comes. When the other instance dies, so does the answer: whoever follows a stream of events asks anew, and
/// so they do when this one is stopped.
fn passed_back(answer: reqwest::Response, everlight: Arc<Everlight>, peer: Peer) -> Response {
    let (status, headers) = (answer.status(), without_hops(answer.headers()));
    let has_no_end = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(EVENTS));
    let over = {
        let (everlight, peer) = (Arc::clone(&everlight), peer.id);
        async move {
            let stopping = everlight.stopping();
            tokio::select! {
                () = everlight.until_gone(peer) => {}
                () = stopping, if has_no_end => {}
            }
        }
    };
    let body = answer.bytes_stream().inspect_err(move |_| {
        tokio::spawn(look_at(Arc::clone(&everlight), peer.clone()));
    });
    let mut response = Response::new(Body::from_stream(body.take_until(Box::pin(over))));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// An answer broke off: is the other instance there at all? Who is told of its death at once need not wait for its silence.
async fn look_at(everlight: Arc<Everlight>, peer: Peer) {
    let address = peer.address.strip_prefix("http://").unwrap_or(&peer.address);
    let knocked = tokio::time::timeout(CONNECTS_WITHIN, tokio::net::TcpStream::connect(address)).await;
    if matches!(knocked, Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused)
        && let Err(error) = everlight.is_gone(peer.id).await
    {
        tracing::error!(%error, "that an instance is gone could not be said");
    }
}

fn without_hops(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
    headers
}

/// The path and query, as they were asked for.
fn target(uri: &axum::http::Uri) -> &str {
    uri.path_and_query().map_or("/", |target| target.as_str())
}

/// Nothing listens there: the process is not there.
fn is_refused(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// What a request belongs to.
#[derive(Debug, PartialEq, Eq)]
enum Subject {
    Stream(StreamId),
    Link(Slug),
    /// The stream that the form names which is sent.
    InForm,
}

/// Requests that only the instance can answer that has the stream, by what is in its memory: sessions, the live picture, a
/// rehearsal, uploads that are going on; and what makes files of a stream. What the database knows, any instance answers.
fn subject(path: &str) -> Option<Subject> {
    let mut words = path.trim_start_matches('/').split('/');
    let stream = |word: &str| word.parse().ok().map(Subject::Stream);
    let link = |word: &str| word.parse().ok().map(Subject::Link);
    match (words.next()?, words.next()?) {
        ("whip" | "uploads", word) => stream(word),
        ("api", "go") => stream(words.next()?),
        ("api", function) if access::function_name(function) == "trim_recording" => Some(Subject::InForm),
        ("whep" | "hls", word) => link(word),
        // Where guesses are counted.
        ("watch", word) if words.next() == Some("passcode") => link(word),
        _ => None,
    }
}

/// The stream in the form of a server function.
fn named_in(form: &[u8]) -> Option<StreamId> {
    let (_, id) = url::form_urlencoded::parse(form).find(|(name, _)| name == "id")?;
    id.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_an_instances_memory_is_asked_of_that_instance() {
        let (stream, slug) = (StreamId::from_parts(1, [1; 10]), Slug::from_random([1; 16]));
        let of_stream =
            ["whip/S", "whip/S/0123", "uploads/S", "uploads/S/x", "api/go/S/events", "api/go/S/rehearsal.mp4"];
        for path in of_stream {
            let path = format!("/{}", path.replace('S', &stream.to_string()));
            assert_eq!(subject(&path), Some(Subject::Stream(stream)), "{path}");
        }
        for path in ["whep/L", "whep/L/0123", "hls/L/index.m3u8", "watch/L/passcode"] {
            let path = format!("/{}", path.replace('L', slug.as_str()));
            assert_eq!(subject(&path), Some(Subject::Link(slug.clone())), "{path}");
        }
        assert_eq!(subject("/api/trim_recording1234567890"), Some(Subject::InForm));
        for path in
            ["/", "/whip", "/whip/nonsense", "/go/S", "/watch/L", "/watch/L/events", "/api/streams/S/events", "/pkg/x"]
        {
            let path = path.replace('S', &stream.to_string()).replace('L', slug.as_str());
            assert_eq!(subject(&path), None, "{path}");
        }
    }

    #[test]
    fn a_form_names_its_stream() {
        let stream = StreamId::from_parts(1, [1; 10]);
        let form = format!("memorial_id={}&id={stream}&begin=0%3A02&end=", StreamId::from_parts(1, [2; 10]));
        assert_eq!(named_in(form.as_bytes()), Some(stream));
        for form in ["", "id=", "id=nonsense", "begin=1&end=2", "{\"id\":1}"] {
            assert_eq!(named_in(form.as_bytes()), None, "{form}");
        }
    }

    #[tokio::test]
    async fn what_was_read_of_a_request_is_still_all_of_it() {
        let mut content = Content::Unread(Body::from("id=1"));
        for _ in 0..2 {
            assert_eq!(content.read().await.unwrap(), "id=1");
        }
        assert_eq!(to_bytes(content.into_body(), BODY_LIMIT).await.unwrap(), "id=1");
        let mut large = Content::Unread(Body::from(vec![0; BODY_LIMIT + 1]));
        assert_eq!(large.read().await.unwrap_err().status(), StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn a_closed_port_is_told_from_other_failures() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let closed = listener.local_addr().unwrap();
        drop(listener);
        let Way(client) = Way::new().unwrap();
        assert!(is_refused(&client.get(format!("http://{closed}/")).send().await.unwrap_err()));
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let silent = (silent.local_addr().unwrap(), silent);
        let wait = client.get(format!("http://{}/", silent.0)).timeout(Duration::from_millis(50));
        assert!(!is_refused(&wait.send().await.unwrap_err()));
    }
}
