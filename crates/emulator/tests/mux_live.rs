//! Live streams of Mux: fed by RTMPS and by an output of Cloudflare, with the documented events.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod common;

use common::{Receiver, Setup, answer, encoder, eventually, publish, rtmps, start, text};
use serde_json::{Value, json};

fn key_url(setup: &Setup, stream: &Value) -> String {
    format!("{}/{}", setup.emulator.mux_ingest_url(), text(&stream["stream_key"]))
}

async fn asset_of(setup: &Setup, stream: &Value) -> Value {
    let path = format!("/video/v1/assets?live_stream_id={}", text(&stream["id"]));
    eventually("a finished asset", async || {
        let assets = setup.mux("GET", &path, json!({})).await;
        let first = assets.as_array().unwrap().first().cloned();
        first.filter(|asset| asset["is_live"] == false && asset["static_renditions"]["status"] == "ready")
    })
    .await
}

async fn until_status(setup: &Setup, stream: &Value, status: &str) {
    let path = format!("/video/v1/live-streams/{}", text(&stream["id"]));
    eventually(status, async || (setup.mux("GET", &path, json!({})).await["status"] == status).then_some(())).await;
}

/// Something has arrived that an asset can be made of.
async fn until_playable(setup: &Setup, stream: &Value) {
    let manifest = format!("/{}.m3u8", text(&stream["playback_ids"][0]["id"]));
    eventually("a live manifest", async || (setup.get(&manifest).await.status() == 200).then_some(())).await;
}

#[tokio::test]
async fn events_come_in_the_documented_order_and_signed() {
    let setup = start().await;
    let (receiver, url) = Receiver::start().await;
    setup.emulator.send_mux_webhooks_to(Some(format!("{url}/api/webhooks/mux")));
    let stream = setup.live_stream().await;
    publish(&key_url(&setup, &stream), 3).await;
    let last = "video.asset.static_rendition.ready";
    let taken = receiver.until(last, |taken| taken.iter().any(|one| one.kind() == last)).await;
    let kinds: Vec<String> = taken.iter().map(common::Delivered::kind).collect();
    let expected = [
        "video.live_stream.created",
        "video.live_stream.connected",
        "video.asset.created",
        "video.live_stream.recording",
        "video.live_stream.active",
        "video.asset.ready",
        "video.live_stream.disconnected",
        "video.live_stream.idle",
        "video.asset.live_stream_completed",
        last,
    ];
    assert_eq!(kinds, expected);
    let secret = &setup.emulator.config().mux.webhook_secret;
    for one in &taken {
        let header = one.headers["mux-signature"].to_str().unwrap();
        let (time, signature) = header.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
        assert_eq!(signature, emulator::signature(secret, time.parse().unwrap(), &one.body));
        assert_eq!(one.path, "/api/webhooks/mux");
    }
    let event = |kind: &str| taken.iter().find(|one| one.kind() == kind).unwrap().json();
    let connected = event("video.live_stream.connected");
    assert_eq!(connected["object"], json!({ "type": "live", "id": stream["id"] }));
    assert_eq!(connected["data"]["stream_key"], stream["stream_key"]);
    assert_eq!(connected["data"]["status"], "idle");
    assert!(connected["data"]["created_at"].is_i64(), "a number in events");
    assert!(stream["created_at"].is_string(), "a string in the API");
    assert_eq!(event("video.live_stream.disconnected")["data"]["status"], "active");
    let idle = event("video.live_stream.idle");
    assert_eq!(
        (&idle["data"]["status"], &idle["data"]["active_asset_id"]),
        (&json!("idle"), &connected["data"]["active_asset_id"])
    );
    let completed = event("video.asset.live_stream_completed");
    let duration = completed["data"]["duration"].as_f64().unwrap();
    assert!((2.9..3.4).contains(&duration), "{duration}");
}

#[tokio::test]
async fn what_an_output_of_cloudflare_passes_on_is_recorded() {
    let setup = start().await;
    let (input, stream) = (setup.input(10).await, setup.live_stream().await);
    let body = json!({ "url": setup.emulator.mux_ingest_url(), "streamKey": stream["stream_key"] });
    setup.cloudflare("POST", &format!("/stream/live_inputs/{}/outputs", text(&input["uid"])), body).await;
    publish(&rtmps(&input), 5).await;
    let asset = asset_of(&setup, &stream).await;
    // What was sent before the output was connected is not in it.
    let duration = asset["duration"].as_f64().unwrap();
    assert!((0.5..5.4).contains(&duration), "{duration}");
    setup.videos(&input, 1, "ready").await;
    let decoded = setup.decode(&format!("/{}/highest.mp4", text(&asset["playback_ids"][0]["id"]))).await;
    assert!((decoded - duration).abs() < 0.05, "{decoded} {duration}");
}

#[tokio::test]
async fn a_live_stream_plays_when_it_is_active() {
    let setup = start().await;
    let stream = setup.live_stream().await;
    let manifest = format!("/{}.m3u8", text(&stream["playback_ids"][0]["id"]));
    assert_eq!(setup.get(&manifest).await.status(), 412);
    let _encoder = encoder(&key_url(&setup, &stream), 60);
    let master = eventually("a manifest", async || {
        let response = setup.get(&manifest).await;
        if response.status() == 200 { response.text().await.ok() } else { None }
    })
    .await;
    let list = setup.get(&format!("/{}", master.lines().last().unwrap())).await.text().await.unwrap();
    assert!(list.contains("seg-0.ts"), "{list}");
}

#[tokio::test]
async fn completing_ends_the_asset_and_who_is_still_there_is_cut_later() {
    let setup = start().await;
    let stream = setup.live_stream().await;
    let mut encoder = encoder(&key_url(&setup, &stream), 60);
    until_status(&setup, &stream, "active").await;
    until_playable(&setup, &stream).await;
    let path = format!("/video/v1/live-streams/{}", text(&stream["id"]));
    setup.mux("PUT", &format!("{path}/complete"), json!({})).await;
    assert_eq!(setup.mux("GET", &path, json!({})).await["status"], "idle");
    asset_of(&setup, &stream).await;
    assert!(!encoder.wait().await.unwrap().success());
    publish(&key_url(&setup, &stream), 2).await;
    eventually("another asset", async || {
        let stream = setup.mux("GET", &path, json!({})).await;
        (stream["recent_asset_ids"].as_array().unwrap().len() == 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_disabled_stream_cuts_and_refuses() {
    let setup = start().await;
    let stream = setup.live_stream().await;
    let mut first = encoder(&key_url(&setup, &stream), 60);
    until_status(&setup, &stream, "active").await;
    until_playable(&setup, &stream).await;
    let path = format!("/video/v1/live-streams/{}", text(&stream["id"]));
    setup.mux("PUT", &format!("{path}/disable"), json!({})).await;
    assert!(!first.wait().await.unwrap().success());
    assert!(!encoder(&key_url(&setup, &stream), 60).wait().await.unwrap().success());
    asset_of(&setup, &stream).await;
    setup.mux("PUT", &format!("{path}/enable"), json!({})).await;
    publish(&key_url(&setup, &stream), 1).await;
}

#[tokio::test]
async fn a_reconnect_in_the_window_goes_on_with_the_asset() {
    let setup = start().await;
    let stream = setup.live_stream().await;
    let window = format!("/video/v1/live-streams/{}", text(&stream["id"]));
    setup.mux("PATCH", &window, json!({ "reconnect_window": 100 })).await;
    publish(&key_url(&setup, &stream), 3).await;
    publish(&key_url(&setup, &stream), 2).await;
    let asset = asset_of(&setup, &stream).await;
    let duration = asset["duration"].as_f64().unwrap();
    assert!((4.9..5.5).contains(&duration), "{duration}");
}

#[tokio::test]
async fn an_output_comes_back_when_it_is_cut() {
    let setup = start().await;
    let (receiver, url) = Receiver::start().await;
    setup.emulator.send_mux_webhooks_to(Some(url));
    let (input, stream) = (setup.input(10).await, setup.live_stream().await);
    let window = format!("/video/v1/live-streams/{}", text(&stream["id"]));
    setup.mux("PATCH", &window, json!({ "reconnect_window": 100 })).await;
    let body = json!({ "url": setup.emulator.mux_ingest_url(), "streamKey": stream["stream_key"] });
    setup.cloudflare("POST", &format!("/stream/live_inputs/{}/outputs", text(&input["uid"])), body).await;
    let _encoder = encoder(&rtmps(&input), 60);
    until_status(&setup, &stream, "active").await;
    setup.control("/_emulator/faults/ingest", json!({ "type": "drop_now", "provider": "mux" })).await;
    let connected = "video.live_stream.connected";
    let twice = |taken: &[common::Delivered]| taken.iter().filter(|one| one.kind() == connected).count() == 2;
    receiver.until("connected again", twice).await;
    let stream = setup.mux("GET", &window, json!({})).await;
    assert_eq!(stream["recent_asset_ids"].as_array().unwrap().len(), 1);
    assert_eq!(setup.status_of(&input).await["state"], "connected", "the input is not touched");
}

#[tokio::test]
async fn requests_that_mux_refuses_are_refused() {
    let setup = start().await;
    let create = |body: Value| setup.mux_request("POST", "/video/v1/live-streams").body(body.to_string());
    for body in [
        json!({ "reconnect_window": 1801 }),
        json!({ "passthrough": "x".repeat(256) }),
        json!({ "playback_policies": ["secret"] }),
        json!({ "new_asset_settings": { "mp4_support": "standard", "static_renditions": [] } }),
    ] {
        let (status, reply) = answer(create(body)).await;
        assert_eq!((status.as_u16(), &reply["error"]["type"]), (400, &json!("invalid_parameters")));
    }
    let (status, _) = answer(setup.http.get(setup.url("/video/v1/assets")).basic_auth("a", Some("b"))).await;
    assert_eq!(status, 401);
    let (status, _) = answer(setup.mux_request("GET", "/video/v1/assets/nothing")).await;
    assert_eq!(status, 404);
    let low = setup.mux("POST", "/video/v1/live-streams", json!({ "latency_mode": "low" })).await;
    assert_eq!(low["reconnect_window"], 0);
}
