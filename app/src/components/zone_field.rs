//! A time zone: typed, with all known names as suggestions.

use leptos::{html, prelude::*};

use crate::api::memorials::time_zones;

/// What stands in the field when nothing is known yet.
const DEFAULT_ZONE: &str = "Europe/London";

#[component]
pub fn ZoneField(
    hint: &'static str,
    value: Option<String>,
    /// Whether an untouched field takes the browser's own zone, once the page is alive.
    #[prop(optional)]
    browser_zone: bool,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let zones = Resource::new(|| (), |()| time_zones());
    let untouched = value.is_none();
    Effect::new(move |_| {
        if let Some(input) = input.get()
            && browser_zone
            && untouched
            && input.value() == DEFAULT_ZONE
            // Somebody who is about to type is not interrupted: what they type would be added to it.
            && !document().active_element().is_some_and(|active| active.is_same_node(Some(&input)))
            && let Some(zone) = zone_of_browser()
        {
            input.set_value(&zone);
        }
    });
    view! {
        <label class="field">
            <span>"Time zone"</span>
            <input
                node_ref=input
                type="text"
                name="time_zone"
                list="time-zones"
                required
                autocomplete="off"
                spellcheck="false"
                value=value.unwrap_or_else(|| DEFAULT_ZONE.to_owned())
            />
            <small>{hint}</small>
        </label>
        <datalist id="time-zones">
            <Suspense>
                {move || Suspend::new(async move {
                    let names = zones.await.unwrap_or_default();
                    names.into_iter().map(|name| view! { <option value=name></option> }).collect_view()
                })}
            </Suspense>
        </datalist>
    }
}

#[cfg(feature = "hydrate")]
fn zone_of_browser() -> Option<String> {
    let options = js_sys::Intl::DateTimeFormat::default().resolved_options();
    js_sys::Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
}

#[cfg(not(feature = "hydrate"))]
fn zone_of_browser() -> Option<String> {
    None
}
