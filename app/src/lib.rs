//! What people see. Compiled twice: with `ssr` into the server, with `hydrate` into the browser's WASM.

// Views are nested types: what the compiler allows by itself is not deep enough for the larger ones.
#![recursion_limit = "256"]

pub mod api;
#[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
pub mod browser;
pub mod components;
pub mod pages;
mod routes;
#[cfg(feature = "ssr")]
mod shell;

#[cfg(feature = "ssr")]
pub use api::{Network, ShownAgain, TypedForms};
pub use pages::go::{Streamer, is_streamer_page};
pub use routes::App;
#[cfg(feature = "ssr")]
pub use shell::{Assets, MediaSources, shell, streamer_shell};
