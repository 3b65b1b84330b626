//! Uploads, with a tus server that loses what it is told to lose.

use crate::support::Cloudflare;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use cloudflare::NewUpload;
use std::sync::{Arc, Mutex};

fn new() -> NewUpload {
    NewUpload { name: "n".into(), mark: "m".into(), installation: "i".into(), require_signed_urls: false }
}

fn file(content: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    file
}

/// Takes at most `at_once` bytes of a chunk, then answers 500 for as many times as `faults` says.
async fn tus(at_once: usize, faults: usize) -> (Cloudflare, Arc<Mutex<Vec<u8>>>) {
    let arrived: Arc<Mutex<Vec<u8>>> = Arc::default();
    let (all, faults) = (Arc::clone(&arrived), Mutex::new(faults));
    let cloudflare = Cloudflare::start(move |call| {
        let mut all = all.lock().unwrap();
        let mut faults = faults.lock().unwrap();
        if call.header("tus-resumable") != "1.0.0" {
            return StatusCode::PRECONDITION_FAILED.into_response();
        }
        let offset = |all: &[u8]| [("upload-offset", all.len().to_string())];
        let answer: Response = match call.parts.method.as_str() {
            "POST" => {
                assert_eq!(call.header("upload-length"), "10");
                assert!(call.header("upload-metadata").contains("everlightStream bQ=="));
                let headers = [("location", "/files/secret?key=1"), ("stream-media-id", "video-1")];
                (StatusCode::CREATED, headers).into_response()
            }
            "HEAD" => (StatusCode::OK, offset(&all)).into_response(),
            "PATCH" if call.header("upload-offset") != all.len().to_string() => StatusCode::CONFLICT.into_response(),
            "PATCH" => {
                assert_eq!(call.header("content-type"), "application/offset+octet-stream");
                let part = call.body.len().min(at_once);
                all.extend_from_slice(&call.body[..part]);
                if *faults > 0 {
                    *faults -= 1;
                    return StatusCode::INTERNAL_SERVER_ERROR.into_response();
                }
                (StatusCode::NO_CONTENT, offset(&all)).into_response()
            }
            other => panic!("{other}"),
        };
        answer
    })
    .await;
    (cloudflare, arrived)
}

#[tokio::test]
async fn a_file_arrives_whole() {
    let (cloudflare, arrived) = tus(usize::MAX, 0).await;
    let file = file(b"0123456789");
    assert_eq!(cloudflare.client().upload(file.path(), &new()).await.as_deref(), Ok("video-1"));
    assert_eq!(*arrived.lock().unwrap(), b"0123456789");
    assert_eq!(cloudflare.asked()[0], "POST /client/v4/accounts/acc/stream");
}

#[tokio::test]
async fn an_upload_goes_on_where_it_broke_off() {
    let (cloudflare, arrived) = tus(3, 2).await;
    let file = file(b"0123456789");
    assert!(cloudflare.client().upload(file.path(), &new()).await.is_ok());
    assert_eq!(*arrived.lock().unwrap(), b"0123456789");
}

#[tokio::test]
async fn an_upload_is_continued_by_another_process() {
    let (cloudflare, arrived) = tus(usize::MAX, 0).await;
    let file = file(b"0123456789");
    let upload = cloudflare.client().create_upload(&new(), 10).await.unwrap();
    arrived.lock().unwrap().extend_from_slice(b"01234");
    let mut told = Vec::new();
    let progress = |bytes| told.push(bytes);
    cloudflare.client().continue_upload(&upload, file.path(), progress).await.unwrap();
    assert_eq!(told, [5, 10]);
    assert_eq!(*arrived.lock().unwrap(), b"0123456789");
    assert!(!format!("{upload:?}").contains("key=1"));
}
