//! The board of the day: each service a row with a light and words, and what to do now. It follows all of them live.

mod row;
mod words;

use domain::today::{Alert, TodayRow};
use leptos::prelude::*;

use self::{row::Row, words::summary};

#[component]
pub fn TodayBoard(rows: Vec<TodayRow>, changed: Callback<()>) -> impl IntoView {
    let grave_at_first = rows.iter().filter(|row| row.alerts.iter().any(Alert::is_grave)).count();
    let rows = RwSignal::new(rows);
    follow(rows);
    let streams = move || rows.with(|rows| rows.iter().map(|row| row.stream).collect::<Vec<_>>());
    // Without the seconds: it is read aloud when it changes.
    let grave = Memo::new(move |_| {
        rows.with(|rows| {
            let with_grave = rows.iter().filter(|row| row.alerts.iter().any(Alert::is_grave));
            with_grave.map(|row| row.name.clone()).collect::<Vec<_>>()
        })
    });
    // The server writes the head last, when this board's signals may be gone already.
    let grave_ones = move || grave.try_with(Vec::len).unwrap_or(grave_at_first);
    view! {
        <leptos_meta::Title text=move || match grave_ones() {
            0 => "Today · Everlight".to_owned(),
            count => format!("({count}) Today · Everlight"),
        }/>
        <p class="today-summary" role="status" data-grave=move || (!grave.with(Vec::is_empty)).to_string()>
            {move || summary(rows.with(Vec::len), &grave.get())}
        </p>
        <ul class="today plain">
            <For each=streams key=|stream| *stream let:stream>
                <Row
                    row=Memo::new(move |_| rows.with(|rows| rows.iter().find(|row| row.stream == stream).cloned()))
                    changed=changed
                />
            </For>
        </ul>
    }
}

/// Keeps the rows as the server sees them, also in a tab that is behind others: its title tells of an alarm.
#[cfg(feature = "hydrate")]
fn follow(rows: RwSignal<Vec<TodayRow>>) {
    Effect::new(move |_| {
        let listening = super::server_events::listen("/api/today/events", move |newer: Vec<TodayRow>| {
            rows.try_set(newer);
        });
        let held = StoredValue::new_local(listening);
        on_cleanup(move || held.dispose());
    });
}

#[cfg(not(feature = "hydrate"))]
fn follow(_: RwSignal<Vec<TodayRow>>) {}
