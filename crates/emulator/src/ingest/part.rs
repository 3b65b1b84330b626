//! Records one connection: FLV goes into an ffmpeg child, HLS and one part of the recording come out.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin, Command};

use super::flv::{self, Tag};

pub(crate) struct PartWriter {
    child: Child,
    stdin: Option<ChildStdin>,
    buffer: Vec<u8>,
}

impl PartWriter {
    /// Begins part `number` in the folder; the playlist is taken up where the part before left it.
    pub(crate) async fn begin(folder: &Path, number: u32) -> std::io::Result<Self> {
        tokio::fs::create_dir_all(folder).await?;
        // A playlist that is taken up begins with a discontinuity, which the first part must not have.
        let flags = if number == 0 { "omit_endlist+temp_file" } else { "append_list+omit_endlist+temp_file" };
        let mut command = Command::new("ffmpeg");
        command
            .args(["-hide_banner", "-loglevel", "error", "-y", "-f", "flv", "-i", "pipe:0"])
            .args(["-map", "0", "-c", "copy", "-f", "hls", "-hls_time", "1", "-hls_list_size", "0"])
            .args(["-hls_flags", flags, "-hls_segment_filename"])
            .args([folder.join("seg-%d.ts"), folder.join("live.m3u8")])
            // Fragments: what was written can be played whatever happens to the writer.
            .args(["-map", "0", "-c", "copy", "-f", "mp4"])
            .args(["-movflags", "+frag_keyframe+empty_moov+default_base_moof"])
            .arg(folder.join(format!("part-{number}.mp4")));
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn()?;
        let stdin = child.stdin.take();
        Ok(Self { child, stdin, buffer: flv::HEADER.to_vec() })
    }

    pub(crate) async fn write(&mut self, tag: &Tag) -> std::io::Result<()> {
        tag.write(&mut self.buffer);
        let Some(stdin) = &mut self.stdin else { return Ok(()) };
        let written = stdin.write_all(&self.buffer).await;
        self.buffer.clear();
        written
    }

    /// Lets ffmpeg write what it has, and waits for it.
    pub(crate) async fn finish(mut self) {
        drop(self.stdin.take());
        // It has only to flush. One that hangs must not hold up the provider: what it wrote so far is what there is.
        if tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await.is_err() {
            tracing::warn!("ffmpeg did not finish a recording");
        }
    }
}
