//! The program as its operator meets it: started, killed, backed up, restored, watched. One program, so that it is linked
//! once; on both engines (`testdb`).

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod acme;
mod faults;
mod film;
mod kill;
#[path = "../../../crates/media/tests/common/mod.rs"]
mod peers;
mod restore;
mod several;
mod support;
mod traces;
mod watch;
