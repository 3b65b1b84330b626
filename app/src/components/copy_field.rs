//! A text to take along: shown whole, selected on a tap, copied with a button.

use leptos::{html, prelude::*};

#[component]
pub fn CopyField(
    #[prop(into)] label: String,
    #[prop(into)] value: String,
    /// What the button says, and what is said then.
    #[prop(default = "Copy")]
    copy: &'static str,
    #[prop(default = "Copied")] done: &'static str,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let copied = RwSignal::new(false);
    let take = move |_| {
        if let Some(input) = input.get_untracked() {
            input.select();
            #[cfg(feature = "hydrate")]
            write_to_clipboard(&input, copied);
        }
    };
    // There may be others on the page: of what it is a copy is read after its name.
    let of_what = label.clone();
    view! {
        <div class="copy-field">
            <label class="field">
                <span>{label}</span>
                <input
                    node_ref=input
                    type="text"
                    readonly
                    spellcheck="false"
                    value=value
                    on:focus=move |_| if let Some(input) = input.get_untracked() { input.select() }
                />
            </label>
            <button type="button" class="button" title=of_what on:click=take>{copy}</button>
            <span class="copied" role="status">{move || copied.get().then_some(done)}</span>
        </div>
    }
}

/// Says "Copied" when it is. Where the clipboard is closed to us (a page without HTTPS) the text stays selected, ready
/// for the device's own "Copy".
#[cfg(feature = "hydrate")]
fn write_to_clipboard(input: &web_sys::HtmlInputElement, copied: RwSignal<bool>) {
    use std::time::Duration;

    if !window().is_secure_context() {
        return;
    }
    let written = window().navigator().clipboard().write_text(&input.value());
    leptos::task::spawn_local(async move {
        if wasm_bindgen_futures::JsFuture::from(written).await.is_ok() {
            copied.set(true);
            set_timeout(
                move || {
                    copied.try_set(false);
                },
                Duration::from_secs(4),
            );
        }
    });
}
