//! The streamer: camera, one button to go live, one to end. For somebody who does this once, on a hard day.

#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
mod on_server;
pub mod problem;
pub mod state;

use leptos::prelude::*;

#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
use self::on_server::{Signals, Studio};
use self::problem::Problem;
use self::state::{Event, Link, State, clock};
#[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
use crate::browser::studio::{Signals, Studio};

/// What the link is for. Known once the server has seen the link's secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Of the person who is remembered.
    pub name: String,
    pub title: String,
}

/// The whole page of `/go/{stream}`. The server renders the first state of it.
#[component]
pub fn BrowserStreamer(stream_id: String) -> impl IntoView {
    let signals = Signals {
        state: RwSignal::new(State::Idle),
        now: RwSignal::new(0),
        service: RwSignal::new(None),
        ready: RwSignal::new(false),
        preview: NodeRef::new(),
    };
    let studio = Studio::new(stream_id, signals);
    let Signals { state, now, service, ready, preview } = signals;
    // The view is made anew when the kind of state changes, not with every second or every attempt.
    let scene = Memo::new(move |_| Scene::of(state.get()));

    view! {
        <div class="streamer" data-scene=move || scene.get().name()>
            <header class="streamer-head">
                {move || match service.get() {
                    None => view! { <h1>"Film the service"</h1> }.into_any(),
                    Some(Service { name, title }) => view! {
                        <p class="streamer-title">{title}</p>
                        <h1>{name}</h1>
                    }.into_any(),
                }}
            </header>
            <div class="streamer-stage" hidden=move || !state.get().shows_picture()>
                <video node_ref=preview class="streamer-preview" muted playsinline aria-label="What your camera sees"></video>
                <p class="streamer-clock" hidden=move || !matches!(state.get(), State::OnAir { link: Link::Steady, .. })>
                    <span class="streamer-light" aria-hidden="true"></span>
                    "On air "
                    <span class="streamer-time">{move || state.get().seconds_on_air(now.get()).map(clock)}</span>
                </p>
                <LostConnection state=state studio=studio/>
            </div>
            <div class="streamer-controls" aria-live="polite">
                {move || controls(scene.get(), state, ready, studio)}
            </div>
            <noscript>
                <p class="notice">"To film the service, this page needs JavaScript. Please switch it on, or open the link in another browser."</p>
            </noscript>
        </div>
    }
}

/// The kinds of state that look different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scene {
    Idle,
    Asking,
    Preview,
    Connecting(Option<Problem>),
    OnAir,
    Confirming,
    Ending { failing: bool },
    Ended,
    Problem(Problem),
}

impl Scene {
    fn of(state: State) -> Self {
        match state {
            State::Idle => Self::Idle,
            State::AskingForCamera => Self::Asking,
            State::Preview => Self::Preview,
            State::Connecting { problem } => Self::Connecting(problem),
            State::OnAir { confirming_end: true, .. } => Self::Confirming,
            State::OnAir { .. } => Self::OnAir,
            State::Ending { failing, .. } => Self::Ending { failing },
            State::Ended { .. } => Self::Ended,
            State::Problem(problem) => Self::Problem(problem),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Asking => "asking",
            Self::Preview => "preview",
            Self::Connecting(_) => "connecting",
            Self::OnAir => "on-air",
            Self::Confirming => "confirming",
            Self::Ending { .. } => "ending",
            Self::Ended => "ended",
            Self::Problem(_) => "problem",
        }
    }
}

/// The text and the buttons of a scene: one main action each.
fn controls(scene: Scene, state: RwSignal<State>, ready: RwSignal<bool>, studio: Studio) -> AnyView {
    let send = move |event| move |_| studio.send(event);
    match scene {
        Scene::Idle => view! {
            <p>"First, your browser will ask whether this page may use the camera and the microphone. Please allow both."</p>
            <p class="muted">"Nobody sees or hears anything until you press \u{201c}Go live\u{201d}."</p>
            <button type="button" class="button primary large" disabled=move || !ready.get() on:click=send(Event::StartCamera)>
                "Start camera"
            </button>
        }
        .into_any(),
        Scene::Asking => view! {
            <p>"Please allow the camera and the microphone."</p>
            <button type="button" class="button primary large" disabled>"Starting the camera\u{2026}"</button>
        }
        .into_any(),
        Scene::Preview => view! {
            <p>"Only you see this picture so far. Hold the phone sideways, or set it down where it stands firmly."</p>
            <button type="button" class="button primary large" on:click=send(Event::GoLive)>"Go live"</button>
        }
        .into_any(),
        Scene::Connecting(None) => view! {
            <button type="button" class="button primary large" disabled>"Connecting\u{2026}"</button>
            <button type="button" class="button quiet" on:click=send(Event::Cancel)>"Cancel"</button>
        }
        .into_any(),
        Scene::Connecting(Some(problem)) => view! {
            <ProblemWords problem=problem/>
            <button type="button" class="button primary large" on:click=send(Event::TryAgain)>"Try again now"</button>
            <button type="button" class="button quiet" on:click=send(Event::Cancel)>"Cancel"</button>
        }
        .into_any(),
        Scene::OnAir => view! {
            <button type="button" class="button large" on:click=send(Event::AskEnd)>"End"</button>
        }
        .into_any(),
        Scene::Confirming => view! {
            <p class="streamer-question">"End the service for everybody who is watching?"</p>
            <button type="button" class="button danger large" on:click=send(Event::ConfirmEnd)>"Yes, end the service"</button>
            <button type="button" class="button large" on:click=send(Event::KeepStreaming)>"Keep streaming"</button>
        }
        .into_any(),
        Scene::Ending { failing: false } => view! { <p>"Ending the service\u{2026}"</p> }.into_any(),
        Scene::Ending { failing: true } => view! {
            <p>"Your camera is off and nothing is being sent any more."</p>
            <p>"The server could not be reached to finish. Please keep this page open: we keep trying."</p>
        }
        .into_any(),
        Scene::Ended => {
            let length = state.get_untracked().seconds_on_air(0).map(clock);
            view! {
                <h2>"The service has ended"</h2>
                <p>"It was on air for " {length} ". The recording is being saved and will be at the same link where people watched."</p>
                <p class="muted">"Thank you for streaming it."</p>
            }
            .into_any()
        }
        Scene::Problem(problem) => view! {
            <ProblemWords problem=problem/>
            <button type="button" class="button primary large" on:click=send(Event::TryAgain)>"Try again"</button>
        }
        .into_any(),
    }
}

#[component]
fn ProblemWords(problem: Problem) -> impl IntoView {
    let words = problem.words();
    let code = match problem {
        Problem::Refused(code) => Some(code),
        _ => None,
    };
    view! {
        <div class="streamer-problem" role="alert">
            <h2>{words.title}</h2>
            <p>{words.what_to_do}</p>
            {code.map(|code| view! { <p class="muted">"For the person who helps you: answer " {code} "."</p> })}
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
