//! The rehearsal: some seconds over the real path, and what came of it.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use whip::client::Status;

use domain::rehearsal::{Arrived, Rehearsal, Remark, uplink_remark};

use super::Inner;
use crate::browser::js::{call, get, now_ms, same};
use crate::browser::publisher::Publisher;
use crate::browser::senses::Ear;
use crate::browser::{device, fetch};
use crate::components::browser_streamer::{
    safety_copy::{BYTES_AN_HOUR, SafetyCopy},
    signals::RehearsalView,
    state::{Event, State},
};

/// How long is recorded.
const SECONDS: u32 = 10;
const CHECK_MS: u32 = 100;
/// Sizes of what is sent to measure the uplink.
const PROBES: [u32; 2] = [256 << 10, 2 << 20];
/// A measurement that took this long is good enough.
const LONG_ENOUGH_MS: u64 = 1_000;
const PROBE_LIMIT_MS: u64 = 15_000;
/// For a connection.
const CONNECT_CHECKS: u32 = 150;
/// Below this share of the loudest possible nothing was heard.
const HEARD: f32 = 0.000_4;
/// A picture whose brightest point is darker than this, of 255, shows next to nothing.
const DARK: u8 = 40;
const LOW_BATTERY: f64 = 0.3;
/// For the server to look at what arrived, and to take down what came of it.
const ANSWER_LIMIT_MS: u32 = 30_000;

impl Inner {
    pub(super) fn rehearse(self: &Rc<Self>) {
        let number = self.rehearsal.get().wrapping_add(1);
        self.rehearsal.set(number);
        self.signals.rehearsal.set(RehearsalView::Measuring);
        self.keep_awake();
        let inner = Rc::clone(self);
        spawn_local(async move {
            let view = inner.run_rehearsal(number).await;
            if inner.goes_on(number) {
                inner.signals.rehearsal.try_set(view);
                inner.on(Event::RehearsalOver);
            }
        });
    }

    fn goes_on(&self, number: u32) -> bool {
        self.rehearsal.get() == number && self.signals.state.try_get_untracked() == Some(State::Rehearsing)
    }

    async fn run_rehearsal(self: &Rc<Self>, number: u32) -> RehearsalView {
        let Some(stream) = self.capture.borrow().as_ref().map(|capture| same(&capture.stream)) else {
            return RehearsalView::Failed;
        };
        let uplink = self.uplink(number).await;
        if !self.goes_on(number) {
            return RehearsalView::Failed;
        }
        self.signals.rehearsal.try_set(RehearsalView::Connecting);
        let connected = Rc::new(Cell::new(false));
        let endpoint = [&fetch::origin(), "/whip/", &self.stream_id, "?rehearsal"].concat();
        let report = {
            let connected = Rc::clone(&connected);
            move |status| connected.set(status == Status::Connected)
        };
        let publisher = Publisher::new(endpoint, self.token.borrow().clone(), stream, self.bitrate(), report);
        publisher.start();
        *self.publisher.borrow_mut() = Some(publisher);
        for _ in 0..CONNECT_CHECKS {
            if connected.get() || !self.goes_on(number) {
                break;
            }
            TimeoutFuture::new(CHECK_MS).await;
        }
        let (mut brightest, mut loudest) = (0, 0.0_f32);
        for left in (1..=SECONDS).rev() {
            if !connected.get() || !self.goes_on(number) {
                break;
            }
            self.signals.rehearsal.try_set(RehearsalView::Sending { left });
            TimeoutFuture::new(1000).await;
            if let Some(video) = self.signals.preview.try_get_untracked().flatten() {
                let senses = self.senses.borrow();
                let look = senses.eye.as_ref().and_then(|eye| eye.look(&video));
                brightest = brightest.max(look.map_or(255, |look| look.brightest));
                loudest = loudest.max(senses.ear.as_ref().and_then(Ear::loudest).unwrap_or(0.0));
            }
        }
        if !self.goes_on(number) {
            return RehearsalView::Failed;
        }
        self.signals.rehearsal.try_set(RehearsalView::Fetching);
        let publisher = self.publisher.take();
        if let Some(publisher) = publisher {
            publisher.finish().await;
        }
        let Some(arrived) = self.arrived().await else { return RehearsalView::Failed };
        let mut remarks = arrived.remarks();
        remarks.extend(uplink_remark(uplink));
        if arrived.pictures > 0 && brightest < DARK {
            remarks.push(Remark::Dark);
        }
        if arrived.sounds > 0 && loudest < HEARD && !self.signals.muted.get_untracked() {
            remarks.push(Remark::Silent);
        }
        remarks.extend(self.remarks_on_the_phone().await);
        let playback = if arrived.pictures > 0 { self.playback().await } else { None };
        match self.conclude(&remarks).await {
            Some(rehearsal) => RehearsalView::Done { rehearsal, arrived, uplink, playback },
            None => RehearsalView::Failed,
        }
    }

    /// What the uplink carries, in bits a second: a little is sent first, and more where that was too quick to measure.
    async fn uplink(self: &Rc<Self>, number: u32) -> u64 {
        let mut measured = 0;
        for bytes in PROBES {
            let done = Rc::new(Cell::new(None));
            let (inner, result) = (Rc::clone(self), Rc::clone(&done));
            let begun = now_ms();
            spawn_local(async move {
                let url = ["/api/go/", &inner.stream_id, "/rehearsal/speed"].concat();
                let token = inner.token.borrow().clone().unwrap_or_default();
                let reply = fetch::send("POST", &url, &[fetch::bearer(&token)], Some(&noise(bytes)), false).await;
                let took = now_ms().saturating_sub(begun).max(1);
                result.set(Some(reply.filter(|reply| reply.status() == 204).map(|_| took)));
            });
            while done.get().is_none() && now_ms().saturating_sub(begun) < PROBE_LIMIT_MS && self.goes_on(number) {
                TimeoutFuture::new(CHECK_MS / 4).await;
            }
            let Some(Some(took)) = done.get() else { break };
            measured = u64::from(bytes) * 8 * 1000 / took;
            if took >= LONG_ENOUGH_MS {
                break;
            }
        }
        measured
    }

    async fn arrived(&self) -> Option<Arrived> {
        let reply = self.ask("rehearsal/finish", ANSWER_LIMIT_MS).await.filter(|reply| reply.status() == 200)?;
        serde_json::from_str(&reply.text().await).ok()
    }

    async fn remarks_on_the_phone(&self) -> Vec<Remark> {
        let mut remarks = Vec::new();
        if self.signals.screen_stays_on.get_untracked() == Some(false) {
            remarks.push(Remark::ScreenMaySleep);
        }
        match self.signals.safety_copy.get_untracked() {
            SafetyCopy::Impossible | SafetyCopy::Off => remarks.push(Remark::NoSafetyCopy),
            _ if device::free_storage().await.is_some_and(|free| free < 2 * BYTES_AN_HOUR) => {
                remarks.push(Remark::LittleStorage);
            }
            _ => {}
        }
        if device::battery().await.is_some_and(|(level, charging)| level < LOW_BATTERY && !charging) {
            remarks.push(Remark::BatteryLow);
        }
        remarks
    }

    /// What was recorded, as an address for the page's own player.
    async fn playback(&self) -> Option<String> {
        let url = ["/api/go/", &self.stream_id, "/rehearsal.mp4"].concat();
        let token = self.token.borrow().clone()?;
        let reply = fetch::send("GET", &url, &[fetch::bearer(&token)], None, false).await?;
        let blob = reply.blob().await.filter(|_| reply.status() == 200)?;
        let class = get(&js_sys::global(), "URL");
        call(&class, "createObjectURL", &[&blob]).ok()?.as_string()
    }

    async fn conclude(&self, remarks: &[Remark]) -> Option<Rehearsal> {
        let url = ["/api/go/", &self.stream_id, "/rehearsal"].concat();
        let token = self.token.borrow().clone()?;
        let body = ["{\"remarks\":", &serde_json::to_string(remarks).ok()?, "}"].concat();
        let reply = fetch::send_json_within(&url, &token, &body, ANSWER_LIMIT_MS)
            .await
            .filter(|reply| reply.status() == 200)?;
        serde_json::from_str(&reply.text().await).ok()
    }
}

/// Bytes that nothing on the way can make smaller.
fn noise(bytes: u32) -> wasm_bindgen::JsValue {
    /// The most that browsers give at once.
    const BLOCK: u32 = 65_536;
    let crypto = get(&js_sys::global(), "crypto");
    let blocks = js_sys::Array::new();
    for _ in 0..bytes / BLOCK {
        let block = js_sys::Uint8Array::new_with_length(BLOCK);
        let _ = call(&crypto, "getRandomValues", &[&block]);
        blocks.push(&block);
    }
    crate::browser::events::construct("Blob", &[&blocks]).unwrap_or(wasm_bindgen::JsValue::NULL)
}
