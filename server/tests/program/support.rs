//! The program itself, as an operator starts, stops and kills it.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::{MemorialId, Timestamp, memorial::Memorial, memorial::MemorialDetails};
use service::Keys;
use store::Store;

/// Of Mux's webhooks, where [`Place::with_mux_away`] made it.
pub const WEBHOOK_SECRET: &str = "of the webhooks";
const PROGRAM: &str = env!("CARGO_BIN_EXE_everlight");
const PATIENCE: Duration = Duration::from_secs(60);

/// A place where the program can run: settings, data, and no built pages but their names.
pub struct Place {
    pub folder: tempfile::TempDir,
    pub database_url: String,
    settings: Vec<(&'static str, String)>,
}

impl Place {
    pub async fn new(settings: &[(&'static str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site");
        std::fs::create_dir_all(site.join("pkg")).unwrap();
        let names = ["js", "wasm", "streamer_js", "streamer_wasm", "css", "mourner_css", "player", "hls", "captions"];
        let list: serde_json::Map<_, _> =
            names.iter().map(|name| ((*name).to_owned(), format!("/pkg/{name}").into())).collect();
        std::fs::write(site.join("assets.json"), serde_json::to_vec(&list).unwrap()).unwrap();
        std::fs::write(site.join("pkg/mourner_css"), "").unwrap();
        std::fs::create_dir_all(folder.path().join("data")).unwrap();
        let database_url = testdb::url(&folder.path().join("data")).await;
        let settings = settings.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { folder, database_url, settings }
    }

    /// With these settings, too.
    pub fn and(mut self, settings: &[(&'static str, &str)]) -> Self {
        self.settings.extend(settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
        self
    }

    /// With an account at Mux, which is away all the time, and services whose picture comes here.
    pub async fn with_mux_away() -> Self {
        Self::new(&[
            ("EVERLIGHT_TRUSTED_PROXIES", "127.0.0.1"),
            // Whatever the disk has on which the tests run.
            ("EVERLIGHT_MIN_FREE_MB", "0"),
            ("EVERLIGHT_ROUTE", "embedded"),
            ("MUX_TOKEN_ID", "id"),
            ("MUX_TOKEN_SECRET", "secret"),
            ("MUX_WEBHOOK_SECRET", WEBHOOK_SECRET),
            ("MUX_BASE_URL", "http://127.0.0.1:1"),
        ])
        .await
    }

    /// The token of a stream's first link.
    pub fn streamer_token(&self, stream: &str) -> String {
        self.token_of_link(stream, 0)
    }

    /// The token of a stream's link after it was replaced so many times.
    pub fn token_of_link(&self, stream: &str, replaced: i64) -> String {
        let key = std::fs::read_to_string(self.data_dir().join("secret.key")).unwrap();
        let mut secret = [0; 32];
        for (byte, pair) in secret.iter_mut().zip(key.trim().as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        }
        Keys::new(secret).streamer_token(stream.parse().unwrap(), replaced).expose().to_owned()
    }

    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if ["EVERLIGHT_", "CLOUDFLARE_", "MUX_", "OTEL_"].iter().any(|prefix| name.starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("DATABASE_URL", &self.database_url)
            .env("EVERLIGHT_DATA_DIR", self.data_dir())
            .env("EVERLIGHT_WEBRTC_ADDR", "127.0.0.1:0")
            .env("LEPTOS_SITE_ROOT", self.folder.path().join("site"))
            .envs(self.settings.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// A token for programs, and a memorial to make services of.
    pub async fn token_and_memorial(&self) -> (String, String) {
        let made = self.run(&["token", "create", "--name", "test"]);
        assert!(made.status.success(), "{made:?}");
        let token = String::from_utf8(made.stdout).unwrap().trim().to_owned();
        let store = Store::open(&self.database_url).await.unwrap();
        let memorial = Memorial {
            id: MemorialId::from_parts(1, [1; 10]),
            details: MemorialDetails::parse("Ada Lovelace".into(), "", "", "Europe/London").unwrap(),
            portrait: None,
            created_at: Timestamp(1),
            archived_at: None,
            home: None,
        };
        store.insert_memorial(&memorial).await.unwrap();
        store.close().await;
        (token, memorial.id.to_string())
    }

    pub async fn start(&self) -> Running {
        let port = free_port();
        let running = self.spawn(port, &format!("http://localhost:{port}"));
        running.answers().await
    }

    /// One of several instances, all of this place.
    pub async fn start_instance(&self) -> Running {
        let port = free_port();
        let mut command = self.command(&["serve"]);
        command.env("EVERLIGHT_INSTANCE_ADDR", format!("http://127.0.0.1:{port}"));
        Running::of(command, port, "http://localhost").answers().await
    }

    /// Does not wait until it answers.
    pub fn spawn(&self, port: u16, public_url: &str) -> Running {
        Running::of(self.command(&["serve"]), port, public_url)
    }
}

impl Running {
    async fn answers(mut self) -> Self {
        let started = Instant::now();
        while self.http.get(format!("{}/healthz", self.url)).send().await.is_err() {
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none() && started.elapsed() < PATIENCE, "{ended:?}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self
    }

    fn of(mut command: Command, port: u16, public_url: &str) -> Self {
        command
            .env("EVERLIGHT_ADDR", format!("127.0.0.1:{port}"))
            .env("EVERLIGHT_PUBLIC_URL", public_url)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let streams: [Box<dyn std::io::Read + Send>; 2] =
            [Box::new(process.stdout.take().unwrap()), Box::new(process.stderr.take().unwrap())];
        for stream in streams {
            let log = Arc::clone(&log);
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let mut log = log.lock().unwrap();
                    log.push_str(&line);
                    log.push('\n');
                }
            });
        }
        let url = format!("http://127.0.0.1:{port}");
        Self { process, url, log, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }
}

pub struct Running {
    process: Child,
    pub url: String,
    pub http: reqwest::Client,
    log: Arc<Mutex<String>>,
}

impl Running {
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// The log, once these words are in it.
    pub async fn log_with(&self, words: &str) -> String {
        let started = Instant::now();
        loop {
            let log = self.log();
            if log.contains(words) {
                return log;
            }
            assert!(started.elapsed() < PATIENCE, "nothing is said of {words}:\n{log}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Makes a stream over HTTP; `key` makes a repeated request the same one. The stream's id, once it is acknowledged.
    pub async fn create(&self, token: &str, memorial: &str, key: &str) -> Option<String> {
        let body = serde_json::json!({ "memorialId": memorial, "title": format!("Funeral {key}") });
        let request = self
            .http
            .post(format!("{}/api/streams/create-whip", self.url))
            .bearer_auth(token)
            .header("idempotency-key", key)
            // Where this computer is a trusted proxy: nobody is slowed down for what others ask.
            .header("x-forwarded-for", asker(key))
            .header("content-type", "application/json")
            .body(body.to_string());
        let answer = request.send().await.ok().filter(|answer| answer.status() == 201)?;
        let answer: serde_json::Value = serde_json::from_str(&answer.text().await.ok()?).ok()?;
        Some(answer["stream"]["id"].as_str()?.to_owned())
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(mut self) -> std::process::ExitStatus {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.process.wait().unwrap()
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An address for documentation (RFC 3849), another for every key.
fn asker(key: &str) -> String {
    let mut sum = 0_u32;
    for byte in key.bytes() {
        sum = sum.wrapping_mul(31).wrapping_add(byte.into());
    }
    format!("2001:db8:{:x}:{:x}::1", sum >> 16, sum & 0xffff)
}

/// Below those that are given to whoever asks for any: a server that is started again must find it free again.
pub fn free_port() -> u16 {
    loop {
        let port = rand::random_range(20_000..32_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// The file's name if it is one of SQLite.
pub fn sqlite_file(place: &Place) -> Option<PathBuf> {
    (!testdb::is_postgres()).then(|| Path::new(&place.data_dir()).join("test.db"))
}
