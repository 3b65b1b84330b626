//! The server gets its certificate itself, from an authority that is real but for its fame: Pebble, Let's Encrypt's own for
//! tests, which looks by tls-alpn-01 whether the name is ours.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Place, Running, free_port};

/// The name for which a certificate is asked: the only one that every machine finds without being told.
const HOST: &str = "localhost";

/// An authority that looks at this port instead of 443.
struct Pebble {
    process: Child,
    port: u16,
    management: u16,
    folder: tempfile::TempDir,
}

impl Pebble {
    async fn start(looks_at: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new([HOST.to_owned()]).unwrap().self_signed(&key).unwrap();
        std::fs::write(file("api.pem"), certificate.pem()).unwrap();
        std::fs::write(file("api.key"), key.serialize_pem()).unwrap();
        let (port, management) = (free_port(), free_port());
        let settings = serde_json::json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{port}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": file("api.pem"),
            "privateKey": file("api.key"),
            "httpPort": free_port(),
            "tlsPort": looks_at,
        }});
        std::fs::write(file("pebble.json"), settings.to_string()).unwrap();
        let process = Command::new("pebble")
            .args(["-config".as_ref(), file("pebble.json").as_os_str()])
            // Otherwise it waits for some seconds before it looks, and refuses good nonces at random.
            .envs([("PEBBLE_VA_NOSLEEP", "1"), ("PEBBLE_WFE_NONCEREJECT", "0")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("this test needs pebble on PATH (`apt install pebble`): {error}"));
        let pebble = Self { process, port, management, folder };
        eventually("pebble answers", async || pebble.root().await.is_some()).await;
        pebble
    }

    /// Where a server asks this authority.
    async fn place(&self) -> Place {
        let (directory, believed) = (format!("https://{HOST}:{}/dir", self.port), self.api_root());
        Place::new(&[
            ("EVERLIGHT_TLS", "acme"),
            ("EVERLIGHT_ACME_DIRECTORY", &directory),
            ("EVERLIGHT_ACME_CONTACT", "office@example.com"),
            ("EVERLIGHT_EXTRA_CA_FILE", believed.to_str().unwrap()),
        ])
        .await
    }

    /// What its API's own certificate is believed by.
    fn api_root(&self) -> std::path::PathBuf {
        self.folder.path().join("api.pem")
    }

    /// What certificates that it gives are believed by. Another one with every start.
    async fn root(&self) -> Option<reqwest::Certificate> {
        let api = reqwest::Certificate::from_pem(&std::fs::read(self.api_root()).unwrap()).unwrap();
        let http = reqwest::Client::builder().no_proxy().add_root_certificate(api).build().unwrap();
        let answer = http.get(format!("https://{HOST}:{}/roots/0", self.management)).send().await.ok()?;
        reqwest::Certificate::from_pem(&answer.bytes().await.ok()?).ok()
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !holds().await {
        assert!(started.elapsed() < Duration::from_secs(60), "it never came to this: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A new connection each time, which believes nothing but certificates under this root.
async fn is_well(root: &reqwest::Certificate, port: u16) -> bool {
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([root.clone()]).build().unwrap();
    http.get(format!("https://{HOST}:{port}/healthz")).send().await.is_ok_and(|answer| answer.status() == 200)
}

async fn serves(running: &Running, root: &reqwest::Certificate, port: u16) {
    let started = Instant::now();
    while !is_well(root, port).await {
        assert!(started.elapsed() < Duration::from_secs(60), "no believable certificate:\n{}", running.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn kept(place: &Place) -> std::path::PathBuf {
    let certificates = files(&place.data_dir().join("acme"), "certificate.pem");
    assert_eq!(certificates.len(), 1, "{certificates:?}");
    certificates[0].clone()
}

fn files(folder: &Path, name: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(files(&entry.path(), name));
        } else if entry.file_name() == name {
            found.push(entry.path());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_certificate_is_got_kept_and_renewed() {
    let port = free_port();
    let mut pebble = Pebble::start(port).await;
    let root = pebble.root().await.unwrap();
    let place = pebble.place().await;
    let url = format!("https://{HOST}:{port}");

    let running = place.spawn(port, &url);
    serves(&running, &root, port).await;
    let first = std::fs::read_to_string(kept(&place)).unwrap();
    assert!(running.stop().success());

    // The authority is away: what was kept is served.
    pebble.process.kill().unwrap();
    pebble.process.wait().unwrap();
    let running = place.spawn(port, &url);
    serves(&running, &root, port).await;
    assert_eq!(std::fs::read_to_string(kept(&place)).unwrap(), first);
    assert!(running.stop().success());

    // One that is about to expire is replaced while it is served. (Another Pebble has another root and knows no old account.)
    let pebble = Pebble::start(port).await;
    let root = pebble.root().await.unwrap();
    let expiring = {
        let mut parameters = rcgen::CertificateParams::new([HOST.to_owned()]).unwrap();
        parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2020, 4, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        parameters.self_signed(&key).unwrap().pem() + &key.serialize_pem()
    };
    let place = pebble.place().await;
    let folder = place.data_dir().join(format!("acme/localhost_{}_dir/{HOST}", pebble.port));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("certificate.pem"), &expiring).unwrap();
    let running = place.spawn(port, &url);
    serves(&running, &root, port).await;
    assert_ne!(std::fs::read_to_string(kept(&place)).unwrap(), expiring);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authority_that_does_not_find_us_is_told_in_the_log() {
    // It looks at a port that nobody serves.
    let pebble = Pebble::start(free_port()).await;
    let place = pebble.place().await;
    let port = free_port();
    let running = place.spawn(port, &format!("https://{HOST}:{port}"));
    let log = running.log_with("no certificate came; trying again in 1 minutes").await;
    assert!(log.contains("did not find this server at localhost, port 443"), "{log}");
    assert!(log.contains("Failed to connect to 127.0.0.1"), "in the authority's own words: {log}");
}
