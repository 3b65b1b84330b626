//! Object storage, of anybody who speaks S3: a file is put there and proven, read in ranges, deleted and seen to be gone.
//!
//! An object is never written twice: whoever has something new gives it another name. So what was proven stays proven, and
//! who reads an object while another takes its place reads the one that they began.

mod address;
mod error;
mod put;
mod read;
mod trial;

use std::{path::PathBuf, sync::Arc, time::Duration};

use futures::TryStreamExt as _;
use object_store::{
    BackoffConfig, Certificate, ClientOptions, ObjectStore, ObjectStoreExt as _, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path as Key,
};
use secrecy::{ExposeSecret as _, SecretString};

pub use self::{
    address::{Address, InvalidAddress},
    error::ObjectsError,
    put::Put,
    trial::Trial,
};

/// Where objects are kept, and as whom we come there.
#[derive(Debug, Clone)]
pub struct Settings {
    pub address: Address,
    pub access: Access,
}

/// Who keeps objects, and as whom we come there.
#[derive(Debug, Clone)]
pub struct Access {
    /// Of a server other than Amazon's: `https://s3.example.com`.
    pub endpoint: Option<String>,
    pub region: String,
    pub access_key_id: String,
    pub secret_access_key: SecretString,
    /// Certificates (PEM) that are believed beside the public ones: of a server in one's own house.
    pub extra_ca_file: Option<PathBuf>,
}

impl Access {
    fn extra_roots(&self) -> Result<Vec<Certificate>, ObjectsError> {
        let Some(file) = &self.extra_ca_file else { return Ok(Vec::new()) };
        let wrong = |why: String| ObjectsError::Roots(format!("{}: {why}", file.display()));
        let pem = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
        let roots = Certificate::from_pem_bundle(&pem).map_err(|error| wrong(error.to_string()))?;
        if roots.is_empty() { Err(wrong("there is no certificate in it".into())) } else { Ok(roots) }
    }
}

/// A bucket, and where in it our objects are.
#[derive(Clone)]
pub struct Objects {
    store: Arc<AmazonS3>,
    address: Address,
}

impl std::fmt::Debug for Objects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Objects").field("address", &self.address).finish_non_exhaustive()
    }
}

const CONNECT: Duration = Duration::from_secs(10);
/// Of one request: no more than [`put::PIECE`] is ever sent or asked for at once, and a line that needs longer for that is
/// none for recordings.
const REQUEST: Duration = Duration::from_secs(300);
/// What fails for longer is for the caller to try again: they tell people of it.
const RETRIED: Duration = Duration::from_secs(20);

impl Objects {
    /// # Errors
    /// When the settings cannot be used, or a file of theirs cannot be read. Nobody is asked yet.
    pub fn new(settings: &Settings) -> Result<Self, ObjectsError> {
        let access = &settings.access;
        let mut client = ClientOptions::new().with_connect_timeout(CONNECT).with_timeout(REQUEST);
        for root in access.extra_roots()? {
            client = client.with_root_certificate(root);
        }
        let backoff = BackoffConfig { init_backoff: Duration::from_millis(100), ..BackoffConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_client_options(client)
            .with_retry(RetryConfig { backoff, max_retries: 3, retry_timeout: RETRIED })
            .with_bucket_name(settings.address.bucket())
            .with_region(&access.region)
            .with_access_key_id(&access.access_key_id)
            .with_secret_access_key(access.secret_access_key.expose_secret());
        if let Some(endpoint) = &access.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        let store = builder.build().map_err(ObjectsError::from)?;
        Ok(Self { store: Arc::new(store), address: settings.address.clone() })
    }

    /// Where this is, for people.
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// Removes one object; what is not there has been removed.
    pub async fn delete(&self, name: &str) -> Result<(), ObjectsError> {
        match self.store.delete(&self.key(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// How long an object is; `None` where there is none.
    pub async fn length(&self, name: &str) -> Result<Option<u64>, ObjectsError> {
        match self.store.head(&self.key(name)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The names of all objects below `folder`.
    pub async fn list(&self, folder: &str) -> Result<Vec<String>, ObjectsError> {
        Ok(self.sizes(folder).await?.into_iter().map(|(name, _)| name).collect())
    }

    /// The names of all objects below `folder`, and how long each is.
    pub async fn sizes(&self, folder: &str) -> Result<Vec<(String, u64)>, ObjectsError> {
        let found = self.store.list(Some(&self.key(folder))).try_collect::<Vec<_>>().await?;
        Ok(found.iter().map(|object| (self.address.name_of(object.location.as_ref()), object.size)).collect())
    }

    fn key(&self, name: &str) -> Key {
        Key::from(self.address.key(name))
    }
}
