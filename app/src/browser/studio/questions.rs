//! What the page asks the server, and tells it, besides the picture.

use std::rc::Rc;

use domain::{
    feedback::{Feedback, Remarks, Stars},
    progress::Progress,
};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::Inner;
use crate::browser::events::Events;
use crate::browser::js::get;
use crate::browser::{fetch, token};
use crate::components::browser_streamer::{
    patience::Patience, problem::Problem, rating::Rating, signals::Service, state::Event,
};

/// How long until the server is asked, or told, again what it did not answer.
const ASK_AGAIN_MS: u32 = 3000;

impl Inner {
    /// Asks the server about the link, before anything is asked of the person. No answer says nothing against it.
    pub(super) fn check_link(self: &Rc<Self>) {
        if self.token.borrow().is_none() {
            *self.token.borrow_mut() = token::take(&self.stream_id);
        }
        let Some(token) = self.token.borrow().clone() else {
            return self.on(Event::LinkRefused(Problem::LinkIncomplete));
        };
        self.signals.link.set([&fetch::origin(), "/go/", &self.stream_id, "#", &token].concat());
        let inner = Rc::clone(self);
        spawn_local(async move {
            let mut patience = Patience::default();
            let reply = loop {
                if let Some(reply) = inner.ask("check", patience.ms()).await {
                    break reply;
                }
                // How the service stands need not wait for what the link is for.
                if patience == Patience::default() {
                    inner.follow();
                }
                patience = patience.after_silence();
                TimeoutFuture::new(ASK_AGAIN_MS).await;
                if inner.signals.state.try_get_untracked().is_none() {
                    // The page was left.
                    return;
                }
            };
            if let Some(problem) = Problem::of_link_check(reply.status()) {
                inner.on(Event::LinkRefused(problem));
            } else {
                inner.follow();
                if let Ok(service) = js_sys::JSON::parse(&reply.text().await) {
                    let text = |name| get(&service, name).as_string().unwrap_or_default();
                    let (name, title, status) = (text("name"), text("title"), text("status"));
                    if !name.is_empty() && !title.is_empty() {
                        let waiting = status == "reconnecting";
                        let on_air = waiting || status == "live";
                        inner.signals.service.try_set(Some(Service { name, title, on_air, waiting }));
                    }
                }
            }
        });
    }

    /// Listens to how the service stands, from now on.
    pub(super) fn follow(self: &Rc<Self>) {
        let Some(token) = self.token.borrow().clone() else { return };
        let weak = Rc::downgrade(self);
        let url = ["/api/go/", &self.stream_id, "/events"].concat();
        let events = Events::follow(url, token, move |message| {
            let (Some(inner), Ok(progress)) = (weak.upgrade(), serde_json::from_str::<Progress>(message)) else {
                return false;
            };
            let soon = progress.comes_every_second();
            inner.on_progress(progress);
            soon
        });
        *self.events.borrow_mut() = Some(events);
    }

    /// `POST /api/go/{stream}/{what}` with the token. `None`: there was no answer in that time.
    pub(super) async fn ask(&self, what: &str, limit_ms: u32) -> Option<fetch::Reply> {
        let url = ["/api/go/", &self.stream_id, "/", what].concat();
        let token = self.token.borrow().clone().unwrap_or_default();
        fetch::send_within("POST", &url, &[fetch::bearer(&token)], None, what == "end", limit_ms).await
    }

    /// Tells the server that the service is over, until it has heard. Any answer but a fault of the server is one: a link
    /// that has ended meanwhile is what was wanted.
    pub(super) async fn end_service(self: &Rc<Self>) {
        let mut patience = Patience::default();
        loop {
            let status = self.ask("end", patience.ms()).await.map(|it| it.status());
            if status.is_some_and(|it| it < 500 && it != 429) {
                return self.on(Event::EndAccepted);
            }
            if status.is_none() {
                patience = patience.after_silence();
            }
            self.on(Event::EndFailed);
            TimeoutFuture::new(ASK_AGAIN_MS).await;
        }
    }

    /// Tells the server how it went, until it has heard; a later word takes the place of an earlier one.
    pub(super) fn rate(self: &Rc<Self>, stars: Stars, remarks: String) {
        let (rating, number) = (self.signals.rating, self.ratings.get() + 1);
        let done = if remarks.is_empty() { Rating::Sent } else { Rating::Complete };
        let Ok(remarks) = Remarks::try_from(remarks) else { return };
        let Ok(body) = serde_json::to_string(&Feedback { stars, remarks }) else { return };
        self.ratings.set(number);
        rating.set(Rating::Sending);
        let inner = Rc::clone(self);
        spawn_local(async move {
            let url = ["/api/go/", &inner.stream_id, "/feedback"].concat();
            let token = inner.token.borrow().clone().unwrap_or_default();
            let mut patience = Patience::default();
            while inner.ratings.get() == number {
                let reply = fetch::send_json_within(&url, &token, &body, patience.ms()).await;
                let status = reply.map(|reply| reply.status());
                if status.is_none() {
                    patience = patience.after_silence();
                }
                let outcome = match status {
                    Some(200..300) => Some(done),
                    Some(status) if status < 500 && status != 429 => Some(Rating::Refused),
                    _ => None,
                };
                if let Some(outcome) = outcome {
                    if inner.ratings.get() == number {
                        rating.try_set(outcome);
                    }
                    return;
                }
                TimeoutFuture::new(ASK_AGAIN_MS).await;
            }
        });
    }
}
