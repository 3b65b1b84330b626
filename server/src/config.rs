//! What the installation decides: built-in defaults, then `Leptos.toml`, then the environment. Anything that is set
//! wrong stops the start with a sentence that says what to mend.

mod certificate;
mod cloud;
mod instance;
mod roots;
mod storage;
#[cfg(test)]
mod tests;
mod traces;
mod webrtc;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use figment::{
    Figment,
    providers::{Format as _, Serialized, Toml},
};
use media::TcpPort;
use serde::{Deserialize, Serialize};

use crate::acme::{self, Authority};

pub use self::{
    cloud::{CloudConfig, CloudflareAccount, MuxAccount},
    storage::StorageConfig,
    traces::TracesConfig,
};

/// The section of `Leptos.toml`.
const SECTION: &str = "everlight";

/// The settings as they are written, before they are checked. The names are those of `Leptos.toml`, section
/// `[everlight]`; in the environment they stand in capitals with `EVERLIGHT_` in front.
// No `Debug`: it holds a secret.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    addr: String,
    public_url: Option<String>,
    data_dir: PathBuf,
    webrtc_addr: String,
    webrtc_tcp_addr: String,
    webrtc_public_ip: String,
    tls: String,
    acme_contact: String,
    acme_directory: String,
    redirect_addr: String,
    trusted_proxies: String,
    secret_key_file: Option<PathBuf>,
    route: String,
    backup: String,
    cloud_patience: String,
    mux_ingest_url: String,
    mux_playback_url: String,
    extra_ca_file: Option<PathBuf>,
    max_streams: String,
    max_viewers: String,
    min_free_mb: String,
    delete_after: String,
    ffmpeg: String,
    log: String,
    log_format: String,
    metrics_addr: String,
    security_contact: String,
    instance_addr: String,
    object_storage: String,
    object_storage_local_days: String,
    s3_endpoint: String,
    s3_region: String,
    s3_access_key_id: String,
    s3_secret_access_key: String,
}

impl Default for Written {
    fn default() -> Self {
        Self {
            addr: "127.0.0.1:3000".into(),
            public_url: None,
            data_dir: "data".into(),
            webrtc_addr: "0.0.0.0:4000".into(),
            webrtc_tcp_addr: String::new(),
            webrtc_public_ip: String::new(),
            tls: "off".into(),
            acme_contact: String::new(),
            acme_directory: acme::LETS_ENCRYPT.into(),
            redirect_addr: String::new(),
            trusted_proxies: String::new(),
            secret_key_file: None,
            route: String::new(),
            backup: "push".into(),
            cloud_patience: "60".into(),
            mux_ingest_url: String::new(),
            mux_playback_url: String::new(),
            extra_ca_file: None,
            max_streams: "50".into(),
            max_viewers: "1000".into(),
            min_free_mb: "5000".into(),
            delete_after: String::new(),
            ffmpeg: "ffmpeg".into(),
            log: "info".into(),
            log_format: "text".into(),
            metrics_addr: String::new(),
            security_contact: String::new(),
            instance_addr: String::new(),
            object_storage: String::new(),
            object_storage_local_days: String::new(),
            s3_endpoint: String::new(),
            s3_region: String::new(),
            s3_access_key_id: String::new(),
            s3_secret_access_key: String::new(),
        }
    }
}

/// The settings, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where HTTP is served.
    pub addr: SocketAddr,
    /// How the outside reaches us, without a slash at the end.
    pub public_url: String,
    pub data_dir: PathBuf,
    pub database_url: String,
    /// The one UDP port of all media.
    pub webrtc_addr: SocketAddr,
    pub webrtc_tcp_addr: TcpPort,
    pub webrtc_public_ips: Vec<IpAddr>,
    pub tls: Tls,
    /// Where plain HTTP is answered with the way to the public address, if anywhere.
    pub redirect_addr: Option<SocketAddr>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    pub secret_key_file: PathBuf,
    pub cloud: CloudConfig,
    pub max_streams: usize,
    pub max_viewers: usize,
    /// With fewer bytes free nothing new begins.
    pub min_free: u64,
    /// How long after its last day a service is deleted for good; never by itself where that is not set.
    pub delete_after: Option<Duration>,
    /// The decoder that checks recordings, where there is one.
    pub ffmpeg: Option<PathBuf>,
    pub log: String,
    pub log_format: LogFormat,
    /// Where numbers for Prometheus are served, if anywhere.
    pub metrics_addr: Option<SocketAddr>,
    /// Where traces go, if anywhere.
    pub traces: Option<TracesConfig>,
    /// Who is told of a vulnerability: an address that begins with `mailto:` or `https://`.
    pub security_contact: Option<String>,
    /// Where other instances on the same database reach this one, if there are any: `http://10.0.0.2:8080`.
    pub instance_addr: Option<String>,
    /// Where finished recordings go besides, if anywhere.
    pub storage: Option<StorageConfig>,
    /// Who keeps objects, for recordings or for backups.
    pub s3: Option<objects::Access>,
    /// Certificates (PEM) that are believed beside the public ones.
    pub extra_ca_file: Option<PathBuf>,
    /// The built pages: `LEPTOS_SITE_ROOT`, as cargo-leptos calls it.
    pub site_root: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one object a line.
    Json,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Plain HTTP: on this computer, or behind a proxy that speaks TLS.
    Off,
    /// A certificate of our own making, kept in the data directory: for phones in the same network.
    SelfSigned,
    /// A certificate that everybody's browser believes, which the server gets and renews itself.
    Acme(Authority),
}

/// A setting that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("The settings cannot be read: {0}")]
    Unreadable(#[from] Box<figment::Error>),
    #[error("{name} is “{value}”, which is not {expected}. Please mend it in the environment or in Leptos.toml.")]
    Wrong { name: &'static str, value: String, expected: &'static str },
    #[error("{name} is set but empty. Please give it a value, or take it out of the environment.")]
    Empty { name: &'static str },
    #[error("{name} is set, but {needed} is not. Please set it as well, or take {name} out of the environment.")]
    Needs { name: &'static str, needed: &'static str },
}

impl Config {
    pub fn load() -> Result<Self, ConfigError> {
        // Every value as the text that was written: a number is for us to read, so that the sentence is ours too.
        let environment: std::collections::BTreeMap<String, String> = std::env::vars()
            .filter_map(|(name, value)| Some((name.strip_prefix("EVERLIGHT_")?.to_lowercase(), value)))
            .collect();
        let figment = Figment::from(Serialized::defaults(Written::default()))
            .merge(Toml::file("Leptos.toml").nested())
            .merge(Serialized::from(environment, SECTION))
            .select(SECTION);
        Self::check(&figment, |name| std::env::var(name).ok())
    }

    fn check(figment: &Figment, environment: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let written: Written = figment.extract().map_err(Box::new)?;
        let cloud = cloud::check(
            &cloud::WrittenCloud {
                route: &written.route,
                backup: &written.backup,
                patience: Duration::from_secs(parse(
                    "EVERLIGHT_CLOUD_PATIENCE",
                    &written.cloud_patience,
                    "a number of seconds",
                )?),
                mux_ingest_url: &written.mux_ingest_url,
                mux_playback_url: &written.mux_playback_url,
            },
            &environment,
        )?;
        let addr: SocketAddr = parse("EVERLIGHT_ADDR", &written.addr, "an address and port such as 127.0.0.1:3000")?;
        let tls = match written.tls.as_str() {
            "off" => Tls::Off,
            "self-signed" => Tls::SelfSigned,
            "acme" => Tls::Acme(certificate::authority(
                written.public_url.as_deref(),
                &written.acme_directory,
                &written.acme_contact,
                written.extra_ca_file.clone(),
            )?),
            other => return Err(wrong("EVERLIGHT_TLS", other, "“off”, “acme” or “self-signed”")),
        };
        let scheme = if tls == Tls::Off { "http" } else { "https" };
        let public_url = match written.public_url {
            Some(url) => public_url(&url)?,
            None if addr.ip().is_loopback() || addr.ip().is_unspecified() => {
                format!("{scheme}://localhost:{}", addr.port())
            }
            None => format!("{scheme}://{addr}"),
        };
        let webrtc_addr =
            parse("EVERLIGHT_WEBRTC_ADDR", &written.webrtc_addr, "an address and port such as 0.0.0.0:4000")?;
        let data_dir = written.data_dir;
        let database_url = match environment("DATABASE_URL") {
            Some(url) if url.trim().is_empty() => return Err(ConfigError::Empty { name: "DATABASE_URL" }),
            Some(url) if url.starts_with("sqlite:") || url.starts_with("postgres") => url,
            // The value may hold a password: it is not repeated.
            Some(_) => return Err(wrong("DATABASE_URL", "…", "an address that begins with sqlite: or postgres://")),
            None => store::Store::sqlite_url(&data_dir.join("everlight.db")),
        };
        let objects = storage::WrittenStorage {
            address: &written.object_storage,
            local_days: &written.object_storage_local_days,
            endpoint: &written.s3_endpoint,
            region: &written.s3_region,
            access_key_id: &written.s3_access_key_id,
            secret_access_key: &written.s3_secret_access_key,
            extra_ca_file: written.extra_ca_file.as_deref(),
        };
        Ok(Self {
            addr,
            public_url,
            storage: storage::recordings(&objects)?,
            s3: storage::access(&objects)?,
            extra_ca_file: written.extra_ca_file,
            instance_addr: instance::address(&written.instance_addr, &database_url, &tls)?,
            database_url,
            webrtc_addr,
            webrtc_tcp_addr: webrtc::tcp_address(&written.webrtc_tcp_addr, webrtc_addr)?,
            webrtc_public_ips: addresses("EVERLIGHT_WEBRTC_PUBLIC_IP", &written.webrtc_public_ip)?,
            tls,
            trusted_proxies: addresses("EVERLIGHT_TRUSTED_PROXIES", &written.trusted_proxies)?,
            secret_key_file: written.secret_key_file.unwrap_or_else(|| data_dir.join("secret.key")),
            cloud,
            max_streams: parse("EVERLIGHT_MAX_STREAMS", &written.max_streams, "a number")?,
            min_free: parse::<u64>("EVERLIGHT_MIN_FREE_MB", &written.min_free_mb, "a number of megabytes")?
                .saturating_mul(1_000_000),
            delete_after: match written.delete_after.trim() {
                "" => None,
                days => Some(days_after("EVERLIGHT_DELETE_AFTER", days)?),
            },
            max_viewers: parse("EVERLIGHT_MAX_VIEWERS", &written.max_viewers, "a number")?,
            ffmpeg: find_program(&written.ffmpeg, environment("PATH").as_deref()),
            log: written.log,
            log_format: match written.log_format.as_str() {
                "text" => LogFormat::Text,
                "json" => LogFormat::Json,
                other => return Err(wrong("EVERLIGHT_LOG_FORMAT", other, "“text” or “json”")),
            },
            metrics_addr: listener(
                "EVERLIGHT_METRICS_ADDR",
                &written.metrics_addr,
                "an address and port such as 127.0.0.1:9100",
            )?,
            traces: traces::check(&environment)?,
            redirect_addr: listener(
                "EVERLIGHT_REDIRECT_ADDR",
                &written.redirect_addr,
                "an address and port such as 0.0.0.0:80",
            )?,
            security_contact: match written.security_contact.trim() {
                "" => None,
                contact => Some(contact_address(contact)?),
            },
            site_root: environment("LEPTOS_SITE_ROOT").map_or_else(|| PathBuf::from("target/site"), PathBuf::from),
            data_dir,
        })
    }
}

fn wrong(name: &'static str, value: &str, expected: &'static str) -> ConfigError {
    ConfigError::Wrong { name, value: value.to_owned(), expected }
}

fn parse<T: std::str::FromStr>(name: &'static str, value: &str, expected: &'static str) -> Result<T, ConfigError> {
    if value.trim().is_empty() {
        return Err(ConfigError::Empty { name });
    }
    value.trim().parse().map_err(|_| wrong(name, value, expected))
}

/// `None` for nothing but spaces.
fn given(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// An address that is only listened on if it is set.
fn listener(name: &'static str, value: &str, expected: &'static str) -> Result<Option<SocketAddr>, ConfigError> {
    if value.trim().is_empty() { Ok(None) } else { parse(name, value, expected).map(Some) }
}

/// A number of days, one at least: nothing is deleted on the day it may still be watched.
fn days_after(name: &'static str, text: &str) -> Result<Duration, ConfigError> {
    let expected = "a number of days, 1 at least, or nothing at all";
    let days: u32 = parse(name, text, expected)?;
    if days == 0 {
        return Err(wrong(name, text, expected));
    }
    Ok(Duration::from_secs(u64::from(days) * 24 * 60 * 60))
}

/// None, one, or several with commas between.
fn addresses(name: &'static str, text: &str) -> Result<Vec<IpAddr>, ConfigError> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| parse(name, part, "an IP address, or several with commas between")).collect()
}

/// Scheme and host, maybe a port; nothing after it.
fn public_url(text: &str) -> Result<String, ConfigError> {
    let name = "EVERLIGHT_PUBLIC_URL";
    let url = text.trim().trim_end_matches('/');
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let plain = |host: &str| {
        !host.is_empty()
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
    };
    match host {
        Some(host) if plain(host) => Ok(url.to_owned()),
        _ => Err(wrong(name, text, "an address such as https://live.example.com, with nothing after the host")),
    }
}

/// An e-mail address, or a page with a form, as `security.txt` has it (RFC 9116 §2.5.3). It is a line there.
fn contact_address(text: &str) -> Result<String, ConfigError> {
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    match text.strip_prefix("mailto:").unwrap_or(text) {
        page if page.starts_with("https://") && plain(page) => Ok(page.to_owned()),
        email if email.contains('@') && !email.contains(':') && plain(email) => Ok(format!("mailto:{email}")),
        _ => Err(wrong("EVERLIGHT_SECURITY_CONTACT", text, "an e-mail address, or one that begins with https://")),
    }
}

/// A program by its path, or by its name on `PATH`.
fn find_program(program: &str, path: Option<&str>) -> Option<PathBuf> {
    let direct = PathBuf::from(program);
    if direct.components().count() > 1 {
        return direct.is_file().then_some(direct);
    }
    std::env::split_paths(path?).map(|dir| dir.join(program)).find(|file| file.is_file())
}

#[cfg(test)]
impl Config {
    /// An installation in a folder of a test's own.
    pub(crate) fn of_a_test(data_dir: &std::path::Path, database_url: &str) -> Self {
        let written = Written { data_dir: data_dir.to_owned(), ..Written::default() };
        let environment = |name: &str| (name == "DATABASE_URL").then(|| database_url.to_owned());
        Self::check(&Figment::from(Serialized::defaults(written)), environment).expect("the defaults are good")
    }
}
