//! The text and the buttons of each scene: one main action each.

use leptos::{
    either::{Either, either},
    prelude::*,
};

use super::after_view::After;
use super::help::{Hanging, InAppNotice, ProblemWords};
use super::more::More;
use super::panel::{TruthPanel, Warnings};
use super::rehearsal_view::{Rehearsed, Rehearsing};
use super::signals::Signals;
use super::state::Event;
use super::{Scene, Studio};

pub fn controls(scene: Scene, signals: Signals, studio: Studio) -> impl IntoView {
    let Signals { ready, service, .. } = signals;
    let send = move |event| move |_| studio.send(event);
    let on_air = move || service.with(|service| service.as_ref().is_some_and(|service| service.on_air));
    let waiting = move || service.with(|service| service.as_ref().is_some_and(|service| service.waiting));
    either!(scene,
        Scene::Idle => view! {
            <InAppNotice signals=signals/>
            {move || waiting().then(|| view! {
                <p class="streamer-warning" role="status">"The service is on air and waits for its picture. Start the camera to go on with it."</p>
            })}
            <p>"First, your browser will ask whether this page may use the camera and the microphone. Please allow both, so that those who cannot come can see and hear."</p>
            <p class="muted">"Nobody sees or hears anything until you press \u{201c}Go live\u{201d}."</p>
            <button type="button" class="button primary large" disabled=move || !ready.get() on:click=send(Event::StartCamera)>
                "Start camera"
            </button>
        },
        Scene::Asking => view! {
            <p>"Please allow the camera and the microphone."</p>
            <button type="button" class="button primary large" disabled>"Starting the camera\u{2026}"</button>
            <Hanging signals=signals/>
        },
        Scene::Preview => view! {
            {move || if on_air() && !waiting() {
                Either::Left(view! {
                    <p class="streamer-warning" role="status">
                        "Another phone is filming this service now. If you go live here, this phone takes over."
                    </p>
                })
            } else {
                Either::Right(view! { <p>"Only you see this picture so far. Hold the phone sideways, or set it down where it stands firmly."</p> })
            }}
            <button type="button" class="button primary large" on:click=send(Event::GoLive)>"Go live"</button>
            <button type="button" class="button large" on:click=send(Event::Rehearse)>"Rehearse first: 10 seconds, only for you"</button>
            <p class="muted">"Before you begin: plug the phone in, and switch \u{201c}Do not disturb\u{201d} on, so that no call interrupts."</p>
            <More signals=signals studio=studio/>
        },
        Scene::Rehearsing => view! { <Rehearsing signals=signals studio=studio/> },
        Scene::Rehearsed => view! { <Rehearsed signals=signals studio=studio/> },
        Scene::Connecting(None) => view! {
            <button type="button" class="button primary large" disabled>"Connecting\u{2026}"</button>
            <button type="button" class="button quiet" on:click=send(Event::Cancel)>"Cancel"</button>
        },
        Scene::Connecting(Some(problem)) => view! {
            <ProblemWords problem=problem signals=signals/>
            <button type="button" class="button primary large" on:click=send(Event::TryAgain)>"Try again now"</button>
            <button type="button" class="button quiet" on:click=send(Event::Cancel)>"Cancel"</button>
        },
        Scene::OnAir => view! {
            <div class="streamer-row">
                <FlipButton signals=signals studio=studio/>
                <MuteButton signals=signals studio=studio/>
                <button type="button" class="button danger large" on:click=send(Event::AskEnd)>"End"</button>
            </div>
            <Warnings signals=signals/>
            <TruthPanel signals=signals/>
            <More signals=signals studio=studio/>
        },
        Scene::Confirming => view! {
            <p class="streamer-question">"End the service for everybody who is watching?"</p>
            <button type="button" class="button danger large" on:click=send(Event::ConfirmEnd)>"Yes, end the service"</button>
            <button type="button" class="button large" on:click=send(Event::KeepStreaming)>"Keep streaming"</button>
        },
        Scene::Ending { failing: false } => view! { <p>"Ending the service\u{2026}"</p> },
        Scene::Ending { failing: true } => view! {
            <p>"Your camera is off and nothing is being sent any more."</p>
            <p>"The server could not be reached to finish. Please keep this page open: we keep trying."</p>
        },
        Scene::Ended => view! { <After signals=signals studio=studio/> },
        Scene::Problem(problem) => view! {
            <ProblemWords problem=problem signals=signals/>
            <button type="button" class="button primary large" on:click=send(Event::TryAgain)>"Try again"</button>
        },
    )
}

#[component]
fn FlipButton(signals: Signals, studio: Studio) -> impl IntoView {
    let Signals { camera, .. } = signals;
    view! {
        <button
            type="button"
            class="button large"
            hidden=move || !camera.get().flippable
            disabled=move || camera.get().flipping
            on:click=move |_| studio.flip()
        >
            "Flip camera"
        </button>
    }
}

#[component]
fn MuteButton(signals: Signals, studio: Studio) -> impl IntoView {
    let Signals { muted, .. } = signals;
    view! {
        <button type="button" class="button large" class:silenced=move || muted.get() on:click=move |_| studio.toggle_mute()>
            {move || if muted.get() { "Turn sound on" } else { "Mute" }}
        </button>
    }
}
