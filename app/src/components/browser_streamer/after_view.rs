//! After the service: whether it is safe, and whether this page may be closed.

use domain::{
    progress::CopyProgress,
    recording::{RecordingSource, RecordingStatus},
};
use leptos::{either::EitherOf3, prelude::*};

use super::Studio;
use super::after::{Delivery, Headline, headline, size, words};
use super::rating::HowDidItGo;
use super::signals::Signals;
use super::state::{State, clock};
use crate::components::words::duration_words;

#[component]
pub fn After(signals: Signals, studio: Studio) -> impl IntoView {
    let Signals { state, truth, delivery, .. } = signals;
    let headline =
        Memo::new(move |_| truth.with(|truth| headline(truth.as_ref().map(|truth| &truth.progress), delivery.get())));
    let length = match state.get_untracked() {
        // Not known to a page that did not see the service.
        State::Ended { since, until } if since == until => None,
        state => state.seconds_on_air(0).map(clock),
    };
    let server =
        Memo::new(move |_| truth.with(|truth| truth.as_ref()?.progress.copy(RecordingSource::Server).cloned()));
    let phone = Memo::new(move |_| truth.with(|truth| truth.as_ref()?.progress.copy(RecordingSource::Phone).cloned()));
    view! {
        <h2>"The service has ended"</h2>
        {length.map(|length| view! { <p>"It was on air for " {length} ". Nothing is being sent any more."</p> })}
        <div class="streamer-safety" role="status" data-safety=move || name(headline.get())>
            {move || headline_view(headline.get())}
        </div>
        <ul class="plain streamer-copies">
            <li>
                <strong>"On the server"</strong>
                <span>{move || server.get().map_or_else(|| "being closed\u{2026}".to_owned(), |copy| copy_words(&copy))}</span>
            </li>
            <li>
                <strong>"From this phone"</strong>
                <span>{move || phone_words(delivery.get(), phone.get().as_ref())}</span>
                {move || match delivery.get() {
                    Delivery::Sending { sent, total, .. } if total > 0 => Some(view! {
                        <progress max="100" prop:value=percent(sent, total) aria-label="Delivered"></progress>
                    }),
                    _ => None,
                }}
            </li>
        </ul>
        <HowDidItGo signals=signals studio=studio/>
        <p class="muted">"The recording will be at the same link where people watched. Thank you for filming."</p>
    }
}

fn name(headline: Headline) -> &'static str {
    match headline {
        Headline::Saving => "saving",
        Headline::Safe { .. } => "safe",
        Headline::NotSafe(_) => "not-safe",
    }
}

fn headline_view(headline: Headline) -> impl IntoView {
    match headline {
        Headline::Saving => EitherOf3::A(view! {
            <h3>"Saving\u{2026}"</h3>
            <p>"Please keep this page open."</p>
        }),
        Headline::Safe { copies, duration_ms, checked } => {
            let checked = if checked { ", sound and picture checked" } else { "" };
            EitherOf3::B(view! {
                <h3>"Safe: " {copies} " copies, " {duration_words(duration_ms)} {checked} "."</h3>
                <p>"You may close this page."</p>
            })
        }
        Headline::NotSafe(reason) => {
            let (why, what_to_do) = words(reason);
            EitherOf3::C(view! {
                <h3>"Not yet safe, because " {why} "."</h3>
                <p>{what_to_do}</p>
            })
        }
    }
}

fn percent(sent: u64, total: u64) -> f64 {
    // A percentage is exact enough in whole numbers.
    u32::try_from(sent * 100 / total.max(1)).map_or(100.0, f64::from)
}

fn copy_words(copy: &CopyProgress) -> String {
    let length = copy.duration_ms.map(duration_words).unwrap_or_default();
    match copy.status {
        RecordingStatus::Expected | RecordingStatus::Capturing => "on its way\u{2026}".into(),
        RecordingStatus::Processing => "being checked\u{2026}".into(),
        RecordingStatus::Ready if copy.checked => format!("{length}, checked"),
        RecordingStatus::Ready => length,
        RecordingStatus::Short => format!("{length}, not complete"),
        RecordingStatus::Missing => copy.reason.clone().unwrap_or_else(|| "missing".into()),
        RecordingStatus::Deleted => "deleted".into(),
    }
}

fn phone_words(delivery: Delivery, copy: Option<&CopyProgress>) -> String {
    match (delivery, copy) {
        (Delivery::Unknown, _) => "looking for the safety copy\u{2026}".into(),
        (Delivery::Sending { sent, total, failing: None }, _) => format!("{} of {} delivered", size(sent), size(total)),
        (Delivery::Sending { sent, total, failing: Some(_) }, _) => {
            format!("You still have {} to deliver. We keep trying.", size(total.saturating_sub(sent)))
        }
        (Delivery::Done, None) => "delivered".into(),
        (Delivery::Nothing, None) => "no safety copy was kept".into(),
        (Delivery::Done | Delivery::Nothing, Some(copy)) => copy_words(copy),
    }
}
