//! The entry point of the streamer's page.

use wasm_bindgen::prelude::wasm_bindgen;

/// Makes the page that the server rendered come alive.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::Streamer);
}
