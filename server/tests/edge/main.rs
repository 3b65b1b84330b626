//! The HTTP edge as others meet it. One program, so that it is linked once.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod access;
mod api;
mod crowd;
mod end;
mod export;
mod feedback;
mod network;
mod numbers;
mod openapi;
#[path = "../../../crates/media/tests/common/mod.rs"]
mod peers;
mod people;
mod portrait;
mod rehearsal;
mod roles;
mod second_step;
mod signed;
mod space;
mod stop;
mod stored;
mod support;
mod uploads;
mod watch;
mod webhooks;
mod whip;
mod window;
