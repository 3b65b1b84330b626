//! A disk that is nearly full.

use std::sync::atomic::Ordering;

use crate::support::{FLOOR, OFFER, Site, bearer};
use axum::http::StatusCode;
use domain::stream::StreamState;

#[tokio::test]
async fn below_the_floor_nothing_begins_and_staff_are_told() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let warning = async || site.everlight.streams().get(&site.actor, stream.id).await.unwrap().disk_warning;
    assert_eq!(warning().await, None);
    site.free.store(FLOOR + 1, Ordering::Relaxed);
    assert!(warning().await.unwrap().contains("filling up"));
    assert_eq!(site.publish(stream.id, &token, OFFER).await.status, StatusCode::CREATED, "there is room for this one");

    site.free.store(FLOOR - 1, Ordering::Relaxed);
    assert!(warning().await.unwrap().contains("nearly full"));
    let (other, others) = site.stream().await;
    assert_eq!(site.publish(other.id, &others, OFFER).await.status, StatusCode::INSUFFICIENT_STORAGE);
    let bearer = bearer(&others);
    let headers = [("content-type", "application/sdp"), ("authorization", bearer.as_str())];
    let rehearsal = site.send("POST", &format!("/whip/{}?rehearsal", other.id), &headers, OFFER).await;
    assert_eq!(rehearsal.status, StatusCode::INSUFFICIENT_STORAGE);

    site.free.store(u64::MAX, Ordering::Relaxed);
    assert_eq!(site.publish(other.id, &others, OFFER).await.status, StatusCode::CREATED, "there is room again");
}

#[tokio::test]
async fn a_phone_keeps_its_copy_until_there_is_room() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let bearer = bearer(&token);
    let with = |more: &[(&'static str, &'static str)]| {
        let mut headers: Vec<(&str, &str)> = vec![("tus-resumable", "1.0.0"), ("authorization", bearer.as_str())];
        headers.extend(more);
        headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
    };
    let send = async |method: &str, path: &str, headers: Vec<(String, String)>, body: &str| {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        site.send(method, path, &headers, body).await
    };
    let create = with(&[("upload-length", "5"), ("upload-metadata", "take YWJj")]);
    let made = send("POST", &format!("/uploads/{}", stream.id), create, "").await;
    let upload = made.header("location").to_owned();
    let bytes = with(&[("content-type", "application/offset+octet-stream"), ("upload-offset", "0")]);
    site.free.store(FLOOR - 1, Ordering::Relaxed);
    assert_eq!(send("PATCH", &upload, bytes.clone(), "hello").await.status, StatusCode::INSUFFICIENT_STORAGE);
    site.free.store(u64::MAX, Ordering::Relaxed);
    assert_eq!(send("PATCH", &upload, bytes, "hello").await.header("upload-offset"), "5");
    assert_eq!(site.everlight.streams().get(&site.actor, stream.id).await.unwrap().status, StreamState::Ready);
}
