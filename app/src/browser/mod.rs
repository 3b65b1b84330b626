//! What only a browser can do: camera, microphone, publishing, keeping and delivering the safety copy. Never compiled for
//! the server.

mod courier;
mod device;
mod events;
pub mod fetch;
mod js;
mod keeper;
pub mod media;
mod peer;
pub mod publisher;
mod senses;
pub mod studio;
mod timer;
mod token;
mod vault;
mod wake_lock;
