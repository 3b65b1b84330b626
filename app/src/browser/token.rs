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
