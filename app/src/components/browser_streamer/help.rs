//! When camera and microphone do not come: the steps for this browser, and the way into another one.

use leptos::{either::Either, prelude::*};

use super::guide::Browser;
use super::problem::Problem;
use super::signals::Signals;
use super::words::{Word, fill, say};
use crate::components::copy_field::CopyField;

#[component]
pub fn ProblemWords(problem: Problem, signals: Signals) -> impl IntoView {
    let words = problem.words();
    let browser = signals.browser.get_untracked();
    let code = match problem {
        Problem::Refused(code) => Some(code),
        _ => None,
    };
    let in_app = browser.is_some_and(Browser::is_in_app);
    let steps =
        (problem == Problem::Denied || (problem == Problem::NoCameraAccess && in_app)).then_some(browser).flatten();
    let elsewhere = matches!(
        problem,
        Problem::NoCameraAccess | Problem::NoWebRtc | Problem::Denied | Problem::Missing | Problem::InsecurePage
    );
    view! {
        <div class="streamer-problem" role="alert">
            <h2>{say(words.title)}</h2>
            {match steps {
                Some(browser) => Either::Left(view! { <MayNotUse browser=browser/> }),
                None => Either::Right(view! { <p>{say(words.what_to_do)}</p> }),
            }}
            {code.map(|code| view! { <p class="muted">{fill(Word::Answer, &[&code.to_string()])}</p> })}
        </div>
        {elsewhere.then(|| view! { <Elsewhere signals=signals/> })}
    }
}

#[component]
fn MayNotUse(browser: Browser) -> impl IntoView {
    view! {
        <p>{say(Word::MayNotUse)}</p>
        <Steps browser=browser/>
        <p>{say(Word::ThenTryAgain)}</p>
    }
}

#[component]
fn Steps(browser: Browser) -> impl IntoView {
    let steps = browser.steps().iter();
    view! { <ol>{steps.map(|step| view! { <li>{fill(*step, &[browser.name()])}</li> }).collect_view()}</ol> }
}

/// The link, to be opened in another browser or on another phone.
#[component]
pub fn Elsewhere(signals: Signals) -> impl IntoView {
    let Signals { link, browser, .. } = signals;
    let better = browser.get_untracked().map_or_else(|| say(Word::SafariOrChrome), Browser::better);
    move || {
        let link = link.get();
        (!link.is_empty()).then(|| {
            view! {
                <div class="streamer-elsewhere">
                    <p>{fill(Word::OpenElsewhere, &[better])}</p>
                    <CopyField label=say(Word::ThisLink) value=link copy=say(Word::Copy) done=say(Word::Copied)/>
                </div>
            }
        })
    }
}

/// Before anything is asked: this is a browser inside another app.
#[component]
pub fn InAppNotice(signals: Signals) -> impl IntoView {
    let Signals { browser, .. } = signals;
    move || match browser.get() {
        Some(browser @ Browser::InApp(app)) => Some(view! {
            <div class="streamer-problem" role="note">
                <h2>{app.map_or_else(|| say(Word::InsideSomeApp).to_owned(), |app| fill(Word::InsideApp, &[app]))}</h2>
                <p>{say(Word::InsideAppWhy)}</p>
                <Steps browser=browser/>
            </div>
            <Elsewhere signals=signals/>
        }),
        _ => None,
    }
}

/// The browser has asked, or has not: nothing has come back for a while.
#[component]
pub fn Hanging(signals: Signals) -> impl IntoView {
    let Signals { hanging, .. } = signals;
    move || {
        hanging.get().then(|| {
            view! {
                <div class="streamer-problem" role="alert">
                    <h2>{say(Word::NothingAsks)}</h2>
                    <p>{say(Word::NothingAsksWhat)}</p>
                </div>
                <Elsewhere signals=signals/>
            }
        })
    }
}
