//! What only a browser can do: camera, microphone, publishing. Never compiled for the server.

pub mod fetch;
mod js;
pub mod media;
mod peer;
pub mod publisher;
pub mod studio;
mod timer;
mod token;
