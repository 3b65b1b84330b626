//! While on air: how the service stands as the server sees it, and what this phone notices.

use domain::{progress::Trouble, stream::StreamState};
use leptos::prelude::*;

use super::guide::Browser;
use super::signals::Signals;
use super::truth::ago;
use super::words::{Word, say};
use crate::components::words::duration_words;

#[component]
pub fn TruthPanel(signals: Signals) -> impl IntoView {
    let Signals { truth, now, .. } = signals;
    let arrival = Memo::new(move |_| {
        let bitrate = signals.choices.with(|choices| choices.quality.picture().bitrate);
        truth.with(|truth| truth.as_ref().map(|truth| truth.arrival(bitrate, now.get())))
    });
    let trouble = Memo::new(move |_| truth.with(|truth| truth.as_ref()?.progress.trouble));
    let picture = move || {
        truth.with(|truth| truth.as_ref()?.picture_ago_ms(now.get())).map_or_else(|| say(Word::NotYet).to_owned(), ago)
    };
    let saved = move || {
        truth.with(|truth| truth.as_ref().map(|truth| truth.progress.saved_ms)).map_or_else(String::new, duration_words)
    };
    let watching = move || truth.with(|truth| truth.as_ref().map(|truth| truth.progress.watching));
    view! {
        <section class="streamer-truth" aria-label=say(Word::WhatArrives)>
            <p class="streamer-arrival" role="status" data-arrival=move || arrival.get().map(super::truth::Arrival::name)>
                {move || say(arrival.get().map_or(Word::AskingServer, super::truth::Arrival::words))}
            </p>
            {move || trouble.get().map(|trouble| view! { <p class="streamer-warning" role="alert">{say(trouble_words(trouble))}</p> })}
            // Not aloud: the microphone would hear the numbers every second.
            <dl aria-live="off">
                <div><dt>{say(Word::PictureReceived)}</dt><dd>{picture}</dd></div>
                <div><dt>{say(Word::Saved)}</dt><dd>{saved}</dd></div>
                <div><dt>{say(Word::Watching)}</dt><dd>{watching}</dd></div>
            </dl>
        </section>
    }
}

/// What is wrong, each in a line with what to do.
#[component]
pub fn Warnings(signals: Signals) -> impl IntoView {
    let Signals { senses, safety_copy, truth, .. } = signals;
    let warnings = Memo::new(move |_| {
        let senses = senses.get();
        let mut warnings: Vec<(Word, Option<Word>)> = Vec::new();
        if senses.dark {
            warnings.push((Word::PictureBlack, Some(Word::PictureBlackWhat)));
        }
        if senses.frozen {
            warnings.push((Word::PictureStill, Some(Word::PictureStillWhat)));
        }
        if senses.silent {
            warnings.push((Word::NothingHeard, Some(Word::NothingHeardWhat)));
        }
        warnings.extend(screen_may_sleep(signals));
        if let Some(warning) = safety_copy.get().warning() {
            warnings.push((warning, None));
        }
        warnings
    });
    // The phone asks whether the service was ended by somebody else when its session is refused; until then:
    let over = move || truth.with(|truth| truth.as_ref().is_some_and(|truth| is_over(truth.progress.status)));
    view! {
        <div class="streamer-warnings" role="status">
            {move || warnings.get().into_iter().map(warning).collect_view()}
            {move || over().then(|| view! { <p class="streamer-warning">{say(Word::EndedElsewhere)}</p> })}
        </div>
    }
}

/// What is wrong with a screen that nothing keeps on, and how the phone can be told to.
pub fn screen_may_sleep(signals: Signals) -> Option<(Word, Option<Word>)> {
    let browser = signals.browser.get().unwrap_or(Browser::Desktop);
    (signals.screen_stays_on.get() == Some(false)).then(|| (Word::ScreenMaySleep, Some(browser.screen_stays_on())))
}

pub fn warning((what, to_do): (Word, Option<Word>)) -> impl IntoView {
    view! { <p class="streamer-warning"><strong>{say(what)}</strong>" "{to_do.map(say)}</p> }
}

const fn trouble_words(trouble: Trouble) -> Word {
    match trouble {
        Trouble::DiskFull => Word::RecordingDiskFull,
        Trouble::NotRecorded => Word::NotBeingRecorded,
        Trouble::DiskLow => Word::DiskNearlyFull,
    }
}

fn is_over(status: StreamState) -> bool {
    status.is_over()
}
