//! Mux Video: live streams, the assets they leave, uploads, and the verification of webhooks.
//!
//! What shapes this client, beside the [API reference](https://docs.mux.com/api-reference): one live stream leaves many
//! assets; `video.asset.ready` of a live asset is not the recording, `video.asset.live_stream_completed` is; without a
//! playback policy nothing plays; and there is no filter by `passthrough`, so a creation of unknown outcome is looked
//! for page by page.

mod assets;
mod client;
mod live_streams;
mod page;
mod playback;
mod time;
mod upload;
pub mod webhook;

pub use assets::{Asset, AssetStatus, StaticRendition, StaticRenditionStatus};
pub use client::{Client, Config};
pub use live_streams::{LiveStream, LiveStreamStatus, NewLiveStream};
pub use outbound::{Failure, InvalidSigningKey, Misconfigured, SigningKey};
pub use playback::{Playback, PlaybackId, Policy};
pub use time::Time;
pub use upload::{NewUpload, Upload, UploadState, UploadStatus};
