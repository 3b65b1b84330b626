//! A form over the page. Whether it is open stands in the address (`?new`), so that it opens and closes without any
//! script, with the back button, and from a link.

use leptos::{ev, html, prelude::*, wasm_bindgen::JsCast as _, web_sys::HtmlElement};
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// Without hydration a `<dialog open>` in the flow of the page; with it a modal dialog. `children` are made anew each
/// time it opens.
#[component]
pub fn Modal(
    id: &'static str,
    title: &'static str,
    #[prop(into)] open: Signal<bool>,
    /// The page without the dialog.
    #[prop(into)]
    close_href: Signal<String>,
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let heading = format!("{id}-title");
    let labelled_by = heading.clone();
    let navigate = use_navigate();
    let leave = move |_: ev::Event| {
        if open.get_untracked() {
            let options = NavigateOptions { scroll: false, ..NavigateOptions::default() };
            navigate(&close_href.get_untracked(), options);
        }
    };
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if !open.get() {
            dialog.close();
        } else if !dialog.matches(":modal").unwrap_or(false) {
            // The page has only just come alive: whoever has begun to type goes on where they were.
            let typing = document().active_element().filter(|active| dialog.contains(Some(active)));
            // Not `close()`: that would be an event, and the event means that the person has left the form.
            let _ = dialog.remove_attribute("open");
            let _ = dialog.show_modal();
            if let Some(field) = typing.and_then(|active| active.dyn_into::<HtmlElement>().ok()) {
                let _ = field.focus();
            }
        }
    });
    view! {
        <dialog
            node_ref=dialog
            id=id
            class="dialog"
            aria-labelledby=labelled_by
            open=open.get_untracked()
            on:close=leave
        >
            <div class="dialog-head">
                <h2 id=heading tabindex="-1" autofocus>{title}</h2>
                <a class="button quiet" href=close_href data-noscroll="">"Cancel"</a>
            </div>
            <Show when=move || open.get()>{children()}</Show>
        </dialog>
    }
}
