//! The copies of the recording, and how it stands with each.

use domain::{
    document::{RecordingCopy, StreamDocument},
    recording::RecordingSource,
    stream::is_playable,
};
use leptos::prelude::*;

use crate::components::words::{copy_words, source_words};

#[component]
pub fn Recordings(document: RwSignal<StreamDocument>) -> impl IntoView {
    let copies = Memo::new(move |_| {
        document.with(|document| {
            let sources = &document.recording_sources;
            [
                (RecordingSource::Server, &sources.server),
                (RecordingSource::Phone, &sources.phone),
                (RecordingSource::Cloudflare, &sources.cloudflare),
                (RecordingSource::Mux, &sources.mux),
            ]
            .into_iter()
            .filter_map(|(source, copy)| copy.clone().map(|copy| (source, copy)))
            .collect::<Vec<_>>()
        })
    });
    view! {
        <section class="card-part">
            <h3>"Recording"</h3>
            {move || {
                let copies = copies.get();
                if copies.is_empty() {
                    view! { <p class="muted">"It is recorded by itself as soon as the service is on air."</p> }.into_any()
                } else {
                    let rows = copies.into_iter().map(|(source, copy)| view! { <Copy source=source copy=copy/> });
                    view! { <ul class="plain recordings">{rows.collect_view()}</ul> }.into_any()
                }
            }}
        </section>
    }
}

#[component]
fn Copy(source: RecordingSource, copy: RecordingCopy) -> impl IntoView {
    let words = copy_words(&copy);
    let url = copy.url.filter(|_| is_playable(copy.status));
    let kept = url.as_deref().map(|url| format!("{url}{}download=true", if url.contains('?') { '&' } else { '?' }));
    view! {
        <li>
            <p><strong>{source_words(source)}</strong> <br/> {words}</p>
            {url.map(|url| view! {
                <p class="links">
                    <a class="button" href=url rel="external" target="_blank">"Watch"</a>
                    " "
                    <a class="button quiet" href=kept rel="external" download="">"Download"</a>
                </p>
            })}
        </li>
    }
}
