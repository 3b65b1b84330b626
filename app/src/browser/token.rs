//! The secret of a streaming link. It comes in the address's fragment, which no server ever sees, is taken out of the
//! address bar at once, and is kept for this tab, so that a reload works.

use wasm_bindgen::JsValue;

/// The token of this page's link, if it has one.
pub fn take(stream: &str) -> Option<String> {
    let window = web_sys::window()?;
    let location = window.location();
    let storage = window.session_storage().ok().flatten();
    let key = ["everlight-go-", stream].concat();

    let token = location.hash().ok().and_then(|hash| hash.strip_prefix('#').map(str::to_owned));
    if let Some(token) = token.filter(|it| !it.is_empty()) {
        if let Some(storage) = &storage {
            // Storage may be full or forbidden: then a reload needs the link again.
            let _ = storage.set_item(&key, &token);
        }
        let address = [location.pathname().unwrap_or_default(), location.search().unwrap_or_default()].concat();
        if let Ok(history) = window.history() {
            let state = history.state().unwrap_or(JsValue::NULL);
            let _ = history.replace_state_with_url(&state, "", Some(&address));
        }
        return Some(token);
    }
    storage?.get_item(&key).ok().flatten()
}

/// Remembers that this phone ended the service, and how long it was on air, for whoever opens the page again.
pub fn mark_ended(stream: &str, since: u64, until: u64) {
    if let Some(storage) = web_sys::window().and_then(|window| window.local_storage().ok().flatten()) {
        let times = [&since.to_string(), "-", &until.to_string()].concat();
        // Storage may be full or forbidden: then the page opened again says only that the link has ended.
        let _ = storage.set_item(&["everlight-ended-", stream].concat(), &times);
    }
}

/// What [`mark_ended`] remembered.
pub fn ended(stream: &str) -> Option<(u64, u64)> {
    let storage = web_sys::window()?.local_storage().ok().flatten()?;
    let times = storage.get_item(&["everlight-ended-", stream].concat()).ok().flatten()?;
    let (since, until) = times.split_once('-')?;
    Some((since.parse().ok()?, until.parse().ok()?))
}
