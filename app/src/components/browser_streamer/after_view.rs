//! After the service: whether it is safe, and whether this page may be closed.

use domain::{
    progress::CopyProgress,
    recording::{RecordingSource, RecordingStatus},
};
use leptos::{either::EitherOf3, prelude::*};

use super::Studio;
use super::after::{Delivery, Headline, headline, left, size, words};
use super::panel::{screen_may_sleep, warning};
use super::rating::HowDidItGo;
use super::signals::Signals;
use super::state::{State, clock};
use super::words::{Word, fill, say};
use crate::components::words::duration_words;

#[component]
pub fn After(signals: Signals, studio: Studio) -> impl IntoView {
    let Signals { state, truth, delivery, mobile_data, .. } = signals;
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
        <h2>{say(Word::HasEnded)}</h2>
        {length.map(|length| view! { <p>{fill(Word::WasOnAir, &[&length])}</p> })}
        <div class="streamer-safety" role="status" data-safety=move || name(headline.get())>
            {move || headline_view(headline.get())}
            {move || headline.get().needs_this_page(delivery.get()).then(|| screen_may_sleep(signals).map(warning))}
        </div>
        // Not aloud with every percent: what matters is said above.
        <ul class="plain streamer-copies" aria-live="off">
            <li>
                <strong>{say(Word::OnServer)}</strong>
                <span>{move || server.get().map_or_else(|| say(Word::BeingClosed).to_owned(), |copy| copy_words(&copy))}</span>
            </li>
            <li>
                <strong>{say(Word::FromPhone)}</strong>
                <span>{move || phone_words(delivery.get(), phone.get().as_ref())}</span>
                {move || match delivery.get() {
                    Delivery::Sending { sent, total, .. } if total > 0 => Some(view! {
                        <progress max="100" prop:value=percent(sent, total) aria-label=say(Word::Delivered)></progress>
                    }),
                    _ => None,
                }}
                <span hidden=move || !(mobile_data.get() && matches!(delivery.get(), Delivery::Sending { .. }))>
                    {say(Word::OnMobileData)}
                </span>
            </li>
        </ul>
        <HowDidItGo signals=signals studio=studio/>
        <p class="muted">{say(Word::RecordingWillBe)}</p>
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
            <h3>{say(Word::Saving)}</h3>
            <p>{say(Word::KeepPageOpen)}</p>
        }),
        Headline::Safe { copies, duration_ms, checked } => {
            let safe = if checked { Word::SafeChecked } else { Word::Safe };
            EitherOf3::B(view! {
                <h3>{fill(safe, &[&copies.to_string(), &duration_words(duration_ms)])}</h3>
                <p>{say(Word::MayClose)}</p>
            })
        }
        Headline::NotSafe(reason) => {
            let (why, what_to_do) = words(reason);
            EitherOf3::C(view! {
                <h3>{fill(Word::NotSafe, &[say(why)])}</h3>
                <p>{say(what_to_do)}</p>
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
        RecordingStatus::Expected | RecordingStatus::Capturing => say(Word::OnItsWay).into(),
        RecordingStatus::Processing => say(Word::BeingChecked).into(),
        RecordingStatus::Ready if copy.checked => fill(Word::LengthChecked, &[&length]),
        RecordingStatus::Ready => length,
        RecordingStatus::Short => fill(Word::LengthShort, &[&length]),
        RecordingStatus::Missing if copy.source == RecordingSource::Phone => say(Word::PhoneCopyMissing).into(),
        RecordingStatus::Missing => say(Word::ServerCopyMissing).into(),
        RecordingStatus::Deleted => say(Word::CopyDeleted).into(),
    }
}

fn phone_words(delivery: Delivery, copy: Option<&CopyProgress>) -> String {
    match (delivery, copy) {
        (Delivery::Unknown, _) => say(Word::LookingForCopy).into(),
        (Delivery::Sending { sent, total, left_ms, failing: None }, _) => {
            let part = fill(Word::PartDelivered, &[&size(sent), &size(total)]);
            left_ms.map_or_else(|| part.clone(), |ms| [&part, ", ", &left(ms)].concat())
        }
        (Delivery::Sending { sent, total, failing: Some(_), .. }, _) => {
            fill(Word::StillToDeliver, &[&size(total.saturating_sub(sent))])
        }
        (Delivery::Done, None) => say(Word::AllDelivered).into(),
        (Delivery::Nothing, None) => say(Word::NoCopyWasKept).into(),
        (Delivery::Done | Delivery::Nothing, Some(copy)) => copy_words(copy),
    }
}
