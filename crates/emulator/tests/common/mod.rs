//! An emulator, a client of both APIs, an encoder, and somebody who takes webhooks.

#![expect(dead_code, reason = "each test file uses its own part of this")]
#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use emulator::{Config, Emulator, Timing};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

pub struct Setup {
    pub emulator: Emulator,
    pub http: reqwest::Client,
}

pub async fn start() -> Setup {
    start_with(Config { timing: Timing::fast(), ..Config::default() }).await
}

pub async fn start_with(config: Config) -> Setup {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    Setup { emulator: Emulator::start(config).await.unwrap(), http }
}

/// Asks until there is an answer.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < Duration::from_secs(90), "never: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

impl Setup {
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.emulator.base_url())
    }

    /// Path within the account.
    pub fn cloudflare_request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let secrets = &self.emulator.config().cloudflare;
        let url = self.url(&format!("/client/v4/accounts/{}{path}", secrets.account_id));
        self.http.request(method.parse().unwrap(), url).bearer_auth(&secrets.api_token)
    }

    pub fn mux_request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let secrets = &self.emulator.config().mux;
        let url = self.url(path);
        self.http.request(method.parse().unwrap(), url).basic_auth(&secrets.token_id, Some(&secrets.token_secret))
    }

    /// `result` of a call that succeeds.
    pub async fn cloudflare(&self, method: &str, path: &str, body: Value) -> Value {
        let request = self.cloudflare_request(method, path);
        let (status, mut reply) = answer(request.body(body.to_string())).await;
        assert!(status.is_success(), "{method} {path}: {status} {reply}");
        reply["result"].take()
    }

    /// `data` of a call that succeeds.
    pub async fn mux(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, mut reply) = answer(self.mux_request(method, path).body(body.to_string())).await;
        assert!(status.is_success(), "{method} {path}: {status} {reply}");
        reply["data"].take()
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.http.get(self.url(path)).send().await.unwrap()
    }

    pub async fn control(&self, path: &str, body: Value) {
        let response = self.http.post(self.url(path)).body(body.to_string()).send().await.unwrap();
        assert_eq!(response.status(), 204, "{body}");
    }

    /// A live input that records.
    pub async fn input(&self, timeout: u64) -> Value {
        let recording = json!({ "mode": "automatic", "timeoutSeconds": timeout });
        self.cloudflare("POST", "/stream/live_inputs", json!({ "meta": { "name": "x" }, "recording": recording })).await
    }

    pub async fn live_stream(&self) -> Value {
        let asset = json!({ "playback_policies": ["public"], "static_renditions": [{ "resolution": "highest" }] });
        let body = json!({ "playback_policies": ["public"], "new_asset_settings": asset, "reconnect_window": 10 });
        self.mux("POST", "/video/v1/live-streams", body).await
    }

    /// All videos of a live input, once they are `count` and all in this state.
    pub async fn videos(&self, input: &Value, count: usize, state: &str) -> Vec<Value> {
        let path = format!("/stream?live_input_id={}", text(&input["uid"]));
        eventually(&format!("{count} videos, {state}"), async || {
            let videos = self.cloudflare("GET", &path, json!({})).await;
            let videos = videos.as_array().unwrap().clone();
            (videos.len() == count && videos.iter().all(|video| video["status"]["state"] == state)).then_some(videos)
        })
        .await
    }

    pub async fn status_of(&self, input: &Value) -> Value {
        let path = format!("/stream/live_inputs/{}", text(&input["uid"]));
        self.cloudflare("GET", &path, json!({})).await["status"]["current"].clone()
    }

    pub async fn until_connected(&self, input: &Value) {
        eventually("connected", async || (self.status_of(input).await["state"] == "connected").then_some(())).await;
    }

    /// Downloads a file and decodes all of it. Seconds.
    pub async fn decode(&self, path: &str) -> f64 {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file.mp4");
        tokio::fs::write(&file, response.bytes().await.unwrap()).await.unwrap();
        decode(&file).await
    }
}

/// Decodes a file, which must be without an error. Seconds.
pub async fn decode(file: &Path) -> f64 {
    let before = ["-v", "error", "-xerror", "-i"];
    let output = Command::new("ffmpeg").args(before).arg(file).args(["-f", "null", "-"]).output().await.unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let probe = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"];
    let output = Command::new("ffprobe").args(probe).arg(file).output().await.unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

pub async fn answer(request: reqwest::RequestBuilder) -> (reqwest::StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let body = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}"))
}

pub fn rtmps(input: &Value) -> String {
    format!("{}{}", text(&input["rtmps"]["url"]), text(&input["rtmps"]["streamKey"]))
}

const PICTURE: [&str; 8] =
    ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"];
const CODECS: [&str; 10] =
    ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac"];

/// Publishes so many seconds of a test picture as an encoder does, at its pace. Dropping it kills it.
pub fn encoder(url: &str, seconds: u32) -> Child {
    encoder_with(url, seconds, &[])
}

/// As [`encoder`], with further options of the output.
pub fn encoder_with(url: &str, seconds: u32, options: &[&str]) -> Child {
    Command::new("ffmpeg")
        .args(["-hide_banner", "-loglevel", "error", "-re"])
        .args(PICTURE)
        .args(["-t", &seconds.to_string()])
        .args(CODECS)
        .args(options)
        .args(["-f", "flv", url])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// Publishes so many seconds and waits for the encoder to be done.
pub async fn publish(url: &str, seconds: u32) {
    assert!(encoder(url, seconds).wait().await.unwrap().success());
}

/// A finished file.
pub async fn file(folder: &Path, name: &str, seconds: u32, codecs: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let codecs = if codecs.is_empty() { &CODECS } else { codecs };
    let mut run = Command::new("ffmpeg");
    run.args(["-loglevel", "error"]).args(PICTURE).args(["-t", &seconds.to_string()]).args(codecs).arg(&path);
    assert!(run.status().await.unwrap().success());
    path
}

/// One request of a provider.
#[derive(Debug, Clone)]
pub struct Delivered {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Delivered {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The event's name, of Mux.
    pub fn kind(&self) -> String {
        text(&self.json()["type"]).to_owned()
    }
}

/// Takes webhooks.
#[derive(Clone, Default)]
pub struct Receiver {
    taken: Arc<Mutex<Vec<Delivered>>>,
    /// So many are answered with 500 first.
    refuse: Arc<Mutex<u32>>,
}

impl Receiver {
    pub async fn start() -> (Self, String) {
        let receiver = Self::default();
        let app = axum::Router::new().fallback(take).with_state(receiver.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (receiver, format!("http://{address}"))
    }

    pub fn refuse(&self, times: u32) {
        *self.refuse.lock().unwrap() = times;
    }

    pub fn taken(&self) -> Vec<Delivered> {
        self.taken.lock().unwrap().clone()
    }

    /// Names of the events of Mux.
    pub fn kinds(&self) -> Vec<String> {
        self.taken().iter().map(Delivered::kind).collect()
    }

    pub async fn until(&self, what: &str, enough: impl Fn(&[Delivered]) -> bool) -> Vec<Delivered> {
        eventually(what, async || Some(self.taken()).filter(|taken| enough(taken))).await
    }
}

async fn take(State(receiver): State<Receiver>, uri: Uri, headers: HeaderMap, body: axum::body::Bytes) -> StatusCode {
    receiver.taken.lock().unwrap().push(Delivered { path: uri.path().to_owned(), headers, body: body.to_vec() });
    let mut refuse = receiver.refuse.lock().unwrap();
    if *refuse > 0 {
        *refuse -= 1;
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    StatusCode::NO_CONTENT
}
