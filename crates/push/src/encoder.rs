//! The `ffmpeg` child that makes FLV of one part.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

use crate::canvas::{Canvas, Picture};
use crate::flv::FlvError;

/// Added to the recording's times on the way through ffmpeg: AAC begins some milliseconds before the first sound, and a
/// negative time would make the muxer move everything.
pub(crate) const SHIFT: Duration = Duration::from_secs(10);

/// What is kept of ffmpeg's complaints, in bytes.
const LONGEST_COMPLAINT: usize = 600;

/// Why ffmpeg makes nothing of the recording.
#[derive(Debug, thiserror::Error)]
pub enum EncoderError {
    #[error("ffmpeg was not found at {}", path.display())]
    Missing { path: PathBuf },
    #[error("{} cannot be run: {source}", path.display())]
    Run { path: PathBuf, source: io::Error },
    #[error("ffmpeg stopped ({status}){}", colon(said))]
    Stopped { status: ExitStatus, said: String },
    #[error("what ffmpeg makes cannot be read: {0}")]
    Output(#[from] FlvError),
    #[error("ffmpeg's output cannot be read: {0}")]
    Pipe(io::Error),
}

fn colon(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

/// A running ffmpeg; it is killed when this goes.
#[derive(Debug)]
pub(crate) struct Encoder {
    pub(crate) child: Child,
    pub(crate) input: ChildStdin,
    pub(crate) output: ChildStdout,
    pub(crate) complaints: ChildStderr,
}

impl Encoder {
    /// `start`: where the part begins on the recording's clock.
    pub(crate) fn start(
        ffmpeg: &Path,
        picture: Picture,
        canvas: Canvas,
        start: Duration,
    ) -> Result<Self, EncoderError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => EncoderError::Missing { path: ffmpeg.to_owned() },
            _ => EncoderError::Run { path: ffmpeg.to_owned(), source },
        };
        let mut child = Command::new(ffmpeg)
            // Providers' keys are in ours.
            .env_clear()
            .envs(recorder::ffmpeg_environment())
            .args(arguments(picture, canvas, start))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        if let Some(id) = child.id() {
            recorder::lower_ffmpeg_priority(id);
        }
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(complaints)) = pipes else {
            return Err(failed(io::Error::other("it has no pipes")));
        };
        Ok(Self { child, input, output, complaints })
    }
}

/// What a child complained of at last, on one line.
pub(crate) async fn last_words(mut from: impl AsyncRead + Unpin) -> String {
    let mut said = Vec::new();
    let mut buffer = [0; 512];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        said.extend_from_slice(&buffer[..count]);
        let surplus = said.len().saturating_sub(LONGEST_COMPLAINT);
        said.drain(..surplus);
    }
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(3)..].join("; ")
}

/// Fragmented MP4 in on standard input, FLV out on standard output, times kept.
fn arguments(picture: Picture, canvas: Canvas, start: Duration) -> Vec<String> {
    let Canvas { width, height } = canvas;
    let mut args: Vec<String> = Vec::new();
    let mut add = |text: &str| args.extend(text.split_ascii_whitespace().map(str::to_owned));
    // Both tracks are described in the init segment: little needs to be read before it can begin.
    add("-hide_banner -nostdin -v error -copyts -probesize 1000000 -analyzeduration 500000 -fpsprobesize 0");
    add("-f mp4 -i pipe:0");
    match picture {
        Picture::Copy => add("-map 0:v:0 -c:v copy"),
        Picture::Encode => {
            add("-map 0:v:0 -vf");
            add(&format!(
                "scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2,\
                 pad={width}:{height}:(ow-iw)/2:(oh-ih)/2,setsar=1,format=yuv420p"
            ));
            // Every picture at its own time: a phone's come when they come.
            add("-fps_mode passthrough -enc_time_base -1");
            encoder(&mut add);
        }
        Picture::Black => {
            add(&format!("-f lavfi -i color=black:size={width}x{height}:rate=10"));
            let begin = (start + SHIFT).as_secs_f64();
            add(&format!("-map 1:v:0 -vf setpts=PTS+{begin:.3}/TB,format=yuv420p -shortest"));
            encoder(&mut add);
        }
    }
    // Packets that were lost are silence already; this takes up the few samples by which a phone's clock is off.
    add("-map 0:a:0 -af aresample=async=1000 -c:a aac -b:a 128k -ar 48000 -ac 2");
    add("-f flv -flvflags no_duration_filesize -flush_packets 1 pipe:1");
    args
}

/// H.264 as live ingest wants it: no B-frames, a key frame every two seconds, in what Cloudflare's documentation gives
/// as the range of bit rates.
fn encoder(add: &mut impl FnMut(&str)) {
    add("-c:v libx264 -preset veryfast -tune zerolatency -profile:v high -bf 0 -sc_threshold 0 -g 600");
    add("-force_key_frames expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+2))");
    add("-crf 22 -maxrate 4500k -bufsize 9000k");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_without_a_picture_gets_one_from_its_beginning_on() {
        let arguments = arguments(Picture::Black, Canvas::DEFAULT, Duration::from_millis(1500));
        assert!(arguments.iter().any(|argument| argument.starts_with("setpts=PTS+11.500/TB")));
    }

    #[tokio::test]
    async fn last_words_are_few() {
        let said = "noise\n".repeat(1000) + "one\n\n two \nthree\n";
        assert_eq!(last_words(said.as_bytes()).await, "one; two; three");
        assert_eq!(last_words(&b""[..]).await, "");
    }

    #[test]
    fn no_ffmpeg_is_said_so() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _guard = runtime.enter();
        let started = Encoder::start(Path::new("/nowhere/ffmpeg"), Picture::Copy, Canvas::DEFAULT, Duration::ZERO);
        assert_eq!(started.unwrap_err().to_string(), "ffmpeg was not found at /nowhere/ffmpeg");
    }
}
