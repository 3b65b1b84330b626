//! Direct uploads, with a server that takes a part only.

use crate::support::Mux;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Json},
};
use mux::{Failure, NewUpload, Policy, UploadStatus};
use serde_json::json;
use std::sync::{Arc, Mutex};

fn new() -> NewUpload {
    NewUpload { passthrough: "m".into(), title: "t".into(), policy: Policy::Public, mp4: true, test: false }
}

fn file() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"0123456789").unwrap();
    file
}

/// Keeps `part` bytes of each of the first `faults` requests and fails; what it has, it tells when asked.
async fn storage(part: usize, faults: usize) -> (Mux, Arc<Mutex<Vec<u8>>>) {
    let arrived: Arc<Mutex<Vec<u8>>> = Arc::default();
    let (all, faults) = (Arc::clone(&arrived), Mutex::new(faults));
    let mux = Mux::start(move |call| {
        let mut all = all.lock().unwrap();
        let upload = |state: &str, asset: Option<&str>| {
            json!({ "data": { "id": "u", "url": "/put/here?key=canary", "status": state, "asset_id": asset } })
        };
        match (call.parts.method.as_str(), call.parts.uri.path()) {
            ("POST", _) => {
                assert_eq!(call.json()["new_asset_settings"]["passthrough"], "m");
                (StatusCode::CREATED, Json(upload("waiting", None))).into_response()
            }
            ("GET", _) if all.len() == 10 => Json(upload("asset_created", Some("asset-1"))).into_response(),
            ("GET", _) => Json(upload("waiting", None)).into_response(),
            _ => {
                let range = call.header("content-range");
                let mut faults = faults.lock().unwrap();
                if range == "bytes */10" {
                    if all.is_empty() {
                        return StatusCode::PERMANENT_REDIRECT.into_response();
                    }
                    let range = [("range", format!("bytes=0-{}", all.len() - 1))];
                    return (StatusCode::PERMANENT_REDIRECT, range).into_response();
                }
                let expected = if all.is_empty() { String::new() } else { format!("bytes {}-9/10", all.len()) };
                assert_eq!(range, expected);
                if *faults > 0 {
                    *faults -= 1;
                    all.extend_from_slice(&call.body[..part]);
                    return StatusCode::SERVICE_UNAVAILABLE.into_response();
                }
                all.extend_from_slice(&call.body);
                StatusCode::OK.into_response()
            }
        }
    })
    .await;
    (mux, arrived)
}

#[tokio::test]
async fn a_file_arrives_whole_and_its_asset_is_named() {
    let (mux, arrived) = storage(0, 0).await;
    assert_eq!(mux.client().upload(file().path(), &new()).await.as_deref(), Ok("asset-1"));
    assert_eq!(*arrived.lock().unwrap(), b"0123456789");
    assert_eq!(mux.asked(), ["POST /video/v1/uploads", "PUT /put/here?key=canary", "GET /video/v1/uploads/u"]);
}

#[tokio::test]
async fn an_upload_goes_on_where_it_broke_off() {
    for part in [0, 4] {
        let (mux, arrived) = storage(part, 2).await;
        assert_eq!(mux.client().upload(file().path(), &new()).await.as_deref(), Ok("asset-1"));
        assert_eq!(*arrived.lock().unwrap(), b"0123456789");
    }
}

#[tokio::test]
async fn an_upload_that_failed_is_told() {
    let data =
        json!({ "data": { "id": "u", "status": "errored", "error": { "type": "x", "message": "not a video" } } });
    let mux = Mux::answering(data).await;
    let state = mux.client().upload_state("u").await.unwrap();
    assert_eq!((state.status, state.error.as_deref()), (UploadStatus::Errored, Some("not a video")));
    let failure = mux.client().uploaded_asset("u").await.unwrap_err();
    assert!(matches!(&failure, Failure::Refused { message, .. } if message == "not a video"), "{failure}");
}
