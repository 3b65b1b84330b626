//! The picture of the person who is remembered: as it is shown, and the form that gives it or takes it away.

use domain::memorial::Memorial;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{form::FormError, modal::Modal};

/// Beside the name, which says who it is.
#[component]
pub fn Portrait(src: String, name: String) -> impl IntoView {
    view! { <img class="portrait" src=src alt=name width="126" height="126" loading="lazy" decoding="async"/> }
}

/// "Picture". Plain forms: a file is sent by the browser itself, with and without hydration.
#[component]
pub fn PortraitModal(
    memorial: Signal<Option<Memorial>>,
    #[prop(into)] open: Signal<bool>,
    #[prop(into)] close_href: Signal<String>,
) -> impl IntoView {
    let query = use_query_map();
    let error = Signal::derive(move || query.with(|query| query.get("error")));
    view! {
        <Modal id="portrait" title="Picture" open=open close_href=close_href>
            {move || memorial.get().map(|memorial| {
                let action = format!("/admin/memorials/{}/portrait", memorial.id);
                let remove = format!("{action}/remove");
                view! {
                    <form method="post" enctype="multipart/form-data" action=action class="form" aria-describedby="portrait-error">
                        <FormError id="portrait-error" message=error/>
                        <label class="field">
                            <span>{format!("A picture of {}", memorial.details.name.as_str())}</span>
                            <input type="file" name="picture" required accept="image/jpeg,image/png,image/webp"/>
                            <small>"JPEG, PNG or WebP, up to 10 MB. It is shown small, here and to those who watch. Where and when it was taken is not kept."</small>
                        </label>
                        <button type="submit" class="button primary">"Save the picture"</button>
                    </form>
                    {memorial.portrait.map(|_| view! {
                        <form method="post" action=remove class="form">
                            <button type="submit" class="button">"Remove the picture"</button>
                        </form>
                    })}
                }
            })}
        </Modal>
    }
    .into_any()
}
