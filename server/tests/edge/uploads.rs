//! Resumable uploads at the edge, as tus 1.0 wants them.

use crate::support::{Reply, Site, bearer};
use axum::http::StatusCode;
use domain::{StreamId, Token};

/// `YWJj` is `abc`.
const METADATA: (&str, &str) = ("upload-metadata", "take YWJj,started MTc5NTAwMDAwMDAwMA==");
const VERSION: (&str, &str) = ("tus-resumable", "1.0.0");
const STREAM_OF_BYTES: (&str, &str) = ("content-type", "application/offset+octet-stream");

async fn create(site: &Site, stream: StreamId, token: &Token, length: (&str, &str)) -> Reply {
    let bearer = bearer(token);
    let headers = [VERSION, METADATA, length, ("authorization", bearer.as_str())];
    site.send("POST", &format!("/uploads/{stream}"), &headers, "").await
}

async fn append(site: &Site, upload: &str, token: &Token, more: &[(&str, &str)], body: &str) -> Reply {
    let bearer = bearer(token);
    let headers = [&[VERSION, STREAM_OF_BYTES, ("authorization", bearer.as_str())], more].concat();
    site.send("PATCH", upload, &headers, body).await
}

async fn offset(site: &Site, upload: &str, token: &Token) -> String {
    let bearer = bearer(token);
    let reply = site.send("HEAD", upload, &[VERSION, ("authorization", bearer.as_str())], "").await;
    assert_eq!((reply.status, reply.header("cache-control")), (StatusCode::OK, "no-store"));
    reply.header("upload-offset").to_owned()
}

#[tokio::test]
async fn bytes_are_appended_and_asked_for() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let created = create(&site, stream.id, &token, ("upload-length", "10")).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    let upload = created.header("location").to_owned();
    assert_eq!(offset(&site, &upload, &token).await, "0");

    let first = append(&site, &upload, &token, &[("upload-offset", "0")], "hello").await;
    assert_eq!((first.status, first.header("upload-offset")), (StatusCode::NO_CONTENT, "5"));
    let again = append(&site, &upload, &token, &[("upload-offset", "0")], "hello").await;
    assert_eq!((again.status, again.header("upload-offset")), (StatusCode::CONFLICT, "5"));
    assert_eq!(offset(&site, &upload, &token).await, "5");
    let too_much = append(&site, &upload, &token, &[("upload-offset", "5")], "too much").await;
    assert_eq!(too_much.status, StatusCode::PAYLOAD_TOO_LARGE);
    let rest = append(&site, &upload, &token, &[("upload-offset", "5")], "world").await;
    assert_eq!(rest.header("upload-offset"), "10");
    assert_eq!(rest.header("tus-resumable"), "1.0.0");
}

#[tokio::test]
async fn a_repeated_creation_finds_the_same_upload() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let first = create(&site, stream.id, &token, ("upload-defer-length", "1")).await;
    let upload = first.header("location").to_owned();
    append(&site, &upload, &token, &[("upload-offset", "0")], "hello").await;
    let second = create(&site, stream.id, &token, ("upload-defer-length", "1")).await;
    assert_eq!((second.header("location"), second.header("upload-offset")), (upload.as_str(), "5"));

    // The length comes with the last bytes.
    let last = [("upload-offset", "5"), ("upload-length", "8")];
    assert_eq!(append(&site, &upload, &token, &last, "end").await.header("upload-offset"), "8");
    let more = append(&site, &upload, &token, &[("upload-offset", "8")], "x").await;
    assert_eq!(more.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn bytes_that_changed_on_the_way_are_not_kept() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let upload = create(&site, stream.id, &token, ("upload-length", "16")).await.header("location").to_owned();
    append(&site, &upload, &token, &[("upload-offset", "0")], "said:").await;
    let sum = ("upload-checksum", "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=");
    let at = ("upload-offset", "5");
    let changed = append(&site, &upload, &token, &[at, sum], "hello worle").await;
    assert_eq!(changed.status.as_u16(), 460, "{}", changed.body);
    assert_eq!(offset(&site, &upload, &token).await, "5", "as if they had not come");
    let unknown = append(&site, &upload, &token, &[at, ("upload-checksum", "crc32 AAAAAA==")], "hello world").await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    let right = append(&site, &upload, &token, &[at, sum], "hello world").await;
    assert_eq!(right.header("upload-offset"), "16");
    // Held in memory until it is known to be right: so there is an end to it.
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let length = 9 << 20;
    let upload =
        create(&site, stream.id, &token, ("upload-length", &length.to_string())).await.header("location").to_owned();
    let much = append(&site, &upload, &token, &[("upload-offset", "0"), sum], &"x".repeat(length)).await;
    assert_eq!(much.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(offset(&site, &upload, &token).await, "0");
    let offered = site.send("OPTIONS", &upload, &[], "").await;
    assert_eq!(offered.header("tus-checksum-algorithm"), "sha1,sha256");
    assert!(offered.header("tus-extension").contains("checksum"));
}

#[tokio::test]
async fn an_upload_is_closed_to_others() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let (_, other) = site.stream().await;
    let upload = create(&site, stream.id, &token, ("upload-length", "9")).await.header("location").to_owned();
    assert_eq!(create(&site, stream.id, &other, ("upload-length", "9")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(append(&site, &upload, &other, &[("upload-offset", "0")], "x").await.status, StatusCode::UNAUTHORIZED);
    for (method, path) in [("HEAD", upload.as_str()), ("DELETE", &upload), ("POST", &format!("/uploads/{}", stream.id))]
    {
        let headers = [VERSION, METADATA, ("upload-length", "9")];
        assert_eq!(site.send(method, path, &headers, "").await.status, StatusCode::UNAUTHORIZED, "{method}");
    }
    assert_eq!(offset(&site, &upload, &token).await, "0", "nothing of all that was done");
}

#[tokio::test]
async fn of_a_deleted_service_only_whoever_had_its_link_hears_that_it_is_gone() {
    let site = Site::open().await;
    let (stream, old) = site.stream().await;
    let (_, other) = site.stream().await;
    site.everlight.streams().replace_link(&site.actor, stream.id).await.unwrap();
    let token = site.everlight.streams().access(&site.actor, stream.id).await.unwrap().token;
    let length = ("upload-length", "9");
    let upload = create(&site, stream.id, &token, length).await.header("location").to_owned();
    assert_eq!(create(&site, stream.id, &old, length).await.status, StatusCode::UNAUTHORIZED, "it is there");
    site.everlight.streams().delete(&site.actor, stream.id).await.unwrap();
    for (token, status) in
        [(&token, StatusCode::NOT_FOUND), (&old, StatusCode::UNAUTHORIZED), (&other, StatusCode::UNAUTHORIZED)]
    {
        let reply = create(&site, stream.id, token, length).await;
        // By this field a phone tells the server's own word from that of a proxy before it.
        assert_eq!((reply.status, reply.header("tus-resumable")), (status, "1.0.0"), "{}", reply.body);
        let bearer = bearer(token);
        let check = format!("/api/go/{}/check", stream.id);
        assert_eq!(site.status("POST", &check, &[("authorization", bearer.as_str())], "").await, status);
    }
    let gone = append(&site, &upload, &token, &[("upload-offset", "0")], "x").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_no_tus_is_refused() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let bearer = bearer(&token);
    let authorization = ("authorization", bearer.as_str());
    let path = format!("/uploads/{}", stream.id);
    for (headers, status) in [
        (vec![METADATA, ("upload-length", "9"), authorization], StatusCode::PRECONDITION_FAILED),
        (vec![VERSION, METADATA, authorization], StatusCode::BAD_REQUEST),
        (vec![VERSION, ("upload-length", "9"), authorization], StatusCode::BAD_REQUEST),
        (vec![VERSION, METADATA, ("upload-length", "99999999999999"), authorization], StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        assert_eq!(site.send("POST", &path, &headers, "").await.status, status, "{headers:?}");
    }
    // `take` is a name and never a path: ../x
    let traversal = ("upload-metadata", "take Li4veA==");
    let headers = [VERSION, traversal, ("upload-length", "9"), authorization];
    assert_eq!(site.send("POST", &path, &headers, "").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.send("OPTIONS", &path, &[], "").await.header("tus-version"), "1.0.0");
}

#[tokio::test]
async fn the_phone_is_not_believed_that_it_delivered_everything() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let bearer = bearer(&token);
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    let path = format!("/uploads/{}/delivered", stream.id);
    assert_eq!(site.send("POST", &path, &headers, r#"{"takes":["abc"]}"#).await.status, StatusCode::CONFLICT);
    create(&site, stream.id, &token, ("upload-length", "9")).await;
    assert_eq!(site.send("POST", &path, &headers, r#"{"takes":["abc"]}"#).await.status, StatusCode::CONFLICT);
    assert_eq!(site.send("POST", &path, &headers, r#"{"takes":[]}"#).await.status, StatusCode::NO_CONTENT);
}
