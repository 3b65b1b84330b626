//! Delivers what is kept already while the service goes on, where the way out has room to spare: the less there is to wait
//! for afterwards.

use std::collections::BTreeMap;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::Inner;
use crate::browser::courier::Courier;
use crate::browser::js::now_ms;
use crate::browser::{device, vault::StoredTake};
use crate::components::browser_streamer::{
    after::Failing,
    portion::Portion,
    spare::Pace,
    state::{Link, State},
};

const LOOK_EVERY_MS: u32 = 3_000;
const WAIT_MS: u32 = 250;

impl Inner {
    /// Until the service ends. What is under way then is finished before the rest is delivered.
    pub(super) fn deliver_early(self: &Rc<Self>, courier: Courier) {
        if self.delivering_early.replace(true) {
            return;
        }
        courier.portion.set(Portion::trial());
        let inner = Rc::clone(self);
        spawn_local(async move {
            let mut pace = Pace::default();
            let mut delivered = BTreeMap::new();
            while inner.is_on_air() {
                inner.rest(LOOK_EVERY_MS).await;
                for take in courier.vault.takes().await.unwrap_or_default() {
                    let news = delivered.get(&take.name) != Some(&take.total);
                    if !news || !inner.is_on_air() {
                        continue;
                    }
                    match inner.deliver_take_early(&courier, &take, &mut pace).await {
                        Ok(()) => drop(delivered.insert(take.name, take.total)),
                        Err(_) => {
                            pace = pace.after_trouble(now_ms());
                            break;
                        }
                    }
                }
            }
            inner.delivering_early.set(false);
        });
    }

    async fn deliver_take_early(&self, courier: &Courier, take: &StoredTake, pace: &mut Pace) -> Result<(), Failing> {
        if !self.waits_for_room(pace).await {
            return Ok(());
        }
        let mut place = courier.open(take, None).await?;
        while place.offset < take.total && self.waits_for_room(pace).await {
            let (portion, began) = (courier.portion.get(), now_ms());
            if !courier.send_portion(take, &mut place).await? {
                break;
            }
            let now = now_ms();
            let next = portion.beside_picture(now.saturating_sub(began), pace.round_trip_ms());
            courier.portion.set(next.unwrap_or_else(Portion::trial));
            *pace = if next.is_some() { pace.after_portion(began, now) } else { pace.after_narrow(now) };
        }
        Ok(())
    }

    /// `false` when the service ended meanwhile.
    async fn waits_for_room(&self, pace: &mut Pace) -> bool {
        while self.is_on_air() {
            if pace.may_go(now_ms()) {
                if let Some(round_trip_ms) = self.room().await {
                    *pace = pace.heard(round_trip_ms);
                    return true;
                }
                *pace = pace.without_room(now_ms());
            }
            TimeoutFuture::new(WAIT_MS).await;
        }
        false
    }

    /// Not beyond the end of the service.
    async fn rest(&self, ms: u32) {
        for _ in 0..ms / WAIT_MS {
            if self.is_on_air() {
                TimeoutFuture::new(WAIT_MS).await;
            }
        }
    }

    /// The round trip, where there is room.
    async fn room(&self) -> Option<u64> {
        let steady = matches!(self.signals.state.try_get_untracked(), Some(State::OnAir { link: Link::Steady, .. }));
        let uplink = self.sent().await.map(|sent| sent.uplink).unwrap_or_default();
        let room = steady && device::is_seen() && uplink.is_plenty(device::network().as_deref(), device::saves_data());
        uplink.round_trip_ms.filter(|_| room)
    }

    pub(super) fn is_on_air(&self) -> bool {
        matches!(self.signals.state.try_get_untracked(), Some(State::OnAir { .. } | State::Connecting { .. }))
    }
}
