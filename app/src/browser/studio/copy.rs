//! The safety copy: kept while on air, delivered afterwards.

use std::{
    cell::Cell,
    rc::Rc,
    sync::atomic::{AtomicBool, Ordering},
};

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use domain::recording::{RecordingSource, RecordingStatus};

use super::Inner;
use crate::browser::courier::{self, Courier};
use crate::browser::js::{now_ms, same};
use crate::browser::keeper::{self, Keeper};
use crate::browser::vault::{self, StoredTake, Vault};
use crate::browser::{device, token};
use crate::components::browser_streamer::{
    after::{Delivery, Failing},
    estimate::Estimate,
    guide::Browser,
    problem::Problem,
    safety_copy::{MIN_FREE, SafetyCopy},
    state::{Event, State},
};

const DELIVER_AGAIN_MS: u32 = 3_000;
const LOOK_AGAIN_MS: u32 = 50;
const OPEN_AGAIN_MS: u32 = 1_000;

/// Once for the page.
static TIDIED: AtomicBool = AtomicBool::new(false);

impl Inner {
    /// `None` where the browser stores nothing. Storage that cannot be opened just now may hold a whole service: it is asked
    /// again until it can.
    async fn vault(&self) -> Option<Vault> {
        loop {
            let open = self.vault.borrow().clone();
            if open.is_some() {
                return open;
            }
            if let Ok(vault) = Vault::open(&self.stream_id).await {
                self.vault.borrow_mut().clone_from(&vault);
                return vault;
            }
            TimeoutFuture::new(OPEN_AGAIN_MS).await;
        }
    }

    /// The takes that are here, as soon as that can be told.
    async fn kept(&self) -> Vec<StoredTake> {
        while let Some(vault) = self.vault().await {
            if let Ok(takes) = vault.takes().await {
                return takes;
            }
            TimeoutFuture::new(OPEN_AGAIN_MS).await;
        }
        Vec::new()
    }

    pub(super) fn look_for_room(self: &Rc<Self>) {
        if !keeper::is_possible() {
            self.signals.safety_copy.set(SafetyCopy::Impossible);
        }
        let free = self.signals.free;
        spawn_local(async move {
            free.try_set(device::free_storage().await);
        });
    }

    pub(super) fn want_copy(self: &Rc<Self>, wanted: bool) {
        match (wanted, self.signals.safety_copy.get_untracked()) {
            (true, SafetyCopy::Off) => {
                self.signals.safety_copy.set(SafetyCopy::Wanted);
                if matches!(
                    self.signals.state.try_get_untracked(),
                    Some(State::OnAir { .. } | State::Connecting { .. })
                ) {
                    self.begin_keeping();
                }
            }
            (false, SafetyCopy::Wanted | SafetyCopy::Keeping { .. }) => {
                self.signals.safety_copy.set(SafetyCopy::Off);
                self.stop_keeping();
            }
            _ => {}
        }
    }

    /// From the moment on in which somebody goes live, so that nothing of the service is missing.
    pub(super) fn begin_keeping(self: &Rc<Self>) {
        if self.signals.safety_copy.get_untracked() != SafetyCopy::Wanted {
            return;
        }
        let inner = Rc::clone(self);
        spawn_local(async move {
            // Firefox would put a question to somebody who has a service to film, and decide when it is answered.
            let asks = matches!(
                inner.signals.browser.get_untracked(),
                Some(Browser::AndroidFirefox | Browser::DesktopFirefox)
            );
            if !asks {
                device::keep_storage();
            }
            let full = device::free_storage().await.is_some_and(|free| free < MIN_FREE);
            let Some(vault) = inner.vault().await else {
                inner.signals.safety_copy.try_set(SafetyCopy::Impossible);
                return;
            };
            if full {
                inner.signals.safety_copy.try_set(SafetyCopy::Full);
                return;
            }
            // Storage may have let us wait.
            let wanted = inner.signals.safety_copy.try_get_untracked() == Some(SafetyCopy::Wanted);
            if !wanted || !inner.is_on_air() {
                return;
            }
            let Some(stream) = inner.capture.borrow().as_ref().map(|capture| same(&capture.stream)) else { return };
            let copy = inner.signals.safety_copy;
            if let Some(courier) = inner.courier(vault.clone(), courier::BRISK_MS) {
                inner.deliver_early(courier);
            }
            let keeper = Keeper::new(stream, vault, Rc::clone(&inner.clock_offset), move |news| {
                if copy.try_get_untracked() != Some(SafetyCopy::Off) {
                    copy.try_set(news);
                }
            });
            keeper.start(inner.bitrate());
            *inner.keeper.borrow_mut() = Some(keeper);
        });
    }

    /// Before tracks are swapped.
    pub(super) async fn pause_keeping(&self) {
        let keeper = self.keeper.take();
        if let Some(keeper) = keeper {
            keeper.stop().await;
            *self.keeper.borrow_mut() = Some(keeper);
        }
    }

    pub(super) fn start_keeping(&self) {
        if let Some(keeper) = &*self.keeper.borrow() {
            keeper.start(self.bitrate());
        }
    }

    pub(super) fn stop_keeping(&self) {
        if let Some(keeper) = self.keeper.take() {
            spawn_local(async move { keeper.stop().await });
        }
        if matches!(self.signals.safety_copy.try_get_untracked(), Some(SafetyCopy::Keeping { .. })) {
            self.signals.safety_copy.try_set(SafetyCopy::Wanted);
        }
    }

    /// The link has ended: did this phone film, and does it hold something still?
    pub(super) fn look_for_an_end(self: &Rc<Self>) {
        let inner = Rc::clone(self);
        spawn_local(async move {
            // What the recorder holds is written first.
            inner.pause_keeping().await;
            let ended = match token::ended(&inner.stream_id) {
                Some(ended) => Some(ended),
                None => (!inner.kept().await.is_empty()).then_some((0, 0)),
            };
            if let Some((since, until)) = ended {
                if inner.events.borrow().is_none() {
                    inner.follow();
                }
                inner.on(Event::WasEnded { since, until });
            }
        });
    }

    /// `None` without a link that allows it.
    fn courier(&self, vault: Vault, limit_ms: u32) -> Option<Courier> {
        let token = self.token.borrow().clone()?;
        Some(Courier { stream: self.stream_id.clone(), token, vault, portion: Cell::default(), limit_ms })
    }

    /// Delivers what this phone holds, until the server has it.
    pub(super) fn deliver(self: &Rc<Self>) {
        if self.delivering.replace(true) {
            return;
        }
        let inner = Rc::clone(self);
        spawn_local(async move {
            let delivery = inner.signals.delivery;
            let holds = !inner.kept().await.is_empty();
            let courier = inner.vault().await.and_then(|vault| inner.courier(vault, courier::PATIENT_MS));
            let Some(courier) = courier.filter(|_| holds) else {
                delivery.try_set(Delivery::Nothing);
                return;
            };
            while inner.delivering_early.get() {
                TimeoutFuture::new(LOOK_AGAIN_MS).await;
            }
            while matches!(inner.signals.state.try_get_untracked(), Some(State::Ended { .. })) {
                let estimate = Cell::new(Estimate::default());
                let outcome = courier
                    .deliver(|sent, total| {
                        let (next, left_ms) = estimate.get().after(sent, total, now_ms());
                        estimate.set(next);
                        delivery.try_set(Delivery::Sending { sent, total, left_ms, failing: None });
                    })
                    .await;
                match outcome {
                    Ok(()) => {
                        delivery.try_set(Delivery::Done);
                        return inner.on_truth();
                    }
                    Err(Failing::Gone) => {
                        delivery.try_set(Delivery::Nothing);
                        return inner.on(Event::LinkRefused(Problem::StreamUnknown));
                    }
                    Err(why) => delivery.try_update(|delivery| note(delivery, why)),
                };
                TimeoutFuture::new(DELIVER_AGAIN_MS).await;
            }
        });
    }

    /// With news of the server: what it has made a playing copy of, this phone need not hold any longer.
    pub(super) fn on_truth(self: &Rc<Self>) {
        self.forget_old_copies();
        let made = self.signals.truth.try_with_untracked(|truth| {
            let copy = truth.as_ref().and_then(|truth| truth.progress.copy(RecordingSource::Phone));
            copy.is_some_and(|copy| matches!(copy.status, RecordingStatus::Ready | RecordingStatus::Short))
        });
        let done = self.signals.delivery.try_get_untracked() == Some(Delivery::Done);
        if made == Some(true)
            && done
            && let Some(vault) = self.vault.take()
        {
            let inner = Rc::clone(self);
            spawn_local(async move {
                if vault.clear().await.is_err() {
                    // With the next news, then.
                    *inner.vault.borrow_mut() = Some(vault);
                }
            });
        }
    }

    /// What is deleted is deleted here, too. The server is asked once more, with what only a service that is gone is told.
    pub(super) fn forget_what_was_deleted(self: &Rc<Self>) {
        let inner = Rc::clone(self);
        spawn_local(async move {
            let takes = inner.kept().await;
            let courier = inner.vault().await.and_then(|vault| inner.courier(vault, courier::PATIENT_MS));
            if let (Some(courier), Some(take)) = (courier, takes.first())
                && matches!(courier.open(take, None).await, Err(Failing::Gone))
            {
                inner.vault.take();
                let _ = courier.vault.clear().await;
            }
        });
    }

    /// Makes room before the service, not while it is on air. By the server's clock, as takes are dated: a phone's may be
    /// years ahead.
    fn forget_old_copies(self: &Rc<Self>) {
        let now =
            self.signals.truth.try_with_untracked(|truth| truth.as_ref().map(|truth| truth.progress.now.millis()));
        let Some(now) = now.flatten().filter(|_| !self.is_on_air()) else { return };
        if TIDIED.swap(true, Ordering::Relaxed) {
            return;
        }
        let inner = Rc::clone(self);
        spawn_local(async move {
            vault::forget_old(&inner.stream_id, now).await;
            inner.signals.free.try_set(device::free_storage().await);
        });
    }
}

fn note(delivery: &mut Delivery, why: Failing) {
    match delivery {
        Delivery::Sending { failing, .. } => *failing = Some(why),
        other => *other = Delivery::Sending { sent: 0, total: 0, left_ms: None, failing: Some(why) },
    }
}
