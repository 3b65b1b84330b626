//! A bucket, and who may use it.

use std::net::{SocketAddr, ToSocketAddrs as _};

use percent_encoding::percent_decode_str;
use url::Url;

pub struct Bucket {
    pub name: String,
    pub region: String,
    pub access_key_id: String,
    pub secret_access_key: String,
}

/// What `EVERLIGHT_TEST_S3` names: `http://key:secret@host:port/bucket?region=…`, with a region if it is not `us-east-1`; what is no
/// letter or digit in key and secret stands as `%2F` and so on.
pub fn named(written: &str) -> (Bucket, SocketAddr) {
    let url = Url::parse(written).expect("EVERLIGHT_TEST_S3 is http://key:secret@host:port/bucket");
    assert_eq!(url.scheme(), "http", "EVERLIGHT_TEST_S3 is reached through a door, which knows no TLS");
    let address = (url.host_str().unwrap(), url.port_or_known_default().unwrap());
    let address = address.to_socket_addrs().expect("the host of EVERLIGHT_TEST_S3 is known").next().unwrap();
    let region = url.query_pairs().find(|(name, _)| name == "region").map(|(_, region)| region.into_owned());
    let bucket = Bucket {
        name: url.path().trim_matches('/').to_owned(),
        region: region.unwrap_or_else(|| "us-east-1".into()),
        access_key_id: decoded(url.username()),
        secret_access_key: decoded(url.password().expect("EVERLIGHT_TEST_S3 has a secret")),
    };
    (bucket, address)
}

/// Secrets of Amazon's have slashes in them.
fn decoded(part: &str) -> String {
    percent_decode_str(part).decode_utf8().unwrap().into_owned()
}
