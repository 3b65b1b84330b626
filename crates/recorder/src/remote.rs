//! Proves that a copy of a recording somewhere else plays: has a real decoder read it from its address.

use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Stdio};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::complaints;
use crate::timeline::Gap;

/// A step between pictures longer than this is a gap, as it is in the master recording.
const GAP: Duration = Duration::from_secs(1);
/// Cloudflare answers "403 error code: 1010" to programs that do not look like a browser.
const USER_AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";

/// The address of an MP4 or an HLS playlist. It may be signed, and is a secret then: it is shown nowhere.
#[derive(Clone)]
pub struct RemoteUrl(String);

/// Not an address that can be read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the copy's address is not one of HTTP or HTTPS")]
pub struct RemoteUrlError;

impl RemoteUrl {
    /// # Errors
    /// When it begins neither with `https://` nor with `http://`, or holds what no URL may (RFC 3986 §2).
    pub fn new(url: impl Into<String>) -> Result<Self, RemoteUrlError> {
        let url = url.into();
        let web = ["https://", "http://"].iter().any(|scheme| url.len() > scheme.len() && url.starts_with(scheme));
        // An apostrophe would end the name in the script that ffmpeg reads; a URL may hold one, and has it escaped.
        let clean = url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b'<' | b'>'));
        if web && clean { Ok(Self(url.replace('\'', "%27"))) } else { Err(RemoteUrlError) }
    }

    /// What may be used to read it; a playlist that points elsewhere, to a file, say, is not followed.
    fn protocols(&self) -> &'static str {
        if self.0.starts_with("https:") { "pipe,https,tls,tcp" } else { "pipe,http,https,tls,tcp" }
    }
}

impl fmt::Debug for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RemoteUrl(…)")
    }
}

/// How long a check may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemoteLimits {
    /// Without anything new having been decoded.
    pub idle: Duration,
    pub total: Duration,
}

impl Default for RemoteLimits {
    fn default() -> Self {
        Self { idle: Duration::from_secs(60), total: Duration::from_secs(2 * 3600) }
    }
}

/// What was decoded of a copy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoteReport {
    /// From the start of the first track to the end of the last.
    pub duration: Duration,
    pub video: Option<RemoteTrack>,
    pub audio: Option<RemoteTrack>,
    /// Stretches longer than a second in which no new picture came (no sound, in a copy without pictures).
    pub gaps: Vec<Gap>,
    /// What the decoder complained of on the way: something may be damaged somewhere.
    pub complaints: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteTrack {
    /// Pictures, or blocks of sound, that were decoded.
    pub frames: u64,
    /// Of the first one, from the copy's start.
    pub start: Duration,
    pub duration: Duration,
}

/// Why a copy does not pass. Says nothing of its address.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    #[error("{} cannot be run: {source}", path.display())]
    Ffmpeg { path: PathBuf, source: io::Error },
    #[error("the copy cannot be read or decoded: {0}")]
    Failed(String),
    #[error("the copy holds neither picture nor sound")]
    Empty,
    #[error("nothing more could be read of the copy for {} s", .0.as_secs())]
    Idle(Duration),
    #[error("the copy could not be read within {} s", .0.as_secs())]
    TooLong(Duration),
}

/// Reads and decodes the whole copy at `url` with ffmpeg. Blocking. Of an HLS playlist with several renditions all are
/// read and one is decoded: an MP4 costs less where there is one.
///
/// # Errors
/// When the copy cannot be read to its end within the limits, or a decoder gives up on it.
pub fn check_remote(ffmpeg: &Path, url: &RemoteUrl, limits: RemoteLimits) -> Result<RemoteReport, RemoteError> {
    let failed = |source| RemoteError::Ffmpeg { path: ffmpeg.to_owned(), source };
    let mut child = crate::ffmpeg::bare(ffmpeg)
        .args(["-nostdin", "-hide_banner", "-v", "error", "-safe", "0", "-protocol_whitelist", url.protocols()])
        .args(["-f", "concat", "-i", "pipe:0", "-map", "0:v:0?", "-map", "0:a:0?", "-enc_time_base", "-1"])
        .args(["-flush_packets", "1", "-f", "framecrc", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    crate::ffmpeg::lower_priority(child.id());
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let mut child = Killed(child);
    let (Some(mut input), Some(output), Some(errors)) = pipes else {
        return Err(failed(io::Error::other("it has no pipes")));
    };
    // On standard input, for everybody can read the arguments of a process. An ffmpeg that fails before it reads this
    // tells why below.
    let timeout = limits.idle.as_micros();
    let address = &url.0;
    let script = format!(
        "ffconcat version 1.0\nfile '{address}'\noption user_agent '{USER_AGENT}'\noption rw_timeout {timeout}\n"
    );
    let _ = input.write_all(script.as_bytes());
    drop(input);
    let errors = thread::spawn(move || listen(errors));
    let decoded = decoded(output, limits);
    let stopped = decoded.is_err();
    if stopped {
        child.kill();
    }
    let status = child.0.wait().map_err(failed)?;
    let said = without_addresses(&errors.join().unwrap_or_default());
    let report = decoded?;
    match (status.success(), said.is_empty()) {
        (false, _) => Err(RemoteError::Failed(said)),
        (true, _) if report.video.is_none() && report.audio.is_none() => Err(RemoteError::Empty),
        (true, true) => Ok(report),
        (true, false) => Ok(RemoteReport { complaints: Some(said), ..report }),
    }
}

/// A child that does not outlive the check.
struct Killed(Child);

impl Killed {
    fn kill(&mut self) {
        let _ = self.0.kill();
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        self.kill();
        let _ = self.0.wait();
    }
}

/// Follows what is decoded to its end, or to the limits.
fn decoded(output: ChildStdout, limits: RemoteLimits) -> Result<RemoteReport, RemoteError> {
    let (sender, lines) = sync_channel(256);
    // It ends with the child, whose output this is.
    thread::spawn(move || forward(output, &sender));
    let began = Instant::now();
    let mut frames = Frames::default();
    loop {
        let left = limits.total.saturating_sub(began.elapsed());
        match lines.recv_timeout(limits.idle.min(left)) {
            Ok(line) => frames.line(&line),
            Err(RecvTimeoutError::Disconnected) => return Ok(frames.report()),
            Err(RecvTimeoutError::Timeout) if began.elapsed() >= limits.total => {
                return Err(RemoteError::TooLong(limits.total));
            }
            Err(RecvTimeoutError::Timeout) => return Err(RemoteError::Idle(limits.idle)),
        }
        if began.elapsed() >= limits.total {
            return Err(RemoteError::TooLong(limits.total));
        }
    }
}

fn forward(output: ChildStdout, lines: &SyncSender<String>) {
    for line in BufReader::new(output).lines() {
        let Ok(line) = line else { return };
        if lines.send(line).is_err() {
            return;
        }
    }
}

/// The first complaints; the rest is read and forgotten.
fn listen(errors: ChildStderr) -> String {
    let mut kept = Vec::new();
    for line in BufReader::new(errors).split(b'\n') {
        match line {
            Ok(line) if kept.len() < 8 << 10 => kept.extend(line.into_iter().chain([b'\n'])),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    complaints::first(&kept)
}

/// ffmpeg names what it cannot read; an address may be signed.
fn without_addresses(said: &str) -> String {
    let mut out = String::new();
    let mut rest = said;
    while let Some(at) = rest.find("http") {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        let end = found.find(|c: char| c.is_whitespace() || matches!(c, '\'' | '"')).unwrap_or(found.len());
        let is_address = found.starts_with("http://") || found.starts_with("https://");
        out.push_str(if is_address { "…" } else { &found[..end] });
        rest = &found[end..];
    }
    out.push_str(rest);
    out
}

/// What ffmpeg's `framecrc` format tells: a header for each stream, a line for each frame.
#[derive(Debug, Default)]
struct Frames {
    tracks: [Option<Decoded>; 2],
}

#[derive(Debug)]
struct Decoded {
    video: bool,
    /// Seconds of a unit of time.
    unit: f64,
    frames: u64,
    start: f64,
    end: f64,
    /// Where the last frame began.
    last: f64,
    gaps: Vec<(f64, f64)>,
}

impl Frames {
    fn line(&mut self, line: &str) {
        // A line that is not understood tells nothing; a copy of which nothing is understood is empty.
        let _ = if line.starts_with('#') { self.header(line) } else { self.frame(line) };
    }

    fn header(&mut self, line: &str) -> Option<()> {
        let (name, value) = line.split_once(": ")?;
        let (name, index) = name.split_once(' ')?;
        let track = self.tracks.get_mut(index.parse::<usize>().ok()?)?;
        match name {
            "#tb" => {
                let (numerator, denominator) = value.split_once('/')?;
                let unit = numerator.parse::<f64>().ok()? / denominator.parse::<f64>().ok()?;
                *track = unit.is_finite().then(|| Decoded::new(unit));
            }
            "#media_type" => track.as_mut()?.video = value == "video",
            _ => {}
        }
        Some(())
    }

    /// `stream, dts, pts, duration, size, checksum`.
    fn frame(&mut self, line: &str) -> Option<()> {
        let mut fields = line.split(',').map(str::trim);
        let track = self.tracks.get_mut(fields.next()?.parse::<usize>().ok()?)?.as_mut()?;
        let mut number = || fields.next()?.parse::<i64>().ok();
        let (_, time, length) = (number()?, number()?, number()?);
        let time = time as f64 * track.unit;
        if track.frames == 0 {
            track.start = time;
        } else if time - track.last > GAP.as_secs_f64() {
            track.gaps.push((track.last, time));
        }
        track.frames += 1;
        track.last = time;
        track.end = track.end.max(time + length.max(0) as f64 * track.unit);
        Some(())
    }

    fn report(self) -> RemoteReport {
        let tracks: Vec<Decoded> = self.tracks.into_iter().flatten().filter(|track| track.frames > 0).collect();
        let start = tracks.iter().map(|track| track.start).reduce(f64::min).unwrap_or(0.0);
        let end = tracks.iter().map(|track| track.end).reduce(f64::max).unwrap_or(0.0);
        let mut report = RemoteReport { duration: span(start, end), ..RemoteReport::default() };
        let has_video = tracks.iter().any(|track| track.video);
        for track in tracks {
            if track.video == has_video {
                let gap = |&(from, to): &(f64, f64)| Gap { at: span(start, from), length: span(from, to) };
                report.gaps = track.gaps.iter().map(gap).collect();
            }
            let (start, duration) = (span(start, track.start), span(track.start, track.end));
            let found = Some(RemoteTrack { frames: track.frames, start, duration });
            if track.video {
                report.video = found;
            } else {
                report.audio = found;
            }
        }
        report
    }
}

impl Decoded {
    fn new(unit: f64) -> Self {
        Self { video: false, unit, frames: 0, start: 0.0, end: 0.0, last: 0.0, gaps: Vec::new() }
    }
}

fn span(from: f64, to: f64) -> Duration {
    Duration::try_from_secs_f64((to - from).max(0.0)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn report(text: &str) -> RemoteReport {
        let mut frames = Frames::default();
        text.lines().for_each(|line| frames.line(line));
        frames.report()
    }

    #[test]
    fn frames_are_summed_up() {
        let text = "#software: x\n#tb 0: 1/1000\n#media_type 0: video\n#codec_id 0: rawvideo\n#tb 1: 1/48000\n\
                    #media_type 1: audio\n1, 24000, 24000, 1024, 4096, 0xeceff6d5\n0, 1000, 1000, 40, 86400, 0x1\n\
                    0, 1040, 1040, 40, 86400, 0x2\n0, 3040, 3040, 40, 86400, 0x2\n1, 144000, 144000, 1024, 4096, 0x3\n";
        let ms = Duration::from_millis;
        let report = report(text);
        assert_eq!(report.video, Some(RemoteTrack { frames: 3, start: ms(500), duration: ms(2080) }));
        assert_eq!(report.audio.map(|audio| (audio.frames, audio.start)), Some((2, Duration::ZERO)));
        assert_eq!(report.gaps, [Gap { at: ms(540), length: ms(2000) }]);
        assert_eq!(report.duration, ms(2580));
    }

    #[test]
    fn addresses_are_left_out() {
        let said = "[https @ 0x5] HTTP error 403; https://a.b/c.m3u8?token=canary: Server said; 'http://x/canary' http";
        let shown = without_addresses(said);
        assert_eq!(shown, "[https @ 0x5] HTTP error 403; … Server said; '…' http");
    }

    #[test]
    fn only_the_web() {
        for url in ["file:///etc/passwd", "https://", "http://a/\nfile x", "https://a b/", "concat:a|b"] {
            assert_eq!(RemoteUrl::new(url).unwrap_err(), RemoteUrlError, "{url}");
        }
        let url = RemoteUrl::new("https://a/it's?token=canary").unwrap();
        assert_eq!(format!("{url:?}"), "RemoteUrl(…)");
    }

    proptest! {
        #[test]
        fn any_lines(lines in proptest::collection::vec("(#tb |#media_type )?[0-3][:,] ?[-0-9/, .]{0,40}", 0..20)) {
            let mut frames = Frames::default();
            lines.iter().for_each(|line| frames.line(line));
            let _ = frames.report();
        }
    }
}
