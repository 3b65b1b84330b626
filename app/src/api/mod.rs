//! Server functions, grouped by use case. Each is a public HTTP address, closed unless the server's access table opens it.

pub mod account;
pub mod audit;
pub mod error;
pub mod memorials;
pub mod numbers;
pub mod people;
pub mod streams;
pub mod today;
pub mod watch;

pub use error::ApiError;

#[cfg(feature = "ssr")]
mod request;
#[cfg(feature = "ssr")]
pub use request::Network;
#[cfg(feature = "ssr")]
mod typed;
#[cfg(feature = "ssr")]
pub use typed::{ShownAgain, TypedForms};
