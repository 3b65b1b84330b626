//! The text and the buttons of each scene: one main action each.

use domain::stream::StreamState;
use leptos::{
    either::{Either, either},
    prelude::*,
};

use super::after_view::After;
use super::help::{Hanging, InAppNotice, ProblemWords};
use super::more::More;
use super::panel::{TruthPanel, Warnings, screen_may_sleep, warning};
use super::rehearsal_view::{Rehearsed, Rehearsing};
use super::signals::{Service, Signals};
use super::state::Event;
use super::words::{Word, say};
use super::{Scene, Studio};

pub fn controls(scene: Scene, signals: Signals, studio: Studio) -> impl IntoView {
    let Signals { ready, service, truth, .. } = signals;
    let send = move |event| move |_| studio.send(event);
    // The server's latest news, or until there are any what it said when the page was opened.
    let status = Memo::new(move |_| truth.with(|truth| truth.as_ref().map(|truth| truth.progress.status)));
    let at_first = move |what: fn(&Service) -> bool| service.with(|service| service.as_ref().is_some_and(what));
    let on_air = move || status.get().map_or_else(|| at_first(|service| service.on_air), StreamState::is_on_air);
    let waiting =
        move || status.get().map_or_else(|| at_first(|it| it.waiting), |status| status == StreamState::Reconnecting);
    either!(scene,
        Scene::Idle => view! {
            <InAppNotice signals=signals/>
            {move || waiting().then(|| view! {
                <p class="streamer-warning" role="status">{say(Word::WaitsForPicture)}</p>
            })}
            <p>{say(Word::AllowBothFirst)}</p>
            <p class="muted">{say(Word::NobodySeesYet)}</p>
            <button type="button" class="button primary large" disabled=move || !ready.get() on:click=send(Event::StartCamera)>
                {say(Word::StartCamera)}
            </button>
        },
        Scene::Asking => view! {
            <p>{say(Word::AllowBoth)}</p>
            <button type="button" class="button primary large" disabled>{say(Word::StartingCamera)}</button>
            <Hanging signals=signals/>
        },
        Scene::Preview => view! {
            {move || if on_air() && !waiting() {
                Either::Left(view! {
                    <p class="streamer-warning" role="status">
                        {say(Word::AnotherPhoneFilms)}
                    </p>
                })
            } else {
                Either::Right(view! { <p>{say(Word::OnlyYouSee)}</p> })
            }}
            <button type="button" class="button primary large" on:click=send(Event::GoLive)>{say(Word::GoLive)}</button>
            <button type="button" class="button large" on:click=send(Event::Rehearse)>{say(Word::RehearseFirst)}</button>
            <p class="muted">{say(Word::PlugIn)}</p>
            <More signals=signals studio=studio/>
        },
        Scene::Rehearsing => view! { <Rehearsing signals=signals studio=studio/> },
        Scene::Rehearsed => view! { <Rehearsed signals=signals studio=studio/> },
        Scene::Connecting(None) => view! {
            <button type="button" class="button primary large" disabled>{say(Word::Connecting)}</button>
            <button type="button" class="button quiet" on:click=send(Event::Cancel)>{say(Word::Cancel)}</button>
        },
        Scene::Connecting(Some(problem)) => view! {
            <ProblemWords problem=problem signals=signals/>
            <button type="button" class="button primary large" on:click=send(Event::TryAgain)>{say(Word::TryAgainNow)}</button>
            <button type="button" class="button quiet" on:click=send(Event::Cancel)>{say(Word::Cancel)}</button>
        },
        Scene::OnAir => view! {
            <div class="streamer-row">
                <FlipButton signals=signals studio=studio/>
                <MuteButton signals=signals studio=studio/>
                <button type="button" class="button danger large" on:click=send(Event::AskEnd)>{say(Word::End)}</button>
            </div>
            <Warnings signals=signals/>
            <TruthPanel signals=signals/>
            <More signals=signals studio=studio/>
        },
        Scene::Confirming => view! {
            <p class="streamer-question">{say(Word::EndForEverybody)}</p>
            <button type="button" class="button danger large" on:click=send(Event::ConfirmEnd)>{say(Word::YesEnd)}</button>
            <button type="button" class="button large" on:click=send(Event::KeepStreaming)>{say(Word::KeepStreaming)}</button>
        },
        Scene::Ending { failing: false } => view! { <p>{say(Word::Ending)}</p> },
        Scene::Ending { failing: true } => view! {
            <p>{say(Word::CameraIsOff)}</p>
            <p>{say(Word::KeepTrying)}</p>
            {move || screen_may_sleep(signals).map(warning)}
        },
        Scene::Ended => view! { <After signals=signals studio=studio/> },
        Scene::Problem(problem) => view! {
            <ProblemWords problem=problem signals=signals/>
            <button type="button" class="button primary large" on:click=send(Event::TryAgain)>{say(Word::TryAgain)}</button>
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
            {say(Word::FlipCamera)}
        </button>
    }
}

#[component]
fn MuteButton(signals: Signals, studio: Studio) -> impl IntoView {
    let Signals { muted, .. } = signals;
    view! {
        <button type="button" class="button large" class:silenced=move || muted.get() on:click=move |_| studio.toggle_mute()>
            {move || say(if muted.get() { Word::TurnSoundOn } else { Word::Mute })}
        </button>
    }
}
