//! Cloudflare Stream: live inputs, their outputs, what they recorded, uploads, and the verification of webhooks.
//!
//! What shapes this client, beside the [API reference](https://developers.cloudflare.com/api/resources/stream/):
//! a `200` proves nothing about a setting (several are dropped silently), so what is sent is compared with what comes
//! back; the documents disagree about shapes, so decoding is tolerant; and an input that is fed by WHIP is neither
//! recorded nor simulcast, whatever its settings say
//! ([WebRTC beta](https://developers.cloudflare.com/stream/webrtc-beta/)).

mod client;
mod downloads;
mod live_inputs;
mod meta;
mod outputs;
mod playback;
mod status;
mod upload;
mod videos;
mod vod_webhook;
pub mod webhook;

pub use client::{Client, Config, Storage, TokenCheck};
pub use downloads::{Download, DownloadState};
pub use live_inputs::{Ingest, LiveInput, LiveInputSummary, NewLiveInput, RecordingSettings};
pub use meta::{INSTALLATION, MARK, Meta};
pub use outbound::{Failure, InvalidSigningKey, Misconfigured, SigningKey};
pub use outputs::Output;
pub use playback::{Lifecycle, Playback};
pub use status::{InputState, InputStatus};
pub use upload::{NewUpload, Upload};
pub use videos::{Video, VideoError, VideoState};
pub use vod_webhook::VodSubscription;
