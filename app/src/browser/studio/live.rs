//! Being on air: publishing, and once a second a look at everything that can go wrong unseen.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use domain::{stream::StreamState, success::Millis};
use js_sys::Math;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use whip::client::{Status, Trouble};

use super::Inner;
use crate::browser::js::{now_ms, same};
use crate::browser::publisher::Publisher;
use crate::browser::senses::{Ear, Eye};
use crate::browser::timer::Timer;
use crate::browser::wake_lock::WakeLock;
use crate::browser::{device, fetch};
use crate::components::browser_streamer::{
    interruption::{self, Task},
    patience::Patience,
    problem::Problem,
    senses::Observer,
    state::{Event, Link, State},
};

/// No picture has gone out for this long although the connection stands.
const STALLED_MS: u64 = 5_000;

/// An ear that did not measure for so many seconds is opened anew; again after twice as long, and so on.
const SLEEPS: u32 = 4;

/// How long the server may take to show that it is there.
const SIGN_OF_LIFE_MS: u32 = 1_500;

/// A server that has nobody for so long does not have this phone.
const BELIEVED_AFTER: Duration = Duration::from_secs(1);

/// What looks and listens.
#[derive(Debug, Default)]
pub(super) struct Senses {
    pub(super) eye: Option<Eye>,
    pub(super) ear: Option<Ear>,
    pub(super) observer: Observer,
    /// How often in a row the ear did not measure.
    asleep: u32,
    /// How much had gone out, and when that was last more than before.
    sent: Cell<(u64, u64)>,
}

impl Inner {
    /// While the person looks at the camera's picture: the tap has to wait for less.
    pub(super) fn prepare(self: &Rc<Self>) {
        if self.publisher.borrow().is_none() {
            let publisher = self.publisher();
            if let Some(publisher) = &publisher {
                publisher.prepare();
            }
            *self.publisher.borrow_mut() = publisher;
        }
    }

    pub(super) fn publish(self: &Rc<Self>) {
        let prepared = self.publisher.take();
        let Some(publisher) = prepared.or_else(|| self.publisher()) else { return self.on(Event::CameraLost) };
        publisher.start();
        self.tapped.set(Some(now_ms()));
        *self.publisher.borrow_mut() = Some(publisher);
        self.watch.set(interruption::Watch::default());
        self.keep_awake();
        self.begin_keeping();
    }

    /// None without a camera.
    fn publisher(self: &Rc<Self>) -> Option<Publisher> {
        let stream = self.capture.borrow().as_ref().map(|it| same(&it.stream))?;
        // A going live has a name, under which it goes on by itself until somebody goes live with another phone.
        let turn = ((Math::random() * f64::from(u32::MAX)) as u32).to_string();
        let endpoint =
            [&fetch::origin(), "/whip/", &self.stream_id, "?turn=", &now_ms().to_string(), "-", &turn].concat();
        let weak = Rc::downgrade(self);
        let report = move |status| {
            if let Some(inner) = weak.upgrade() {
                inner.on_status(status);
            }
        };
        Some(Publisher::new(endpoint, self.token.borrow().clone(), stream, self.bitrate(), report))
    }

    fn on_status(self: &Rc<Self>, status: Status) {
        match status {
            Status::Connecting | Status::Stopped => {}
            Status::Connected => {
                self.on(Event::Connected);
                self.tell_how_long_it_took();
            }
            Status::Reconnecting => self.on(Event::Reconnecting(None)),
            Status::Waiting { trouble, .. } => self.on(Event::Reconnecting(Some(match trouble {
                Trouble::Network => Problem::NetworkDown,
                Trouble::Server(507) => Problem::DiskFull,
                Trouble::Server(503) => Problem::ServerFull,
                Trouble::Server(_) => Problem::ServerFault,
                Trouble::Media | Trouble::Peer => Problem::NoPath,
            }))),
            Status::Refused(423) => {
                self.signals.service.try_update(|service| {
                    if let Some(service) = service {
                        (service.on_air, service.waiting) = (true, false);
                    }
                });
                self.on(Event::Refused(Problem::TakenOver));
            }
            // The code alone does not name the cause: the server is asked about the link.
            Status::Refused(code) => {
                let inner = Rc::clone(self);
                spawn_local(async move {
                    let reply = inner.ask("check", Patience::default().ms()).await;
                    let problem = reply.and_then(|it| Problem::of_link_check(it.status()));
                    inner.on(Event::Refused(problem.unwrap_or(Problem::Refused(code))));
                });
            }
        }
    }

    /// The connection seems to stand, and the server says that nobody is connected to it: it is another one, or was started
    /// again. ICE would notice only after many seconds.
    pub(super) fn notice_that_nobody_has_us(&self) {
        let steady = matches!(self.signals.state.try_get_untracked(), Some(State::OnAir { link: Link::Steady, .. }));
        let truth = self.signals.truth.try_get_untracked().flatten();
        let Some(truth) = truth.filter(|truth| steady && truth.has_nobody()) else {
            return self.nobody_since.set(None);
        };
        let now = truth.progress.now;
        let since = self.nobody_since.get().unwrap_or(now);
        self.nobody_since.set(Some(since));
        // News may be older than a connection that was made this moment.
        if (truth.cannot_have_us() || now.since(since) >= BELIEVED_AFTER)
            && let Some(publisher) = &*self.publisher.borrow()
        {
            self.nobody_since.set(None);
            publisher.network_changed();
        }
    }

    /// Once the connection stands and the server has said that the picture arrives: how long that took, for statistics.
    pub(super) fn tell_how_long_it_took(&self) {
        let on_air = matches!(self.signals.state.try_get_untracked(), Some(State::OnAir { .. }));
        let truth = self.signals.truth.try_get_untracked().flatten();
        let arrives = truth.is_some_and(|truth| truth.progress.status == StreamState::Live);
        let Some(tapped) = self.tapped.get().filter(|_| on_air && arrives) else { return };
        self.tapped.set(None);
        let took = now_ms().saturating_sub(tapped);
        if took <= Millis::MAX.into() {
            let url = ["/api/go/", &self.stream_id, "/connected"].concat();
            let token = self.token.borrow().clone().unwrap_or_default();
            spawn_local(async move {
                let body = ["{\"afterMs\":", &took.to_string(), "}"].concat();
                // A number that is lost is lost.
                let _ = fetch::send_json(&url, &token, &body).await;
            });
        }
    }

    /// Dropped a moment later: this may run inside one of its own calls.
    pub(super) fn stop_publishing(&self) {
        if let Some(publisher) = self.publisher.take() {
            spawn_local(async move { drop(publisher) });
        }
    }

    pub(super) fn keep_awake(self: &Rc<Self>) {
        let mut lock = self.wake_lock.borrow_mut();
        let on = self.signals.screen_stays_on;
        lock.get_or_insert_with(WakeLock::new).keep(move |stays_on| {
            if on.try_get_untracked().flatten() != Some(stays_on) {
                on.try_set(Some(stays_on));
            }
        });
    }

    /// After the end.
    pub(super) fn stay_awake_while_needed(self: &Rc<Self>) {
        if !self.is_needed() {
            self.wake_lock.take();
        } else if device::is_seen() {
            self.keep_awake();
        }
    }

    pub(super) fn on_visibility(self: &Rc<Self>) {
        let films =
            matches!(self.signals.state.try_get_untracked(), Some(State::OnAir { .. } | State::Connecting { .. }));
        if device::is_seen() && (films || self.is_needed()) {
            self.keep_awake();
        }
        if !films {
            return;
        }
        if device::is_seen() {
            let alive = self.capture.borrow().as_ref().is_some_and(super::Capture::is_alive);
            self.watch(interruption::Event::Visible { alive });
        } else {
            self.watch(interruption::Event::Hidden);
        }
    }

    /// Gives an event to the watch over camera and microphone.
    pub(super) fn watch(self: &Rc<Self>, event: interruption::Event) {
        let (next, task) = self.watch.get().on(event, now_ms());
        self.watch.set(next);
        if self.signals.interruption.try_get_untracked().is_some_and(|shown| shown != next.shown()) {
            self.signals.interruption.try_set(next.shown());
        }
        match task {
            Some(Task::Heal(lost)) => self.heal(lost),
            None => {}
        }
    }

    /// The clock runs while on air, and only then; the picture is looked at before, too.
    pub(super) fn keep_ticking(self: &Rc<Self>) {
        if !self.ticks() || self.tick.borrow().is_some() {
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

    fn ticks(&self) -> bool {
        matches!(self.signals.state.try_get_untracked(), Some(State::OnAir { .. } | State::Rehearsing))
    }

    fn tick(self: &Rc<Self>) {
        let now = now_ms();
        self.signals.now.try_set(now);
        let on_air = match self.signals.state.try_get_untracked() {
            Some(State::OnAir { since, link, .. }) => Some((since, link)),
            _ => None,
        };
        if !self.ticks() {
            *self.senses.borrow_mut() = Senses::default();
            self.signals.senses.try_set(Default::default());
            self.tick.take();
            return;
        }
        self.sense(now);
        if let Some((_, link)) = on_air {
            self.watch(interruption::Event::Tick);
            if device::is_seen() {
                self.keep_awake();
            }
            self.look_at_what_goes_out(link, now);
            self.feel_for_the_server(link);
        }
        if let Some(timer) = &*self.tick.borrow() {
            // At the next full second of the service.
            let passed = on_air.map_or(0, |(since, _)| now.saturating_sub(since) % 1000);
            timer.set(Some(1000 - passed));
        }
    }

    /// While the connection is lost: browsers do not tell that a dead spot was left, and what was asked in it may wait for
    /// long on a connection that is dead. So the server is asked for a sign of life, on a new one each time.
    fn feel_for_the_server(self: &Rc<Self>, link: Link) {
        if link == Link::Steady {
            return self.signs.borrow_mut().all_is_well();
        }
        let number = self.signs.borrow_mut().ask();
        let inner = Rc::clone(self);
        spawn_local(async move {
            let answers = fetch::answers("/healthz", SIGN_OF_LIFE_MS).await;
            let back = inner.signs.borrow_mut().heard(number, answers);
            if back && let Some(publisher) = &*inner.publisher.borrow() {
                publisher.server_back();
            }
        });
    }

    fn sense(&self, now: u64) {
        let Some(video) = self.signals.preview.try_get_untracked().flatten() else { return };
        let mut senses = self.senses.borrow_mut();
        let interrupted = self.watch.get().shown().is_some() || !device::is_seen();
        if senses.eye.is_none() {
            senses.eye = Eye::open();
        }
        if senses.ear.is_none() {
            senses.ear = self.capture.borrow().as_ref().and_then(|capture| Ear::open(&capture.stream));
        }
        let look = senses.eye.as_ref().filter(|_| !interrupted).and_then(|eye| eye.look(&video));
        senses.observer.look(look, now);
        let muted = self.signals.muted.get_untracked();
        let listening = !interrupted && !muted;
        let loudest = senses.ear.as_ref().filter(|_| listening).and_then(Ear::loudest);
        senses.observer.hear(loudest, now);
        senses.asleep = if listening && loudest.is_none() { senses.asleep + 1 } else { 0 };
        if senses.asleep >= SLEEPS && senses.asleep.is_power_of_two() {
            // It was asked to go on and does not, as iPhones do after a call: another one may.
            senses.ear = None;
        }
        // Loudness is felt by its logarithm: from -60 dB to 0.
        let decibels = 20.0 * loudest.unwrap_or(0.0).max(0.000_1).log10();
        self.signals.level.try_set(((decibels + 60.0) / 60.0 * 100.0).clamp(0.0, 100.0) as u8);
        let found = senses.observer.senses(now);
        if self.signals.senses.try_get_untracked() != Some(found) {
            self.signals.senses.try_set(found);
        }
    }

    /// After a fresh capture: what measured the old one is deaf.
    pub(super) fn listen_anew(&self) {
        self.senses.borrow_mut().ear = None;
    }

    fn look_at_what_goes_out(self: &Rc<Self>, link: Link, now: u64) {
        let fine = link == Link::Steady && device::is_seen() && self.watch.get().shown().is_none();
        if !fine {
            return self.senses.borrow().sent.set((0, now));
        }
        let inner = Rc::clone(self);
        spawn_local(async move {
            let Some(sent) = inner.sent().await else { return };
            let (before, since) = inner.senses.borrow().sent.get();
            if sent.video != before || since == 0 {
                inner.senses.borrow().sent.set((sent.video, now));
            } else if now.saturating_sub(since) >= STALLED_MS {
                inner.senses.borrow().sent.set((0, now));
                inner.watch(interruption::Event::Stalled);
            }
        });
    }
}
