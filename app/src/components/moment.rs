//! A moment in the reader's own time zone, once the page is alive; in UTC until then.

use leptos::prelude::*;

use crate::api::account::Moment;

#[component]
pub fn MomentText(moment: Moment) -> impl IntoView {
    let text = RwSignal::new(moment.utc);
    let at = moment.at;
    Effect::new(move |_| {
        if let Some(local) = local_words(at.millis()) {
            text.set(local);
        }
    });
    view! { <span>{move || text.get()}</span> }
}

#[cfg(feature = "hydrate")]
fn local_words(millis: i64) -> Option<String> {
    #[expect(clippy::cast_precision_loss, reason = "moments are far below 2^53 ms")]
    let date = js_sys::Date::new(&(millis as f64).into());
    let options = js_sys::Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeStyle", "short")] {
        js_sys::Reflect::set(&options, &name.into(), &value.into()).ok()?;
    }
    Some(date.to_locale_string("default", &options).into())
}

#[cfg(not(feature = "hydrate"))]
fn local_words(_: i64) -> Option<String> {
    None
}
