//! The server `everlight`: configuration, HTTP edge, wiring. A library, so that tests can drive the edge without a socket.

// The types of whole pages are nested deeply: views are types.
#![recursion_limit = "256"]

mod accounts;
mod acme;
mod assets;
mod backup;
pub mod command;
pub mod config;
mod connections;
mod doctor;
pub mod http;
mod lan;
mod logs;
mod metrics;
mod redirect;
mod secrets;
mod serve;
mod start;
mod traces;
