//! Tests only: an object storage of one test's own, which can be away for a while. It is a real server of the test's
//! (`s3s`), or a folder in the bucket that `EVERLIGHT_TEST_S3` names: any other server that speaks S3.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has failed")]

mod bucket;
mod door;
mod own;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::TryStreamExt as _;
use object_store::{
    ClientOptions, ObjectStore as _, ObjectStoreExt as _, PutPayload,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path as Key,
};
use objects::{Access, Settings};

use self::{bucket::Bucket, door::Door, own::Own};

const ELSEWHERE: &str = "EVERLIGHT_TEST_S3";

pub struct Server {
    bucket: Bucket,
    /// What all keys of this test begin with.
    folder: String,
    /// To the same place, past the door and past all code of ours.
    behind: Arc<AmazonS3>,
    door: Door,
    extra_ca: Option<tempfile::NamedTempFile>,
    _own: Option<Own>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Server {
    pub async fn start() -> Self {
        let (own, bucket, address) = match std::env::var(ELSEWHERE) {
            Ok(written) => {
                let (bucket, address) = bucket::named(&written);
                (None, bucket, address)
            }
            Err(_) => {
                let (own, bucket, address) = Own::start().await;
                (Some(own), bucket, address)
            }
        };
        let behind = AmazonS3Builder::new()
            .with_client_options(ClientOptions::new().with_allow_http(true).with_timeout(Duration::from_secs(60)))
            .with_endpoint(format!("http://{address}"))
            .with_bucket_name(&bucket.name)
            .with_region(&bucket.region)
            .with_access_key_id(&bucket.access_key_id)
            .with_secret_access_key(&bucket.secret_access_key)
            .build()
            .unwrap();
        // Short: the server of one test makes one file name out of a whole key.
        let folder = format!("{:08x}", uuid::Uuid::new_v4().as_fields().0);
        Self { bucket, folder, behind: Arc::new(behind), door: Door::open(address).await, extra_ca: None, _own: own }
    }

    /// From now on it is reached by TLS, with a certificate of an authority that nobody knows but those who are told.
    pub async fn speak_tls(&mut self) {
        let (door, certificate) = Door::open_with_tls(self.door.to()).await;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), certificate).unwrap();
        (self.door, self.extra_ca) = (door, Some(file));
    }

    /// Nobody listens any more, and who was connected is cut off.
    pub async fn stop(&mut self) {
        self.door.shut().await;
    }

    pub async fn go_on(&mut self) {
        self.door.open_again().await;
    }

    /// `s3://…` of a folder in this test's own.
    pub fn address(&self, folder: &str) -> String {
        format!("s3://{}/{}/{folder}", self.bucket.name, self.folder)
    }

    pub fn access(&self) -> Access {
        Access {
            endpoint: Some(self.door.url()),
            region: self.bucket.region.clone(),
            access_key_id: self.bucket.access_key_id.clone(),
            secret_access_key: self.secret().into(),
            extra_ca_file: self.extra_ca.as_ref().map(|file| file.path().to_owned()),
        }
    }

    pub fn settings(&self, folder: &str) -> Settings {
        Settings { address: self.address(folder).parse().unwrap(), access: self.access() }
    }

    /// The access's secret, which no error may hold.
    pub fn secret(&self) -> &str {
        &self.bucket.secret_access_key
    }

    /// The keys of all objects of this test.
    pub async fn keys(&self) -> Vec<String> {
        let all: Vec<_> = self.behind.list(Some(&Key::from(self.folder.as_str()))).try_collect().await.unwrap();
        let begin = format!("{}/", self.folder);
        let own = |key: &Key| key.as_ref().strip_prefix(&begin).unwrap().to_owned();
        let mut keys: Vec<_> = all.iter().map(|object| own(&object.location)).collect();
        keys.sort();
        keys
    }

    pub async fn read(&self, key: &str) -> Bytes {
        self.behind.get(&self.key(key)).await.unwrap().bytes().await.unwrap()
    }

    pub async fn write(&self, key: &str, bytes: Bytes) {
        self.behind.put(&self.key(key), PutPayload::from(bytes)).await.unwrap();
    }

    pub async fn remove(&self, key: &str) {
        self.behind.delete(&self.key(key)).await.unwrap();
    }

    fn key(&self, key: &str) -> Key {
        Key::from(format!("{}/{key}", self.folder))
    }
}
