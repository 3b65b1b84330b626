//! What whoever filmed says of how it went.

use crate::support::{Site, bearer};
use axum::http::StatusCode;

#[tokio::test]
async fn staff_read_the_stars_and_the_word_that_came_last() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let bearer = bearer(&token);
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    let path = format!("/api/go/{}/feedback", stream.id);
    for body in [r#"{"stars":2}"#, r#"{"stars":5,"remarks":" Easy. "}"#] {
        assert_eq!(site.send("POST", &path, &headers, body).await.status, StatusCode::NO_CONTENT);
    }
    let document = site.everlight.streams().get(&site.actor, stream.id).await.unwrap();
    let feedback = document.feedback.unwrap();
    assert_eq!((feedback.stars.number(), feedback.remarks.as_str()), (5, "Easy."));
    for body in [r#"{"stars":6}"#, r#"{"remarks":"no stars"}"#, "stars"] {
        assert!(site.send("POST", &path, &headers, body).await.status.is_client_error(), "{body}");
    }
}

#[tokio::test]
async fn only_the_link_of_the_service_rates_it() {
    let site = Site::open().await;
    let (stream, _) = site.stream().await;
    let (_, other) = site.stream().await;
    let bearer = bearer(&other);
    let path = format!("/api/go/{}/feedback", stream.id);
    for authorization in ["", bearer.as_str()] {
        let headers = [("content-type", "application/json"), ("authorization", authorization)];
        assert_eq!(site.send("POST", &path, &headers, r#"{"stars":1}"#).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(site.everlight.streams().get(&site.actor, stream.id).await.unwrap().feedback, None);
}
