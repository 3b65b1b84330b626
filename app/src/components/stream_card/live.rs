//! Following a service: its document whenever it changes, and how long it is on air.

use domain::{StreamId, document::StreamDocument};
use leptos::prelude::*;

/// Keeps `document` as the server sees it, while the page is seen. The browser reconnects by itself, and the first
/// message after that is the document of then.
///
/// Without HTTP/2 a browser opens six connections to a host, over all tabs, and an open stream of events is one of them.
/// So a page that is hidden lets go, a service that has its recording is not followed, and [`MOST_FOLLOWED`] are at once.
#[cfg(feature = "hydrate")]
pub fn follow(id: StreamId, document: RwSignal<StreamDocument>) {
    use domain::stream::StreamState;

    use crate::components::server_events::listen;

    let seen = page_is_seen();
    Effect::new(move |_| {
        let over = document
            .with_untracked(|document| document.status == StreamState::Recorded && !document.is_being_trimmed());
        if over || !seen.get() || FOLLOWED.get() >= MOST_FOLLOWED {
            return;
        }
        let listening = listen(&format!("/api/streams/{id}/events"), move |newer| {
            document.try_set(newer);
        });
        FOLLOWED.set(FOLLOWED.get() + 1);
        let held = StoredValue::new_local(listening);
        on_cleanup(move || {
            held.dispose();
            FOLLOWED.set(FOLLOWED.get() - 1);
        });
    });
}

/// Reads the service once more, after something was changed here: one that has its recording is not followed. If that is to
/// be shown in part, until that part is made.
#[cfg(feature = "hydrate")]
pub fn look_again(id: StreamId, document: RwSignal<StreamDocument>) {
    use std::time::Duration;

    use crate::components::server_events::listen;

    let held = StoredValue::new_local(None);
    let listening = listen(&format!("/api/streams/{id}/events"), move |newer: StreamDocument| {
        let more_will_come = newer.is_being_trimmed();
        document.try_set(newer);
        if !more_will_come {
            // Not at once: it is what is being called.
            set_timeout(move || drop(held.try_set_value(None)), Duration::ZERO);
        }
    });
    held.set_value(listening);
}

#[cfg(not(feature = "hydrate"))]
pub fn look_again(_: StreamId, _: RwSignal<StreamDocument>) {}

#[cfg(feature = "hydrate")]
const MOST_FOLLOWED: usize = 4;

#[cfg(feature = "hydrate")]
thread_local! {
    /// How many services this page follows now.
    static FOLLOWED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Whether the page is in front of somebody: false in a tab behind others.
#[cfg(feature = "hydrate")]
fn page_is_seen() -> RwSignal<bool> {
    use wasm_bindgen::{JsCast, closure::Closure};

    let seen = RwSignal::new(true);
    Effect::new(move |_| {
        let changed = Closure::<dyn FnMut()>::new(move || {
            seen.try_set(!document().hidden());
        });
        let _ = document().add_event_listener_with_callback("visibilitychange", changed.as_ref().unchecked_ref());
        let held = StoredValue::new_local(changed);
        on_cleanup(move || {
            held.try_with_value(|changed| {
                document().remove_event_listener_with_callback("visibilitychange", changed.as_ref().unchecked_ref())
            });
        });
    });
    seen
}

#[cfg(not(feature = "hydrate"))]
pub fn follow(_: StreamId, _: RwSignal<StreamDocument>) {}

/// `for 12:31`. Empty until the page is alive: the server's time is not the reader's.
#[component]
pub fn OnAirClock(document: RwSignal<StreamDocument>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    tick(document, text);
    #[cfg(not(feature = "hydrate"))]
    let _ = document;
    view! { <span class="clock" aria-hidden="true">{move || text.get()}</span> }
}

#[cfg(feature = "hydrate")]
fn tick(document: RwSignal<StreamDocument>, text: RwSignal<String>) {
    use std::time::Duration;

    use crate::components::words::clock;

    let since = Memo::new(move |_| {
        document
            .with(|document| document.live_started_at.filter(|_| document.status == domain::stream::StreamState::Live))
    });
    Effect::new(move |_| {
        let Some(since) = since.get() else {
            text.set(String::new());
            return;
        };
        let show = move || {
            #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are far below 2^53")]
            let now = domain::Timestamp(js_sys::Date::now() as i64);
            let ms = u64::try_from(now.since(since).as_millis()).unwrap_or(u64::MAX);
            text.try_set(format!("for {}", clock(ms)));
        };
        show();
        if let Ok(timer) = set_interval_with_handle(show, Duration::from_secs(1)) {
            on_cleanup(move || timer.clear());
        }
    });
}
