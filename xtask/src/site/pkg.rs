//! `pkg/`: files under the hash of their content.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

pub struct Pkg {
    dir: PathBuf,
    assets: BTreeMap<String, String>,
}

impl Pkg {
    pub fn create(site: &Path) -> Result<Self> {
        let dir = site.join("pkg");
        fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
        Ok(Self { dir, assets: BTreeMap::new() })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Stores `content` as `stem.<hash>.extension`, lists it as `key`, and answers with its file name.
    pub fn add(&mut self, key: &str, stem: &str, extension: &str, content: &[u8]) -> Result<String> {
        let name = format!("{stem}.{}.{extension}", hash(content));
        fs::write(self.dir.join(&name), content)?;
        let before = self.assets.insert(key.to_owned(), format!("/pkg/{name}"));
        ensure!(before.is_none(), "two assets are called `{key}`: rename one of the files in public/");
        Ok(name)
    }

    pub fn into_assets(self) -> BTreeMap<String, String> {
        self.assets
    }
}

/// 64 bits of SHA-256 in hex: enough to tell versions of one's own files apart.
pub fn hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_follows_the_content() {
        assert_eq!(hash(b""), "e3b0c44298fc1c14");
        assert_ne!(hash(b"a"), hash(b"b"));
    }
}
