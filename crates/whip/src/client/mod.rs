//! A client's session as a state machine (RFC 9725 §4.2–§4.7): it is told what happened and answers what to do.
//!
//! The owner gives every [`Input`] to [`Client::handle`], carries out the [`Action`]s in order, and wakes the machine with
//! [`Input::Timer`] at [`Client::deadline`]. A lost connection is mended by an ICE restart where the server supports it,
//! else by a new session, again and again until the person stops.

mod action;
mod backoff;
mod description;
mod input;
mod message;
mod trickle;

use std::time::Duration;

pub use self::action::{Action, Status, Trouble};
use self::backoff::Backoff;
use self::description::{LocalIce, with_ice};
pub use self::input::{Connection, Input};
pub use self::message::{Method, Request, RequestId, Response};
use self::trickle::Trickle;
use crate::etag::EntityTag;
use crate::fragment::Fragment;
use crate::link::ice_servers;
use crate::{location, retry_after};

/// For the answer to a `POST`.
const POST_TIMEOUT: Duration = Duration::from_secs(10);
/// From the answer to a connection. ICE gives up by itself only after some 30 s.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be `disconnected` before something is done: shorter gaps heal by themselves.
const DISCONNECTED_GRACE: Duration = Duration::from_millis(2500);
/// For an ICE restart from its start, and again from its answer to a connection.
const RESTART_TIMEOUT: Duration = Duration::from_secs(4);
/// For a restart that was under way when the network came back.
const BACK_GRACE: Duration = Duration::from_millis(1500);
/// A connection that held this long counts as a success: the next loss is mended at once.
const STABLE_AFTER: Duration = Duration::from_secs(5);
/// The longest wait that a server may ask for: a service does not last for hours.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Followed only where the HTTP client does not follow redirects itself, as browsers do.
const MAX_REDIRECTS: u8 = 5;

#[derive(Debug)]
enum Phase {
    Idle,
    /// Nothing was asked of the server yet.
    Preparing,
    Prepared(String),
    Offering,
    Posting {
        id: RequestId,
        offer: String,
        local: LocalIce,
        redirects: u8,
    },
    Connecting {
        restarted: bool,
    },
    Connected,
    Disconnected,
    RestartOffering,
    Restarting {
        id: RequestId,
    },
    Waiting,
}

/// A session that was answered.
#[derive(Debug)]
struct Session {
    url: String,
    /// Strong and well-formed, or none: then there are no restarts.
    etag: Option<EntityTag>,
    answer: String,
}

/// The machine. Times are since the Unix epoch, so that a `Retry-After` date can be read.
#[derive(Debug)]
pub struct Client {
    endpoint: String,
    token: Token,
    phase: Phase,
    phase_ends: Option<Duration>,
    connection: Connection,
    session: Option<Session>,
    trickle: Trickle,
    backoff: Backoff,
    next_id: u32,
    /// `POST`s that were given up: should one be answered after all, its session is deleted.
    abandoned: Vec<RequestId>,
    actions: Vec<Action>,
}

struct Token(Option<String>);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Token(…)" } else { "None" })
    }
}

impl Client {
    /// `endpoint` is an absolute URL; `token` goes as `Authorization: Bearer` with every request, and no such header is sent
    /// without one (RFC 9725 §4.7.1). `seed` feeds the jitter of the waits.
    pub fn new(endpoint: impl Into<String>, token: Option<String>, seed: u32) -> Self {
        Self {
            endpoint: endpoint.into(),
            token: Token(token),
            phase: Phase::Idle,
            phase_ends: None,
            connection: Connection::Pending,
            session: None,
            trickle: Trickle::default(),
            backoff: Backoff::new(seed),
            next_id: 0,
            abandoned: Vec::new(),
            actions: Vec::new(),
        }
    }

    /// When [`Input::Timer`] is due.
    pub fn deadline(&self) -> Option<Duration> {
        let trickle = if self.may_trickle() { self.trickle.deadline() } else { None };
        [self.phase_ends, trickle].into_iter().flatten().min()
    }

    pub fn handle(&mut self, now: Duration, input: Input) -> Vec<Action> {
        match input {
            Input::Prepare if matches!(self.phase, Phase::Idle) => {
                self.actions.push(Action::OpenPeer);
                self.enter(Phase::Preparing, None);
            }
            Input::Prepare => {}
            Input::Start => self.start(now),
            Input::LocalOffer(offer) => self.on_offer(now, offer),
            Input::LocalCandidate { candidate, mid } => {
                self.trickle.add(now, &candidate, mid.as_deref());
            }
            Input::Response { id, response } => self.on_response(now, id, Some(response)),
            Input::NoResponse { id } => self.on_response(now, id, None),
            Input::Connection(connection) => self.on_connection(now, connection),
            Input::PeerError => match self.phase {
                Phase::Idle | Phase::Waiting => {}
                // Nobody waits for it: it is tried again, and told, when somebody does.
                Phase::Preparing | Phase::Prepared(_) => {
                    self.actions.push(Action::ClosePeer);
                    self.enter(Phase::Idle, None);
                }
                _ => self.retry(now, Trouble::Peer, None),
            },
            Input::Online => match self.phase {
                Phase::Waiting => self.open_peer(now),
                Phase::Disconnected => self.recover(now),
                _ => {}
            },
            Input::NetworkChanged => match self.phase {
                Phase::Waiting => self.open_peer(now),
                Phase::Connected | Phase::Disconnected => self.recover(now),
                _ => {}
            },
            Input::ServerBack => self.on_server_back(now),
            Input::Timer => self.on_timer(now),
            Input::Stop => self.stop(),
        }
        self.trickle_if_due(now);
        std::mem::take(&mut self.actions)
    }

    fn start(&mut self, now: Duration) {
        match std::mem::replace(&mut self.phase, Phase::Offering) {
            Phase::Idle => {
                self.backoff.start();
                self.report(Status::Connecting);
                self.open_peer(now);
            }
            prepared @ (Phase::Preparing | Phase::Prepared(_)) => {
                self.backoff.start();
                self.report(Status::Connecting);
                self.enter(Phase::Offering, Some(now + POST_TIMEOUT));
                if let Phase::Prepared(offer) = prepared {
                    self.on_offer(now, offer);
                }
            }
            started => self.phase = started,
        }
    }

    fn on_offer(&mut self, now: Duration, offer: String) {
        let restart = match self.phase {
            Phase::Preparing => return self.enter(Phase::Prepared(offer), None),
            Phase::Offering => false,
            Phase::RestartOffering => true,
            // Of a peer connection that was given up meanwhile.
            _ => return,
        };
        let Some(local) = LocalIce::of_offer(&offer) else {
            return self.retry(now, Trouble::Peer, None);
        };
        if restart {
            self.trickle.begin(local.clone());
            self.actions.push(Action::SetLocalDescription(offer));
            self.send_restart(now, &local);
        } else {
            let endpoint = self.endpoint.clone();
            self.post(now, &endpoint, offer, local, 0);
        }
    }

    fn post(&mut self, now: Duration, url: &str, offer: String, local: LocalIce, redirects: u8) {
        let id = self.send(Method::Post, url, None, Some(offer.clone()));
        self.enter(Phase::Posting { id, offer, local, redirects }, Some(now + POST_TIMEOUT));
    }

    fn on_response(&mut self, now: Duration, id: RequestId, response: Option<Response>) {
        if let Some(at) = self.abandoned.iter().position(|it| *it == id) {
            self.abandoned.swap_remove(at);
            if let Some(url) = response.filter(Response::is_success).and_then(|it| it.session_url(&self.endpoint)) {
                self.send(Method::Delete, &url, None, None);
            }
            return;
        }
        match &self.phase {
            Phase::Posting { id: current, .. } if *current == id => self.on_post_response(now, response),
            Phase::Restarting { id: current } if *current == id => self.on_restart_response(now, response),
            // Anything else is a PATCH, the current one or an older one, or a DELETE: of those nothing is expected.
            _ => {
                let stale = self.trickle.on_response(now, id, response.map(|it| it.status));
                match self.phase {
                    Phase::Connecting { restarted: false } | Phase::Disconnected if stale => self.recover(now),
                    // A restart did not bring the two sides together.
                    Phase::Connecting { restarted: true } if stale => self.retry(now, Trouble::Media, None),
                    _ => {}
                }
            }
        }
    }

    fn on_post_response(&mut self, now: Duration, response: Option<Response>) {
        let Phase::Posting { offer, local, redirects, .. } = std::mem::replace(&mut self.phase, Phase::Idle) else {
            return;
        };
        let Some(response) = response else {
            return self.retry(now, Trouble::Network, None);
        };
        let status = response.status;
        let location = response.session_url(&self.endpoint);
        match (status / 100, location) {
            (2, Some(url)) if response.body.starts_with("v=0") => {
                let servers = response.link.as_deref().map(ice_servers).unwrap_or_default();
                if !servers.is_empty() {
                    self.actions.push(Action::SetIceServers(servers));
                }
                self.actions.push(Action::SetLocalDescription(offer));
                self.actions.push(Action::SetRemoteDescription(response.body.clone()));
                let etag = response.etag.as_deref().and_then(EntityTag::parse);
                self.session = Some(Session { url, etag, answer: response.body });
                self.trickle.begin(local);
                self.connection = Connection::Pending;
                self.enter(Phase::Connecting { restarted: false }, Some(now + CONNECT_TIMEOUT));
            }
            // A success without a session or an answer is no session. There may be one, though.
            (2, Some(url)) => {
                self.send(Method::Delete, &url, None, None);
                self.retry(now, Trouble::Server(status), None);
            }
            (3, Some(url)) if matches!(status, 307 | 308) && redirects < MAX_REDIRECTS => {
                self.post(now, &url, offer, local, redirects + 1);
            }
            // Request Timeout, Conflict (a session of our own that is not dead yet), Too Early, Too Many Requests: each says
            // that the same request may succeed later, and so does Retry-After with any code.
            (4, _) if !matches!(status, 408 | 409 | 425 | 429) && response.retry_after.is_none() => {
                self.actions.push(Action::ClosePeer);
                self.enter(Phase::Idle, None);
                self.report(Status::Refused(status));
            }
            _ => {
                let wait = response.retry_after.and_then(|value| retry_after::wait(&value, now));
                self.retry(now, Trouble::Server(status), wait);
            }
        }
    }

    /// RFC 9725 §4.3.3: new credentials, `If-Match: *`, and what the answer said besides ICE stays.
    fn send_restart(&mut self, now: Duration, local: &LocalIce) {
        let Some(session) = &self.session else { return };
        let url = session.url.clone();
        let body = local.fragment(Vec::new(), false).to_string();
        let id = self.send(Method::Patch, &url, Some("*".to_owned()), Some(body));
        self.enter(Phase::Restarting { id }, Some(now + RESTART_TIMEOUT));
    }

    fn on_restart_response(&mut self, now: Duration, response: Option<Response>) {
        if response.as_ref().is_some_and(|it| matches!(it.status, 404 | 410)) {
            // The server does not know the session any more: there is nothing to delete.
            self.session = None;
        }
        let fragment = response
            .as_ref()
            .filter(|it| it.is_success())
            .and_then(|it| Fragment::parse(&it.body).ok())
            .filter(|it| it.credentials.is_some());
        let (Some(fragment), Some(response), Some(session)) = (fragment, response, self.session.as_mut()) else {
            return self.retry(now, Trouble::Media, None);
        };
        session.etag = response.etag.as_deref().and_then(EntityTag::parse);
        session.answer = with_ice(&session.answer, &fragment);
        self.actions.push(Action::SetRemoteDescription(session.answer.clone()));
        if self.connection == Connection::Connected {
            // The old path came back meanwhile; ICE moves over to the new one without another event.
            self.connected(now);
        } else {
            self.enter(Phase::Connecting { restarted: true }, Some(now + RESTART_TIMEOUT));
        }
    }

    fn on_connection(&mut self, now: Duration, connection: Connection) {
        self.connection = connection;
        match (connection, &self.phase) {
            (Connection::Connected, Phase::Connecting { .. } | Phase::Disconnected) => self.connected(now),
            (Connection::Disconnected, Phase::Connected) => {
                self.enter(Phase::Disconnected, Some(now + DISCONNECTED_GRACE));
            }
            (Connection::Failed, Phase::Connected | Phase::Disconnected) => self.recover(now),
            (Connection::Failed, Phase::Connecting { .. }) => self.retry(now, Trouble::Media, None),
            (Connection::Closed, Phase::Connecting { .. } | Phase::Connected | Phase::Disconnected) => {
                self.retry(now, Trouble::Peer, None);
            }
            _ => {}
        }
    }

    fn connected(&mut self, now: Duration) {
        self.enter(Phase::Connected, Some(now + STABLE_AFTER));
        self.report(Status::Connected);
    }

    fn on_timer(&mut self, now: Duration) {
        self.trickle.on_timer(now);
        if self.phase_ends.is_none_or(|end| end > now) {
            return;
        }
        match self.phase {
            Phase::Idle | Phase::Preparing | Phase::Prepared(_) => self.phase_ends = None,
            Phase::Offering => self.retry(now, Trouble::Peer, None),
            Phase::Posting { .. } => self.retry(now, Trouble::Network, None),
            Phase::Connecting { .. } | Phase::RestartOffering | Phase::Restarting { .. } => {
                self.retry(now, Trouble::Media, None);
            }
            Phase::Connected => {
                self.backoff.succeed();
                self.phase_ends = None;
            }
            Phase::Disconnected => self.recover(now),
            Phase::Waiting => self.open_peer(now),
        }
    }

    /// Mends a lost connection: an ICE restart if the server named its ICE session (RFC 9725 §4.3.1), else a new session.
    fn recover(&mut self, now: Duration) {
        if self.session.as_ref().is_some_and(|it| it.etag.is_some()) {
            self.report(Status::Reconnecting);
            self.actions.push(Action::RestartIce);
            self.enter(Phase::RestartOffering, Some(now + RESTART_TIMEOUT));
        } else {
            self.retry(now, Trouble::Media, None);
        }
    }

    fn on_server_back(&mut self, now: Duration) {
        self.backoff.start();
        match self.phase {
            // The answer to a `POST` that was sent into the silence may never come.
            Phase::Waiting | Phase::Posting { .. } => self.open_peer(now),
            Phase::Disconnected => self.recover(now),
            // The former path may heal by itself now, but has little time for it.
            Phase::Restarting { .. } | Phase::Connecting { restarted: true } => {
                let soon = now + BACK_GRACE;
                self.phase_ends = Some(self.phase_ends.map_or(soon, |end| end.min(soon)));
                self.backoff.succeed();
            }
            _ => {}
        }
    }

    /// Gives the session up and begins another: at once after a connection that held, else after a growing wait.
    fn retry(&mut self, now: Duration, trouble: Trouble, retry_after: Option<Duration>) {
        let wait = self.backoff.next().max(retry_after.unwrap_or_default().min(LONGEST_WAIT));
        if wait.is_zero() {
            self.report(Status::Reconnecting);
            return self.open_peer(now);
        }
        self.leave();
        self.actions.push(Action::ClosePeer);
        self.enter(Phase::Waiting, Some(now + wait));
        self.report(Status::Waiting { trouble, wait });
    }

    fn open_peer(&mut self, now: Duration) {
        self.leave();
        self.connection = Connection::Pending;
        self.actions.push(Action::OpenPeer);
        self.enter(Phase::Offering, Some(now + POST_TIMEOUT));
    }

    fn stop(&mut self) {
        self.leave();
        self.actions.push(Action::ClosePeer);
        self.enter(Phase::Idle, None);
        self.report(Status::Stopped);
    }

    /// Ends the session at the server, or the attempt at one. Deleting a session that is dead by now does no harm, and
    /// frees it where the server allows only one.
    fn leave(&mut self) {
        if let Phase::Posting { id, .. } = self.phase {
            self.abandoned.push(id);
        }
        self.trickle = Trickle::default();
        if let Some(session) = self.session.take() {
            // Without an entity tag (RFC 9725 §4.3.1).
            self.send(Method::Delete, &session.url, None, None);
        }
    }

    /// Candidates wait for the `201`, and after a restart for the new entity tag (RFC 9725 §4.3.2).
    fn may_trickle(&self) -> bool {
        matches!(self.phase, Phase::Connecting { .. } | Phase::Connected | Phase::Disconnected)
    }

    fn trickle_if_due(&mut self, now: Duration) {
        if !self.may_trickle() {
            return;
        }
        let Some(session) = &self.session else { return };
        let Some(body) = self.trickle.take_due(now) else { return };
        let if_match = session.etag.as_ref().map_or_else(|| "*".to_owned(), ToString::to_string);
        let url = session.url.clone();
        let id = self.send(Method::Patch, &url, Some(if_match), Some(body));
        self.trickle.sent(now, id);
    }

    fn send(&mut self, method: Method, url: &str, if_match: Option<String>, body: Option<String>) -> RequestId {
        let id = RequestId(self.next_id);
        self.next_id = self.next_id.wrapping_add(1);
        let bearer = self.token.0.as_deref();
        self.actions.push(Action::Send(Request::new(id, method, url, bearer, if_match, body)));
        id
    }

    fn enter(&mut self, phase: Phase, ends: Option<Duration>) {
        self.phase = phase;
        self.phase_ends = ends;
    }

    fn report(&mut self, status: Status) {
        self.actions.push(Action::Report(status));
    }
}

impl Response {
    /// The resolved `Location`. Where the final address is not known, it is taken to be the endpoint.
    fn session_url(&self, endpoint: &str) -> Option<String> {
        let base = if self.url.is_empty() { endpoint } else { &self.url };
        location::resolve(base, self.location.as_deref()?)
    }
}

#[cfg(test)]
mod tests;
