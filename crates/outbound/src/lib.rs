//! Calls to a provider over HTTPS, and what is known after one of them failed.
//!
//! Neither Cloudflare nor Mux has idempotency keys: a creation that timed out may have happened. So a call that
//! creates something is sent again only if nothing of it was sent, or if the provider said that it did nothing
//! (`429`); everything else is [`Failure::Unknown`], and the caller looks for the object before it sends again.
//!
//! [`breaker`], [`budget`], [`retry`] and [`resume`] are functions of their state and of the time; [`Transport`] gives them the
//! clock and the network.

pub mod breaker;
pub mod budget;
mod failure;
mod files;
mod request;
pub mod resume;
pub mod retry;
mod signing;
mod transport;
mod url;

pub use bytes::Bytes;
pub use failure::{Call, Failure};
pub use files::file_client;
pub use http::{HeaderName, HeaderValue, Method};
pub use request::{Authorization, FilePart, Repeat, Request, Response};
pub use signing::{InvalidSigningKey, SigningKey};
pub use transport::{ProviderError, Settings, Transport};
pub use url::{Misconfigured, Url, base, is_local};
