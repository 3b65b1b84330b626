//! What the person who films needs: hidden until it is asked for, because it opens the service to whoever has it.

use domain::{
    MemorialId, StreamId, StreamingMethod, document::StreamDocument, rehearsal::Rehearsal, stream::StreamState,
};
use leptos::{form::ActionForm, prelude::*};

use crate::{
    api::{
        ApiError,
        streams::{ReplaceLink, StreamerAccess},
    },
    components::{
        copy_field::CopyField,
        form::{FormError, action_error, on_success},
        words::{remark_words, verdict_words},
    },
};

#[component]
pub fn AccessPart(
    id: StreamId,
    memorial_id: MemorialId,
    method: StreamingMethod,
    document: RwSignal<StreamDocument>,
    access: Signal<Option<Result<StreamerAccess, ApiError>>>,
    changed: Callback<()>,
) -> impl IntoView {
    let phone = method == StreamingMethod::PhoneBrowser;
    let page = format!("/admin/memorials/{memorial_id}");
    let show = format!("{page}?access={id}");
    view! {
        <section class="card-part">
            <h3>{if phone { "For the person who films" } else { "For OBS" }}</h3>
            {phone.then(|| view! { <RehearsalLine document=document/> })}
            {move || match access.get() {
                None => view! {
                    <a class="button primary" href=show.clone() data-noscroll="">
                        {if phone { "Show link and QR code" } else { "Show server address and key" }}
                    </a>
                }.into_any(),
                Some(Err(error)) => view! { <p role="alert" class="form-error">{error.to_string()}</p> }.into_any(),
                Some(Ok(access)) => view! {
                    {if phone {
                        view! { <PhoneAccess access=access/> }.into_any()
                    } else {
                        view! { <EncoderAccess access=access/> }.into_any()
                    }}
                    <div class="actions">
                        <ReplaceLinkForm id=id memorial_id=memorial_id phone=phone changed=changed/>
                        <a class="button quiet" href=page.clone() data-noscroll="">"Hide"</a>
                    </div>
                }.into_any(),
            }}
        </section>
    }
    .into_any()
}

/// Whether and when it was rehearsed on the phone.
#[component]
fn RehearsalLine(document: RwSignal<StreamDocument>) -> impl IntoView {
    let rehearsal = Memo::new(move |_| document.with(|document| document.rehearsal.clone()));
    let begun = Memo::new(move |_| {
        document.with(|document| !matches!(document.status, StreamState::Scheduled | StreamState::Ready))
    });
    move || match rehearsal.get() {
        None if begun.get() => ().into_any(),
        None => view! { <p class="muted">"Not rehearsed on the phone yet."</p> }.into_any(),
        Some(Rehearsal { at, verdict, remarks }) => {
            let when = RwSignal::new(String::new());
            // In the reader's own time zone, which the server does not know.
            Effect::new(move |_| when.set(local_moment(at.millis())));
            let found: Vec<_> = remarks.iter().map(|remark| remark_words(*remark)).collect();
            view! {
                <p class="rehearsed">
                    <strong>"Rehearsed: "</strong> {verdict_words(verdict)} " " {found.join(", ")}
                    " " <span class="muted">{move || when.get()}</span>
                </p>
            }
            .into_any()
        }
    }
}

#[cfg(feature = "hydrate")]
fn local_moment(millis: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "moments are far below 2^53 ms")]
    let date = js_sys::Date::new(&(millis as f64).into());
    date.to_locale_string("default", &wasm_bindgen::JsValue::UNDEFINED).into()
}

#[cfg(not(feature = "hydrate"))]
fn local_moment(_: i64) -> String {
    String::new()
}

#[component]
fn PhoneAccess(access: StreamerAccess) -> impl IntoView {
    view! {
        <p>"Whoever opens this link can film. Give it to one person only."</p>
        <CopyField label="Link for the phone" value=access.link.clone()/>
        <div class="qr" role="img" aria-label="The same link as a QR code" inner_html=access.link_qr></div>
        <p><a class="button" href=access.link rel="external">"Stream from this device"</a></p>
    }
}

#[component]
fn EncoderAccess(access: StreamerAccess) -> impl IntoView {
    if let Some(encoder) = access.encoder {
        return view! {
            <p>"In OBS: Settings, Stream, Service \u{201c}Custom\u{201d}. Then fill in these two. Keyframe interval: 2 s."</p>
            <CopyField label="Server" value=encoder.server/>
            <CopyField label="Stream key" value=encoder.stream_key/>
        }
        .into_any();
    }
    view! {
        <p>"In OBS: Settings, Stream, Service \u{201c}WHIP\u{201d}. Then fill in these two."</p>
        <CopyField label="Server address" value=access.whip_url/>
        <CopyField label="Bearer token" value=access.bearer_token/>
        // OBS does not make one when it is asked to, and its own choice is every 250 pictures.
        <p>
            "Under Output, with Output Mode \u{201c}Advanced\u{201d}: Keyframe interval 2 s. Left at 0, whoever opens the page waits \
            up to eight seconds for the picture."
        </p>
    }
    .into_any()
}

#[component]
fn ReplaceLinkForm(id: StreamId, memorial_id: MemorialId, phone: bool, changed: Callback<()>) -> impl IntoView {
    let action = ServerAction::<ReplaceLink>::new();
    let error = action_error(action);
    on_success(action, move |()| changed.run(()));
    let (name, question) = if phone {
        ("Replace link", "Make a new link? The old one stops working at once, also on a phone that is filming.")
    } else {
        ("Replace key", "Make a new key? The old one stops working at once, also in an OBS that is streaming.")
    };
    view! {
        <details class="question">
            <summary class="button quiet">{name}</summary>
            <ActionForm action=action attr:class="answer">
                                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="memorial_id" value=memorial_id.to_string()/>
                <p>{question}</p>
                <button type="submit" class="button" disabled=move || action.pending().get()>"Yes, replace it"</button>
                <FormError message=error/>
            </ActionForm>
        </details>
    }
}
