//! "More": what most people never need. Closed until somebody opens it.

use leptos::prelude::*;

use super::Studio;
use super::choices::{Choices, Device, Quality, Sound};
use super::safety_copy::{SafetyCopy, room_for};
use super::signals::Signals;
use super::words::{Word, fill, say};

#[component]
pub fn More(signals: Signals, studio: Studio) -> impl IntoView {
    let Signals { devices, choices, .. } = signals;
    let cameras = Memo::new(move |_| devices.with(|devices| devices.cameras.clone()));
    let microphones = Memo::new(move |_| devices.with(|devices| devices.microphones.clone()));
    let camera_now = Memo::new(move |_| devices.with(|devices| devices.camera.clone()));
    let microphone_now = Memo::new(move |_| devices.with(|devices| devices.microphone.clone()));
    let change = move |change: fn(&mut Choices, String)| {
        move |value: String| {
            let mut next = choices.get_untracked();
            change(&mut next, value);
            studio.choose(next);
        }
    };
    let set = move |change: fn(&mut Choices)| {
        move |()| {
            let mut next = choices.get_untracked();
            change(&mut next);
            studio.choose(next);
        }
    };
    view! {
        <details class="streamer-more">
            <summary>{say(Word::More)}</summary>
            <Pick
                label=say(Word::Camera)
                devices=cameras
                now=camera_now
                on_pick=change(|choices, id| choices.camera = Some(id))
            />
            <Pick
                label=say(Word::Microphone)
                devices=microphones
                now=microphone_now
                on_pick=change(|choices, id| choices.microphone = Some(id))
            />
            <fieldset class="choices">
                <legend>{say(Word::Sound)}</legend>
                <Choice
                    group="sound"
                    title=Word::Music
                    hint=Word::MusicHint
                    chosen=Signal::derive(move || choices.get().sound == Sound::Music)
                    on_choose=set(|choices| choices.sound = Sound::Music)
                />
                <Choice
                    group="sound"
                    title=Word::Voice
                    hint=Word::VoiceHint
                    chosen=Signal::derive(move || choices.get().sound == Sound::Voice)
                    on_choose=set(|choices| choices.sound = Sound::Voice)
                />
            </fieldset>
            <fieldset class="choices">
                <legend>{say(Word::Picture)}</legend>
                <Choice
                    group="quality"
                    title=Word::Good
                    hint=Quality::Good.an_hour()
                    chosen=Signal::derive(move || choices.get().quality == Quality::Good)
                    on_choose=set(|choices| choices.quality = Quality::Good)
                />
                <Choice
                    group="quality"
                    title=Word::SavesData
                    hint=Quality::SavesData.an_hour()
                    chosen=Signal::derive(move || choices.get().quality == Quality::SavesData)
                    on_choose=set(|choices| choices.quality = Quality::SavesData)
                />
            </fieldset>
            <CopyChoice signals=signals studio=studio/>
        </details>
    }
}

/// A list of devices; nothing where there is nothing to choose.
#[component]
fn Pick(
    label: &'static str,
    devices: Memo<Vec<Device>>,
    now: Memo<String>,
    on_pick: impl Fn(String) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    move || {
        let devices = devices.get();
        (devices.len() > 1).then(|| {
            view! {
                <label class="field">
                    <span>{label}</span>
                    <select prop:value=now on:change=move |event| on_pick(event_target_value(&event))>
                        {devices.into_iter().map(|Device { id, label }| {
                            let own = id.clone();
                            view! { <option value=id selected=move || now.get() == own>{label}</option> }
                        }).collect_view()}
                    </select>
                </label>
            }
        })
    }
}

#[component]
fn Choice(
    group: &'static str,
    title: Word,
    hint: Word,
    chosen: Signal<bool>,
    on_choose: impl Fn(()) + 'static,
) -> impl IntoView {
    view! {
        <label class="choice">
            <input type="radio" name=group prop:checked=chosen on:change=move |_| on_choose(())/>
            <span><strong>{say(title)}</strong><small>{say(hint)}</small></span>
        </label>
    }
}

#[component]
fn CopyChoice(signals: Signals, studio: Studio) -> impl IntoView {
    let Signals { safety_copy, free, choices, .. } = signals;
    let possible = move || safety_copy.get() != SafetyCopy::Impossible;
    let wanted = move || matches!(safety_copy.get(), SafetyCopy::Wanted | SafetyCopy::Keeping { .. });
    let takes = move || fill(Word::CopyTakes, &[say(choices.get().quality.an_hour())]);
    let room = move || free.get().map(|free| fill(Word::RoomFor, &[&room_for(free)]));
    view! {
        <label class="choice" hidden=move || !possible()>
            <input
                type="checkbox"
                prop:checked=wanted
                on:change=move |event| studio.keep_copy(event_target_checked(&event))
            />
            <span>{say(Word::KeepCopy)}</span>
        </label>
        <p class="muted" hidden=move || !possible()>
            {takes} " " {room}
        </p>
        <p class="muted" hidden=possible>{say(Word::NoCopyPossible)}</p>
    }
}
