use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The key in `meta` that names our stream: what a creation of unknown outcome is looked for by.
pub const MARK: &str = "everlightStream";
/// The key in `meta` that names the installation, so that two of them on one account leave each other alone.
pub const INSTALLATION: &str = "everlightInstallation";

/// What we, or others, noted on an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Meta(pub Map<String, Value>);

impl Meta {
    #[must_use]
    pub fn ours(name: &str, mark: &str, installation: &str) -> Self {
        let entry = |key: &str, value: &str| (key.to_owned(), Value::from(value));
        Self([entry("name", name), entry(MARK, mark), entry(INSTALLATION, installation)].into_iter().collect())
    }

    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        // Metadata of an upload passes through header fields: the case of a key is not relied on.
        let value =
            self.0.get(key).or_else(|| self.0.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v));
        value?.as_str()
    }

    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.get("name")
    }

    #[must_use]
    pub fn mark(&self) -> Option<&str> {
        self.get(MARK)
    }

    #[must_use]
    pub fn installation(&self) -> Option<&str> {
        self.get(INSTALLATION)
    }
}

/// `null` as the default.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
