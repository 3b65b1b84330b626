//! One file a route.

pub mod admin;
pub mod go;
pub mod home;
pub mod login;
pub mod memorial;
pub mod not_found;
pub mod setup;
pub mod today;
pub mod watch;
