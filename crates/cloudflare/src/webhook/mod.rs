//! What Cloudflare sends to us, in two unrelated ways: signed reports of finished recordings ([`verify_vod`]), and
//! notifications about live inputs that carry a shared secret ([`verify_notification`]). Sans I/O: bytes, secrets and
//! the time come from outside.
//!
//! Both are hints. What they say is read again from the API before anything is done.

mod notification;
mod vod;

pub use notification::{LiveInputEvent, LiveInputNews, Notification, verify_notification};
pub use vod::{VodEvent, verify_vod};

/// How old, or how far ahead of our clock, a signature may be: seconds. Cloudflare says only that old ones should be
/// discarded.
pub const TOLERANCE: u64 = 300;

/// Why something that came in is not from Cloudflare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// Answer 503: it is our configuration that is wrong, and nothing is let in because of it.
    #[error("no secret is configured for this webhook")]
    NoSecret,
    #[error("the signature's header is missing or not as documented")]
    Malformed,
    #[error("the signature is too old, or from the future")]
    Stale,
    #[error("the signature does not match")]
    BadSignature,
    /// The signature is good and the body is not.
    #[error("the body is not as documented")]
    NotAsDocumented,
}
