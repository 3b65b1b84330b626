//! Copies on a web server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use recorder::{RemoteError, RemoteLimits, RemoteUrl, VideoCodec, check_remote, finalize};

use crate::common::{at, audio, ffmpeg, mix, record, run, video};

const TOKEN: &str = "canary-7d1e0a";
const LIMITS: RemoteLimits = RemoteLimits { idle: Duration::from_secs(60), total: Duration::from_secs(300) };

/// Serves a directory. Of a request for `half/…` it answers the first half, and then says nothing more.
struct Server {
    port: u16,
    /// What was asked for, with the header.
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new(dir: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (dir, seen) = (dir.to_owned(), requests.clone());
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let (dir, seen) = (dir.clone(), seen.clone());
                std::thread::spawn(move || answer(socket.unwrap(), &dir, &seen));
            }
        });
        Self { port, requests }
    }

    fn url(&self, name: &str) -> RemoteUrl {
        RemoteUrl::new(format!("http://127.0.0.1:{}/{name}?token={TOKEN}", self.port)).unwrap()
    }
}

/// One request a connection.
fn answer(mut socket: TcpStream, dir: &Path, seen: &Mutex<Vec<String>>) -> Option<()> {
    let mut lines = BufReader::new(socket.try_clone().ok()?).lines().map_while(Result::ok);
    let header: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
    seen.lock().unwrap().push(header.join("\n"));
    let path = header.first()?.split(' ').nth(1)?.split('?').next()?.trim_start_matches('/').to_owned();
    let half = path.strip_prefix("half/");
    let Ok(body) = std::fs::read(dir.join(half.unwrap_or(&path))) else {
        return socket.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok();
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    socket.write_all(head.as_bytes()).ok()?;
    socket.write_all(if half.is_some() { &body[..body.len() / 2] } else { &body }).ok()?;
    if half.is_some() {
        // Until the other side has had enough.
        let _ = socket.read(&mut [0; 1]);
    }
    Some(())
}

/// A finished recording of four seconds, a pause of two, and four seconds.
fn finished(dir: &Path) -> PathBuf {
    let publisher = mix(&[&video(VideoCodec::H264, "320x180", 4), &audio(4)]);
    record(&dir.join("live"), &[publisher.clone(), at(Duration::from_secs(6), &publisher)]);
    let file = dir.join("copy.mp4");
    finalize(&dir.join("live"), &file, None).unwrap();
    file
}

fn close(a: Duration, b: Duration) {
    assert!(a.abs_diff(b) < Duration::from_millis(100), "{a:?} is not {b:?}");
}

#[test]
fn a_file_that_plays() {
    let dir = tempfile::tempdir().unwrap();
    finished(dir.path());
    let server = Server::new(dir.path());
    let report = check_remote(&ffmpeg(), &server.url("copy.mp4"), LIMITS).unwrap();
    close(report.duration, Duration::from_secs(10));
    assert_eq!(report.complaints, None);
    assert_eq!(report.video.as_ref().unwrap().frames, 240);
    close(report.audio.as_ref().unwrap().duration, Duration::from_secs(10));
    assert_eq!(report.gaps.len(), 1);
    close(report.gaps[0].length, Duration::from_secs(2));
    // Providers turn away what does not look like a browser.
    assert!(server.requests.lock().unwrap().iter().all(|header| header.contains("User-Agent: Mozilla/5.0 ")));
}

#[test]
fn a_playlist_that_plays() {
    let dir = tempfile::tempdir().unwrap();
    let file = finished(dir.path());
    let playlist = dir.path().join("copy.m3u8");
    let (file, out) = (file.to_str().unwrap(), playlist.to_str().unwrap());
    let encode = ["-c:v", "copy", "-c:a", "aac", "-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod"];
    run("ffmpeg", &[&["-v", "error", "-i", file][..], &encode, &[out]].concat());
    let server = Server::new(dir.path());
    let report = check_remote(&ffmpeg(), &server.url("copy.m3u8"), LIMITS).unwrap();
    close(report.duration, Duration::from_secs(10));
    assert_eq!(report.video.as_ref().unwrap().frames, 240);
    assert!(report.audio.is_some());
    assert!(server.requests.lock().unwrap().iter().all(|header| header.contains("User-Agent: Mozilla/5.0 ")));
}

#[test]
fn one_track_alone_shows() {
    let dir = tempfile::tempdir().unwrap();
    record(&dir.path().join("live"), &[video(VideoCodec::Vp8, "320x180", 2)]);
    finalize(&dir.path().join("live"), &dir.path().join("copy.mp4"), None).unwrap();
    let report = check_remote(&ffmpeg(), &Server::new(dir.path()).url("copy.mp4"), LIMITS).unwrap();
    assert_eq!((report.video.map(|video| video.frames), report.audio), (Some(60), None));
}

#[test]
fn what_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let error = check_remote(&ffmpeg(), &Server::new(dir.path()).url("copy.mp4"), LIMITS).unwrap_err();
    let said = error.to_string();
    assert!(said.contains("404 Not Found"), "{said}");
    assert!(!said.contains(TOKEN) && !format!("{error:?}").contains(TOKEN), "{said}");
}

#[test]
fn a_playlist_cannot_reach_files() {
    let dir = tempfile::tempdir().unwrap();
    let file = finished(dir.path());
    let playlist =
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{}\n#EXT-X-ENDLIST\n", file.display());
    std::fs::write(dir.path().join("copy.m3u8"), playlist).unwrap();
    let checked = check_remote(&ffmpeg(), &Server::new(dir.path()).url("copy.m3u8"), LIMITS);
    assert!(matches!(checked, Err(RemoteError::Failed(_) | RemoteError::Empty)), "{checked:?}");
}

#[test]
fn a_server_that_falls_silent_does_not_hold_the_check() {
    let dir = tempfile::tempdir().unwrap();
    finished(dir.path());
    let server = Server::new(dir.path());
    let check = |limits| check_remote(&ffmpeg(), &server.url("half/copy.mp4"), limits);
    // Who is first, the decoder or this side, does not matter.
    let idle = check(RemoteLimits { idle: Duration::from_secs(2), ..LIMITS });
    let short =
        |report: &recorder::RemoteReport| report.duration < Duration::from_secs(9) && report.complaints.is_some();
    assert!(
        matches!(&idle, Err(RemoteError::Idle(_) | RemoteError::Failed(_))) || idle.as_ref().is_ok_and(short),
        "{idle:?}"
    );
    let late = check(RemoteLimits { total: Duration::from_secs(2), ..LIMITS });
    assert!(matches!(late, Err(RemoteError::TooLong(_))), "{late:?}");
}
