//! Sends a camera and a microphone to the server: carries out what [`whip::client::Client`] decides.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use std::time::Duration;

use gloo_timers::future::TimeoutFuture;
use js_sys::Math;
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, MediaStream, MediaStreamTrack};
use whip::client::{Action, Client, Input, Request, Response, Status};

use super::fetch;
use super::js::{get, now_ms};
pub use super::peer::Sent as SentBytes;
use super::peer::{Peer, PeerEvent};
use super::timer::Timer;

/// Two seconds in all for the server to hear that the session is over.
const FINISH_CHECKS: u32 = 40;
const FINISH_CHECK_MS: u32 = 50;

/// Publishes from [`Publisher::start`] to [`Publisher::stop`], through lost connections, refusals for lack of room and
/// reloads of the server. Leaving the page stops too; a page that comes back out of the browser's cache goes on.
pub struct Publisher(Rc<Inner>);

struct Inner {
    client: RefCell<Client>,
    /// What happened while something else was being handled.
    inbox: RefCell<VecDeque<Input>>,
    handling: Cell<bool>,
    stream: MediaStream,
    /// For the picture, in bits a second.
    bitrate: Cell<u32>,
    peer: RefCell<Option<Peer>>,
    /// Counts peer connections: what an old one says late is not about the present one.
    generation: Cell<u32>,
    timer: Timer,
    report: Box<dyn Fn(Status)>,
    /// Requests that were not answered yet.
    in_flight: Cell<u32>,
    started: Cell<bool>,
    /// The page went, not the person.
    away: Cell<bool>,
    listeners: RefCell<Vec<Listener>>,
}

/// A name of an event of the window, and what it calls.
type Listener = (&'static str, Closure<dyn FnMut(Event)>);

impl Publisher {
    /// `report` is called with every change that the person should see.
    pub fn new(
        endpoint: String,
        token: Option<String>,
        stream: MediaStream,
        bitrate: u32,
        report: impl Fn(Status) + 'static,
    ) -> Self {
        let seed = (Math::random() * f64::from(u32::MAX)) as u32;
        let inner = Rc::new_cyclic(|weak: &Weak<Inner>| {
            let weak = weak.clone();
            Inner {
                client: RefCell::new(Client::new(endpoint, token, seed)),
                inbox: RefCell::default(),
                handling: Cell::new(false),
                stream,
                bitrate: Cell::new(bitrate),
                peer: RefCell::new(None),
                generation: Cell::new(0),
                timer: Timer::new(move || give(&weak, Input::Timer)),
                report: Box::new(report),
                in_flight: Cell::new(0),
                started: Cell::new(false),
                away: Cell::new(false),
                listeners: RefCell::default(),
            }
        });
        inner.listen();
        Self(inner)
    }

    /// Makes ready what needs no server, so that [`Self::start`] has less to do. Nothing leaves the device.
    pub fn prepare(&self) {
        self.0.give(Input::Prepare);
    }

    pub fn start(&self) {
        self.0.started.set(true);
        self.0.give(Input::Start);
    }

    /// Does not wait for the next attempt.
    pub fn retry_now(&self) {
        self.0.give(Input::Online);
    }

    /// The device has another network: the path of before is dead, whether the connection knows or not.
    pub fn network_changed(&self) {
        self.0.give(Input::NetworkChanged);
    }

    /// The server has answered after a silence.
    pub fn server_back(&self) {
        self.0.give(Input::ServerBack);
    }

    /// Puts another track in the place of the one of its kind, without a new session. What is sent later, in a session
    /// that is begun anew, is what the stream holds then.
    pub fn replace(&self, track: &MediaStreamTrack) -> impl Future<Output = ()> + use<> {
        let replaced = self.0.peer.borrow().as_ref().map(|peer| peer.replace(track));
        async move {
            if let Some(replaced) = replaced {
                replaced.await;
            }
        }
    }

    /// The picture takes at most so many bits a second, from now on and in every later session.
    pub fn limit(&self, bitrate: u32) {
        self.0.bitrate.set(bitrate);
        if let Some(peer) = &*self.0.peer.borrow() {
            peer.limit(bitrate);
        }
    }

    /// What went out in this connection so far; `None` while there is none.
    pub fn sent(&self) -> impl Future<Output = Option<SentBytes>> + use<> {
        let sent = self.0.peer.borrow().as_ref().map(Peer::sent);
        async move { sent?.await }
    }

    pub fn stop(&self) {
        self.0.give(Input::Stop);
    }

    /// Stops, and waits until the server has heard, but not for long.
    pub async fn finish(self) {
        self.stop();
        for _ in 0..FINISH_CHECKS {
            if self.0.in_flight.get() == 0 {
                break;
            }
            TimeoutFuture::new(FINISH_CHECK_MS).await;
        }
    }
}

/// Leaving for another page of the application stops too.
impl Drop for Publisher {
    fn drop(&mut self) {
        self.stop();
        self.0.unlisten();
    }
}

fn give(inner: &Weak<Inner>, input: Input) {
    if let Some(inner) = inner.upgrade() {
        inner.give(input);
    }
}

impl Inner {
    fn give(self: &Rc<Self>, input: Input) {
        self.inbox.borrow_mut().push_back(input);
        if self.handling.replace(true) {
            return;
        }
        loop {
            let Some(input) = self.inbox.borrow_mut().pop_front() else { break };
            let actions = self.client.borrow_mut().handle(Duration::from_millis(now_ms()), input);
            for action in actions {
                self.act(action);
            }
        }
        self.handling.set(false);
        let deadline = self.client.borrow().deadline().map(|it| it.as_millis() as u64);
        // Rounded up: a timer that comes a moment early finds nothing to do.
        self.timer.set(deadline.map(|it| it.saturating_sub(now_ms()) + 1));
    }

    fn act(self: &Rc<Self>, action: Action) {
        match action {
            Action::OpenPeer => self.open_peer(),
            Action::RestartIce => self.offer(true),
            Action::ClosePeer => self.close_peer(),
            Action::SetIceServers(servers) => {
                if let Some(peer) = &*self.peer.borrow() {
                    peer.set_ice_servers(&servers);
                }
            }
            Action::SetLocalDescription(sdp) => self.set_description(true, &sdp),
            Action::SetRemoteDescription(sdp) => self.set_description(false, &sdp),
            Action::Send(request) => {
                self.in_flight.update(|it| it + 1);
                spawn_local(deliver(Rc::clone(self), request));
            }
            Action::Report(_) if self.away.get() => {}
            Action::Report(status) => (self.report)(status),
        }
    }

    fn open_peer(self: &Rc<Self>) {
        self.close_peer();
        let generation = self.generation.get();
        let weak = Rc::downgrade(self);
        let peer = Peer::new(&self.stream, self.bitrate.get(), move |event| {
            let Some(inner) = weak.upgrade().filter(|it| it.generation.get() == generation) else { return };
            inner.give(match event {
                PeerEvent::State(connection) => Input::Connection(connection),
                PeerEvent::Candidate { candidate, mid } => Input::LocalCandidate { candidate, mid },
            });
        });
        match peer {
            Ok(peer) => {
                *self.peer.borrow_mut() = Some(peer);
                self.offer(false);
            }
            Err(_) => self.give(Input::PeerError),
        }
    }

    fn close_peer(&self) {
        self.generation.set(self.generation.get().wrapping_add(1));
        self.peer.borrow_mut().take();
    }

    fn offer(self: &Rc<Self>, restart: bool) {
        let Some(offer) = self.peer.borrow().as_ref().map(|peer| peer.create_offer(restart)) else { return };
        self.later(async move { offer.await.map_or(Some(Input::PeerError), |sdp| Some(Input::LocalOffer(sdp))) });
    }

    fn set_description(self: &Rc<Self>, local: bool, sdp: &str) {
        let Some(accepted) = self.peer.borrow().as_ref().map(|peer| peer.set_description(local, sdp)) else { return };
        self.later(async move { if accepted.await { None } else { Some(Input::PeerError) } });
    }

    /// Gives what comes of it, unless the peer connection is another one by then.
    fn later(self: &Rc<Self>, future: impl Future<Output = Option<Input>> + 'static) {
        let inner = Rc::clone(self);
        let generation = self.generation.get();
        spawn_local(async move {
            if let Some(input) = future.await
                && inner.generation.get() == generation
            {
                inner.give(input);
            }
        });
    }

    fn listen(self: &Rc<Self>) {
        let Some(window) = web_sys::window() else { return };
        let listener = |act: fn(&Rc<Inner>, Event)| {
            let weak = Rc::downgrade(self);
            Closure::<dyn FnMut(Event)>::new(move |event| {
                if let Some(inner) = weak.upgrade() {
                    act(&inner, event);
                }
            })
        };
        let listeners = vec![
            ("online", listener(|inner, _| inner.give(Input::Online))),
            (
                "pagehide",
                listener(|inner, _| {
                    inner.away.set(true);
                    inner.give(Input::Stop);
                }),
            ),
            (
                "pageshow",
                listener(|inner, event| {
                    if get(&event, "persisted").is_truthy() && inner.away.replace(false) {
                        inner.give(if inner.started.get() { Input::Start } else { Input::Prepare });
                    }
                }),
            ),
        ];
        for (name, listener) in &listeners {
            let _ = window.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        }
        *self.listeners.borrow_mut() = listeners;
    }

    fn unlisten(&self) {
        let Some(window) = web_sys::window() else { return };
        for (name, listener) in self.listeners.take() {
            let _ = window.remove_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        }
    }
}

/// Sends a request and gives its response. Holds the publisher until then: a session that is created after the person has
/// stopped must still be deleted.
async fn deliver(inner: Rc<Inner>, request: Request) {
    let Request { id, method, url, headers, body } = &request;
    let reply =
        fetch::send(method.as_str(), url, headers, body.as_deref().map(Into::into).as_ref(), request.outlives_page())
            .await;
    let input = match reply {
        None => Input::NoResponse { id: *id },
        Some(reply) => {
            let response = Response {
                status: reply.status(),
                url: reply.url(),
                location: reply.header("Location"),
                link: reply.header("Link"),
                etag: reply.header("ETag"),
                retry_after: reply.header("Retry-After"),
                body: reply.text().await,
            };
            Input::Response { id: *id, response }
        }
    };
    inner.in_flight.update(|it| it - 1);
    inner.give(input);
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Publisher").field(&self.0.client.borrow()).finish()
    }
}
