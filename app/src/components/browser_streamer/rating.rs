//! "How did it go?": one tap, and a word for whoever likes to leave one. Nothing waits for it.

use domain::feedback::{Remarks, Stars};
use leptos::{html, prelude::*};

use super::Studio;
use super::signals::Signals;
use super::words::{Word, fill, say};

/// What became of what the person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rating {
    #[default]
    Nothing,
    /// On its way: again and again, until the server has it.
    Sending,
    Sent,
    /// The words, too: that was all.
    Complete,
    /// The link is good no more, say.
    Refused,
}

#[component]
pub fn HowDidItGo(signals: Signals, studio: Studio) -> impl IntoView {
    let Signals { rating, .. } = signals;
    let stars = RwSignal::new(None::<Stars>);
    let words = NodeRef::<html::Textarea>::new();
    let tap = move |given: Stars| {
        stars.set(Some(given));
        studio.rate(given, String::new());
    };
    let send = move |_| {
        if let (Some(given), Some(words)) = (stars.get_untracked(), words.get_untracked()) {
            studio.rate(given, words.value());
        }
    };
    view! {
        <section class="streamer-rating" aria-labelledby="how-did-it-go">
            <h3 id="how-did-it-go">{say(Word::HowDidItGo)}</h3>
            <p class="muted">{say(Word::NeedNotAnswer)}</p>
            <div class="streamer-stars" role="group" aria-label=say(Word::Stars)>
                {Stars::ALL.map(|given| {
                    let number = given.number();
                    let label = fill(if number == 1 { Word::OneStar } else { Word::SomeStars }, &[&number.to_string()]);
                    view! {
                        <button
                            type="button"
                            class="star"
                            class:given=move || stars.get().is_some_and(|stars| stars >= given)
                            aria-label=label
                            aria-pressed=move || (stars.get() == Some(given)).to_string()
                            on:click=move |_| tap(given)
                        >
                            "★"
                        </button>
                    }
                })}
            </div>
            <div hidden=move || stars.get().is_none() || rating.get() == Rating::Complete>
                <label class="field">
                    <span>{say(Word::SomeWords)}</span>
                    <textarea node_ref=words rows="3" maxlength=Remarks::MAX.to_string()></textarea>
                </label>
                <button type="button" class="button" on:click=send>{say(Word::Send)}</button>
            </div>
            <p role="status">{move || match rating.get() {
                Rating::Nothing => "",
                Rating::Sending => say(Word::Sending),
                Rating::Refused => say(Word::NotKept),
                Rating::Sent | Rating::Complete => say(Word::ThankYou),
            }}</p>
        </section>
    }
}
