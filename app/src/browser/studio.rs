//! What the streamer's page does: carries out the tasks of its state machine. What belongs together is in the modules
//! below: the camera and what takes it away, being on air, the safety copy, the rehearsal, what the server is asked.

mod capture;
mod copy;
mod early;
mod heal;
mod live;
mod questions;
mod rehearse;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::{Timestamp, feedback::Stars, progress::Progress};
use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::spawn_local;

use self::capture::Capture;
use self::live::Senses;
use super::events::Events;
use super::js::now_ms;
use super::keeper::Keeper;
use super::publisher::Publisher;
use super::timer::Timer;
use super::vault::Vault;
use super::wake_lock::WakeLock;
use super::{device, media, token};
use crate::components::browser_streamer::{
    after,
    choices::Choices,
    guide::Browser,
    interruption::{self, Watch},
    problem::Problem,
    signals::Signals,
    signs::SignsOfLife,
    state::{Event, State, Task},
    truth::Truth,
};

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
    events: RefCell<Option<Events>>,
    /// Added to this phone's clock it gives the server's.
    clock_offset: Rc<Cell<i64>>,
    watch: Cell<Watch>,
    signs: RefCell<SignsOfLife>,
    /// Since when, by the server's clock, it has nobody connected though we seem to be.
    nobody_since: Cell<Option<Timestamp>>,
    senses: RefCell<Senses>,
    wake_lock: RefCell<Option<WakeLock>>,
    keeper: RefCell<Option<Keeper>>,
    vault: RefCell<Option<Vault>>,
    /// Counts rehearsals: one that was left does not go on.
    rehearsal: Cell<u32>,
    delivering: Cell<bool>,
    delivering_early: Cell<bool>,
    /// Counts what the person said of how it went.
    ratings: Cell<u32>,
    /// When the person went live, until it was told how long that took.
    tapped: Cell<Option<u64>>,
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
            events: RefCell::default(),
            clock_offset: Rc::default(),
            watch: Cell::default(),
            signs: RefCell::default(),
            nobody_since: Cell::default(),
            senses: RefCell::default(),
            wake_lock: RefCell::default(),
            keeper: RefCell::default(),
            vault: RefCell::default(),
            rehearsal: Cell::new(0),
            delivering: Cell::new(false),
            delivering_early: Cell::new(false),
            ratings: Cell::new(0),
            tapped: Cell::default(),
        });
        let studio = Self(StoredValue::new_local(Rc::clone(&inner)));
        Effect::new(move |_| {
            signals.ready.set(true);
            signals.choices.set(device::recall());
            let (agent, touch) = device::user_agent();
            signals.browser.set(Some(Browser::of(&agent, touch)));
            studio.0.with_value(|inner| {
                *inner.token.borrow_mut() = token::take(&inner.stream_id);
                inner.check_link();
                inner.look_for_room();
                inner.follow_network();
                inner.follow_devices();
            });
        });
        // Nothing ticks after the end: with each news it is looked whether the screen is to be kept on still.
        Effect::new(move |_| {
            signals.truth.track();
            signals.delivery.track();
            if matches!(signals.state.get(), State::Ending { .. } | State::Ended { .. }) {
                studio.0.try_with_value(Inner::stay_awake_while_needed);
            }
        });
        // A newer link that is opened in the same tab differs in its fragment only: the browser does not load the page.
        let newer_link = window_event_listener(ev::hashchange, move |_| {
            studio.0.try_with_value(Inner::take_newer_link);
        });
        let seen = window_event_listener(ev::visibilitychange, move |_| {
            studio.0.try_with_value(Inner::on_visibility);
        });
        let leaving = window_event_listener(ev::beforeunload, move |event| {
            if studio.0.try_with_value(|inner| inner.is_needed()) == Some(true) {
                event.prevent_default();
                // What older browsers look at.
                event.set_return_value("The service is not safe yet.");
            }
        });
        on_cleanup(move || {
            newer_link.remove();
            seen.remove();
            leaving.remove();
            // The page may be left by a link inside the application.
            if let Some(inner) = studio.0.try_get_value() {
                inner.events.take();
                inner.release();
                inner.wake_lock.take();
            }
        });
        studio
    }

    /// Of the person's.
    pub fn send(self, event: Event) {
        self.0.with_value(|inner| inner.on(event));
    }

    /// To the other camera.
    pub fn flip(self) {
        self.0.with_value(Inner::flip);
    }

    pub fn toggle_mute(self) {
        self.0.with_value(|inner| {
            inner.signals.muted.update(|muted| *muted = !*muted);
            inner.apply_mute();
        });
    }

    /// The person wants an interrupted camera back.
    pub fn resume(self) {
        self.0.with_value(|inner| inner.watch(interruption::Event::Resume));
    }

    pub fn choose(self, choices: Choices) {
        self.0.with_value(|inner| inner.choose(choices));
    }

    /// The words go with the stars, or after them.
    pub fn rate(self, stars: Stars, remarks: String) {
        self.0.with_value(|inner| inner.rate(stars, remarks));
    }

    pub fn keep_copy(self, wanted: bool) {
        self.0.with_value(|inner| inner.want_copy(wanted));
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
            Some(Task::Rehearse) => self.rehearse(),
            Some(Task::StopRehearsal) => {
                self.rehearsal.set(self.rehearsal.get().wrapping_add(1));
                self.stop_publishing();
            }
            Some(Task::Publish) => self.publish(),
            Some(Task::RetryNow) => {
                if let Some(publisher) = &*self.publisher.borrow() {
                    publisher.retry_now();
                }
            }
            Some(Task::StopPublishing) => {
                self.stop_publishing();
                self.stop_keeping();
            }
            Some(Task::CloseCamera) => self.release(),
            Some(Task::EndService) => {
                if let State::Ending { since, until, .. } = next {
                    token::mark_ended(&self.stream_id, since, until);
                }
                let (publisher, keeper) = (self.publisher.take(), self.keeper.take());
                let inner = Rc::clone(self);
                spawn_local(async move {
                    // The last seconds of the copy are written while camera and microphone are still open.
                    if let Some(keeper) = keeper {
                        keeper.stop().await;
                    }
                    inner.release();
                    // In this order, so that the server is not asked to delete a session that the end has deleted.
                    if let Some(publisher) = publisher {
                        publisher.finish().await;
                    }
                    inner.end_service().await;
                });
            }
        }
        match self.signals.state.try_get_untracked() {
            Some(State::Problem(Problem::LinkExpired)) => self.look_for_an_end(),
            Some(State::Problem(Problem::StreamUnknown)) => self.forget_what_was_deleted(),
            Some(State::Ended { .. }) => self.deliver(),
            Some(State::Preview | State::Rehearsed) => self.prepare(),
            _ => {}
        }
        self.keep_ticking();
    }

    fn on_progress(self: &Rc<Self>, progress: Progress) {
        let offset = progress.now.millis() - i64::try_from(now_ms()).unwrap_or(0);
        // News that were long on their way make the phone's clock look fast: the quickest are right.
        if self.clock_offset.get() == 0 || offset > self.clock_offset.get() {
            self.clock_offset.set(offset);
        }
        let before = self.signals.truth.try_get_untracked().flatten();
        let over = progress.status.is_over();
        self.signals.truth.try_set(Some(Truth::after(before.as_ref(), progress, now_ms())));
        // What this phone kept before the other one took over is delivered, too.
        if over && self.signals.state.try_get_untracked() == Some(State::Problem(Problem::TakenOver)) {
            self.look_for_an_end();
        }
        self.on_truth();
        self.tell_how_long_it_took();
        self.notice_that_nobody_has_us();
    }

    /// Who is stopped by the former link tries again with this one; who is on air stays so.
    fn take_newer_link(self: &Rc<Self>) {
        let Some(token) = token::take(&self.stream_id) else { return };
        *self.token.borrow_mut() = Some(token);
        match self.signals.state.try_get_untracked() {
            Some(State::Problem(problem)) if problem.is_about_link() => self.on(Event::TryAgain),
            // What was made ready has the former token.
            Some(State::Preview | State::Rehearsed) => {
                self.stop_publishing();
                self.prepare();
            }
            _ => {}
        }
    }

    /// Whether leaving now would lose something.
    fn is_needed(&self) -> bool {
        let Some(state) = self.signals.state.try_get_untracked() else { return false };
        let delivery = self.signals.delivery.try_get_untracked().unwrap_or_default();
        let truth = self.signals.truth.try_get_untracked().flatten();
        after::is_needed(state, truth.as_ref().map(|truth| &truth.progress), delivery)
    }

    fn follow_network(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        let last = RefCell::new(device::network());
        self.signals.mobile_data.set(device::is_on_mobile_data());
        let changed = Closure::<dyn Fn()>::new(move || {
            let Some(inner) = weak.upgrade() else { return };
            inner.signals.mobile_data.try_set(device::is_on_mobile_data());
            // The event also comes for every guess at the bandwidth.
            let network = device::network();
            if last.replace(network.clone()) != network
                && let Some(publisher) = &*inner.publisher.borrow()
            {
                publisher.network_changed();
            }
        });
        device::on_network_change(changed.as_ref().unchecked_ref());
        // Once for the page.
        changed.forget();
    }

    fn follow_devices(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        let changed = Closure::<dyn Fn()>::new(move || {
            let Some(inner) = weak.upgrade().filter(|inner| inner.capture.borrow().is_some()) else { return };
            spawn_local(async move { inner.compare_devices().await });
        });
        media::on_device_change(changed.as_ref().unchecked_ref());
        // Once for the page.
        changed.forget();
    }

    fn release(&self) {
        self.stop_publishing();
        self.stop_keeping();
        // A phone that goes to sleep after the end delivers nothing.
        if !self.is_needed() {
            self.wake_lock.take();
        }
        self.close_camera();
        // There is nothing to bring back, and no card that says so lies over what is shown then.
        self.watch.set(Watch::default());
        self.signals.interruption.try_set(None);
    }
}
