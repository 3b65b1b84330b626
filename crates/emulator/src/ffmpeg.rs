//! What ffmpeg and ffprobe do for us: joining, converting, cutting into segments, measuring.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

#[derive(Debug, thiserror::Error)]
pub enum FfmpegError {
    #[error("{0} cannot be run: {1}; install ffmpeg (5.1 or later)")]
    Missing(&'static str, std::io::Error),
    #[error("{0} failed: {1}")]
    Failed(&'static str, String),
    #[error("this is not a video that can be played")]
    NotAVideo,
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// What a media file turned out to be.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Probe {
    /// Seconds.
    pub(crate) duration: f64,
    pub(crate) width: u64,
    pub(crate) height: u64,
    pub(crate) video: Option<String>,
    pub(crate) audio: Option<String>,
    /// Bytes.
    pub(crate) size: u64,
}

pub(crate) async fn is_installed() -> Result<(), FfmpegError> {
    run("ffmpeg", ["-version"]).await?;
    run("ffprobe", ["-version"]).await.map(drop)
}

async fn run<A: AsRef<OsStr>>(
    program: &'static str,
    arguments: impl IntoIterator<Item = A>,
) -> Result<Vec<u8>, FfmpegError> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| FfmpegError::Missing(program, error))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        let text = String::from_utf8_lossy(&output.stderr);
        Err(FfmpegError::Failed(program, text.lines().last().unwrap_or_default().to_owned()))
    }
}

async fn ffmpeg(before: &[&str], input: &Path, after: &[&str], output: &Path) -> Result<(), FfmpegError> {
    let mut arguments: Vec<&OsStr> = ["-hide_banner", "-loglevel", "error", "-y"].map(OsStr::new).to_vec();
    arguments.extend(before.iter().map(OsStr::new));
    arguments.extend([OsStr::new("-i"), input.as_os_str()]);
    arguments.extend(after.iter().map(OsStr::new));
    arguments.push(output.as_os_str());
    run("ffmpeg", arguments).await.map(drop)
}

pub(crate) async fn probe(file: &Path) -> Result<Probe, FfmpegError> {
    let fields = "format=duration:stream=codec_type,codec_name,width,height";
    let mut arguments = ["-v", "error", "-show_entries", fields, "-of", "json"].map(OsStr::new).to_vec();
    arguments.push(file.as_os_str());
    let out = run("ffprobe", arguments).await.map_err(|error| match error {
        FfmpegError::Failed(..) => FfmpegError::NotAVideo,
        other => other,
    })?;
    let json: Value = serde_json::from_slice(&out).map_err(|_| FfmpegError::NotAVideo)?;
    let stream =
        |kind: &str| json["streams"].as_array().into_iter().flatten().find(|stream| stream["codec_type"] == kind);
    let codec = |kind| stream(kind).and_then(|stream| stream["codec_name"].as_str()).map(str::to_owned);
    let size = tokio::fs::metadata(file).await?.len();
    let duration = json["format"]["duration"].as_str().and_then(|text| text.parse().ok()).unwrap_or(0.0);
    let pixels = |name: &str| stream("video").and_then(|video| video[name].as_u64()).unwrap_or(0);
    let probe = Probe {
        duration,
        width: pixels("width"),
        height: pixels("height"),
        video: codec("video"),
        audio: codec("audio"),
        size,
    };
    if probe.video.is_none() && probe.audio.is_none() { Err(FfmpegError::NotAVideo) } else { Ok(probe) }
}

/// Puts the parts of a show, in order, into one seekable MP4.
pub(crate) async fn join(parts: &[std::path::PathBuf], list: &Path, output: &Path) -> Result<(), FfmpegError> {
    // Names are ours and hold no quotes.
    let text: String = parts.iter().map(|part| format!("file '{}'\n", part.display())).collect();
    tokio::fs::write(list, text).await?;
    ffmpeg(&["-f", "concat", "-safe", "0"], list, &["-map", "0", "-c", "copy", "-movflags", "+faststart"], output).await
}

/// Makes an H.264 and AAC MP4 of whatever was uploaded.
pub(crate) async fn convert(input: &Path, output: &Path) -> Result<Probe, FfmpegError> {
    let found = probe(input).await?;
    let fits = |codec: &Option<String>, wanted: &str| codec.as_deref().is_none_or(|codec| codec == wanted);
    let video = if fits(&found.video, "h264") { "copy" } else { "libx264" };
    let audio = if fits(&found.audio, "aac") { "copy" } else { "aac" };
    let mut after = vec!["-map", "0:v:0?", "-map", "0:a:0?", "-c:v", video, "-c:a", audio, "-movflags", "+faststart"];
    if video != "copy" {
        after.extend(["-preset", "ultrafast", "-pix_fmt", "yuv420p"]);
    }
    ffmpeg(&[], input, &after, output).await?;
    probe(output).await
}

/// Cuts a finished MP4 into segments beside it.
pub(crate) async fn segment(input: &Path, folder: &Path) -> Result<(), FfmpegError> {
    let names = folder.join("seg-%d.ts");
    let names = names.to_str().ok_or(FfmpegError::NotAVideo)?;
    let after =
        ["-c", "copy", "-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod", "-hls_segment_filename", names];
    ffmpeg(&[], input, &after, &folder.join("live.m3u8")).await
}

/// One picture of a finished MP4.
pub(crate) async fn picture(input: &Path, second: f64, output: &Path) -> Result<(), FfmpegError> {
    let at = format!("{second:.3}");
    ffmpeg(&["-ss", &at], input, &["-frames:v", "1", "-update", "1"], output).await
}

/// The sound of a finished MP4.
pub(crate) async fn sound(input: &Path, output: &Path) -> Result<(), FfmpegError> {
    ffmpeg(&[], input, &["-vn", "-c:a", "copy", "-f", "ipod"], output).await
}
