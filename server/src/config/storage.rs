//! Object storage: who keeps it, and whether finished recordings go there. All that belongs together is set, or nothing.

use std::{path::Path, time::Duration};

use objects::Access;
use secrecy::SecretString;

use super::{ConfigError, days_after, given, wrong};

const NAME: &str = "EVERLIGHT_OBJECT_STORAGE";
const ACCESS_KEY_ID: &str = "EVERLIGHT_S3_ACCESS_KEY_ID";
const SECRET_ACCESS_KEY: &str = "EVERLIGHT_S3_SECRET_ACCESS_KEY";

/// For finished recordings.
#[derive(Debug, Clone)]
pub struct StorageConfig {
    pub place: objects::Settings,
    /// How long a recording stays on this server besides; for ever where that is not set.
    pub keep: Option<Duration>,
}

/// What stands in the settings.
pub(super) struct WrittenStorage<'a> {
    pub(super) address: &'a str,
    pub(super) local_days: &'a str,
    pub(super) endpoint: &'a str,
    pub(super) region: &'a str,
    pub(super) access_key_id: &'a str,
    pub(super) secret_access_key: &'a str,
    pub(super) extra_ca_file: Option<&'a Path>,
}

/// Where recordings go.
pub(super) fn recordings(written: &WrittenStorage<'_>) -> Result<Option<StorageConfig>, ConfigError> {
    let Some(address) = given(written.address) else {
        // Whoever set it believes that recordings go there.
        return match given(written.local_days) {
            Some(_) => Err(ConfigError::Needs { name: "EVERLIGHT_OBJECT_STORAGE_LOCAL_DAYS", needed: NAME }),
            None => Ok(None),
        };
    };
    let place = objects::Settings {
        address: address
            .parse()
            .map_err(|_| wrong(NAME, &address, "an address such as s3://bucket or s3://bucket/folder"))?,
        access: access(written)?.ok_or(ConfigError::Needs { name: NAME, needed: ACCESS_KEY_ID })?,
    };
    let keep = given(written.local_days).map(|days| days_after("EVERLIGHT_OBJECT_STORAGE_LOCAL_DAYS", &days));
    Ok(Some(StorageConfig { place, keep: keep.transpose()? }))
}

/// Who keeps objects: for recordings, for backups, or for both.
pub(super) fn access(written: &WrittenStorage<'_>) -> Result<Option<Access>, ConfigError> {
    let endpoint = given(written.endpoint).map(|endpoint| server(&endpoint)).transpose()?;
    match (given(written.access_key_id), given(written.secret_access_key)) {
        (Some(access_key_id), Some(secret)) => Ok(Some(Access {
            endpoint,
            region: given(written.region).unwrap_or_else(|| "us-east-1".into()),
            access_key_id,
            secret_access_key: SecretString::from(secret),
            extra_ca_file: written.extra_ca_file.map(Path::to_owned),
        })),
        (Some(_), None) => Err(ConfigError::Needs { name: ACCESS_KEY_ID, needed: SECRET_ACCESS_KEY }),
        (None, Some(_)) => Err(ConfigError::Needs { name: SECRET_ACCESS_KEY, needed: ACCESS_KEY_ID }),
        (None, None) if endpoint.is_some() => {
            Err(ConfigError::Needs { name: "EVERLIGHT_S3_ENDPOINT", needed: ACCESS_KEY_ID })
        }
        (None, None) => Ok(None),
    }
}

/// Scheme and host, maybe a port; a slash after it does no harm.
fn server(text: &str) -> Result<String, ConfigError> {
    let address = text.trim_end_matches('/');
    let parsed = url::Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let plain = |url: &url::Url| url.has_host() && url.path() == "/" && url.query().is_none() && url.username() == "";
    if parsed.as_ref().is_some_and(plain) {
        return Ok(address.to_owned());
    }
    // It may hold a password: it is not repeated.
    Err(wrong("EVERLIGHT_S3_ENDPOINT", "…", "an address such as https://s3.example.com, with nothing after the host"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: WrittenStorage<'_> = WrittenStorage {
        address: "s3://services/everlight",
        local_days: "90",
        endpoint: "https://s3.example.com/",
        region: "eu-central-1",
        access_key_id: "key",
        secret_access_key: "hunter2",
        extra_ca_file: None,
    };

    #[test]
    fn without_it_recordings_lie_here_only() {
        let nothing = WrittenStorage {
            address: "",
            local_days: "",
            endpoint: " ",
            region: "eu-central-1",
            access_key_id: "",
            secret_access_key: "",
            extra_ca_file: None,
        };
        assert!(recordings(&nothing).unwrap().is_none() && access(&nothing).unwrap().is_none());
    }

    #[test]
    fn an_access_alone_is_for_backups() {
        let alone = WrittenStorage { address: "", local_days: "", ..ALL };
        assert!(recordings(&alone).unwrap().is_none());
        assert_eq!(access(&alone).unwrap().unwrap().access_key_id, "key");
    }

    #[test]
    fn all_of_it_is_taken_and_the_secret_is_not_shown() {
        let storage = recordings(&ALL).unwrap().unwrap();
        assert_eq!(storage.place.access.endpoint.as_deref(), Some("https://s3.example.com"));
        assert_eq!(storage.place.address.to_string(), "s3://services/everlight");
        assert_eq!(storage.keep, Some(Duration::from_secs(90 * 24 * 60 * 60)));
        assert!(!format!("{storage:?}").contains("hunter2"));
        let least = WrittenStorage { local_days: "", endpoint: "", region: "", ..ALL };
        let StorageConfig { place, keep } = recordings(&least).unwrap().unwrap();
        assert_eq!((keep, place.access.endpoint, place.access.region.as_str()), (None, None, "us-east-1"));
    }

    #[test]
    fn half_of_it_stops_the_start_with_a_sentence_that_holds_no_secret() {
        for (written, named) in [
            (WrittenStorage { address: "", ..ALL }, NAME),
            (WrittenStorage { access_key_id: "", secret_access_key: "", ..ALL }, "EVERLIGHT_S3_ACCESS_KEY_ID"),
            (WrittenStorage { access_key_id: "", secret_access_key: "", endpoint: "", ..ALL }, NAME),
            (WrittenStorage { address: "services", ..ALL }, NAME),
            (WrittenStorage { access_key_id: "", ..ALL }, "EVERLIGHT_S3_ACCESS_KEY_ID"),
            (WrittenStorage { secret_access_key: "", ..ALL }, "EVERLIGHT_S3_SECRET_ACCESS_KEY"),
            (WrittenStorage { endpoint: "s3.example.com", ..ALL }, "EVERLIGHT_S3_ENDPOINT"),
            (WrittenStorage { endpoint: "https://a:hunter2@s3.example.com", ..ALL }, "EVERLIGHT_S3_ENDPOINT"),
            (WrittenStorage { local_days: "0", ..ALL }, "EVERLIGHT_OBJECT_STORAGE_LOCAL_DAYS"),
        ] {
            let error = recordings(&written).unwrap_err().to_string();
            assert!(error.contains(named) && !error.contains("hunter2"), "{error}");
        }
    }
}
