//! Why a push does not go on at the moment.

use std::io;

use recorder::FollowError;

use crate::encoder::EncoderError;

/// What went wrong on the way to the provider. Says nothing secret.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    #[error("the provider's address and key could not be had: {0}")]
    Ingest(String),
    #[error("{host} cannot be reached: {source}")]
    Connect { host: String, source: io::Error },
    #[error("{host} did not answer within {seconds} s")]
    NoAnswer { host: String, seconds: u64 },
    #[error("no secure connection to {host} could be made: {source}")]
    Tls { host: String, source: io::Error },
    #[error("the provider refused the stream: {0}")]
    Refused(String),
    #[error("the provider said something that is not RTMP: {0}")]
    Protocol(String),
    #[error("the connection to the provider was lost: {0}")]
    Lost(io::Error),
    #[error("the provider closed the connection")]
    Closed,
    #[error("nothing could be sent to the provider for {seconds} s")]
    Stalled { seconds: u64 },
    #[error(transparent)]
    Encoder(#[from] EncoderError),
    #[error("the recording cannot be read: {0}")]
    Recording(#[from] FollowError),
}
