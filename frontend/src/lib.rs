//! The browser's entry point.
// The types of whole pages are nested deeply: views are types.
#![recursion_limit = "256"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Makes the page that the server rendered come alive.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    // `cargo leptos watch` builds this module only: while developing it has to do for the streamer's page, too.
    if cfg!(debug_assertions) && app::is_streamer_page() {
        leptos::mount::hydrate_body(app::Streamer);
    } else {
        leptos::mount::hydrate_body(app::App);
    }
}
