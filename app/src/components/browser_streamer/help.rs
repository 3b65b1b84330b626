//! When camera and microphone do not come: the steps for this browser, and the way into another one.

use leptos::{either::Either, prelude::*};

use super::guide::Browser;
use super::problem::Problem;
use super::signals::Signals;
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
    let steps = (problem == Problem::Denied || (problem == Problem::NoCameraAccess && in_app))
        .then_some(browser)
        .flatten()
        .map(Browser::steps);
    let elsewhere = matches!(
        problem,
        Problem::NoCameraAccess | Problem::NoWebRtc | Problem::Denied | Problem::Missing | Problem::InsecurePage
    );
    view! {
        <div class="streamer-problem" role="alert">
            <h2>{words.title}</h2>
            {match steps {
                Some(steps) => Either::Left(view! { <Steps steps=steps/> }),
                None => Either::Right(view! { <p>{words.what_to_do}</p> }),
            }}
            {code.map(|code| view! { <p class="muted">"For the person who helps you: answer " {code} "."</p> })}
        </div>
        {elsewhere.then(|| view! { <Elsewhere signals=signals/> })}
    }
}

#[component]
fn Steps(steps: &'static [&'static str]) -> impl IntoView {
    view! {
        <p>"This page may not use camera and microphone. To allow both:"</p>
        <ol>{steps.iter().map(|step| view! { <li>{*step}</li> }).collect_view()}</ol>
        <p>"Then touch \u{201c}Try again\u{201d}."</p>
    }
}

/// The link, to be opened in another browser or on another phone.
#[component]
pub fn Elsewhere(signals: Signals) -> impl IntoView {
    let Signals { link, browser, .. } = signals;
    let better = browser.get_untracked().map_or("Chrome or Safari", Browser::better);
    move || {
        let link = link.get();
        (!link.is_empty()).then(|| view! {
            <div class="streamer-elsewhere">
                <p>"Or open the link in " {better} ", or on another phone. Whoever has it can film: give it to nobody else."</p>
                <CopyField label="This link" value=link/>
            </div>
        })
    }
}

/// Before anything is asked: this is a browser inside another app.
#[component]
pub fn InAppNotice(signals: Signals) -> impl IntoView {
    let Signals { browser, .. } = signals;
    move || match browser.get() {
        Some(Browser::InApp(app)) => Some(view! {
            <div class="streamer-problem" role="note">
                <h2>"You are inside " {app}</h2>
                <p>"The camera often does not work here, or stops when a message comes. Please open the link in Safari or Chrome:"</p>
                <ol>{Browser::InApp(app).steps().iter().map(|step| view! { <li>{*step}</li> }).collect_view()}</ol>
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
        hanging.get().then(|| view! {
            <div class="streamer-problem" role="alert">
                <h2>"Does nothing ask you?"</h2>
                <p>
                    "Your browser should ask whether this page may use camera and microphone. Look at the top of the screen. If there \
                     is no question, this browser cannot film."
                </p>
            </div>
            <Elsewhere signals=signals/>
        })
    }
}
