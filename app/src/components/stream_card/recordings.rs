//! The copies of the recording, how it stands with each, and which part of it is shown.

use domain::{
    MemorialId, StreamId,
    document::{RecordingCopy, StreamDocument},
    recording::{Cut, PendingCut, RecordingSource, RecordingStatus},
    stream::is_playable,
};
use leptos::{form::ActionForm, prelude::*};

use super::live::look_again;
use crate::{
    api::streams::TrimRecording,
    components::{
        form::{FormError, action_error, on_success},
        words::{clock, copy_words, cut_words, pending_cut_words, source_words},
    },
};

#[component]
pub fn Recordings(
    id: StreamId,
    memorial_id: MemorialId,
    document: RwSignal<StreamDocument>,
    /// Whether whoever looks at it says which part mourners are shown.
    may_trim: bool,
) -> impl IntoView {
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
    let over = Memo::new(move |_| document.with(|document| document.status.is_over()));
    // Ours is the one that can be shortened.
    let length = Memo::new(move |_| {
        document.with(|document| {
            let copy = document.recording_sources.server.as_ref().filter(|copy| is_playable(copy.status))?;
            copy.proof.map(|proof| (proof.duration_ms, copy.cut))
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
                    let over = over.get();
                    let rows = copies.into_iter().map(|(source, copy)| view! { <Copy source=source copy=copy over=over/> });
                    view! { <ul class="plain recordings">{rows.collect_view()}</ul> }.into_any()
                }
            }}
            <Show when=move || may_trim && length.get().is_some()>
                <Trim id=id memorial_id=memorial_id length=length document=document/>
            </Show>
        </section>
    }
    .into_any()
}

#[component]
fn Copy(
    source: RecordingSource,
    copy: RecordingCopy,
    /// The service.
    over: bool,
) -> impl IntoView {
    let words = match (source, copy.status) {
        (RecordingSource::Phone, RecordingStatus::Capturing) if over => {
            "Not here yet: it comes while the page on the phone is open".into()
        }
        _ => copy_words(&copy),
    };
    let url = copy.url.filter(|_| is_playable(copy.status));
    let with =
        |what: &str| url.as_deref().map(|url| format!("{url}{}{what}", if url.contains('?') { '&' } else { '?' }));
    let kept = with("download=true");
    let shown = with("shown=true").filter(|_| copy.cut.is_some());
    view! {
        <li>
            <p><strong>{source_words(source)}</strong> <br/> {words}</p>
            {copy.storage.map(|storage| view! { <p class="muted">{storage}</p> })}
            {copy.cut.map(|cut| view! { <p>{cut_words(cut)}</p> })}
            {url.map(|url| view! {
                <p class="links">
                    <a class="button" href=url rel="external" target="_blank">"Watch"</a>
                    " "
                    {shown.map(|shown| view! {
                        <a class="button quiet" href=shown rel="external" target="_blank">"Watch the part that is shown"</a>
                        " "
                    })}
                    <a class="button quiet" href=kept rel="external" download="">"Download"</a>
                </p>
            })}
        </li>
    }
}

#[component]
fn Trim(
    id: StreamId,
    memorial_id: MemorialId,
    length: Memo<Option<(u64, Option<Cut>)>>,
    document: RwSignal<StreamDocument>,
) -> impl IntoView {
    let action = ServerAction::<TrimRecording>::new();
    on_success(action, move |()| look_again(id, document));
    let whole = move || length.get().map_or(0, |(length, _)| length);
    let cut = move || length.get().and_then(|(_, cut)| cut);
    let pending = Memo::new(move |_| {
        document.with(|document| document.recording_sources.server.as_ref().and_then(|copy| copy.pending_cut.clone()))
    });
    let pending_words = move || {
        pending.get().map(|pending| {
            let class = if matches!(pending, PendingCut::Failed { .. }) { "failure" } else { "muted" };
            view! { <p class=class>{pending_cut_words(&pending)}</p> }
        })
    };
    view! {
        <div role="status" hidden=move || pending.get().is_none()>{pending_words}</div>
        <details class="question">
            <summary class="button quiet">"Take off the beginning or the end"</summary>
            <ActionForm action=action attr:class="answer">
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="memorial_id" value=memorial_id.to_string()/>
                <p>
                    "Watch the recording, and note at which time what is to be shown begins and ends. The original stays \
                     as it is. It begins with a whole picture, so perhaps a second or two earlier."
                </p>
                <div class="field-row">
                    <label class="field">
                        <span>"Begins at"</span>
                        <input
                            type="text"
                            name="begin"
                            inputmode="numeric"
                            autocomplete="off"
                            placeholder="0:00"
                            prop:value=move || cut().map(|cut| clock(cut.begin_ms)).unwrap_or_default()
                        />
                    </label>
                    <label class="field">
                        <span>"Ends at"</span>
                        <input
                            type="text"
                            name="end"
                            inputmode="numeric"
                            autocomplete="off"
                            placeholder=move || clock(whole())
                            prop:value=move || cut().map(|cut| clock(cut.end_ms)).unwrap_or_default()
                        />
                    </label>
                </div>
                <p class="muted">"Leave both empty to show all of it."</p>
                <button type="submit" class="button" disabled=move || action.pending().get()>"Show this part"</button>
                <FormError message=action_error(action)/>
            </ActionForm>
        </details>
    }
}
