//! `everlight backup` and `everlight restore`: everything that an installation is, sealed, in a folder or a bucket somewhere else.
//!
//! The database comes first and the files after it, so that every file that the database speaks of is there, and maybe
//! some that it does not know yet. A recording that is being written is taken as far as it has come; the start after a
//! restore treats it like one that a power cut has torn.

mod database;
mod every;
mod manifest;
mod place;
mod restore;
mod seal;
mod vault;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use self::{
    manifest::{FORMAT, Item, Manifest},
    vault::{OpenVault, Vault},
};
use crate::{config::Config, start};

pub use database::sqlite_file;
pub use every::make_every;
pub use place::Place;
pub use restore::{Wanted, restore};
pub use seal::BackupKey;

/// Its time of change is when the last backup was finished; the metrics tell its age.
pub const STAMP: &str = "last-backup";
/// Where the database's copy lies until it is sealed.
const STAGING: &str = ".backup";
/// Held while a backup is made that goes into a bucket.
const LOCK: &str = ".backup-lock";

/// What a backup came to.
#[derive(Debug)]
pub struct Made {
    pub name: String,
    pub files: usize,
    pub bytes: u64,
    /// Of these so many bytes were new.
    pub new_bytes: u64,
    pub forgotten: usize,
}

/// Makes one. `keep`: how many there may be afterwards.
pub async fn make(config: &Config, to: &Place, key: &BackupKey, keep: Option<usize>) -> anyhow::Result<Made> {
    let data_dir = fs::canonicalize(&config.data_dir)
        .with_context(|| format!("There is no data directory {}: nothing to back up", config.data_dir.display()))?;
    let mut vault = Vault::open(to, key, &data_dir).await?;
    let earlier = match vault.names().await?.last() {
        Some(name) => Some(vault.manifest(name).await.context("The latest backup there cannot be read with this key")?),
        None => None,
    };
    let now = start::clock()();
    let staging = Staging::new(&data_dir)?;
    let dump = staging.0.join("database");
    database::dump(&config.database_url, &dump).await?;
    let database = vault.put(&dump).await?;
    let secret_key = vault.put(&config.secret_key_file).await.context("The secret key")?;
    let files = copy_files(&mut vault, &data_dir, config, earlier.as_ref()).await?;
    let manifest = Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").into(),
        made_at_ms: now.millis(),
        engine: store::Engine::of(&config.database_url).into(),
        database,
        secret_key,
        files,
    };
    let name = service::time::compact(now);
    ensure!(!vault.names().await?.contains(&name), "There is a backup of this very second already");
    vault.conclude(&name, &manifest).await?;
    fs::write(data_dir.join(STAMP), &name)?;
    let known: std::collections::HashSet<&str> =
        earlier.iter().flat_map(Manifest::items).map(|item| item.object.as_str()).collect();
    Ok(Made {
        name,
        files: manifest.files.len(),
        bytes: manifest.items().map(|item| item.size).sum(),
        new_bytes: manifest.items().filter(|item| !known.contains(item.object.as_str())).map(|item| item.size).sum(),
        forgotten: match keep {
            Some(keep) => vault.keep(keep).await?,
            None => 0,
        },
    })
}

impl std::fmt::Display for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, files, bytes, new_bytes, forgotten } = self;
        write!(f, "Backup {name}: database, key and {files} files, {bytes} bytes, of which {new_bytes} are new")?;
        if *forgotten > 0 { write!(f, "; {forgotten} older ones forgotten") } else { Ok(()) }
    }
}

/// Everything in the data directory but the database and what is ours.
async fn copy_files(
    vault: &mut OpenVault<'_>,
    data_dir: &Path,
    config: &Config,
    earlier: Option<&Manifest>,
) -> anyhow::Result<BTreeMap<String, Item>> {
    let mut left_out = vec![data_dir.join(STAMP), data_dir.join(STAGING), data_dir.join(LOCK)];
    left_out.extend(fs::canonicalize(&config.secret_key_file));
    if let Some(file) = database::sqlite_file(&config.database_url).ok().and_then(|file| fs::canonicalize(file).ok()) {
        let beside = |ending: &str| PathBuf::from(format!("{}{ending}", file.display()));
        left_out.extend(["-wal", "-shm", "-journal"].map(beside));
        left_out.push(file);
    }
    let mut files = BTreeMap::new();
    let mut folders = vec![data_dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))? {
            let path = entry?.path();
            // What was deleted while we were on our way is not missing.
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if left_out.contains(&path) {
                continue;
            }
            if metadata.is_dir() {
                folders.push(path);
            } else if metadata.is_file() {
                let name = path.strip_prefix(data_dir).context("files lie in the data directory")?;
                let name = name.to_str().with_context(|| format!("{} has a name that is no text", path.display()))?;
                let name = name.replace(std::path::MAIN_SEPARATOR, "/");
                let known = vault.reuse(earlier.and_then(|manifest| manifest.files.get(&name)), &metadata);
                let item = match known {
                    Some(item) => Ok(item),
                    None => vault.put(&path).await,
                };
                match item {
                    Ok(item) => drop(files.insert(name, item)),
                    Err(_) if !path.exists() => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }
    Ok(files)
}

/// A folder that only we may read, and that is gone afterwards.
struct Staging(PathBuf);

impl Staging {
    fn new(data_dir: &Path) -> anyhow::Result<Self> {
        let folder = data_dir.join(STAGING);
        drop(fs::remove_dir_all(&folder));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).with_context(|| format!("The folder {} cannot be made", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // The next one begins by removing what is left.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests;
