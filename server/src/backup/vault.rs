//! What is in the place where backups are kept: sealed files by their content, each once however many backups have it, and a
//! list for each backup.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, ensure};

use super::{
    manifest::{FORMAT, Item, Manifest},
    place::Place,
    seal::{BackupKey, Content},
};

pub struct Vault<'a> {
    place: &'a Place,
    key: &'a BackupKey,
}

impl<'a> Vault<'a> {
    /// To read from.
    pub const fn of(place: &'a Place, key: &'a BackupKey) -> Self {
        Self { place, key }
    }

    /// To write to: nobody else's until what is returned is dropped.
    pub async fn open(place: &'a Place, key: &'a BackupKey, data_dir: &Path) -> anyhow::Result<OpenVault<'a>> {
        let lock = place.prepare(data_dir)?;
        let (half, there) = (place.half(data_dir), place.list("objects").await?);
        Ok(OpenVault { vault: Self::of(place, key), half, there, _lock: lock })
    }

    /// The names of the backups that are here, the oldest first.
    pub async fn names(&self) -> anyhow::Result<Vec<String>> {
        let lists = self.place.list("backups").await?.into_keys();
        let mut names: Vec<String> = lists.filter_map(|list| Some(list.strip_prefix("backups/")?.to_owned())).collect();
        names.sort_unstable();
        Ok(names)
    }

    pub async fn manifest(&self, name: &str) -> anyhow::Result<Manifest> {
        let sealed = self.place.read(&list(name)).await.with_context(|| format!("The backup {name} cannot be read"))?;
        let opened = self.open_sealed(sealed, Vec::new()).await?;
        let (_, written) = opened.with_context(|| format!("The list of the backup {name}"))?;
        let manifest: Manifest =
            serde_json::from_slice(&written).context("The list of the backup cannot be understood")?;
        ensure!(manifest.format == FORMAT, "This backup was made by a later Everlight ({})", manifest.version);
        ensure!(manifest.is_within(), "The list of the backup {name} has paths that lead out of the data directory");
        Ok(manifest)
    }

    /// Opens a sealed file and compares what comes out with what went in.
    pub async fn get<W: Write + Send + 'static>(&self, item: &Item, to: W) -> anyhow::Result<W> {
        let name = object(&item.object);
        let sealed = self.place.read(&name).await;
        let sealed = sealed.with_context(|| format!("{name} of the backup in {} cannot be read", self.place))?;
        let opened = self.open_sealed(sealed, to).await?;
        let (content, to) = opened.with_context(|| format!("{name} of the backup in {}", self.place))?;
        ensure!(content == item.content(), "{name} in {} holds something else than the backup's list says", self.place);
        Ok(to)
    }

    /// On a thread that may wait for what is read.
    async fn open_sealed<W: Write + Send + 'static>(
        &self,
        sealed: Box<dyn Read + Send>,
        mut to: W,
    ) -> anyhow::Result<Result<(Content, W), super::seal::SealError>> {
        let key = self.key.clone();
        let opening = tokio::task::spawn_blocking(move || key.open(sealed, &mut to).map(|content| (content, to)));
        opening.await.context("Reading a backup stopped")
    }
}

/// A vault that is written to.
pub struct OpenVault<'a> {
    vault: Vault<'a>,
    /// What has no name yet.
    half: PathBuf,
    /// The sealed files that are here, and how long each is.
    there: HashMap<String, u64>,
    /// Held all the while.
    _lock: File,
}

impl<'a> std::ops::Deref for OpenVault<'a> {
    type Target = Vault<'a>;

    fn deref(&self) -> &Vault<'a> {
        &self.vault
    }
}

impl OpenVault<'_> {
    /// Seals what can be read from `file` now, and reads it again from where it is kept. What is here already is not kept twice.
    pub async fn put(&mut self, file: &Path) -> anyhow::Result<Item> {
        let data = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let metadata = data.metadata()?;
        // A recording that is being written grows meanwhile: what is there now is whole, and what comes is the next one's.
        let content = self.seal(data.take(metadata.len()))?;
        let name = self.key.name(&content);
        if self.matches(&name, content.size) {
            fs::remove_file(&self.half)?;
        } else {
            self.place.take(&self.half, &object(&name)).await?;
            self.there.insert(object(&name), BackupKey::sealed_size(content.size));
        }
        Ok(Item { size: content.size, sha256: content.sha256, object: name, modified_ns: modified_ns(&metadata) })
    }

    /// An earlier backup's file, if it is the same still and its sealed copy is here.
    pub fn reuse(&self, earlier: Option<&Item>, metadata: &fs::Metadata) -> Option<Item> {
        let same = |item: &&Item| item.size == metadata.len() && item.modified_ns == modified_ns(metadata);
        earlier.filter(same).filter(|item| self.matches(&item.object, item.size)).cloned()
    }

    /// Writes the list: from now on there is this backup.
    pub async fn conclude(&self, name: &str, manifest: &Manifest) -> anyhow::Result<()> {
        self.seal(serde_json::to_vec(manifest)?.as_slice())?;
        self.place.take(&self.half, &list(name)).await
    }

    /// Forgets all but the newest backups, and what only the others had. How many went.
    pub async fn keep(&self, newest: usize) -> anyhow::Result<usize> {
        let names = self.names().await?;
        let (old, kept) = names.split_at(names.len().saturating_sub(newest.max(1)));
        let mut needed = HashSet::new();
        for name in kept {
            // One that cannot be read stops this: what it needs is not known.
            needed.extend(self.manifest(name).await?.items().map(|item| object(&item.object)));
        }
        for name in old {
            self.place.delete(&list(name)).await?;
        }
        for name in self.place.list("objects").await?.into_keys().filter(|name| !needed.contains(name)) {
            self.place.delete(&name).await?;
        }
        Ok(old.len())
    }

    /// Into a file that has no name of its own yet; all of it is on the disk and was read again.
    fn seal(&self, from: impl Read) -> anyhow::Result<Content> {
        let half = &self.half;
        let written = (|| {
            let mut to = BufWriter::new(File::create(half)?);
            let sealed = self.key.seal(from, &mut to)?;
            to.flush()?;
            to.get_ref().sync_all()?;
            anyhow::Ok(sealed)
        })()
        .with_context(|| format!("{} cannot be written", half.display()))?;
        let read = self.key.open(BufReader::new(File::open(half)?), std::io::sink());
        let read = read.with_context(|| format!("{} was written, and cannot be read again", half.display()))?;
        ensure!(read == written, "{} was written, and reads differently", half.display());
        Ok(written)
    }

    fn matches(&self, name: &str, size: u64) -> bool {
        self.there.get(&object(name)) == Some(&BackupKey::sealed_size(size))
    }
}

fn object(name: &str) -> String {
    format!("objects/{name}")
}

fn list(name: &str) -> String {
    format!("backups/{name}")
}

fn modified_ns(metadata: &fs::Metadata) -> u64 {
    let since_1970 = metadata.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    since_1970.and_then(|time| u64::try_from(time.as_nanos()).ok()).unwrap_or(0)
}
