//! Where backups are kept: a folder, or a bucket of an object storage. Both know files by names with a slash in them, hold each
//! of them whole or not at all, and were proven to hold what was given to them.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use futures::TryStreamExt as _;
use objects::{Address, Objects};
use tokio_util::io::{StreamReader, SyncIoBridge};

use super::STAGING;
use crate::config::Config;

/// What is sealed begins there.
const HALF: &str = "objects/next.half";

#[derive(Debug)]
pub enum Place {
    Folder(PathBuf),
    Bucket(Objects),
}

impl Place {
    /// A folder, or `s3://bucket/folder` with the access that the settings name.
    pub fn parse(text: &str, config: &Config) -> anyhow::Result<Self> {
        if !text.contains("://") {
            return Ok(Self::Folder(text.into()));
        }
        let address: Address = text.parse().with_context(|| format!("“{text}” is neither a folder nor"))?;
        let access = config.s3.clone().with_context(|| {
            format!("Please set EVERLIGHT_S3_ACCESS_KEY_ID and EVERLIGHT_S3_SECRET_ACCESS_KEY: {address} needs them")
        })?;
        let objects = Objects::new(&objects::Settings { address, access });
        Ok(Self::Bucket(objects.context("The settings of the object storage (EVERLIGHT_S3_…) cannot be used")?))
    }

    /// Makes what is missing. Until the file that is returned is dropped, nobody else on this computer writes there.
    pub fn prepare(&self, data_dir: &Path) -> anyhow::Result<File> {
        let lock = match self {
            Self::Folder(folder) => {
                let make = |folder: &Path| {
                    fs::create_dir_all(folder)
                        .with_context(|| format!("The folder {} cannot be made", folder.display()))
                };
                make(folder)?;
                ensure!(
                    !fs::canonicalize(folder)?.starts_with(data_dir),
                    "{} lies inside of the data directory: a backup there is lost together with it",
                    folder.display()
                );
                make(&folder.join("objects"))?;
                make(&folder.join("backups"))?;
                folder.join("lock")
            }
            Self::Bucket(_) => data_dir.join(super::LOCK),
        };
        let lock = File::create(&lock).with_context(|| format!("{} cannot be written", lock.display()))?;
        lock.try_lock().context("Another backup is being made there")?;
        if let Self::Folder(folder) = self {
            // What an earlier one left half-written.
            let _ = fs::remove_file(folder.join(HALF));
        }
        Ok(lock)
    }

    /// Where a file is written before it has a name here: beside the others, or in the staging folder on its way out.
    pub fn half(&self, data_dir: &Path) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.join(HALF),
            Self::Bucket(_) => data_dir.join(STAGING).join("sealed"),
        }
    }

    /// Gives a file that is whole its name. It is gone from where it was.
    pub async fn take(&self, half: &Path, name: &str) -> anyhow::Result<()> {
        match self {
            Self::Folder(folder) => {
                let file = folder.join(name);
                fs::rename(half, &file).with_context(|| format!("{} cannot be written", file.display()))?;
                Ok(sync_folder(&file)?)
            }
            Self::Bucket(objects) => {
                let put = objects.put(name, half, || false).await;
                put.with_context(|| format!("{name} cannot be put into {}", objects.address()))?;
                Ok(fs::remove_file(half)?)
            }
        }
    }

    /// The names of what is in a part of it, and how long each file is.
    pub async fn list(&self, part: &str) -> anyhow::Result<HashMap<String, u64>> {
        match self {
            Self::Folder(folder) => {
                let entries = fs::read_dir(folder.join(part));
                let entries = entries.with_context(|| format!("{} holds no backups", folder.display()))?;
                let named = |entry: io::Result<fs::DirEntry>| -> io::Result<Option<(String, u64)>> {
                    let entry = entry?;
                    let name = format!("{part}/{}", entry.file_name().to_string_lossy());
                    let whole = entry.path().extension().is_none();
                    Ok(whole.then_some((name, entry.metadata()?.len())))
                };
                Ok(entries.filter_map(|entry| named(entry).transpose()).collect::<io::Result<_>>()?)
            }
            Self::Bucket(objects) => {
                let sizes = objects.sizes(part).await;
                let sizes = sizes.with_context(|| format!("{} cannot be looked at", objects.address()))?;
                Ok(sizes.into_iter().collect())
            }
        }
    }

    /// A file from its beginning. To be read on a thread that may wait.
    pub async fn read(&self, name: &str) -> anyhow::Result<Box<dyn Read + Send>> {
        match self {
            Self::Folder(folder) => Ok(Box::new(BufReader::new(File::open(folder.join(name))?))),
            Self::Bucket(objects) => {
                let length = objects.length(name).await?.context("it is not there")?;
                let pieces = objects.read(name, 0..length).map_err(io::Error::other);
                Ok(Box::new(SyncIoBridge::new(StreamReader::new(Box::pin(pieces)))))
            }
        }
    }

    pub async fn delete(&self, name: &str) -> anyhow::Result<()> {
        match self {
            Self::Folder(folder) => Ok(fs::remove_file(folder.join(name))?),
            Self::Bucket(objects) => Ok(objects.delete(name).await?),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::Bucket(objects) => objects.address().fmt(f),
        }
    }
}

/// A new name is on the disk when its folder is.
pub fn sync_folder(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}
