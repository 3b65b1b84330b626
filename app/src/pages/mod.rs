//! One file a route.

pub mod account;
pub mod admin;
pub mod audit;
pub mod code;
pub mod go;
pub mod home;
pub mod invite;
pub mod login;
pub mod memorial;
pub mod not_found;
pub mod numbers;
pub mod people;
pub mod setup;
pub mod today;
pub mod watch;
