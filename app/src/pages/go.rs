//! The streamer's page: whoever holds the phone. The secret is in the fragment of the address, which the server never
//! sees, so nothing personal can be rendered here.
//!
//! It is no route of the application but a root of its own, in a module of its own: a phone on one bar of signal should
//! not load the pages of staff.

use leptos::prelude::*;

use crate::components::browser_streamer::BrowserStreamer;

/// Where the page is; what follows names the stream.
const PATH: &str = "/go/";

/// Whether this is the address of a streamer's page.
pub fn is_streamer_page() -> bool {
    path().starts_with(PATH)
}

#[component]
pub fn Streamer() -> impl IntoView {
    let stream = path().strip_prefix(PATH).unwrap_or_default().to_owned();
    view! {
        <main class="page narrow">
            <BrowserStreamer stream_id=stream/>
        </main>
    }
}

#[cfg(feature = "ssr")]
fn path() -> String {
    use_context::<http::request::Parts>().map(|parts| parts.uri.path().to_owned()).unwrap_or_default()
}

#[cfg(not(feature = "ssr"))]
fn path() -> String {
    window().location().pathname().unwrap_or_default()
}
