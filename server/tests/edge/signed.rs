//! What lies at a provider: to whom it is opened, for how long, and that no page holds what opens it.

use std::sync::Arc;

use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    RecordingId, Timestamp,
    document::StreamDocument,
    recording::{Hosted, Proof, RecordingEvent, RecordingSource, Verdict},
    stream::StreamEvent,
};
use outbound::SigningKey;
use service::cloud::{Accounts, MuxHost};

use crate::support::{Reply, Site};

/// The clock of the site, in seconds.
const NOW: i64 = 1_795_000_000;
const HOUR: i64 = 60 * 60;
const ADDRESS: &str = "https://stream.mux.com/PID/highest.mp4";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn site(signs: bool) -> Site {
    let pem = include_str!("../../../crates/outbound/tests/fixtures/rfc7515-a2.pem");
    let signing = signs.then(|| SigningKey::parse("key-1", &pem.into()).unwrap());
    let client = mux::Client::new(&mux::Config { signing, ..mux::Config::new("id", "secret".into()) }).unwrap();
    Site::with_accounts(Accounts { hosts: vec![Arc::new(MuxHost::new(client))], ..Accounts::default() }).await
}

/// A service that is over and has its copy at Mux only. It can be watched for one more hour.
async fn recorded(site: &Site, passcode: &str, signed: bool) -> (StreamDocument, RecordingId) {
    let (stream, _) = site.stream().await;
    site.set_passcode(&stream, passcode).await;
    let ended = Timestamp((NOW + HOUR - 30 * 24 * HOUR) * 1000);
    for event in [
        StreamEvent::MediaFlowing { at: Timestamp(ended.millis() - 1_000) },
        StreamEvent::Ended { at: ended },
        StreamEvent::Recorded { at: ended },
    ] {
        site.store.record_event(stream.id, &event).await.unwrap();
    }
    let new = RecordingId::from_parts(7, rand::random());
    let copy = site.store.ensure_recording(new, stream.id, RecordingSource::Mux, ended).await.unwrap();
    let hosted = Hosted { id: "asset".into(), mp4: Some(ADDRESS.into()), hls: None, signed };
    let proof = Proof { duration_ms: 1_000, bytes: 3, has_video: true, has_audio: true, decoded: true, hole_ms: 0 };
    for event in [
        RecordingEvent::Hosted { at: ended, hosted },
        RecordingEvent::Checked { at: ended, verdict: Verdict::Ready { proof } },
    ] {
        site.store.record_recording_event(copy.id, &event).await.unwrap();
    }
    (stream, copy.id)
}

async fn pass(site: &Site, stream: &StreamDocument) -> String {
    let path = format!("/watch/{}/passcode", stream.slug);
    let reply = site.send("POST", &path, &[FORM], "passcode=white+rose").await;
    let cookie = reply.headers.get("set-cookie").expect("it was right").to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn get(site: &Site, path: &str, cookie: &str) -> Reply {
    site.send("GET", path, &[("cookie", cookie)], "").await
}

#[tokio::test]
async fn a_copy_is_opened_to_who_was_let_in_until_the_last_day_and_not_a_second_longer() {
    let site = site(true).await;
    let (stream, copy) = recorded(&site, "white rose", true).await;
    let (page, file) = (format!("/watch/{}", stream.slug), format!("/watch/{}/recordings/{copy}.mp4", stream.slug));
    for cookie in ["", site.cookie.as_str()] {
        let shut = get(&site, &file, cookie).await;
        assert_eq!((shut.status, shut.header("location")), (StatusCode::FORBIDDEN, ""));
    }
    let pass = pass(&site, &stream).await;
    let shown = get(&site, &page, &pass).await.body;
    assert!(shown.contains(&file), "{shown}");
    assert!(!shown.contains("token=") && !shown.contains("stream.mux.com"), "{shown}");

    let opened = get(&site, &file, &pass).await;
    assert_eq!((opened.status, opened.header("cache-control")), (StatusCode::TEMPORARY_REDIRECT, "no-store"));
    let token = opened.header("location").strip_prefix(&format!("{ADDRESS}?token=")).unwrap();
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!((&claims["sub"], claims["exp"].as_i64()), (&"PID".into(), Some(NOW + HOUR)));
    let kept = get(&site, &format!("{file}?download=true"), &pass).await;
    assert_eq!(kept.status, StatusCode::NOT_FOUND, "they may not keep it");

    let staff = get(&site, &format!("/recordings/{copy}.mp4"), &site.cookie).await;
    assert_eq!(staff.status, StatusCode::TEMPORARY_REDIRECT);
    let kept = get(&site, &format!("/recordings/{copy}.mp4?download=true"), &site.cookie).await;
    assert!(kept.header("location").ends_with("&download=memorial-service.mp4"), "{}", kept.header("location"));
    site.everlight.streams().show_until(&site.actor, stream.id, "2001-01-01").await.unwrap();
    assert_eq!(get(&site, &file, &pass).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn without_a_key_a_private_service_gives_no_address_away() {
    let site = site(false).await;
    let (stream, copy) = recorded(&site, "white rose", false).await;
    let pass = pass(&site, &stream).await;
    let page = get(&site, &format!("/watch/{}", stream.slug), &pass).await;
    assert!(page.body.contains("Ada Lovelace") && !page.body.contains("stream.mux.com"), "{}", page.body);
    let file = get(&site, &format!("/watch/{}/recordings/{copy}.mp4", stream.slug), &pass).await;
    assert_eq!((file.status, file.header("location")), (StatusCode::NOT_FOUND, ""));

    let (open, _) = recorded(&site, "", false).await;
    let page = get(&site, &format!("/watch/{}", open.slug), "").await;
    assert!(page.body.contains(ADDRESS), "whoever has the link may see it: {}", page.body);
}
