//! The server's rules of WHIP (RFC 9725; S1–S24 in the order of the specification) and WHEP, at the edge.

use crate::support::{OFFER, Reply, Site, bearer};
use axum::http::StatusCode;
use media::Limits;

/// A fragment with a candidate, under the credentials of [`OFFER`]: trickle.
fn trickle() -> String {
    fragment("Jxss", "I930hsCnLBoII9Jj7YeNhrR2")
}

fn fragment(ufrag: &str, pwd: &str) -> String {
    format!(
        "a=ice-ufrag:{ufrag}\r\na=ice-pwd:{pwd}\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n\
         a=candidate:1 1 udp 2130706431 192.0.2.9 50000 typ host\r\n"
    )
}

async fn patch(site: &Site, session: &str, token: &domain::Token, if_match: Option<&str>, body: &str) -> Reply {
    let bearer = bearer(token);
    let mut headers = vec![("content-type", "application/trickle-ice-sdpfrag"), ("authorization", bearer.as_str())];
    headers.extend(if_match.map(|tag| ("if-match", tag)));
    site.send("PATCH", session, &headers, body).await
}

#[tokio::test]
async fn s1_an_offer_is_answered_with_a_session() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let reply = site.publish(stream.id, &token, OFFER).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
    assert_eq!(reply.header("content-type"), "application/sdp");
    assert!(reply.header("location").starts_with(&format!("/whip/{}/", stream.id)));
    assert!(reply.body.starts_with("v=0"));
}

#[tokio::test]
async fn s2_what_is_no_offer_is_refused() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let bearer = bearer(&token);
    let wrong_type = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    let path = format!("/whip/{}", stream.id);
    assert_eq!(site.send("POST", &path, &wrong_type, OFFER).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for body in ["", "hello", "v=0\r\n"] {
        let reply = site.publish(stream.id, &token, body).await;
        assert!(reply.status.is_client_error(), "{body:?}: {}", reply.status);
    }
}

#[tokio::test]
async fn s3_the_answer_only_receives() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let answer = site.publish(stream.id, &token, OFFER).await.body;
    assert_eq!(answer.matches("a=recvonly").count(), 2, "{answer}");
    assert!(!answer.contains("a=sendonly") && !answer.contains("a=sendrecv"));
}

#[tokio::test]
async fn s4_get_succeeds_and_says_nothing() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let session = site.publish(stream.id, &token, OFFER).await.header("location").to_owned();
    for path in [format!("/whip/{}", stream.id), session] {
        let reply = site.send("GET", &path, &[], "").await;
        assert!(reply.status.is_success() && reply.body.is_empty(), "{path}: {}", reply.status);
    }
}

#[tokio::test]
async fn s5_errors_are_problem_documents() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let reply = site.publish(stream.id, &token, "hello").await;
    assert_eq!(reply.header("content-type"), "application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(problem["status"], reply.status.as_u16());
    assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
}

#[tokio::test]
async fn s6_options_says_what_may_be_sent() {
    let site = Site::open().await;
    let (stream, _) = site.stream().await;
    let reply = site.send("OPTIONS", &format!("/whip/{}", stream.id), &[("origin", "https://example.org")], "").await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.header("accept-post"), "application/sdp");
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    assert!(reply.header("access-control-allow-headers").contains("Authorization"));
    assert!(reply.header("access-control-allow-methods").contains("POST"));
    // S20: ICE servers are not handed out on a preflight.
    assert!(reply.headers.get("link").is_none());
}

#[tokio::test]
async fn s7_all_candidates_are_in_the_answer() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let answer = site.publish(stream.id, &token, OFFER).await.body;
    assert!(answer.contains("a=candidate:") && answer.contains("typ host"), "{answer}");
}

#[tokio::test]
async fn s8_the_session_has_a_strong_entity_tag_that_other_origins_may_read() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let reply = site.publish(stream.id, &token, OFFER).await;
    let tag = reply.header("etag");
    assert!(tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    for name in ["Location", "Link", "ETag", "Retry-After", "Accept-Post"] {
        assert!(reply.header("access-control-expose-headers").contains(name), "{name}");
    }
}

#[tokio::test]
async fn s9_candidates_are_taken_without_a_word() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let created = site.publish(stream.id, &token, OFFER).await;
    let reply = patch(&site, created.header("location"), &token, Some(created.header("etag")), &trickle()).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT, "{}", reply.body);
    assert!(reply.body.is_empty() && reply.headers.get("etag").is_none());
}

#[tokio::test]
async fn s10_a_patch_must_name_the_current_ice_session() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let created = site.publish(stream.id, &token, OFFER).await;
    let session = created.header("location");
    assert_eq!(patch(&site, session, &token, None, &trickle()).await.status, StatusCode::PRECONDITION_REQUIRED);
    assert_eq!(
        patch(&site, session, &token, Some("\"old\""), &trickle()).await.status,
        StatusCode::PRECONDITION_FAILED
    );
    let bearer = bearer(&token);
    let deleted = site.send("DELETE", session, &[("authorization", &bearer), ("if-match", "\"old\"")], "").await;
    assert_eq!(deleted.status, StatusCode::OK, "entity tags do not matter to DELETE");
}

#[tokio::test]
async fn s11_what_is_no_fragment_is_refused() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let created = site.publish(stream.id, &token, OFFER).await;
    let (session, tag) = (created.header("location"), created.header("etag"));
    assert_eq!(patch(&site, session, &token, Some(tag), "nonsense").await.status, StatusCode::BAD_REQUEST);
    let bearer = bearer(&token);
    let headers = [("content-type", "application/sdp"), ("authorization", bearer.as_str()), ("if-match", tag)];
    assert_eq!(site.send("PATCH", session, &headers, &trickle()).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn s12_new_credentials_restart_ice() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let created = site.publish(stream.id, &token, OFFER).await;
    let (session, tag) = (created.header("location"), created.header("etag"));
    for star in ["*", "\"*\""] {
        let ufrag = format!("new{}", star.len());
        let body = fragment(&ufrag, "abcdefghijklmnopqrstuvwx");
        let reply = patch(&site, session, &token, Some(star), &body).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        assert_eq!(reply.header("content-type"), "application/trickle-ice-sdpfrag");
        assert_ne!(reply.header("etag"), tag);
        for line in ["a=ice-ufrag:", "a=ice-pwd:", "a=candidate:"] {
            assert!(reply.body.contains(line), "{line} is missing: {}", reply.body);
        }
    }
    let stale = patch(&site, session, &token, Some(tag), &trickle()).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED, "the old tag is stale after a restart");
}

#[tokio::test]
async fn s14_s15_more_than_one_video_is_refused_as_a_whole() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let video = &OFFER[OFFER.find("m=video").unwrap()..];
    let two = format!("{OFFER}{}", video.replace("a=mid:1", "a=mid:2")).replace("BUNDLE 0 1", "BUNDLE 0 1 2");
    let reply = site.publish(stream.id, &token, &two).await;
    assert!(matches!(reply.status.as_u16(), 400 | 422), "{}", reply.status);
}

#[tokio::test]
async fn s19_a_full_server_says_when_to_come_again() {
    let site = Site::with_limits(Limits { publishers: 1, ..Limits::default() }).await;
    let (first, first_token) = site.stream().await;
    let (second, second_token) = site.stream().await;
    assert_eq!(site.publish(first.id, &first_token, OFFER).await.status, StatusCode::CREATED);
    let reply = site.publish(second.id, &second_token, OFFER).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(reply.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
}

#[tokio::test]
async fn s21_only_the_token_of_this_stream_opens_it() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let (_, other) = site.stream().await;
    let path = format!("/whip/{}", stream.id);
    let nobody = site.send("POST", &path, &[("content-type", "application/sdp")], OFFER).await;
    assert_eq!((nobody.status, nobody.header("www-authenticate")), (StatusCode::UNAUTHORIZED, "Bearer"));
    assert_eq!(site.publish(stream.id, &other, OFFER).await.status, StatusCode::UNAUTHORIZED);
    let cookie = [("content-type", "application/sdp"), ("cookie", site.cookie.as_str())];
    assert_eq!(site.send("POST", &path, &cookie, OFFER).await.status, StatusCode::UNAUTHORIZED, "a cookie is no token");
    let session = site.publish(stream.id, &token, OFFER).await.header("location").to_owned();
    for method in ["PATCH", "DELETE"] {
        let stranger = bearer(&other);
        let headers = [("content-type", "application/trickle-ice-sdpfrag"), ("authorization", stranger.as_str())];
        assert_eq!(site.send(method, &session, &headers, "").await.status, StatusCode::UNAUTHORIZED, "{method}");
        assert_eq!(site.send(method, &session, &[], "").await.status, StatusCode::UNAUTHORIZED, "{method}");
    }
}

#[tokio::test]
async fn s23_session_addresses_cannot_be_guessed() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let session = site.publish(stream.id, &token, OFFER).await.header("location").to_owned();
    let name = session.rsplit('/').next().unwrap();
    assert!(name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "128 random bits: {name}");
}

#[tokio::test]
async fn a_replaced_link_and_an_ended_service_are_closed() {
    let site = Site::open().await;
    let (stream, old) = site.stream().await;
    site.everlight.streams().replace_link(&site.actor, stream.id).await.unwrap();
    assert_eq!(site.publish(stream.id, &old, OFFER).await.status, StatusCode::UNAUTHORIZED);
    let new = site.everlight.streams().access(&site.actor, stream.id).await.unwrap().token;
    site.everlight.publishing().end_by_staff(&site.actor, stream.id).await.unwrap();
    assert_eq!(site.publish(stream.id, &new, OFFER).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_second_publisher_with_the_token_is_let_in() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let first = site.publish(stream.id, &token, OFFER).await;
    let second = site.publish(stream.id, &token, OFFER).await;
    assert_eq!((first.status, second.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_ne!(first.header("location"), second.header("location"));
}

#[tokio::test]
async fn the_video_orientation_extension_is_never_accepted() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    assert!(OFFER.contains("urn:3gpp:video-orientation"));
    assert!(!site.publish(stream.id, &token, OFFER).await.body.contains("video-orientation"));
}

#[tokio::test]
async fn whep_asks_to_come_again_before_anybody_is_live() {
    let site = Site::open().await;
    let (stream, _) = site.stream().await;
    let offer = include_str!("../../../crates/media/tests/fixtures/chromium-156-viewer.sdp");
    let headers = [("content-type", "application/sdp")];
    let reply = site.send("POST", &format!("/whep/{}", stream.slug), &headers, offer).await;
    assert_eq!(reply.status, StatusCode::CONFLICT, "{}", reply.body);
    assert!(reply.header("retry-after").parse::<u32>().is_ok());
    let unknown = site.send("POST", "/whep/00000000000000000000000000", &headers, offer).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let by_id = site.send("POST", &format!("/whep/{}", stream.id), &headers, offer).await;
    assert_eq!(by_id.status, StatusCode::NOT_FOUND, "the stream's id is no link");
}

#[tokio::test]
async fn s23_one_address_cannot_ask_without_end() {
    let site = Site::open().await;
    let path = "/whip/01a2046e-1b8a-7ac3-a7ba-374324a10b39/00000000000000000000000000000000";
    for method in ["POST", "PATCH", "DELETE"] {
        let mut last = None;
        for _ in 0..400 {
            last = Some(site.send(method, path, &[], "").await);
        }
        let last = last.expect("400 requests were sent");
        assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS, "{method}");
        assert!(last.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    }
}
