//! One service on the board.

use domain::{StreamId, StreamingMethod, stream::StreamState, today::TodayRow};
use leptos::prelude::*;

use super::words::{alert_words, facts_words, light_name, light_words, starts_words};
use crate::components::{
    stream_card::EndService,
    words::{state_name, state_words},
};

#[component]
pub(super) fn Row(row: Memo<Option<TodayRow>>, changed: Callback<()>) -> impl IntoView {
    // A row that is gone from the list is about to be gone from the page.
    let Some(first) = row.get_untracked() else { return ().into_any() };
    let (stream, memorial) = (first.stream, first.memorial);
    let light = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.light)).unwrap_or(first.light));
    let status = Memo::new(move |_| {
        row.with(|row| row.as_ref().map(|row| row.standing.status)).unwrap_or(first.standing.status)
    });
    let show =
        move |words: fn(&TodayRow) -> String| move || row.with(|row| row.as_ref().map(words)).unwrap_or_default();
    let heading = heading_id(stream);
    let labelled_by = heading.clone();
    let phone = first.standing.method == StreamingMethod::PhoneBrowser;
    let page = format!("/admin/memorials/{memorial}");
    let camera = format!("{page}?access={stream}");
    let when = first.scheduled_local.clone().map_or_else(
        || view! { <span class="muted">"No time set"</span> }.into_any(),
        |local| view! { <time datetime=local.utc title=local.label>{local.time}</time> }.into_any(),
    );
    view! {
        <li class="card today-row" data-light=move || light_name(light.get()) aria-labelledby=labelled_by>
            <p class="today-when">{when}<br/><span class="muted">{show(starts_words)}</span></p>
            <div class="today-what">
                <h2 id=heading><a href=page.clone()>{first.name.clone()}</a></h2>
                <p>{first.title.clone()}</p>
                <p class="today-light">
                    <span class="light" data-light=move || light_name(light.get())>{move || light_words(light.get())}</span>
                    " "
                    <span class="badge" data-state=move || state_name(status.get())>{move || state_words(status.get())}</span>
                </p>
                <ul class="today-alerts plain">
                    {move || row.with(|row| row.as_ref().map(|row| row.alerts.iter().map(|alert| {
                        let (what, to_do) = alert_words(alert);
                        view! { <li data-grave=alert.is_grave().to_string()><strong>{what}</strong> " " {to_do}</li> }
                    }).collect_view()))}
                </ul>
                <p class="muted">{show(facts_words)}</p>
            </div>
            <div class="today-actions">
                <Show when=move || phone && !status.get().is_over()>
                    <a class="button" href=camera.clone()>"Link and QR code for a phone"</a>
                </Show>
                <Show when=move || status.get().is_on_air() || status.get() == StreamState::Failed>
                    <EndService id=stream memorial_id=memorial changed=changed/>
                </Show>
            </div>
        </li>
    }
    .into_any()
}

fn heading_id(stream: StreamId) -> String {
    format!("today-{stream}")
}
