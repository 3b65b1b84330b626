//! What a backup holds. It is written last: without it the backup does not exist.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use super::seal::Content;

/// Raised when older programs could not restore what newer ones write.
pub const FORMAT: u32 = 1;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// Of the program that made it.
    pub version: String,
    pub made_at_ms: i64,
    pub engine: Engine,
    pub database: Item,
    pub secret_key: Item,
    /// Everything else in the data directory, by its path there, with slashes.
    pub files: BTreeMap<String, Item>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl From<store::Engine> for Engine {
    fn from(engine: store::Engine) -> Self {
        match engine {
            store::Engine::Sqlite => Self::Sqlite,
            store::Engine::Postgres => Self::Postgres,
        }
    }
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub size: u64,
    pub sha256: String,
    /// The name of the sealed file.
    pub object: String,
    /// When the file was last written, in nanoseconds since 1970: with the same size and time it is not read again.
    #[serde(default)]
    pub modified_ns: u64,
}

impl Item {
    pub fn content(&self) -> Content {
        Content { size: self.size, sha256: self.sha256.clone() }
    }
}

impl Manifest {
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        [&self.database, &self.secret_key].into_iter().chain(self.files.values())
    }

    /// Whether every path stays inside of the data directory.
    pub fn is_within(&self) -> bool {
        self.files.keys().all(|path| {
            let mut parts = Path::new(path).components().peekable();
            parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_elsewhere_is_seen() {
        let item = Item { size: 0, sha256: String::new(), object: String::new(), modified_ns: 0 };
        let within = |path: &str| {
            let manifest = Manifest {
                format: FORMAT,
                version: String::new(),
                made_at_ms: 0,
                engine: Engine::Sqlite,
                database: item.clone(),
                secret_key: item.clone(),
                files: BTreeMap::from([(path.to_owned(), item.clone())]),
            };
            manifest.is_within()
        };
        assert!(within("recordings/1/part-0001.mp4"));
        for path in ["../etc/passwd", "/etc/passwd", "recordings/../../x", ""] {
            assert!(!within(path), "{path}");
        }
    }
}
