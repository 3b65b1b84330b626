//! Stand-ins for Cloudflare Stream and Mux Video on loopback, for development and tests: as documented, with their traps,
//! and with faults on demand.
//!
//! One HTTP port has both APIs (`/client/v4/…`, `/video/v1/…`), playback, uploads, WHIP and WHEP, and the control API
//! (`/_emulator/…`); one TLS port takes RTMPS of both (application `live` is Cloudflare's, `app` is Mux's). What is
//! published by RTMPS is really recorded, played and passed on to outputs; what is published by WHIP is not, as with
//! Cloudflare. Needs `ffmpeg` and `ffprobe`.
//!
//! ```no_run
//! # async fn run() -> Result<(), emulator::StartError> {
//! let emulator = emulator::Emulator::start(emulator::Config::default()).await?;
//! for (name, value) in emulator.environment() {
//!     println!("{name}={value}");
//! }
//! # Ok(()) }
//! ```
//!
//! Left out: SRT (advertised, not spoken), DASH, rate limits, `/stream/copy`, captions, clips, watermarks, analytics; of Mux
//! `simulcast_targets`, `test`, slates, subtitles, images, and static renditions other than `highest` and `audio-only`
//! (`skipped`). What the documents do not establish: [`not_established`].
//!
//! The control API (JSON): `GET /_emulator/state`, `POST /_emulator/reset`, `POST /_emulator/faults` ([`Fault`]),
//! `POST /_emulator/faults/webhooks` ([`WebhookFault`]), `POST /_emulator/faults/ingest` ([`IngestFault`]),
//! `DELETE /_emulator/faults` (all of them), `POST /_emulator/mux/webhooks` (`{"url": …}`).

mod clock;
mod cloudflare;
mod config;
mod control;
mod faults;
mod ffmpeg;
mod files;
mod http;
mod ids;
mod ingest;
mod mux;
pub mod not_established;
mod rsa;
mod start;
mod tls;
mod webhooks;
mod world;

pub use config::{Cloudflare, Config, Mux, Timing, TokenKind};
pub use faults::{ApiFault, DeliveryFault, Fault, Faults, IngestFault, Provider, Scope, WebhookFault};
pub use ffmpeg::FfmpegError;
pub use start::{Emulator, StartError};
pub use tls::TlsError;
pub use webhooks::signature;
