//! What is asked, and what follows from the answers.

use crate::support::{Cloudflare, TOKEN, fixture};
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Json},
};
use cloudflare::{Failure, NewLiveInput};
use serde_json::{Value, json};

fn new() -> NewLiveInput {
    NewLiveInput {
        name: "Ann's service".into(),
        mark: "stream-1".into(),
        installation: "here".into(),
        timeout_seconds: 180,
        require_signed_urls: true,
        delete_recording_after_days: Some(45),
        allowed_origins: vec!["example.com".into()],
    }
}

/// The documented answer with what was sent in it.
fn echo(sent: &Value) -> Value {
    let mut answer = fixture("cf-live-input-create-response.COMPOSITE")["payload"].clone();
    for (key, value) in sent.as_object().unwrap() {
        answer["result"][key] = value.clone();
    }
    answer
}

#[tokio::test]
async fn an_input_is_created_as_the_api_wants_it() {
    let cloudflare = Cloudflare::start(|call| {
        let sent = call.json();
        let expected = json!({
            "meta": { "name": "Ann's service", "everlightStream": "stream-1", "everlightInstallation": "here" },
            "enabled": true,
            "recording": {
                "mode": "automatic", "timeoutSeconds": 180, "requireSignedURLs": true, "allowedOrigins": ["example.com"],
            },
            "deleteRecordingAfterDays": 45,
        });
        if sent != expected || call.header("authorization") != format!("Bearer {TOKEN}") {
            return StatusCode::BAD_REQUEST.into_response();
        }
        Json(echo(&sent)).into_response()
    })
    .await;
    let input = cloudflare.client().create_live_input(&new()).await.unwrap();
    assert_eq!(input.meta.mark(), Some("stream-1"));
    assert_eq!(cloudflare.asked(), ["POST /client/v4/accounts/acc/stream/live_inputs"]);
}

/// Each setting, answered as if it had been dropped.
#[tokio::test]
async fn a_setting_that_was_ignored_is_an_error_that_names_the_input() {
    let dropped = [
        ("/result/recording/mode", json!("off"), "recording.mode"),
        ("/result/recording/timeoutSeconds", json!(null), "recording.timeoutSeconds"),
        ("/result/recording/requireSignedURLs", json!(false), "recording.requireSignedURLs"),
        ("/result/recording/allowedOrigins", json!(null), "recording.allowedOrigins"),
        ("/result/deleteRecordingAfterDays", json!(null), "deleteRecordingAfterDays"),
        ("/result/enabled", json!(false), "enabled"),
        ("/result/meta", json!(null), "meta"),
    ];
    for (pointer, value, name) in dropped {
        let cloudflare = Cloudflare::start(move |call| {
            let mut answer = echo(&call.json());
            *answer.pointer_mut(pointer).unwrap() = value.clone();
            Json(answer).into_response()
        })
        .await;
        match cloudflare.client().create_live_input(&new()).await {
            Err(Failure::Ignored { object, setting, .. }) => {
                assert_eq!((object.as_str(), setting), ("66be4bf738797e01e1fca35a7bdecdcd", name));
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_timeout_of_zero_comes_back_as_null_and_is_no_error() {
    let cloudflare = Cloudflare::start(|call| {
        let mut answer = echo(&call.json());
        answer["result"]["recording"]["timeoutSeconds"] = json!(null);
        Json(answer).into_response()
    })
    .await;
    let new = NewLiveInput { timeout_seconds: 0, ..new() };
    assert!(cloudflare.client().create_live_input(&new).await.is_ok());
}

#[tokio::test]
async fn a_refusal_carries_the_code() {
    let cloudflare = Cloudflare::start(|_| {
        let error = json!({ "code": 10060, "message": "must be between 30 and 1096 days" });
        (StatusCode::BAD_REQUEST, Json(json!({ "success": false, "errors": [error], "result": null }))).into_response()
    })
    .await;
    let failure = cloudflare.client().create_live_input(&new()).await.unwrap_err();
    assert!(matches!(&failure, Failure::Refused { status: 400, code: Some(code), .. } if code == "10060"), "{failure}");
}

#[tokio::test]
async fn a_refusal_with_status_200_is_one() {
    let refusal = json!({ "success": false, "errors": [{ "code": 7003, "message": "No route" }], "result": null });
    let client = Cloudflare::answering(refusal).await.client();
    for failure in [client.videos().await.unwrap_err(), client.delete_video("v").await.unwrap_err()] {
        assert!(matches!(&failure, Failure::Refused { code: Some(code), .. } if code == "7003"), "{failure}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_json_leaves_a_creation_unknown() {
    let cloudflare = Cloudflare::start(|_| "<html>502</html>".into_response()).await;
    assert!(cloudflare.client().create_live_input(&new()).await.unwrap_err().outcome_unknown());
    assert!(!cloudflare.client().live_inputs().await.unwrap_err().outcome_unknown());
}

#[tokio::test]
async fn an_input_is_found_by_its_mark_in_both_shapes_of_the_list() {
    let marked =
        |uid: &str, created: &str| json!({ "uid": uid, "meta": { "everlightStream": "m" }, "created": created });
    let inputs = json!([{ "uid": "other", "meta": null }, marked("b", "2026-02"), marked("a", "2026-01")]);
    for result in [inputs.clone(), json!({ "liveInputs": inputs, "range": 1000, "total": 3 })] {
        let cloudflare = Cloudflare::answering(json!({ "success": true, "result": result })).await;
        assert_eq!(cloudflare.client().find_live_input("m").await.unwrap().unwrap().uid, "a", "the oldest");
        assert_eq!(cloudflare.client().find_live_input("n").await, Ok(None));
        assert_eq!(cloudflare.asked()[0], "GET /client/v4/accounts/acc/stream/live_inputs?include_counts=true");
    }
}

#[tokio::test]
async fn what_is_missing_in_half_a_list_is_not_declared_missing() {
    let result = json!({ "liveInputs": [{ "uid": "other" }], "range": 1, "total": 2 });
    let cloudflare = Cloudflare::answering(json!({ "success": true, "result": result })).await;
    let failure = cloudflare.client().find_live_input("m").await.unwrap_err();
    assert!(matches!(failure, Failure::Garbled { .. }), "{failure}");
}

#[tokio::test]
async fn what_is_not_there_has_been_deleted() {
    let cloudflare = Cloudflare::start(|_| StatusCode::NOT_FOUND.into_response()).await;
    let client = cloudflare.client();
    assert_eq!(client.delete_live_input("i").await, Ok(()));
    assert_eq!(client.delete_video("v").await, Ok(()));
    assert_eq!(client.delete_output("i", "o").await, Ok(()));
    assert!(client.video("v").await.unwrap_err().is_not_found());
    let expected = [
        "DELETE /client/v4/accounts/acc/stream/live_inputs/i",
        "DELETE /client/v4/accounts/acc/stream/v",
        "DELETE /client/v4/accounts/acc/stream/live_inputs/i/outputs/o",
        "GET /client/v4/accounts/acc/stream/v",
    ];
    assert_eq!(cloudflare.asked(), expected);
}

#[tokio::test]
async fn an_empty_id_deletes_nothing() {
    let cloudflare = Cloudflare::answering(json!({ "success": true })).await;
    let failure = cloudflare.client().delete_live_input("").await.unwrap_err();
    assert!(matches!(failure, Failure::NotSent { .. }), "{failure}");
    assert!(cloudflare.asked().is_empty());
}

#[tokio::test]
async fn disabling_is_checked() {
    let cloudflare = Cloudflare::answering(fixture("cf-live-input-create-response.COMPOSITE")["payload"].clone()).await;
    assert!(cloudflare.client().set_enabled("i", true).await.is_ok());
    let failure = cloudflare.client().set_enabled("i", false).await.unwrap_err();
    assert!(matches!(failure, Failure::Ignored { setting: "enabled", .. }), "{failure}");
}

#[tokio::test]
async fn each_kind_of_token_is_asked_about_where_it_is_known() {
    for (token, place) in [("cfat_x", "accounts/acc"), ("v1.0-x", "user")] {
        let cloudflare = Cloudflare::start(move |call| {
            if call.parts.uri.path() == format!("/client/v4/{place}/tokens/verify") {
                return Json(json!({ "success": true, "result": { "id": "t", "status": "active" } })).into_response();
            }
            let error = json!({ "success": false, "errors": [{ "code": 1000, "message": "Invalid API Token" }] });
            (StatusCode::UNAUTHORIZED, Json(error)).into_response()
        })
        .await;
        assert!(cloudflare.client_with(token).verify_token().await.unwrap().is_active());
        assert_eq!(cloudflare.asked().len(), 1);
        // A kind of token that we do not know by its first letters.
        let other = if token == "cfat_x" { "unmarked" } else { "cfat_unmarked" };
        assert!(cloudflare.client_with(other).verify_token().await.unwrap().is_active());
    }
}

#[tokio::test]
async fn all_pages_of_recordings_are_read_once() {
    let cloudflare = Cloudflare::start(|call| {
        let video = |n: usize| json!({ "uid": n.to_string(), "created": format!("2026-01-01T00:00:{:04}Z", 9999 - n) });
        let query = call.parts.uri.query().unwrap_or_default();
        // The second page repeats the last of the first.
        let numbers = if query.contains("end=") { 999..1100 } else { 0..1000 };
        let videos: Vec<Value> = numbers.map(video).collect();
        Json(json!({ "success": true, "result": videos })).into_response()
    })
    .await;
    assert_eq!(cloudflare.client().videos().await.unwrap().len(), 1100);
    assert_eq!(cloudflare.asked().len(), 2);
}

#[tokio::test]
async fn no_secret_is_in_what_is_printed() {
    let cloudflare = Cloudflare::start(|call| {
        let body = String::from_utf8_lossy(&call.body).into_owned();
        let error = json!({ "errors": [{ "code": 1, "message": format!("{} {body}", call.header("authorization")) }] });
        (StatusCode::BAD_REQUEST, Json(error)).into_response()
    })
    .await;
    let client = cloudflare.client();
    let failure = client.create_output("i", "rtmps://x", &"canary-key".into()).await.unwrap_err();
    let text = format!("{failure} {failure:?} {client:?}");
    assert!(text.contains("[hidden]") && !text.contains("canary"), "{text}");
}
