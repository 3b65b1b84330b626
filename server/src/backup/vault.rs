//! The folder that backups are kept in: sealed files by their content, each once however many backups have it, and a list
//! for each backup.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, ensure};

use super::{
    manifest::{FORMAT, Item, Manifest},
    seal::{BackupKey, Content},
};

pub struct Vault<'a> {
    folder: PathBuf,
    key: &'a BackupKey,
    /// Held while it is written to.
    _lock: Option<File>,
}

impl<'a> Vault<'a> {
    /// To write to: made when it is missing, and nobody else's until this is dropped.
    pub fn open(folder: &Path, key: &'a BackupKey) -> anyhow::Result<Self> {
        for part in ["objects", "backups"] {
            fs::create_dir_all(folder.join(part))
                .with_context(|| format!("The folder {} cannot be made", folder.join(part).display()))?;
        }
        let lock = File::create(folder.join("lock")).context("The folder of the backups cannot be written to")?;
        lock.try_lock().context("Another backup is being made there")?;
        let vault = Self { folder: folder.to_owned(), key, _lock: Some(lock) };
        // What an earlier one left half-written.
        for left in vault.files("objects")?.into_iter().filter(|file| file.extension().is_some()) {
            fs::remove_file(left)?;
        }
        Ok(vault)
    }

    /// To read from.
    pub fn of(folder: &Path, key: &'a BackupKey) -> Self {
        Self { folder: folder.to_owned(), key, _lock: None }
    }

    /// Seals what can be read from `file` now, and reads it again from the disk. What is here already is not kept twice.
    pub fn put(&self, file: &Path) -> anyhow::Result<Item> {
        let data = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let metadata = data.metadata()?;
        // A recording that is being written grows meanwhile: what is there now is whole, and what comes is the next one's.
        let (content, half) = self.seal(data.take(metadata.len()))?;
        let object = self.key.name(&content);
        if self.matches(&object, content.size) {
            fs::remove_file(half)?;
        } else {
            rename(&half, &self.object(&object))?;
        }
        Ok(Item { size: content.size, sha256: content.sha256, object, modified_ns: modified_ns(&metadata) })
    }

    /// An earlier backup's file, if it is the same still and its sealed copy is here.
    pub fn reuse(&self, earlier: Option<&Item>, metadata: &fs::Metadata) -> Option<Item> {
        let same = |item: &&Item| item.size == metadata.len() && item.modified_ns == modified_ns(metadata);
        earlier.filter(same).filter(|item| self.matches(&item.object, item.size)).cloned()
    }

    /// Writes the list: from now on there is this backup.
    pub fn conclude(&self, name: &str, manifest: &Manifest) -> anyhow::Result<()> {
        let (_, half) = self.seal(serde_json::to_vec(manifest)?.as_slice())?;
        rename(&half, &self.list(name))
    }

    /// The names of the backups that are here, the oldest first.
    pub fn names(&self) -> anyhow::Result<Vec<String>> {
        let files = self.files("backups").with_context(|| format!("{} holds no backups", self.folder.display()))?;
        let complete = files.into_iter().filter(|file| file.extension().is_none());
        let mut names: Vec<String> =
            complete.filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned())).collect();
        names.sort_unstable();
        Ok(names)
    }

    pub fn manifest(&self, name: &str) -> anyhow::Result<Manifest> {
        let mut list = Vec::new();
        let sealed = File::open(self.list(name)).with_context(|| format!("There is no backup {name}"))?;
        self.key.open(BufReader::new(sealed), &mut list).with_context(|| format!("The list of the backup {name}"))?;
        let manifest: Manifest =
            serde_json::from_slice(&list).context("The list of the backup cannot be understood")?;
        ensure!(manifest.format == FORMAT, "This backup was made by a later Everlight ({})", manifest.version);
        ensure!(manifest.is_within(), "The list of the backup {name} has paths that lead out of the data directory");
        Ok(manifest)
    }

    /// Opens a sealed file and compares what comes out with what went in.
    pub fn get(&self, item: &Item, to: impl std::io::Write) -> anyhow::Result<()> {
        let file = self.object(&item.object);
        let sealed = File::open(&file).with_context(|| format!("{} is missing from the backup", file.display()))?;
        let content =
            self.key.open(BufReader::new(sealed), to).with_context(|| format!("{} in the backup", file.display()))?;
        ensure!(content == item.content(), "{} holds something else than the backup's list says", file.display());
        Ok(())
    }

    /// Forgets all but the newest backups, and what only the others had. How many went.
    pub fn keep(&self, newest: usize) -> anyhow::Result<usize> {
        let names = self.names()?;
        let (old, kept) = names.split_at(names.len().saturating_sub(newest.max(1)));
        let mut needed = HashSet::new();
        for name in kept {
            // One that cannot be read stops this: what it needs is not known.
            needed.extend(self.manifest(name)?.items().map(|item| self.object(&item.object)));
        }
        for name in old {
            fs::remove_file(self.list(name))?;
        }
        for file in self.files("objects")?.into_iter().filter(|file| !needed.contains(file)) {
            fs::remove_file(file)?;
        }
        Ok(old.len())
    }

    /// Into a file that has no name of its own yet; all of it is on the disk and was read again.
    fn seal(&self, from: impl Read) -> anyhow::Result<(Content, PathBuf)> {
        let half = self.folder.join("objects/next.half");
        let written = (|| {
            let mut to = BufWriter::new(File::create(&half)?);
            let sealed = self.key.seal(from, &mut to)?;
            to.flush()?;
            to.get_ref().sync_all()?;
            anyhow::Ok(sealed)
        })()
        .with_context(|| format!("{} cannot be written", half.display()))?;
        let read = self.key.open(BufReader::new(File::open(&half)?), std::io::sink());
        let read = read.with_context(|| format!("{} was written, and cannot be read again", half.display()))?;
        ensure!(read == written, "{} was written, and reads differently", half.display());
        Ok((written, half))
    }

    fn object(&self, name: &str) -> PathBuf {
        self.folder.join("objects").join(name)
    }

    fn list(&self, name: &str) -> PathBuf {
        self.folder.join("backups").join(name)
    }

    fn matches(&self, object: &str, size: u64) -> bool {
        fs::metadata(self.object(object)).is_ok_and(|metadata| metadata.len() == BackupKey::sealed_size(size))
    }

    fn files(&self, part: &str) -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(self.folder.join(part))?.map(|entry| Ok(entry?.path())).collect()
    }
}

fn rename(half: &Path, file: &Path) -> anyhow::Result<()> {
    fs::rename(half, file).with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(sync_folder(file)?)
}

fn modified_ns(metadata: &fs::Metadata) -> u64 {
    let since_1970 = metadata.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    since_1970.and_then(|time| u64::try_from(time.as_nanos()).ok()).unwrap_or(0)
}

/// A new name is on the disk when its folder is.
pub fn sync_folder(file: &Path) -> std::io::Result<()> {
    match file.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}
