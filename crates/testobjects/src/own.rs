//! The server of one test: `s3s`, which verifies signatures, with objects in a folder.

use std::{net::SocketAddr, path::Path};

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};

use crate::bucket::Bucket;

pub struct Own {
    _folder: tempfile::TempDir,
    serving: JoinHandle<()>,
}

impl Own {
    pub async fn start() -> (Self, Bucket, SocketAddr) {
        let bucket = Bucket {
            name: "recordings".into(),
            region: "us-east-1".into(),
            access_key_id: "test-access-key".into(),
            secret_access_key: "test-secret-key".into(),
        };
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(&bucket.name)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(serve(listener, folder.path(), &bucket));
        (Self { _folder: folder, serving }, bucket, address)
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn serve(listener: TcpListener, folder: &Path, bucket: &Bucket) -> impl Future<Output = ()> + Send + use<> {
    let mut builder = S3ServiceBuilder::new(FileSystem::new(folder).unwrap());
    builder.set_auth(SimpleAuth::from_single(&bucket.access_key_id, bucket.secret_access_key.as_str()));
    let service = builder.build();
    async move {
        // Aborted with this task.
        let mut connections = JoinSet::new();
        while let Ok((connection, _)) = listener.accept().await {
            let service = service.clone();
            connections.spawn(async move {
                let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(connection), service).await;
            });
        }
    }
}
