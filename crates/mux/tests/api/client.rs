//! What is asked, and what follows from the answers.

use crate::support::{Mux, SECRET, fixture};
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Json},
};
use mux::{Client, Config, Failure, NewLiveStream, Policy};
use serde_json::{Value, json};

fn new() -> NewLiveStream {
    NewLiveStream {
        passthrough: "stream-1".into(),
        title: "Ann's service".into(),
        reconnect_window: 180,
        policy: Policy::Public,
        mp4: true,
        test: false,
    }
}

/// What Mux makes of what was sent.
fn made(sent: &Value) -> Value {
    let mut data = sent.clone();
    data["id"] = json!("live-1");
    data["stream_key"] = json!("canary-key");
    data["status"] = json!("idle");
    data["created_at"] = json!("1527110899");
    let policies = sent["playback_policies"].as_array().unwrap().iter();
    data["playback_ids"] = policies.map(|policy| json!({ "id": "p", "policy": policy })).collect();
    json!({ "data": data })
}

#[tokio::test]
async fn a_live_stream_is_created_as_the_api_wants_it() {
    let mux = Mux::start(|call| {
        let sent = call.json();
        let expected = json!({
            "playback_policies": ["public"],
            "new_asset_settings": {
                "playback_policies": ["public"],
                "passthrough": "stream-1",
                "static_renditions": [{ "resolution": "highest" }],
            },
            "latency_mode": "standard",
            "reconnect_window": 180,
            "passthrough": "stream-1",
            "meta": { "title": "Ann's service" },
            "test": false,
        });
        // echo -n canary-id:canary-secret-5318008 | base64
        let authorization = "Basic Y2FuYXJ5LWlkOmNhbmFyeS1zZWNyZXQtNTMxODAwOA==";
        if sent != expected || call.header("authorization") != authorization {
            return StatusCode::BAD_REQUEST.into_response();
        }
        (StatusCode::CREATED, Json(made(&sent))).into_response()
    })
    .await;
    let stream = mux.client().create_live_stream(&new()).await.unwrap();
    assert_eq!((stream.id.as_str(), stream.passthrough.as_deref()), ("live-1", Some("stream-1")));
    assert_eq!(mux.asked(), ["POST /video/v1/live-streams"]);
}

#[tokio::test]
async fn a_setting_that_was_ignored_is_an_error_that_names_the_stream() {
    let dropped = [
        ("/data/playback_ids", json!([]), "playback_policies"),
        ("/data/passthrough", json!(null), "passthrough"),
        ("/data/reconnect_window", json!(60), "reconnect_window"),
        ("/data/latency_mode", json!("low"), "latency_mode"),
        ("/data/test", json!(true), "test"),
        ("/data/new_asset_settings/playback_policies", json!([]), "new_asset_settings.playback_policies"),
        ("/data/new_asset_settings/static_renditions", json!(null), "new_asset_settings.static_renditions"),
    ];
    for (pointer, value, name) in dropped {
        let mux = Mux::start(move |call| {
            let mut answer = made(&call.json());
            *answer.pointer_mut(pointer).unwrap() = value.clone();
            Json(answer).into_response()
        })
        .await;
        match mux.client().create_live_stream(&new()).await {
            Err(Failure::Ignored { object, setting, .. }) => assert_eq!((object.as_str(), setting), ("live-1", name)),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_stream_is_looked_for_on_every_page() {
    let mux = Mux::start(|call| {
        let query = call.parts.uri.query().unwrap();
        let first = if query.contains("page=1") { 0 } else { 99 };
        let stream = |n: usize| json!({ "id": n.to_string(), "stream_key": "k", "passthrough": format!("m{n}") });
        let count = if first == 0 { 100 } else { 40 };
        let streams: Vec<Value> = (first..first + count).map(stream).collect();
        Json(json!({ "data": streams })).into_response()
    })
    .await;
    let client = mux.client();
    assert_eq!(client.live_streams().await.unwrap().len(), 139);
    assert_eq!(client.find_by_passthrough("m120").await.unwrap().unwrap().id, "120");
    assert!(client.find_by_passthrough("m500").await.unwrap().is_none());
    assert_eq!(mux.asked()[1], "GET /video/v1/live-streams?limit=100&page=2");
}

#[tokio::test]
async fn only_a_streams_own_assets_are_its_assets() {
    let asset = |id: &str, stream: Value| json!({ "id": id, "live_stream_id": stream, "status": "ready" });
    let all = json!({ "data": [asset("a", json!("live-1")), asset("b", json!("live-2")), asset("c", json!(null))] });
    let mux = Mux::answering(all).await;
    let assets = mux.client().assets_of("live-1").await.unwrap();
    assert_eq!(assets.iter().map(|asset| asset.id.as_str()).collect::<Vec<_>>(), ["a"]);
    assert_eq!(mux.asked(), ["GET /video/v1/assets?live_stream_id=live-1&limit=100&page=1"]);
}

#[tokio::test]
async fn the_calls_without_an_answer() {
    let mux = Mux::start(|call| match call.parts.method.as_str() {
        "DELETE" => StatusCode::NOT_FOUND.into_response(),
        _ => StatusCode::NO_CONTENT.into_response(),
    })
    .await;
    let client = mux.client();
    assert_eq!(client.disable("l").await, Ok(()));
    assert_eq!(client.enable("l").await, Ok(()));
    assert_eq!(client.complete("l").await, Ok(()));
    assert_eq!(client.delete_live_stream("l").await, Ok(()));
    assert_eq!(client.delete_asset("a").await, Ok(()));
    assert_eq!(client.create_static_rendition("a").await, Ok(()));
    let expected = [
        "PUT /video/v1/live-streams/l/disable",
        "PUT /video/v1/live-streams/l/enable",
        "PUT /video/v1/live-streams/l/complete",
        "DELETE /video/v1/live-streams/l",
        "DELETE /video/v1/assets/a",
        "POST /video/v1/assets/a/static-renditions",
    ];
    assert_eq!(mux.asked(), expected);
}

#[tokio::test]
async fn refusals_as_recorded() {
    for case in fixture("mux-errors")["payload"].as_array().unwrap() {
        let (status, body) = (case["status"].as_u64().unwrap(), case["body"].clone());
        let status = StatusCode::from_u16(u16::try_from(status).unwrap()).unwrap();
        let said = body["error"]["messages"][0].as_str().unwrap().to_owned();
        let mux = Mux::start(move |_| (status, Json(body.clone())).into_response()).await;
        match mux.client().create_live_stream(&new()).await {
            Err(Failure::Refused { code, message, .. }) => {
                assert_eq!((code.as_deref(), message), (Some("invalid_parameters"), said));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn wrong_credentials_are_told_from_a_fault() {
    let mux = Mux::start(|_| StatusCode::UNAUTHORIZED.into_response()).await;
    assert!(mux.client().verify().await.unwrap_err().is_denied());
    let mux = Mux::start(|_| StatusCode::BAD_GATEWAY.into_response()).await;
    let failure = mux.client().verify().await.unwrap_err();
    assert!(!failure.is_denied() && failure.is_transient());
}

#[tokio::test]
async fn no_secret_is_in_what_is_printed() {
    let mux = Mux::start(|call| {
        let said = format!("{} {SECRET} {}", call.header("authorization"), call.header("x"));
        (StatusCode::BAD_REQUEST, Json(json!({ "error": { "type": "x", "messages": [said] } }))).into_response()
    })
    .await;
    let client = mux.client();
    let failure = client.reset_stream_key("l").await.unwrap_err();
    let text = format!("{failure} {failure:?}");
    assert!(!text.contains(SECRET) && !text.contains("Y2FuYXJ5"), "{text}");
    assert!(!format!("{client:?}").contains(SECRET));
    assert!(!format!("{:?}", Config::new("id", SECRET.into())).contains(SECRET));
}

#[test]
fn addresses_as_documented() {
    let client = Client::new(&Config::new("id", "secret".into())).unwrap();
    let playback = client.playback("PID");
    assert_eq!(playback.hls, "https://stream.mux.com/PID.m3u8");
    assert_eq!(playback.mp4, "https://stream.mux.com/PID/highest.mp4");
    assert_eq!(client.ingest_url(), "rtmps://global-live.mux.com:443/app");
}
