//! The recording: fragmented MP4 written as frames arrive, recovery after a crash, the finished file and its proof,
//! LL-HLS of the same frames.
//!
//! A recording is a directory of numbered parts on one timeline. A part ends when the publisher, the codec or the
//! picture's size changes; [`finalize`] joins all of them into one ordinary MP4, and [`probe`] checks that file.

mod bits;
mod complaints;
mod directory;
mod error;
mod ffmpeg;
mod finalize;
mod follow;
mod fragment;
mod frame;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod h264;
mod hls;
mod import;
mod mp4;
mod muxer;
mod opus;
mod part;
mod partial;
mod playlist;
mod probe;
mod read;
mod recorder;
mod recover;
mod remote;
mod rotation;
mod silence;
mod splice;
mod storage;
#[cfg(test)]
mod synthetic;
mod timeline;
mod track;
mod transcode;
mod trim;
mod vpx;

pub use error::RecordError;
pub use ffmpeg::{environment as ffmpeg_environment, lower_priority as lower_ffmpeg_priority};
pub use finalize::{FinalizeError, finalize};
pub use follow::{FollowError, PartFollower, PartVideo, Piece, WrittenUntil, part_numbers};
pub use frame::{AUDIO_TIMESCALE, Frame, Payload, VIDEO_TIMESCALE, VideoCodec};
pub use hls::{HlsError, HlsLive, HlsResource, UnknownResource};
pub use import::ImportError;
pub use partial::remove_partial_files;
pub use probe::{AudioReport, DecodeError, Decoded, ProbeError, Report, VideoReport, decode_check, probe};
pub use read::ReadError;
pub use recorder::{Pushed, Recorder, RecorderConfig, RecorderStatus};
pub use recover::{Recovered, recover};
pub use remote::{RemoteError, RemoteLimits, RemoteReport, RemoteTrack, RemoteUrl, RemoteUrlError, check_remote};
pub use splice::{Assembled, Fill, Take, assemble, splice};
pub use timeline::Gap;
pub use transcode::TranscodeError;
pub use trim::{Trimmed, trim};
