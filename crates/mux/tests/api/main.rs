//! The client against answers as documented.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod client;
mod fixtures;
mod support;
mod upload;
