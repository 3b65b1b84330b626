//! One show: what is recorded between a first connection and the end of the hold window after the last one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::feed::Feed;
use crate::ffmpeg::{self, FfmpegError, Probe};

/// What is going on at one stream key.
#[derive(Default)]
pub(crate) struct Live {
    pub(crate) connection: Option<Connection>,
    pub(crate) show: Option<Show>,
    /// Counts what ends a wait: a window that was opened in another epoch is void.
    pub(crate) epoch: u64,
}

/// A publisher who was let in.
pub(crate) struct Connection {
    pub(crate) id: u64,
    pub(crate) cut: CancellationToken,
    pub(crate) feed: Arc<Feed>,
    /// A frame has come: only now it counts.
    pub(crate) begun: bool,
}

/// A recording that is being made.
#[derive(Clone)]
pub(crate) struct Show {
    /// The video's or the asset's.
    pub(crate) id: String,
    pub(crate) folder: PathBuf,
    pub(crate) parts: u32,
    /// Held by whoever writes into the folder.
    pub(crate) pen: Arc<tokio::sync::Mutex<()>>,
}

impl Show {
    pub(crate) fn new(id: String, folder: PathBuf) -> Self {
        Self { id, folder, parts: 0, pen: Arc::default() }
    }

    /// Makes one file of all parts, when the last writer is done.
    pub(crate) async fn finish(self) -> Result<Probe, FfmpegError> {
        let _pen = self.pen.lock().await;
        let mut parts = Vec::new();
        for number in 0..self.parts {
            let part = self.folder.join(format!("part-{number}.mp4"));
            // A connection that was cut before its first key frame leaves nothing that can be played.
            if ffmpeg::probe(&part).await.is_ok() {
                parts.push(part);
            }
        }
        if parts.is_empty() {
            return Err(FfmpegError::NotAVideo);
        }
        let file = recording(&self.folder);
        ffmpeg::join(&parts, &self.folder.join("parts.txt"), &file).await?;
        end_playlist(&self.folder.join("live.m3u8")).await?;
        ffmpeg::probe(&file).await
    }
}

/// The finished file of a recording.
pub(crate) fn recording(folder: &Path) -> PathBuf {
    folder.join("recording.mp4")
}

async fn end_playlist(playlist: &Path) -> std::io::Result<()> {
    let mut text = tokio::fs::read_to_string(playlist).await?;
    if !text.contains("#EXT-X-ENDLIST") {
        text.push_str("#EXT-X-ENDLIST\n");
        tokio::fs::write(playlist, text).await?;
    }
    Ok(())
}

impl Live {
    pub(crate) fn is_on_air(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.begun)
    }

    pub(crate) fn cut(&self) {
        if let Some(connection) = &self.connection {
            connection.cut.cancel();
        }
    }

    /// Lets a publisher in; whoever publishes already is cut.
    pub(crate) fn enter(&mut self, id: u64, cut: CancellationToken, feed: Arc<Feed>) {
        self.cut();
        self.connection = Some(Connection { id, cut, feed, begun: false });
    }

    pub(crate) fn is_current(&self, id: u64) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.id == id)
    }

    /// Ends the show, if there is one, whether or not somebody still sends.
    pub(crate) fn end_show(&mut self) -> Option<Show> {
        self.epoch += 1;
        if let Some(connection) = &self.connection {
            connection.feed.detach();
        }
        self.show.take()
    }
}
