//! `POST /api/streams/create-whip`, for programs.

use axum::http::StatusCode;
use serde_json::Value;

use crate::support::{Reply, Site, bearer};

const PATH: &str = "/api/streams/create-whip";

async fn memorial(site: &Site) -> String {
    let id = site.everlight.memorials().create(&site.actor, crate::support::ada()).await;
    id.unwrap().to_string()
}

async fn create(site: &Site, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut all = vec![("content-type", "application/json")];
    all.extend(headers);
    site.send("POST", PATH, &all, body).await
}

#[tokio::test]
async fn a_program_with_a_token_makes_a_stream_and_is_told_no_secret() {
    let site = Site::open().await;
    let token = site.everlight.accounts().create_api_token("booking", None).await.unwrap();
    let body = format!(
        r#"{{"memorialId":"{}","title":"Funeral","scheduledStartTime":"2026-11-24T14:30:00Z","enableMuxBackup":true}}"#,
        memorial(&site).await
    );
    let reply = create(&site, &[("authorization", &bearer(&token))], &body).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
    let answer: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(answer["success"], true);
    assert_eq!(answer["stream"]["title"], "Funeral");
    assert_eq!(answer["stream"]["scheduledStartTime"], 1_795_530_600_000_i64);
    let id = answer["stream"]["id"].as_str().unwrap().parse().unwrap();
    let secret = site.everlight.streams().access(&site.actor, id).await.unwrap().token;
    assert!(!reply.body.contains(secret.expose()));
}

#[tokio::test]
async fn the_same_key_twice_is_one_stream() {
    let site = Site::open().await;
    let token = bearer(&site.everlight.accounts().create_api_token("booking", None).await.unwrap());
    let body = format!(r#"{{"memorialId":"{}","title":"Funeral"}}"#, memorial(&site).await);
    let headers = [("authorization", token.as_str()), ("idempotency-key", "one")];
    let (first, second) = (create(&site, &headers, &body).await, create(&site, &headers, &body).await);
    assert_eq!(first.status, StatusCode::CREATED);
    assert_eq!(first.body, second.body);
}

#[tokio::test]
async fn a_key_is_of_one_memorial_and_of_one_service() {
    let site = Site::open().await;
    let token = bearer(&site.everlight.accounts().create_api_token("booking", None).await.unwrap());
    let headers = [("authorization", token.as_str()), ("idempotency-key", "order-17")];
    let [one, other] = [memorial(&site).await, memorial(&site).await];
    let body = |memorial: &str, title: &str| format!(r#"{{"memorialId":"{memorial}","title":"{title}"}}"#);
    let first = create(&site, &headers, &body(&one, "Funeral")).await;
    let second = create(&site, &headers, &body(&other, "Funeral")).await;
    assert_eq!((first.status, second.status), (StatusCode::CREATED, StatusCode::CREATED), "{}", second.body);
    assert_ne!(first.body, second.body);
    let changed = create(&site, &headers, &body(&one, "Graveside")).await;
    assert_eq!(changed.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", changed.body);
    assert!(changed.body.contains("was sent before"), "{}", changed.body);
    assert_eq!(create(&site, &headers, &body(&one, "Funeral")).await.body, first.body);
}

#[tokio::test]
async fn whoever_has_no_good_token_is_refused() {
    let site = Site::open().await;
    let accounts = site.everlight.accounts();
    let body = format!(r#"{{"memorialId":"{}","title":"Funeral"}}"#, memorial(&site).await);
    let revoked = accounts.create_api_token("old", None).await.unwrap();
    assert_eq!(accounts.revoke_api_tokens("old").await.unwrap(), 1);
    let (_, streamers) = site.stream().await;
    for token in [bearer(&revoked), bearer(&streamers), "Bearer ".into(), "Basic abc".into(), String::new()] {
        // The cookie of somebody who is signed in does not help a bad token.
        let headers = [("authorization", token.as_str()), ("cookie", &site.cookie), ("sec-fetch-site", "same-origin")];
        assert_eq!(create(&site, &headers, &body).await.status, StatusCode::UNAUTHORIZED, "{token}");
    }
    assert_eq!(create(&site, &[], &body).await.status, StatusCode::FORBIDDEN);
    let elsewhere = [("cookie", site.cookie.as_str()), ("sec-fetch-site", "cross-site")];
    assert_eq!(create(&site, &elsewhere, &body).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_cannot_be_is_said_in_a_sentence() {
    let site = Site::open().await;
    let token = bearer(&site.everlight.accounts().create_api_token("booking", None).await.unwrap());
    let memorial = memorial(&site).await;
    for (body, status) in [
        (format!(r#"{{"memorialId":"{memorial}","title":" "}}"#), StatusCode::UNPROCESSABLE_ENTITY),
        (
            format!(r#"{{"memorialId":"{memorial}","title":"F","scheduledStartTime":"soon"}}"#),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (format!(r#"{{"memorialId":"{memorial}","title":"F","color":"red"}}"#), StatusCode::UNPROCESSABLE_ENTITY),
        ("{".to_owned(), StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"memorialId":"x","title":"F"}"#.to_owned(), StatusCode::NOT_FOUND),
    ] {
        let reply = create(&site, &[("authorization", &token)], &body).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.body);
        let answer: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!(answer["success"], false);
        assert!(answer["error"].as_str().is_some_and(|words| !words.is_empty()));
    }
}
