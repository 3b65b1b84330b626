//! Rehearsals at the edge.

use crate::support::{OFFER, Site, bearer};
use axum::http::StatusCode;

#[tokio::test]
async fn a_rehearsal_is_a_session_of_its_own_and_no_service() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let bearer = bearer(&token);
    let authorization = ("authorization", bearer.as_str());
    let path = format!("/whip/{}?rehearsal", stream.id);
    let offer = [("content-type", "application/sdp"), authorization];
    // Again, as after a lost connection.
    for _ in 0..2 {
        let reply = site.send("POST", &path, &offer, OFFER).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
        assert!(reply.header("location").starts_with(&format!("/whip/{}/", stream.id)));
    }
    let finish = format!("/api/go/{}/rehearsal/finish", stream.id);
    let reply = site.send("POST", &finish, &[authorization], "").await;
    assert_eq!(
        (reply.status, reply.body.as_str()),
        (StatusCode::OK, r#"{"durationMs":0,"pictures":0,"sounds":0,"bytes":0,"overTcp":false}"#)
    );
    let file = site.send("GET", &format!("/api/go/{}/rehearsal.mp4", stream.id), &[authorization], "").await;
    assert_eq!(file.status, StatusCode::NOT_FOUND, "nothing arrived");

    let json = [("content-type", "application/json"), authorization];
    let conclude = format!("/api/go/{}/rehearsal", stream.id);
    let reply = site.send("POST", &conclude, &json, r#"{"remarks":["dark","nothing-arrived"]}"#).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let document = site.everlight.streams().get(&site.actor, stream.id).await.unwrap();
    let rehearsal = document.rehearsal.unwrap();
    assert_eq!(rehearsal.verdict, domain::rehearsal::RehearsalVerdict::NotReady);
    assert_eq!(document.status, domain::stream::StreamState::Ready, "the service has not begun");
    assert_eq!(site.send("POST", &conclude, &json, r#"{"remarks":["<b>"]}"#).await.status.as_u16(), 422);
}

#[tokio::test]
async fn nobody_rehearses_without_the_link() {
    let site = Site::open().await;
    let (stream, _) = site.stream().await;
    let (_, other) = site.stream().await;
    let bearer = bearer(&other);
    for (method, path) in [
        ("POST", format!("/whip/{}?rehearsal", stream.id)),
        ("POST", format!("/api/go/{}/rehearsal/finish", stream.id)),
        ("GET", format!("/api/go/{}/rehearsal.mp4", stream.id)),
        ("GET", format!("/api/go/{}/events", stream.id)),
    ] {
        for authorization in ["", bearer.as_str()] {
            let headers = [("content-type", "application/sdp"), ("authorization", authorization)];
            assert_eq!(site.send(method, &path, &headers, OFFER).await.status, StatusCode::UNAUTHORIZED, "{path}");
        }
    }
}
