//! The streamer: camera, one button to go live, one to end, and the truth about what arrives. For somebody who does this
//! once, on a hard day.

pub mod after;
mod after_view;
pub mod choices;
mod controls;
pub mod estimate;
pub mod guide;
mod help;
pub mod interruption;
mod more;
#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
mod on_server;
mod panel;
pub mod patience;
pub mod pieces;
pub mod portion;
pub mod problem;
pub mod rating;
mod rehearsal_view;
pub mod safety_copy;
pub mod senses;
pub mod signals;
pub mod signs;
pub mod spare;
mod stage;
pub mod state;
pub mod truth;
pub mod words;

use leptos::{either::Either, prelude::*};

use self::controls::controls;
#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
use self::on_server::Studio;
use self::problem::Problem;
use self::signals::{Service, Signals};
use self::stage::{Interrupted, Stage};
use self::state::State;
use self::words::{Word, say};
#[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
use crate::browser::studio::Studio;

/// The whole page of `/go/{stream}`. The server renders the first state of it.
#[component]
pub fn BrowserStreamer(stream_id: String) -> impl IntoView {
    let signals = Signals::new();
    let studio = Studio::new(stream_id, signals);
    let Signals { state, service, .. } = signals;
    // The view is made anew when the kind of state changes, not with every second or every attempt.
    let scene = Memo::new(move |_| Scene::of(state.get()));

    view! {
        <div class="streamer" data-scene=move || scene.get().name()>
            <header class="streamer-head">
                {move || match service.get() {
                    None => Either::Left(view! { <h1>{say(Word::FilmTheService)}</h1> }),
                    Some(Service { name, title, .. }) => Either::Right(view! {
                        <p class="streamer-title">{title}</p>
                        <h1>{name}</h1>
                    }),
                }}
            </header>
            <Stage signals=signals studio=studio/>
            <div class="streamer-controls" aria-live="polite">
                {move || controls(scene.get(), signals, studio)}
            </div>
            <Interrupted signals=signals studio=studio/>
            <noscript>
                <p class="notice">{say(Word::NeedsScripts)}</p>
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
    Rehearsing,
    Rehearsed,
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
            State::Rehearsing => Self::Rehearsing,
            State::Rehearsed => Self::Rehearsed,
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
            Self::Rehearsing => "rehearsing",
            Self::Rehearsed => "rehearsed",
            Self::Connecting(_) => "connecting",
            Self::OnAir => "on-air",
            Self::Confirming => "confirming",
            Self::Ending { .. } => "ending",
            Self::Ended => "ended",
            Self::Problem(_) => "problem",
        }
    }
}
