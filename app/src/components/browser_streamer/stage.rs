//! The picture, and what lies over it.

use leptos::{html, prelude::*};

use super::Studio;
use super::interruption::{Interruption, Lost};
use super::signals::Signals;
use super::state::{Event, Link, State, clock};
use super::words::{Word, say};

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
                aria-label=say(Word::CameraSees)
            ></video>
            <p class="streamer-clock" hidden=move || !matches!(state.get(), State::OnAir { link: Link::Steady, .. })>
                <span class="streamer-light" aria-hidden="true"></span>
                {say(Word::OnAir)}" "
                <span class="streamer-time">{move || state.get().seconds_on_air(now.get()).map(clock)}</span>
            </p>
            <p class="streamer-silenced" role="status" hidden=move || !silenced()>
                {move || silenced().then_some(say(Word::MicrophoneIsOff))}
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
                    <p><strong>{say(Word::Reconnecting)}</strong></p>
                    {problem.map(|problem| view! {
                        <p>{say(problem.words().title)}"."</p>
                        <button type="button" class="button" on:click=move |_| studio.send(Event::TryAgain)>{say(Word::TryAgainNow)}</button>
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
                Lost::Camera => (Word::CameraInterrupted, Word::CameraTaken, Word::BringPictureBack),
                Lost::Microphone => (Word::MicrophoneInterrupted, Word::MicrophoneTaken, Word::BringSoundBack),
            };
            view! {
                <div class="streamer-interrupted" role="alertdialog" aria-modal="true" aria-labelledby="interrupted" aria-describedby="interrupted-why">
                    <h2 id="interrupted">{say(title)}</h2>
                    <p id="interrupted-why">{say(why)}</p>
                    <p role="status">
                        {move || say(if healing.get() { Word::BringingBack } else { Word::HangUp })}
                    </p>
                    <button node_ref=button type="button" class="button primary large" on:click=move |_| studio.resume()>
                        {say(back)}
                    </button>
                </div>
            }
        })
    }
}
