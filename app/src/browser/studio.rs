//! What the streamer's page does: carries out the tasks of its state machine.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use leptos::{ev, html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event as DomEvent, MediaStream};
use whip::client::{Status, Trouble};

use super::js::{call, call_async, get, now_ms};
use super::publisher::Publisher;
use super::timer::Timer;
use super::{fetch, media, token};
use crate::components::browser_streamer::{
    Service,
    problem::Problem,
    state::{Event, State, Task},
};

/// How long until the server is told again that the service is over.
const END_RETRY_MS: u32 = 3000;

/// A handle that event handlers can copy.
#[derive(Debug, Clone, Copy)]
pub struct Studio(StoredValue<Rc<Inner>, LocalStorage>);

#[derive(Debug)]
struct Inner {
    stream_id: String,
    signals: Signals,
    token: RefCell<Option<String>>,
    capture: RefCell<Option<Capture>>,
    publisher: RefCell<Option<Publisher>>,
    tick: RefCell<Option<Timer>>,
}

/// What the view shows and where.
#[derive(Debug, Clone, Copy)]
pub struct Signals {
    pub state: RwSignal<State>,
    /// Milliseconds since the Unix epoch, every second while on air.
    pub now: RwSignal<u64>,
    pub service: RwSignal<Option<Service>>,
    /// Until then the buttons do nothing.
    pub ready: RwSignal<bool>,
    pub preview: NodeRef<html::Video>,
}

/// An open camera and microphone. Switched off when dropped.
#[derive(Debug)]
struct Capture {
    stream: MediaStream,
    on_ended: Closure<dyn FnMut(DomEvent)>,
}

impl Drop for Capture {
    fn drop(&mut self) {
        for track in media::tracks(&self.stream) {
            let _ = track.remove_event_listener_with_callback("ended", self.on_ended.as_ref().unchecked_ref());
        }
        media::close(&self.stream);
    }
}

impl Studio {
    /// Must be called while a component is made; starts when it is on the page, and ends with it.
    pub fn new(stream_id: String, signals: Signals) -> Self {
        let inner = Rc::new(Inner {
            stream_id,
            signals,
            token: RefCell::default(),
            capture: RefCell::default(),
            publisher: RefCell::default(),
            tick: RefCell::default(),
        });
        let studio = Self(StoredValue::new_local(Rc::clone(&inner)));
        Effect::new(move |_| {
            signals.ready.set(true);
            studio.0.with_value(|inner| {
                *inner.token.borrow_mut() = token::take(&inner.stream_id);
                inner.check_link();
            });
        });
        // A newer link that is opened in the same tab differs in its fragment only: the browser does not load the page.
        let newer_link = window_event_listener(ev::hashchange, move |_| {
            studio.0.try_with_value(Inner::take_newer_link);
        });
        on_cleanup(move || newer_link.remove());
        // The page may be left by a link inside the application.
        on_cleanup(move || {
            if let Some(inner) = studio.0.try_get_value() {
                inner.release();
            }
        });
        studio
    }

    /// Of the person's.
    pub fn send(self, event: Event) {
        self.0.with_value(|inner| inner.on(event));
    }
}

impl Inner {
    fn on(self: &Rc<Self>, event: Event) {
        let Some(state) = self.signals.state.try_get_untracked() else { return };
        let (next, task) = state.on(event, now_ms());
        if next != state {
            self.signals.state.set(next);
        }
        match task {
            None => {}
            Some(Task::CheckLink) => self.check_link(),
            Some(Task::OpenCamera) => self.open_camera(),
            Some(Task::Publish) => self.publish(),
            Some(Task::RetryNow) => {
                if let Some(publisher) = &*self.publisher.borrow() {
                    publisher.retry_now();
                }
            }
            Some(Task::StopPublishing) => self.stop_publishing(),
            Some(Task::CloseCamera) => self.release(),
            Some(Task::EndService) => {
                let publisher = self.publisher.take();
                self.release();
                let inner = Rc::clone(self);
                spawn_local(async move {
                    // In this order, so that the server is not asked to delete a session that the end has deleted.
                    if let Some(publisher) = publisher {
                        publisher.finish().await;
                    }
                    inner.end_service().await;
                });
            }
        }
        self.keep_clock();
    }

    /// Asks the server about the link, before anything is asked of the person. No answer says nothing against it.
    fn check_link(self: &Rc<Self>) {
        if self.token.borrow().is_none() {
            *self.token.borrow_mut() = token::take(&self.stream_id);
        }
        if self.token.borrow().is_none() {
            return self.on(Event::LinkRefused(Problem::LinkIncomplete));
        }
        let inner = Rc::clone(self);
        spawn_local(async move {
            let Some(reply) = inner.ask("check").await else { return };
            if let Some(problem) = Problem::of_link_check(reply.status()) {
                inner.on(Event::LinkRefused(problem));
            } else if let Ok(service) = js_sys::JSON::parse(&reply.text().await) {
                let text = |name| get(&service, name).as_string().filter(|it| !it.is_empty());
                if let (Some(name), Some(title)) = (text("name"), text("title")) {
                    inner.signals.service.set(Some(Service { name, title }));
                }
            }
        });
    }

    /// Who is stopped by the former link tries again with this one; who is on air stays so.
    fn take_newer_link(self: &Rc<Self>) {
        let Some(token) = token::take(&self.stream_id) else { return };
        *self.token.borrow_mut() = Some(token);
        match self.signals.state.try_get_untracked() {
            Some(State::Problem(problem)) if problem.is_about_link() => self.on(Event::TryAgain),
            _ => {}
        }
    }

    /// `POST /api/go/{stream}/{what}` with the token.
    async fn ask(&self, what: &str) -> Option<fetch::Reply> {
        let url = ["/api/go/", &self.stream_id, "/", what].concat();
        let token = self.token.borrow().clone().unwrap_or_default();
        fetch::send("POST", &url, &[("Authorization", ["Bearer ", &token].concat())], None, what == "end").await
    }

    fn open_camera(self: &Rc<Self>) {
        // The former one first: a phone opens one camera at a time.
        self.release();
        let inner = Rc::clone(self);
        spawn_local(async move {
            let stream = match media::open().await {
                Ok(stream) => stream,
                Err(problem) => return inner.on(Event::CameraFailed(problem)),
            };
            if inner.signals.state.try_get_untracked() != Some(State::AskingForCamera) {
                // The page was left, or the link refused, while the browser asked.
                return media::close(&stream);
            }
            let weak = Rc::downgrade(&inner);
            let on_ended = Closure::<dyn FnMut(DomEvent)>::new(move |_| {
                if let Some(inner) = weak.upgrade() {
                    inner.on(Event::CameraLost);
                }
            });
            for track in media::tracks(&stream) {
                let _ = track.add_event_listener_with_callback("ended", on_ended.as_ref().unchecked_ref());
            }
            *inner.capture.borrow_mut() = Some(Capture { stream: stream.clone(), on_ended });
            inner.on(Event::CameraReady);
            inner.show(&stream);
        });
    }

    /// Puts the picture on the page. `play()` and not `autoplay`, over which some browsers lay a button of their own. It is
    /// not waited for: a page in the background plays nothing.
    fn show(&self, stream: &MediaStream) {
        let Some(video) = self.signals.preview.get_untracked() else { return };
        video.set_muted(true);
        video.set_src_object(Some(stream));
        spawn_local(async move {
            let _ = call_async(&video, "play", &[]).await;
        });
    }

    fn publish(self: &Rc<Self>) {
        let Some(stream) = self.capture.borrow().as_ref().map(|it| it.stream.clone()) else {
            return self.on(Event::CameraLost);
        };
        let endpoint = [&fetch::origin(), "/whip/", &self.stream_id].concat();
        let weak = Rc::downgrade(self);
        let report = move |status| {
            if let Some(inner) = weak.upgrade() {
                inner.on_status(status);
            }
        };
        let publisher = Publisher::new(endpoint, self.token.borrow().clone(), stream, report);
        publisher.start();
        *self.publisher.borrow_mut() = Some(publisher);
    }

    fn on_status(self: &Rc<Self>, status: Status) {
        match status {
            Status::Connecting | Status::Stopped => {}
            Status::Connected => self.on(Event::Connected),
            Status::Reconnecting => self.on(Event::Reconnecting(None)),
            Status::Waiting { trouble, .. } => self.on(Event::Reconnecting(Some(match trouble {
                Trouble::Network => Problem::NetworkDown,
                Trouble::Server(503) => Problem::ServerFull,
                Trouble::Server(_) => Problem::ServerFault,
                Trouble::Media | Trouble::Peer => Problem::NoPath,
            }))),
            // The code alone does not name the cause: the server is asked about the link.
            Status::Refused(code) => {
                let inner = Rc::clone(self);
                spawn_local(async move {
                    let reply = inner.ask("check").await;
                    let problem = reply.and_then(|it| Problem::of_link_check(it.status()));
                    inner.on(Event::Refused(problem.unwrap_or(Problem::Refused(code))));
                });
            }
        }
    }

    /// Dropped a moment later: this may run inside one of its own calls.
    fn stop_publishing(&self) {
        if let Some(publisher) = self.publisher.take() {
            spawn_local(async move { drop(publisher) });
        }
    }

    fn release(&self) {
        self.stop_publishing();
        if let Some(capture) = self.capture.take() {
            if let Some(Some(video)) = self.signals.preview.try_get_untracked() {
                // Paused first: some phones freeze when a track ends under a playing picture.
                let _ = call(&video, "pause", &[]);
                video.set_src_object(None);
            }
            spawn_local(async move { drop(capture) });
        }
    }

    /// Tells the server that the service is over, until it has heard. Any answer but a fault of the server is one: a link
    /// that has ended meanwhile is what was wanted.
    async fn end_service(self: &Rc<Self>) {
        loop {
            let status = self.ask("end").await.map(|it| it.status());
            if status.is_some_and(|it| it < 500 && it != 429) {
                return self.on(Event::EndAccepted);
            }
            self.on(Event::EndFailed);
            TimeoutFuture::new(END_RETRY_MS).await;
        }
    }

    /// The clock runs while on air, and only then.
    fn keep_clock(self: &Rc<Self>) {
        let on_air = matches!(self.signals.state.try_get_untracked(), Some(State::OnAir { .. }));
        if !on_air || self.tick.borrow().is_some() {
            return;
        }
        let weak = Rc::downgrade(self);
        let tick = Timer::new(move || {
            let Some(inner) = weak.upgrade() else { return };
            inner.tick();
        });
        *self.tick.borrow_mut() = Some(tick);
        self.tick();
    }

    fn tick(&self) {
        let now = now_ms();
        self.signals.now.try_set(now);
        if let Some(State::OnAir { since, .. }) = self.signals.state.try_get_untracked()
            && let Some(timer) = &*self.tick.borrow()
        {
            // At the next full second of the service.
            timer.set(Some(1000 - now.saturating_sub(since) % 1000));
        }
    }
}
