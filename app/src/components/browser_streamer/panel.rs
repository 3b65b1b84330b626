//! While on air: how the service stands as the server sees it, and what this phone notices.

use domain::stream::StreamState;
use leptos::prelude::*;

use super::guide::Browser;
use super::signals::Signals;
use super::truth::ago;
use crate::components::words::duration_words;

#[component]
pub fn TruthPanel(signals: Signals) -> impl IntoView {
    let Signals { truth, .. } = signals;
    let arrival = Memo::new(move |_| {
        let bitrate = signals.choices.with(|choices| choices.quality.picture().bitrate);
        truth.with(|truth| truth.as_ref().map(|truth| truth.arrival(bitrate)))
    });
    let trouble = Memo::new(move |_| truth.with(|truth| truth.as_ref()?.progress.trouble.clone()));
    let picture =
        move || truth.with(|truth| truth.as_ref()?.progress.picture_ago_ms).map_or_else(|| "not yet".to_owned(), ago);
    let saved = move || {
        truth.with(|truth| truth.as_ref().map(|truth| truth.progress.saved_ms)).map_or_else(String::new, duration_words)
    };
    let watching = move || truth.with(|truth| truth.as_ref().map(|truth| truth.progress.watching));
    view! {
        <section class="streamer-truth" aria-label="What arrives at the server">
            <p class="streamer-arrival" role="status" data-arrival=move || arrival.get().map(super::truth::Arrival::name)>
                {move || arrival.get().map_or("Asking the server\u{2026}", super::truth::Arrival::words)}
            </p>
            {move || trouble.get().map(|trouble| view! { <p class="streamer-warning" role="alert">{trouble}</p> })}
            <dl>
                <div><dt>"Picture received"</dt><dd>{picture}</dd></div>
                <div><dt>"Saved"</dt><dd>{saved}</dd></div>
                <div><dt>"Watching"</dt><dd>{watching}</dd></div>
            </dl>
        </section>
    }
}

/// What is wrong, each in a line with what to do.
#[component]
pub fn Warnings(signals: Signals) -> impl IntoView {
    let Signals { senses, screen_stays_on, safety_copy, browser, truth, .. } = signals;
    let warnings = Memo::new(move |_| {
        let senses = senses.get();
        let mut warnings: Vec<(&'static str, &'static str)> = Vec::new();
        if senses.dark {
            warnings.push(("The picture is black.", "Does something cover the camera?"));
        }
        if senses.frozen {
            warnings.push(("The picture stands still.", "Flip the camera and flip it back."));
        }
        if senses.silent {
            warnings.push((
                "Nothing can be heard.",
                "Unplug headphones, and make sure that nothing covers the microphone.",
            ));
        }
        if screen_stays_on.get() == Some(false) {
            let browser = browser.get().unwrap_or(Browser::Desktop);
            warnings.push(("This screen may switch itself off.", browser.screen_stays_on()));
        }
        if let Some(warning) = safety_copy.get().warning() {
            warnings.push((warning, ""));
        }
        warnings
    });
    // The phone asks whether the service was ended by somebody else when its session is refused; until then:
    let over = move || truth.with(|truth| truth.as_ref().is_some_and(|truth| is_over(truth.progress.status)));
    view! {
        <div class="streamer-warnings" role="status">
            {move || warnings.get().into_iter().map(|(what, to_do)| view! {
                <p class="streamer-warning"><strong>{what}</strong>" "{to_do}</p>
            }).collect_view()}
            {move || over().then(|| view! { <p class="streamer-warning">"The service was ended elsewhere."</p> })}
        </div>
    }
}

fn is_over(status: StreamState) -> bool {
    status.is_over()
}
