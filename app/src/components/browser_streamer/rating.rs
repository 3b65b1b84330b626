//! "How did it go?": one tap, and a word for whoever likes to leave one. Nothing waits for it.

use domain::feedback::{Remarks, Stars};
use leptos::{html, prelude::*};

use super::Studio;
use super::signals::Signals;

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
            <h3 id="how-did-it-go">"How did it go?"</h3>
            <p class="muted">"For those who sent you the link. You need not answer."</p>
            <div class="streamer-stars" role="group" aria-label="Stars">
                {Stars::ALL.map(|given| {
                    let number = given.number();
                    let label = if number == 1 { "1 star".to_owned() } else { format!("{number} stars") };
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
                    <span>"A word, if you like"</span>
                    <textarea node_ref=words rows="3" maxlength=Remarks::MAX.to_string()></textarea>
                </label>
                <button type="button" class="button" on:click=send>"Send"</button>
            </div>
            <p role="status">{move || match rating.get() {
                Rating::Nothing => "",
                Rating::Sending => "Sending\u{2026}",
                Rating::Refused => "That could not be kept. Thank you all the same.",
                Rating::Sent | Rating::Complete => "Thank you.",
            }}</p>
        </section>
    }
}
