//! The mourners' gate: one for the page, the live picture both ways, the recordings and the events.

use crate::support::{OFFER, Site};
use axum::http::StatusCode;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const RECORDING: &str = "01a2046e-2607-75cd-8770-eef5e0a25fa8";

/// A service with a passcode: its slug.
async fn private(site: &Site) -> domain::document::StreamDocument {
    let (stream, _) = site.stream().await;
    site.set_passcode(&stream, "white rose").await;
    stream
}

/// Says the passcode from one address; the pass, if it was right, and where the browser is sent.
async fn say(site: &Site, slug: &domain::Slug, passcode: &str) -> (Option<String>, String) {
    let reply = site.send("POST", &format!("/watch/{slug}/passcode"), &[FORM], &format!("passcode={passcode}")).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body);
    let cookie = reply.headers.get("set-cookie").map(|cookie| cookie.to_str().unwrap());
    let pass = cookie.and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
    (pass, reply.header("location").to_owned())
}

/// The status of everything that a mourner's browser asks for, the page aside.
async fn everything(site: &Site, slug: &domain::Slug, cookie: &str) -> Vec<(String, StatusCode)> {
    let cookie = ("cookie", cookie);
    let session = "0123456789abcdef0123456789abcdef";
    let mut found = Vec::new();
    for (method, path, content_type, body) in [
        ("GET", format!("/watch/{slug}/events"), "", ""),
        ("GET", format!("/watch/{slug}/recordings/{RECORDING}.mp4"), "", ""),
        ("GET", format!("/watch/{slug}/portrait/{RECORDING}.jpg"), "", ""),
        ("GET", format!("/hls/{slug}/index.m3u8"), "", ""),
        ("GET", format!("/hls/{slug}/init-0.mp4"), "", ""),
        ("POST", format!("/whep/{slug}"), "application/sdp", OFFER),
        ("PATCH", format!("/whep/{slug}/{session}"), "application/trickle-ice-sdpfrag", "a=x"),
        ("DELETE", format!("/whep/{slug}/{session}"), "", ""),
    ] {
        let status = site.status(method, &path, &[cookie, ("content-type", content_type)], body).await;
        found.push((format!("{method} {path}"), status));
    }
    found
}

#[tokio::test]
async fn a_passcode_guards_everything_and_the_page_says_nothing_of_anybody() {
    let site = Site::open().await;
    let stream = private(&site).await;
    let page = site.send("GET", &format!("/watch/{}", stream.slug), &[], "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("name=\"passcode\""), "{}", page.body);
    assert!(!page.body.contains("Lovelace") && !page.body.contains("Funeral") && !page.body.contains("data-slug"));
    for cookie in ["", "everlight-watch=", &format!("everlight-watch={}", "0".repeat(64)), &site.cookie] {
        for (what, status) in everything(&site, &stream.slug, cookie).await {
            assert_eq!(status, StatusCode::FORBIDDEN, "{what} with {cookie:?}");
        }
    }
}

#[tokio::test]
async fn the_passcode_opens_everything_of_its_own_service_until_it_changes() {
    let site = Site::open().await;
    let (stream, other) = (private(&site).await, private(&site).await);
    let (pass, to) = say(&site, &stream.slug, "White+rose+").await;
    let pass = pass.expect("it was right");
    assert_eq!(to, format!("/watch/{}", stream.slug));
    let page = site.send("GET", &to, &[("cookie", &pass)], "").await;
    assert!(page.body.contains("Ada Lovelace") && page.body.contains("data-slug"));
    for (what, status) in everything(&site, &stream.slug, &pass).await {
        assert_ne!(status, StatusCode::FORBIDDEN, "{what}");
    }
    for (what, status) in everything(&site, &other.slug, &pass).await {
        assert_eq!(status, StatusCode::FORBIDDEN, "{what} of another service");
    }
    site.set_passcode(&stream, "white rose").await;
    for (what, status) in everything(&site, &stream.slug, &pass).await {
        assert_eq!(status, StatusCode::FORBIDDEN, "{what} after the passcode was set again");
    }
}

#[tokio::test]
async fn passcodes_cannot_be_tried_out() {
    let site = Site::open().await;
    let (stream, other) = (private(&site).await, private(&site).await);
    for attempt in 0..20 {
        let (pass, to) = say(&site, &stream.slug, &format!("wrong{attempt}")).await;
        assert_eq!((pass, to), (None, format!("/watch/{}?passcode=wrong", stream.slug)));
    }
    // From now on also the right one is not looked at.
    let (pass, to) = say(&site, &stream.slug, "white+rose").await;
    assert_eq!((pass, to), (None, format!("/watch/{}?passcode=later", stream.slug)));
    assert!(say(&site, &other.slug, "white+rose").await.0.is_some(), "another service is not kept shut by that");
}

#[tokio::test]
async fn a_congregation_behind_one_address_is_let_in() {
    let site = Site::open().await;
    let stream = private(&site).await;
    for _ in 0..60 {
        assert!(say(&site, &stream.slug, "white+rose").await.0.is_some());
    }
}

#[tokio::test]
async fn a_link_shows_nothing_of_anybody_in_a_preview() {
    let site = Site::open().await;
    let (stream, _) = site.stream().await;
    let page = site.send("GET", &format!("/watch/{}", stream.slug), &[], "").await;
    assert_eq!(page.header("x-robots-tag"), "noindex, nofollow");
    let previews: Vec<_> =
        page.body.split("<meta ").filter(|meta| meta.contains("og:") || meta.contains("\"description\"")).collect();
    assert!(previews.iter().any(|meta| meta.contains("og:title")), "{}", page.body);
    for meta in previews {
        assert!(!meta.split('>').next().unwrap().contains("Lovelace"), "{meta}");
    }
    assert!(page.body.contains("Ada Lovelace"), "the page itself does");
}

#[tokio::test]
async fn what_is_over_is_said_kindly_and_given_to_nobody() {
    let site = Site::open().await;
    let (stream, _) = site.stream().await;
    site.everlight.streams().show_until(&site.actor, stream.id, "2001-01-01").await.unwrap();
    let page = site.send("GET", &format!("/watch/{}", stream.slug), &[], "").await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.body.contains("is not shown any more") && !page.body.contains("Lovelace"));
    for (what, status) in everything(&site, &stream.slug, "").await {
        assert_eq!(status, StatusCode::GONE, "{what}");
    }
}

/// The first paint waits for the page alone, and the page is small.
#[tokio::test]
async fn the_page_has_its_style_in_it_and_comes_compressed_to_who_takes_that() {
    let site = Site::open().await;
    let (stream, _) = site.stream().await;
    let path = format!("/watch/{}", stream.slug);
    let plain = site.send("GET", &path, &[], "").await;
    let policy = plain.header("content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    assert!(
        plain.body.contains(&format!("<style nonce=\"{nonce}\">{}</style>", crate::support::MOURNER_STYLE)),
        "{}",
        plain.body
    );
    assert!(!plain.body.contains("rel=\"stylesheet\"") && plain.header("content-encoding").is_empty());
    for accept in ["br", "gzip;q=0"] {
        assert!(
            site.send("GET", &path, &[("accept-encoding", accept)], "").await.header("content-encoding").is_empty()
        );
    }
    let small = site.begin([127, 0, 0, 1], "GET", &path, &[("accept-encoding", "gzip, br")], "").await;
    assert_eq!(
        (&small.headers()["content-encoding"], &small.headers()["vary"]),
        (&"gzip".parse().unwrap(), &"accept-encoding".parse().unwrap())
    );
    let bytes = axum::body::to_bytes(small.into_body(), usize::MAX).await.unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut text).unwrap();
    assert!(text.contains("Ada Lovelace") && bytes.len() < plain.body.len());
    let staff = site.send("GET", "/admin", &[("cookie", &site.cookie), ("accept-encoding", "gzip")], "").await;
    assert!(staff.header("content-encoding").is_empty(), "pages of staff hold more than their address");
    assert!(staff.body.contains("rel=\"stylesheet\""));
}
