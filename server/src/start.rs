//! Wiring: from the configuration to the use cases.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use domain::{Timestamp, Token};
use media::{Gateway, GatewayConfig, Limits, MediaEvent, TcpPort};
use service::{Clock, Everlight, Keys, Settings, Space, space::FreeSpace};
use store::Store;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::{accounts, config::Config};

pub struct Started {
    pub everlight: Arc<Everlight>,
    pub gateway_events: UnboundedReceiver<MediaEvent>,
    /// While there is no administrator: the token of the set-up page.
    pub setup_token: Option<Token>,
}

/// Everything, for the server.
pub async fn online(config: &Config) -> anyhow::Result<Started> {
    let limits =
        Limits { publishers: config.max_streams, viewers: config.max_viewers, viewers_per_stream: config.max_viewers };
    let (udp, tcp, public_ips) = (config.webrtc_addr, config.webrtc_tcp_addr, config.webrtc_public_ips.clone());
    start(config, GatewayConfig { udp, tcp, public_ips, limits }, Role::Server).await
}

/// For commands beside a running server: the gateway takes a port that is free, on this computer only.
pub async fn offline(config: &Config) -> anyhow::Result<Arc<Everlight>> {
    let nowhere = GatewayConfig {
        udp: (std::net::Ipv4Addr::LOCALHOST, 0).into(),
        tcp: TcpPort::Off,
        public_ips: Vec::new(),
        limits: Limits::default(),
    };
    Ok(start(config, nowhere, Role::Command).await?.everlight)
}

/// What is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Server,
    /// It has no streams, and is nobody that other instances could ask.
    Command,
}

async fn start(config: &Config, gateway: GatewayConfig, role: Role) -> anyhow::Result<Started> {
    let recordings_dir = config.data_dir.join("recordings");
    private_folder(&recordings_dir)
        .with_context(|| format!("The folder {} cannot be made", recordings_dir.display()))?;
    let store = Store::open(&config.database_url).await.context("The database cannot be opened")?;
    let keys = Keys::new(secret_key(&config.secret_key_file)?);
    let (gateway, gateway_events) = Gateway::start(&gateway)?;
    let none_yet = store.user_count().await? == 0;
    let setup_token = none_yet.then(|| match &config.instance_addr {
        // The request may come to any of them.
        Some(_) => keys.setup_token(),
        None => Token::from_bytes(rand::random()),
    });
    let settings = Settings {
        public_url: config.public_url.clone(),
        space: Space::new(config.min_free, free_space(recordings_dir.clone())),
        recordings_dir,
        ffmpeg: config.ffmpeg.clone(),
        delete_after: config.delete_after,
        viewers_per_network: viewers_per_network(config.max_viewers),
        webhook_secrets: accounts::webhook_secrets(&config.cloud),
    };
    let accounts = accounts::accounts(config)?;
    let everlight = Everlight::new(store, gateway, settings, keys, clock(), accounts, setup_token.as_ref());
    let everlight = match &config.storage {
        Some(storage) => {
            let objects = objects::Objects::new(&storage.place).context(
                "The settings of the object storage (EVERLIGHT_OBJECT_STORAGE, EVERLIGHT_S3_…) cannot be used",
            )?;
            everlight.with_storage(objects, storage.keep)
        }
        None => everlight,
    };
    let everlight = match (&config.instance_addr, role) {
        (Some(address), Role::Server) => everlight.among_others(address.clone(), config.database_url.clone()),
        _ => everlight,
    };
    Ok(Started { everlight: Arc::new(everlight), gateway_events, setup_token })
}

/// Nobody with a link takes every place. A congregation behind one address has as many as it needs, also where there are
/// few; whoever finds none watches over HLS.
fn viewers_per_network(all: usize) -> usize {
    const CONGREGATION: usize = 120;
    all.div_ceil(2).max(CONGREGATION)
}

/// A folder that is made is nobody else's on this computer; one that is there stays as it is.
fn private_folder(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is given")]
pub(crate) fn clock() -> Clock {
    Arc::new(|| {
        let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
    })
}

/// What this user may still write on the disk of a folder.
fn free_space(folder: PathBuf) -> FreeSpace {
    Arc::new(move || {
        let disk = rustix::fs::statvfs(&folder)
            .inspect_err(|error| tracing::error!(%error, "it cannot be told how full the disk is"))
            .ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    })
}

/// Reads the key, or makes one where there is none. A file that does not hold a key stops the start: with another key
/// every link that was sent would stop working.
fn secret_key(file: &Path) -> anyhow::Result<[u8; 32]> {
    match std::fs::read_to_string(file) {
        Ok(text) => parse_key(text.trim())
            .with_context(|| format!("{} does not hold a key: 64 hexadecimal digits are expected", file.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key: [u8; 32] = rand::random();
            write_secret(file, Token::from_bytes(key).expose())
                .with_context(|| format!("The secret key cannot be written to {}", file.display()))?;
            Ok(key)
        }
        Err(error) => Err(error).with_context(|| format!("The secret key in {} cannot be read", file.display())),
    }
}

pub(crate) fn parse_key(text: &str) -> Option<[u8; 32]> {
    let token: Token = text.parse().ok()?;
    let mut key = [0; 32];
    for (byte, pair) in key.iter_mut().zip(token.expose().as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}

/// Writes a file that only its owner may read, whole or not at all.
pub(crate) fn write_secret(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut opened = options.open(file)?;
    opened.write_all(text.as_bytes())?;
    opened.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret.key");
        let key = secret_key(&file).unwrap();
        assert_eq!(secret_key(&file).unwrap(), key);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn no_network_has_all_places_and_a_congregation_has_enough() {
        assert_eq!(viewers_per_network(1000), 500);
        assert_eq!(viewers_per_network(240), 120);
        assert_eq!(viewers_per_network(1), 120, "the gateway's own limit counts then");
    }

    #[test]
    fn the_disk_tells_how_much_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let free = free_space(folder.path().to_owned())().unwrap();
        assert!(free > 0);
        assert_eq!(free_space(folder.path().join("nowhere"))(), None);
    }

    #[test]
    fn a_damaged_key_stops_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret.key");
        for text in ["", "abc", &"g".repeat(64)] {
            std::fs::write(&file, text).unwrap();
            assert!(secret_key(&file).is_err(), "{text:?}");
        }
    }
}
