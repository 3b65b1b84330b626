//! The rehearsal: while it runs, and what came of it.

use domain::rehearsal::RehearsalVerdict;
use leptos::{either::Either, prelude::*};

use super::Studio;
use super::signals::{RehearsalView, Signals};
use super::state::Event;
use crate::components::words::{remark_words, verdict_words};

#[component]
pub fn Rehearsing(signals: Signals, studio: Studio) -> impl IntoView {
    let Signals { rehearsal, level, .. } = signals;
    let words = move || match rehearsal.get() {
        RehearsalView::Measuring => "Measuring the connection\u{2026}".to_owned(),
        RehearsalView::Connecting => "Connecting\u{2026}".to_owned(),
        RehearsalView::Sending { left } => format!("Say something. {left} seconds are left."),
        _ => "Looking at what arrived\u{2026}".to_owned(),
    };
    view! {
        <p class="streamer-question" role="status">{words}</p>
        <p class="muted">"Nobody else sees or hears this."</p>
        <SoundMeter level=level/>
        <button type="button" class="button" on:click=move |_| studio.send(Event::BackToCamera)>"Stop the rehearsal"</button>
    }
}

#[component]
pub fn SoundMeter(level: RwSignal<u8>) -> impl IntoView {
    view! {
        <label class="streamer-meter">
            <span>"Sound"</span>
            <meter min="0" max="100" prop:value=move || f64::from(level.get())></meter>
        </label>
    }
}

#[component]
pub fn Rehearsed(signals: Signals, studio: Studio) -> impl IntoView {
    let view = signals.rehearsal.get_untracked();
    let again = move |_| studio.send(Event::Rehearse);
    let back = move |_| studio.send(Event::BackToCamera);
    let RehearsalView::Done { rehearsal, arrived, uplink, playback } = view else {
        return Either::Left(view! {
            <div class="streamer-problem" role="alert">
                <h2>"The rehearsal did not work"</h2>
                <p>"The server could not be reached. Check that this device is online, and rehearse again."</p>
            </div>
            <button type="button" class="button primary large" on:click=again>"Rehearse again"</button>
            <button type="button" class="button quiet" on:click=back>"Back to the camera"</button>
        });
    };
    let ready = rehearsal.verdict != RehearsalVerdict::NotReady;
    let state = match rehearsal.verdict {
        RehearsalVerdict::Ready => "ready",
        RehearsalVerdict::ReadyBut => "ready-but",
        RehearsalVerdict::NotReady => "not-ready",
    };
    Either::Right(view! {
        <div class="streamer-verdict" data-verdict=state role="status">
            <h2>{verdict_words(rehearsal.verdict)}</h2>
            {(!rehearsal.remarks.is_empty()).then(|| view! {
                <ul>
                    {rehearsal.remarks.iter().map(|remark| {
                        let (what, to_do) = remark_words(*remark);
                        view! { <li><strong>{what}"."</strong>" "{to_do}</li> }
                    }).collect_view()}
                </ul>
            })}
            {(arrived.pictures > 0).then(|| view! {
                <p>{arrived.duration_ms / 1000} " seconds of picture arrived. Your connection sends " {rate(uplink)} "."</p>
            })}
        </div>
        {playback.map(|address| view! {
            <figure class="streamer-playback">
                <video src=address controls playsinline aria-label="Your rehearsal, as it arrived"></video>
                <figcaption>"This is what they will see. Nobody else can see it, and it is thrown away."</figcaption>
            </figure>
        })}
        <button type="button" class="button large" class:primary=!ready on:click=again>"Rehearse again"</button>
        <button type="button" class="button large" class:primary=ready on:click=back>"Back to the camera"</button>
    })
}

/// `2.3 Mbit/s`, `480 kbit/s`.
fn rate(bits: u64) -> String {
    if bits >= 1_000_000 {
        format!("{}.{} Mbit/s", bits / 1_000_000, bits % 1_000_000 / 100_000)
    } else {
        format!("{} kbit/s", bits / 1000)
    }
}
