//! The picture of the person who is remembered: who gives it, who sees it, and what is not taken.

use axum::http::StatusCode;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use domain::document::StreamDocument;

use crate::support::{Reply, Site};

/// One pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

pub fn png() -> Vec<u8> {
    BASE64_STANDARD.decode(PNG).unwrap()
}

/// Sends the form as a browser does.
async fn give(site: &Site, stream: &StreamDocument, file: Vec<u8>, from: &str) -> Reply {
    let mut body = b"--x\r\ncontent-disposition: form-data; name=\"picture\"; filename=\"a.png\"\r\n\r\n".to_vec();
    body.extend(file);
    body.extend(b"\r\n--x--\r\n");
    let headers = [
        ("cookie", site.cookie.as_str()),
        ("content-type", "multipart/form-data; boundary=x"),
        ("sec-fetch-site", from),
    ];
    site.send_bytes(&format!("/admin/memorials/{}/portrait", stream.memorial_id), &headers, body).await
}

async fn remove(site: &Site, stream: &StreamDocument) {
    let headers = [("cookie", site.cookie.as_str()), ("sec-fetch-site", "same-origin")];
    let path = format!("/admin/memorials/{}/portrait/remove", stream.memorial_id);
    assert_eq!(site.send("POST", &path, &headers, "").await.status, StatusCode::SEE_OTHER);
}

/// Where the picture is on a mourner's page, if there is one.
async fn shown(site: &Site, stream: &StreamDocument) -> Option<String> {
    let page = site.send("GET", &format!("/watch/{}", stream.slug), &[], "").await;
    let beginning = format!("/watch/{}/portrait/", stream.slug);
    let (_, rest) = page.body.split_once(&format!("\"{beginning}"))?;
    Some(format!("{beginning}{}", rest.split_once('"').unwrap().0))
}

async fn picture(site: &Site, path: &str) -> Reply {
    site.send("GET", path, &[], "").await
}

#[tokio::test]
async fn a_picture_is_seen_through_the_services_own_gate() {
    let site = Site::open().await;
    let ((stream, _), (other, _)) = (site.stream().await, site.stream().await);
    assert_eq!(shown(&site, &stream).await, None);
    let reply = give(&site, &stream, png(), "same-origin").await;
    assert_eq!(reply.header("location"), format!("/admin/memorials/{}", stream.memorial_id));
    let path = shown(&site, &stream).await.expect("it is on the page");
    let reply = picture(&site, &path).await;
    assert_eq!((reply.status, reply.header("content-type")), (StatusCode::OK, "image/jpeg"));
    assert_eq!(reply.header("cache-control"), "no-store");

    // Not by another service's link, and not without the passcode.
    let elsewhere = path.replace(stream.slug.as_str(), other.slug.as_str());
    assert_eq!(picture(&site, &elsewhere).await.status, StatusCode::NOT_FOUND);
    site.set_passcode(&stream, "white rose").await;
    assert_eq!(shown(&site, &stream).await, None);
    assert_eq!(picture(&site, &path).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_chat_programs_show_of_a_link_has_no_picture() {
    let site = Site::open().await;
    let (stream, _) = site.stream().await;
    give(&site, &stream, png(), "same-origin").await;
    let page = site.send("GET", &format!("/watch/{}", stream.slug), &[], "").await.body;
    let head = page.split_once("</head>").unwrap().0;
    assert!(head.contains("og:title") && !head.contains("og:image") && !head.contains("portrait"), "{head}");
}

#[tokio::test]
async fn another_picture_and_none_take_the_place_of_the_first() {
    let site = Site::open().await;
    let (stream, _) = site.stream().await;
    give(&site, &stream, png(), "same-origin").await;
    let first = shown(&site, &stream).await.unwrap();
    give(&site, &stream, png(), "same-origin").await;
    let second = shown(&site, &stream).await.unwrap();
    assert_ne!(first, second);
    assert_eq!(picture(&site, &first).await.status, StatusCode::NOT_FOUND);
    remove(&site, &stream).await;
    assert_eq!(shown(&site, &stream).await, None);
    assert_eq!(picture(&site, &second).await.status, StatusCode::NOT_FOUND);
    remove(&site, &stream).await;
}

#[tokio::test]
async fn what_is_no_picture_or_too_large_comes_back_with_the_reason_and_changes_nothing() {
    let site = Site::open().await;
    let (stream, _) = site.stream().await;
    give(&site, &stream, png(), "same-origin").await;
    let before = shown(&site, &stream).await;
    assert!(before.is_some());
    let too_large = vec![0; service::pictures::LARGEST + 1];
    for (file, reason) in [(b"%PDF-1.7".to_vec(), "not+a+picture"), (too_large, "too+large"), (Vec::new(), "choose+a")]
    {
        let reply = give(&site, &stream, file, "same-origin").await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body);
        let to = reply.header("location");
        assert!(to.contains("?portrait&error=") && to.contains(reason), "{to}");
    }
    assert_eq!(shown(&site, &stream).await, before);
}

#[tokio::test]
async fn another_site_gives_no_picture() {
    let site = Site::open().await;
    let (stream, _) = site.stream().await;
    let reply = give(&site, &stream, png(), "cross-site").await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN, "{}", reply.body);
    assert_eq!(shown(&site, &stream).await, None);
}
