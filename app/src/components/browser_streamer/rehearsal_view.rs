//! The rehearsal: while it runs, and what came of it.

use domain::rehearsal::{RehearsalVerdict, Remark};
use leptos::{either::Either, prelude::*};

use super::Studio;
use super::signals::{RehearsalView, Signals};
use super::state::Event;
use super::words::{Word, fill, say, tenths};

#[component]
pub fn Rehearsing(signals: Signals, studio: Studio) -> impl IntoView {
    let Signals { rehearsal, level, .. } = signals;
    let words = move || match rehearsal.get() {
        RehearsalView::Measuring => say(Word::Measuring).to_owned(),
        RehearsalView::Connecting => say(Word::Connecting).to_owned(),
        RehearsalView::Sending { left } => fill(Word::SaySomething, &[&left.to_string()]),
        _ => say(Word::LookingAtArrived).to_owned(),
    };
    // Not every second: the voice that reads it would be all that the microphone hears.
    let aloud = move || match rehearsal.get() {
        RehearsalView::Sending { left } if left % 5 != 0 => "off",
        _ => "polite",
    };
    view! {
        <p class="streamer-question" role="status" aria-live=aloud>{words}</p>
        <p class="muted">{say(Word::NobodyElseSees)}</p>
        <SoundMeter level=level/>
        <button type="button" class="button" on:click=move |_| studio.send(Event::BackToCamera)>{say(Word::StopRehearsal)}</button>
    }
}

#[component]
pub fn SoundMeter(level: RwSignal<u8>) -> impl IntoView {
    view! {
        <label class="streamer-meter">
            <span>{say(Word::Sound)}</span>
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
                <h2>{say(Word::RehearsalFailed)}</h2>
                <p>{say(Word::RehearsalFailedWhat)}</p>
            </div>
            <button type="button" class="button primary large" on:click=again>{say(Word::RehearseAgain)}</button>
            <button type="button" class="button quiet" on:click=back>{say(Word::BackToCamera)}</button>
        });
    };
    let ready = rehearsal.verdict != RehearsalVerdict::NotReady;
    let (state, verdict) = match rehearsal.verdict {
        RehearsalVerdict::Ready => ("ready", Word::Ready),
        RehearsalVerdict::ReadyBut => ("ready-but", Word::ReadyBut),
        RehearsalVerdict::NotReady => ("not-ready", Word::NotReady),
    };
    Either::Right(view! {
        <div class="streamer-verdict" data-verdict=state role="status">
            <h2>{say(verdict)}</h2>
            {(!rehearsal.remarks.is_empty()).then(|| view! {
                <ul>
                    {rehearsal.remarks.iter().map(|remark| {
                        let (what, to_do) = found(*remark);
                        view! { <li><strong>{say(what)}"."</strong>" "{say(to_do)}</li> }
                    }).collect_view()}
                </ul>
            })}
            {(arrived.pictures > 0).then(|| view! {
                <p>{fill(Word::SecondsArrived, &[&(arrived.duration_ms / 1000).to_string(), &rate(uplink)])}</p>
            })}
        </div>
        {playback.map(|address| view! {
            <figure class="streamer-playback">
                <video src=address controls playsinline aria-label=say(Word::YourRehearsal)></video>
                <figcaption>{say(Word::WhatTheyWillSee)}</figcaption>
            </figure>
        })}
        <button type="button" class="button large" class:primary=!ready on:click=again>{say(Word::RehearseAgain)}</button>
        <button type="button" class="button large" class:primary=ready on:click=back>{say(Word::BackToCamera)}</button>
    })
}

/// What was found, and what to do about it.
const fn found(remark: Remark) -> (Word, Word) {
    match remark {
        Remark::NothingArrived => (Word::FoundNothing, Word::FoundNothingWhat),
        Remark::NoPicture => (Word::FoundNoPicture, Word::FoundNoPictureWhat),
        Remark::NoSound => (Word::FoundNoSound, Word::FoundNoSoundWhat),
        Remark::VeryWeakConnection => (Word::FoundVeryWeak, Word::FoundVeryWeakWhat),
        Remark::WeakConnection => (Word::FoundWeak, Word::FoundWeakWhat),
        Remark::NoUdp => (Word::FoundDetour, Word::FoundDetourWhat),
        Remark::Dark => (Word::FoundDark, Word::FoundDarkWhat),
        Remark::Silent => (Word::FoundSilent, Word::FoundSilentWhat),
        Remark::ScreenMaySleep => (Word::FoundScreen, Word::FoundScreenWhat),
        Remark::NoSafetyCopy => (Word::FoundNoCopy, Word::FoundNoCopyWhat),
        Remark::LittleStorage => (Word::FoundLittleRoom, Word::FoundLittleRoomWhat),
        Remark::BatteryLow => (Word::FoundBattery, Word::FoundBatteryWhat),
    }
}

/// `2.3 Mbit/s`, `480 kbit/s`.
fn rate(bits: u64) -> String {
    if bits >= 1_000_000 {
        format!("{} Mbit/s", tenths(bits / 1_000_000, bits % 1_000_000 / 100_000))
    } else {
        format!("{} kbit/s", bits / 1000)
    }
}
