//! What Mux sends to us: signed events. Sans I/O: bytes, secrets and the time come from outside.
//!
//! They may come twice (also after a `2xx`), late, in any order, or never. What they say is read again from the API
//! before anything is done; the id of an event is what to tell two deliveries by.

mod event;
mod signature;

pub use event::{Event, LiveStreamNews, News, Subject};

use secrecy::SecretString;

/// How old, or how far ahead of our clock, a signature may be: seconds. Mux's own SDK bounds the past by the same.
pub const TOLERANCE: u64 = 300;

/// Why something that came in is not from Mux.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// Answer 503: it is our configuration that is wrong, and nothing is let in because of it.
    #[error("no secret is configured for this webhook")]
    NoSecret,
    #[error("the signature's header is not as documented")]
    Malformed,
    #[error("the signature is too old, or from the future")]
    Stale,
    #[error("the signature does not match")]
    BadSignature,
    /// The signature is good and the body is not.
    #[error("the body is not as documented")]
    NotAsDocumented,
}

/// Verifies `Mux-Signature: t=…,v1=…` over the body as it came
/// ([documentation](https://www.mux.com/docs/core/verify-webhook-signatures)). Any of `secrets` (the current one and the one
/// before it) may have signed. `now` in seconds since 1970.
///
/// # Errors
/// [`Rejected`]
pub fn verify(secrets: &[SecretString], header: &str, body: &[u8], now: i64) -> Result<Event, Rejected> {
    signature::verify(secrets, header, body, now)?;
    Event::decode(body).ok_or(Rejected::NotAsDocumented)
}
