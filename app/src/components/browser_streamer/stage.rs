//! The picture, and what lies over it.

use leptos::{html, prelude::*};

use super::Studio;
use super::interruption::{Interruption, Lost};
use super::signals::Signals;
use super::state::{Event, Link, State, clock};

#[component]
pub fn Stage(signals: Signals, studio: Studio) -> impl IntoView {
    let Signals { state, now, preview, camera, muted, .. } = signals;
    let silenced = move || muted.get() && state.get().shows_picture();
    view! {
        <div class="streamer-stage" hidden=move || !state.get().shows_picture()>
            <video
                node_ref=preview
                class="streamer-preview"
                // What is sent is not mirrored: others must be able to read what is written on a wall.
                class:mirrored=move || camera.get().front
                muted
                playsinline
                aria-label="What your camera sees"
            ></video>
            <p class="streamer-clock" hidden=move || !matches!(state.get(), State::OnAir { link: Link::Steady, .. })>
                <span class="streamer-light" aria-hidden="true"></span>
                "On air "
                <span class="streamer-time">{move || state.get().seconds_on_air(now.get()).map(clock)}</span>
            </p>
            <p class="streamer-silenced" role="status" hidden=move || !silenced()>
                {move || silenced().then_some("Your microphone is off: nobody hears anything")}
            </p>
            <LostConnection state=state studio=studio/>
        </div>
    }
}

/// Over the picture while the connection is mended.
#[component]
fn LostConnection(state: RwSignal<State>, studio: Studio) -> impl IntoView {
    let lost = Memo::new(move |_| match state.get() {
        State::OnAir { link: Link::Lost { problem }, .. } => Some(problem),
        _ => None,
    });
    move || {
        lost.get().map(|problem| {
            view! {
                <div class="streamer-lost" role="status">
                    <p><strong>"Reconnecting\u{2026} your picture will return."</strong></p>
                    {problem.map(|problem| view! {
                        <p>{problem.words().title}"."</p>
                        <button type="button" class="button" on:click=move |_| studio.send(Event::TryAgain)>"Try again now"</button>
                    })}
                </div>
            }
        })
    }
}

/// Over everything while something else has camera or microphone.
#[component]
pub fn Interrupted(signals: Signals, studio: Studio) -> impl IntoView {
    let Signals { interruption, .. } = signals;
    let lost = Memo::new(move |_| interruption.get().map(|Interruption { lost, .. }| lost));
    let healing = Memo::new(move |_| interruption.get().is_some_and(|shown| shown.healing));
    let button = NodeRef::<html::Button>::new();
    Effect::new(move |_| {
        if let Some(button) = button.get() {
            // Nothing depends on it.
            let _ = button.focus();
        }
    });
    move || {
        lost.get().map(|lost| {
            let (title, why, back) = match lost {
                Lost::Camera => (
                    "Your camera was interrupted",
                    "A call or another app may have taken it. The service is still on air, and those who watch read that the picture will return.",
                    "Bring the picture back",
                ),
                Lost::Microphone => (
                    "Your microphone was interrupted",
                    "A call or another app may have taken it. The service is still on air, but nothing can be heard.",
                    "Bring the sound back",
                ),
            };
            view! {
                <div class="streamer-interrupted" role="alertdialog" aria-modal="true" aria-labelledby="interrupted" aria-describedby="interrupted-why">
                    <h2 id="interrupted">{title}</h2>
                    <p id="interrupted-why">{why}</p>
                    <p role="status">
                        {move || if healing.get() { "Bringing it back\u{2026}" } else { "Hang up or close the other app, then touch the button." }}
                    </p>
                    <button node_ref=button type="button" class="button primary large" on:click=move |_| studio.resume()>
                        {back}
                    </button>
                </div>
            }
        })
    }
}
