//! What a browser tells of the device: how much room there is, how full the battery is, whether the page is seen.

use wasm_bindgen::JsValue;

use super::js::{call, call_async, get};
use crate::components::browser_streamer::choices::Choices;

const CHOICES: &str = "everlight-choices";

fn navigator() -> JsValue {
    web_sys::window().map_or(JsValue::UNDEFINED, |window| window.navigator().into())
}

/// Bytes that this page may still store. `None` where the browser does not tell.
pub async fn free_storage() -> Option<u64> {
    let estimate = call_async(&get(&navigator(), "storage"), "estimate", &[]).await.ok()?;
    let number = |name: &str| get(&estimate, name).as_f64();
    // Below 2⁵³.
    let free = (number("quota")? - number("usage").unwrap_or(0.0)).max(0.0) as u64;
    // Newer Chromium gives whole gibibytes, whatever the disk has: that is no answer.
    (!free.is_multiple_of(1 << 30)).then_some(free)
}

/// Asks that what is stored be kept when the device runs short of room. Browsers decide by themselves, some of them after
/// minutes.
pub fn keep_storage() {
    let _ = call(&get(&navigator(), "storage"), "persist", &[]);
}

/// From 0 to 1, and whether it is being charged. `None` where the browser does not tell.
pub async fn battery() -> Option<(f64, bool)> {
    let battery = call_async(&navigator(), "getBattery", &[]).await.ok()?;
    Some((get(&battery, "level").as_f64()?, get(&battery, "charging").is_truthy()))
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// What was chosen on this device.
pub fn recall() -> Choices {
    let text = storage().and_then(|storage| storage.get_item(CHOICES).ok().flatten());
    Choices::from_text(&text.unwrap_or_default())
}

/// For the next service. Storage may be full or forbidden: then it is chosen again.
pub fn remember(choices: &Choices) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(CHOICES, &choices.to_text());
    }
}

pub fn is_seen() -> bool {
    let document = web_sys::window().map_or(JsValue::UNDEFINED, |window| get(&window, "document"));
    get(&document, "visibilityState").as_string().as_deref() != Some("hidden")
}

/// Name of the browser, and whether the device has a touch screen.
pub fn user_agent() -> (String, bool) {
    let touch = get(&navigator(), "maxTouchPoints").as_f64().unwrap_or(0.0) > 1.0;
    (get(&navigator(), "userAgent").as_string().unwrap_or_default(), touch)
}

/// The kind of network (`wifi`, `cellular`), where the browser tells.
pub fn network() -> Option<String> {
    get(&get(&navigator(), "connection"), "type").as_string()
}

/// As far as the browser tells.
pub fn is_on_mobile_data() -> bool {
    network().as_deref() == Some("cellular")
}

/// Whether the person asked the browser to use little data.
pub fn saves_data() -> bool {
    get(&get(&navigator(), "connection"), "saveData").is_truthy()
}

/// Calls `on_change` with every change of the network, where the browser tells; for as long as the page lives.
pub fn on_network_change(on_change: &js_sys::Function) {
    let _ = call(&get(&navigator(), "connection"), "addEventListener", &[&"change".into(), on_change]);
}
