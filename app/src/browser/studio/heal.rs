//! Opening anew what was taken away from a service that goes on: in the same stream, and in the same session.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{Capture, Inner};
use crate::browser::media::{self, Camera};
use crate::browser::publisher::{Publisher, SentBytes};
use crate::components::browser_streamer::{
    interruption::{self, Counted, Lost},
    state::{Link, State},
};

/// For pictures and sound to go out again after a fresh capture.
const CONFIRM_CHECKS: u32 = 50;
const CONFIRM_MS: u32 = 100;

impl Inner {
    /// Opens anew what is lost.
    pub(super) fn heal(self: &Rc<Self>, lost: Lost) {
        let inner = Rc::clone(self);
        spawn_local(async move {
            let Some((stream, _)) = inner.filming() else { return };
            let camera_lives = inner.capture.borrow().as_ref().is_some_and(Capture::camera_lives);
            let healed = if lost == Lost::Microphone && camera_lives {
                inner.heal_microphone().await
            } else {
                inner.heal_all().await
            };
            if !inner.films(&stream) {
                return;
            }
            inner.describe_camera().await;
            inner.watch(if healed { interruption::Event::Healed } else { interruption::Event::HealFailed });
        });
    }

    /// Camera and microphone, in one question.
    async fn heal_all(self: &Rc<Self>) -> bool {
        let Some((stream, _)) = self.filming() else { return false };
        let healed = self.capture_anew().await && self.goes_out().await;
        if !healed
            && self.films(&stream)
            && let Some(capture) = &mut *self.capture.borrow_mut()
        {
            // The next attempt is not bound to a camera that may be the one that is broken.
            capture.camera = Camera::Facing("environment");
        }
        healed
    }

    /// A headset that is taken away costs no picture. Where there is no other microphone, the picture goes on without.
    async fn heal_microphone(self: &Rc<Self>) -> bool {
        let choices = self.signals.choices.get_untracked();
        let Some((stream, _)) = self.filming() else { return false };
        let Some(track) = media::open_microphone(&choices).await else { return false };
        self.pause_keeping().await;
        if let Some(capture) = self.capture.borrow_mut().as_mut().filter(|capture| capture.stream == stream) {
            capture.unlisten();
        }
        if !self.put(&stream, &track).await {
            return false;
        }
        self.keep_listening();
        self.apply_mute();
        self.listen_anew();
        self.start_keeping();
        self.goes_out().await || self.heal_all().await
    }

    /// Camera and microphone, in one question. `false`: the browser gave none, or nothing films any more.
    pub(super) async fn capture_anew(self: &Rc<Self>) -> bool {
        self.pause_keeping().await;
        let Some((stream, camera)) = self.filming() else { return false };
        if let Some(capture) = &mut *self.capture.borrow_mut() {
            capture.unlisten();
        }
        media::close(&stream);
        let Ok(fresh) = media::open(&camera, &self.signals.choices.get_untracked()).await else {
            self.keep_listening();
            return false;
        };
        for track in media::tracks(&fresh) {
            self.put(&stream, &track).await;
        }
        if !self.films(&stream) {
            return false;
        }
        self.keep_listening();
        self.apply_mute();
        self.listen_anew();
        self.show(&stream);
        self.start_keeping();
        true
    }

    /// Whether pictures and sound leave the phone again.
    async fn goes_out(&self) -> bool {
        let first = self.counted().await;
        for _ in 0..CONFIRM_CHECKS {
            TimeoutFuture::new(CONFIRM_MS).await;
            let alive = self.capture.borrow().as_ref().is_some_and(Capture::is_alive);
            let now = self.counted().await;
            let steady =
                matches!(self.signals.state.try_get_untracked(), Some(State::OnAir { link: Link::Steady, .. }));
            if alive && interruption::goes_out(steady, first, now) {
                return true;
            }
        }
        false
    }

    async fn counted(&self) -> Option<Counted> {
        let SentBytes { video, audio, .. } = self.sent().await?;
        Some(Counted { video, audio })
    }

    pub(super) async fn sent(&self) -> Option<SentBytes> {
        let sent = self.publisher.borrow().as_ref().map(Publisher::sent)?;
        sent.await
    }
}
