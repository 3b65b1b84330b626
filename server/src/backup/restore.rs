//! The way back: looked through from beginning to end before anything is written, and only to where nothing is.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail, ensure};

use super::{
    STAGING, Staging, database,
    manifest::{Engine, Item, Manifest},
    place::{Place, sync_folder},
    seal::BackupKey,
    vault::Vault,
};
use crate::config::Config;

/// What is to be restored.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The newest, if none is named.
    pub name: Option<String>,
    /// Only looks through the backup.
    pub check_only: bool,
}

/// Returns what was done, in words.
pub async fn restore(config: &Config, from: &Place, key: &BackupKey, wanted: &Wanted) -> anyhow::Result<String> {
    let vault = Vault::of(from, key);
    let name = match &wanted.name {
        Some(name) => name.clone(),
        None => vault.names().await?.pop().with_context(|| format!("There is no backup in {from}"))?,
    };
    let manifest = vault.manifest(&name).await?;
    if !wanted.check_only {
        is_vacant(config, &manifest).await?;
    }
    for item in manifest.items() {
        vault.get(item, std::io::sink()).await.context("The backup is damaged, and nothing was restored")?;
    }
    let bytes: u64 = manifest.items().map(|item| item.size).sum();
    let what = format!("{name}: database ({}), key and {} files, {bytes} bytes", manifest.engine, manifest.files.len());
    if wanted.check_only {
        return Ok(format!("Whole and in order: {what}"));
    }
    fs::create_dir_all(&config.data_dir)?;
    let data_dir = fs::canonicalize(&config.data_dir)?;
    for (path, item) in &manifest.files {
        write(&vault, item, &data_dir.join(path)).await.with_context(|| format!("{path} cannot be restored"))?;
    }
    let staging = Staging::new(&data_dir)?;
    let dump = staging.0.join("database");
    write(&vault, &manifest.database, &dump).await?;
    database::load(&config.database_url, &dump).await?;
    // Last: an installation without its key does not look like one that is whole.
    write(&vault, &manifest.secret_key, &config.secret_key_file).await?;
    Ok(format!("Restored {what}"))
}

/// Nothing is ever overwritten.
async fn is_vacant(config: &Config, manifest: &Manifest) -> anyhow::Result<()> {
    let engine = Engine::from(store::Engine::of(&config.database_url));
    ensure!(
        engine == manifest.engine,
        "The backup is of a {} database, and DATABASE_URL names one of {engine}: please set DATABASE_URL accordingly",
        manifest.engine
    );
    match fs::read_dir(&config.data_dir) {
        Ok(entries) => {
            let others = entries.filter_map(Result::ok).filter(|entry| entry.file_name() != STAGING).count();
            ensure!(
                others == 0,
                "The data directory {} is not empty, and a restore overwrites nothing: please move it away, or set \
                 EVERLIGHT_DATA_DIR to another",
                config.data_dir.display()
            );
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => bail!("{} cannot be read: {error}", config.data_dir.display()),
    }
    ensure!(
        !config.secret_key_file.exists(),
        "There is a secret key in {} already, and a restore overwrites nothing",
        config.secret_key_file.display()
    );
    ensure!(
        database::is_vacant(&config.database_url).await?,
        "The database of DATABASE_URL is not empty, and a restore overwrites nothing: please make a new one"
    );
    Ok(())
}

/// To a file that only its owner may read, with its name only when all of it is there.
async fn write(vault: &Vault<'_>, item: &Item, file: &Path) -> anyhow::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let half = file.with_extension("half");
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut to = vault.get(item, BufWriter::new(options.open(&half)?)).await?;
    to.flush()?;
    to.get_ref().sync_all()?;
    fs::rename(&half, file)?;
    Ok(sync_folder(file)?)
}
