//! Webhooks of Cloudflare, and faults of all.

mod common;

use common::{Receiver, Setup, publish, rtmps, start, start_with, text};
use emulator::{Config, Timing};
use serde_json::{Value, json};

/// An emulator whose Mux sends here.
async fn with_mux() -> (Setup, Receiver) {
    let setup = start().await;
    let (receiver, url) = Receiver::start().await;
    setup.emulator.send_mux_webhooks_to(Some(url));
    (setup, receiver)
}

#[tokio::test]
async fn cloudflare_sends_both_kinds_to_everlight() {
    let (receiver, url) = Receiver::start().await;
    let config = Config { timing: Timing::fast(), webhooks_to: Some(url), ..Config::default() };
    let setup = start_with(config).await;
    let input = setup.input(1).await;
    publish(&rtmps(&input), 2).await;
    let of = |path: &'static str| move |one: &&common::Delivered| one.path == path;
    let (live, vod) = ("/api/webhooks/cloudflare/live", "/api/webhooks/cloudflare/stream");
    let taken = receiver.until("the video's webhook", |taken| taken.iter().any(|one| one.path == vod)).await;
    let secrets = &setup.emulator.config().cloudflare;

    let notifications: Vec<_> = taken.iter().filter(of(live)).collect();
    let events: Vec<Value> = notifications.iter().map(|one| one.json()["data"]["event_type"].clone()).collect();
    assert_eq!(events, ["live_input.connected", "live_input.disconnected"]);
    for one in notifications {
        assert_eq!(one.headers["cf-webhook-auth"], secrets.notification_secret.as_str());
        assert_eq!(one.json()["data"]["input_id"], input["uid"]);
        assert_eq!(one.json()["data"]["notification_name"], "Stream Live Input");
    }

    let ready = taken.iter().find(of(vod)).unwrap();
    let header = ready.headers["webhook-signature"].to_str().unwrap();
    let (time, signature) = header.strip_prefix("time=").unwrap().split_once(",sig1=").unwrap();
    assert_eq!(signature, emulator::signature(&secrets.webhook_secret, time.parse().unwrap(), &ready.body));
    assert_eq!((&ready.json()["liveInput"], &ready.json()["readyToStream"]), (&input["uid"], &json!(true)));
}

#[tokio::test]
async fn a_codec_that_cloudflare_does_not_take_is_told() {
    let (receiver, url) = Receiver::start().await;
    let config = Config { timing: Timing::fast(), webhooks_to: Some(url), ..Config::default() };
    let setup = start_with(config).await;
    let input = setup.input(1).await;
    let mut encoder = common::encoder_with(&rtmps(&input), 60, &["-c:a", "libmp3lame", "-ar", "44100"]);
    assert!(!encoder.wait().await.unwrap().success());
    let error = |one: &common::Delivered| one.json()["data"]["live_input_errored"]["error"]["code"].clone();
    let taken = receiver.until("the error", |taken| taken.iter().any(|one| !error(one).is_null())).await;
    assert!(taken.iter().any(|one| error(one) == "ERR_UNSUPPORTED_AUDIO_CODEC"));
    assert_eq!(setup.status_of(&input).await["state"], "errored");
}

#[tokio::test]
async fn notifications_go_where_a_policy_sends_them() {
    let (receiver, url) = Receiver::start().await;
    let setup = start().await;
    let (watched, other) = (setup.input(1).await, setup.input(1).await);
    let body = json!({ "name": "n", "url": url, "secret": "s" });
    let destination = setup.cloudflare("POST", "/alerting/v3/destinations/webhooks", body).await;
    let policy = json!({
        "name": "p", "enabled": true, "alert_type": "stream_live_notifications",
        "mechanisms": { "webhooks": [{ "id": destination["id"] }] },
        "filters": { "input_id": [watched["uid"]], "event_type": ["live_input.disconnected"] },
    });
    setup.cloudflare("POST", "/alerting/v3/policies", policy).await;
    publish(&rtmps(&other), 1).await;
    publish(&rtmps(&watched), 1).await;
    let taken = receiver.until("a notification", |taken| !taken.is_empty()).await;
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].headers["cf-webhook-auth"], "s");
    assert_eq!(taken[0].json()["data"]["event_type"], "live_input.disconnected");
    assert_eq!(taken[0].json()["data"]["input_id"], watched["uid"]);
    let shown = setup.cloudflare("GET", "/alerting/v3/destinations/webhooks", json!({})).await;
    assert_eq!(shown[0].get("secret"), None, "shown once");
}

#[tokio::test]
async fn what_is_not_taken_comes_again() {
    let (setup, receiver) = with_mux().await;
    receiver.refuse(2);
    setup.live_stream().await;
    let taken = receiver.until("three attempts", |taken| taken.len() == 3).await;
    assert!(taken.iter().all(|one| one.json()["id"] == taken[0].json()["id"]), "one event");
}

#[tokio::test]
async fn webhooks_can_be_lost() {
    let (setup, receiver) = with_mux().await;
    let lost = json!({ "type": "lost", "event": "video.live_stream.created", "times": 1 });
    setup.control("/_emulator/faults/webhooks", lost).await;
    setup.live_stream().await;
    let second = setup.live_stream().await;
    let taken = receiver.until("the second", |taken| !taken.is_empty()).await;
    assert_eq!(taken[0].json()["data"]["id"], second["id"]);
    let log = setup.emulator.state()["webhooks"].clone();
    assert_eq!(log[0]["result"], "lost");
}

#[tokio::test]
async fn webhooks_can_be_doubled() {
    let (setup, receiver) = with_mux().await;
    let doubled = json!({ "type": "duplicated", "copies": 3, "provider": "mux", "times": 1 });
    setup.control("/_emulator/faults/webhooks", doubled).await;
    setup.live_stream().await;
    let taken = receiver.until("three copies", |taken| taken.len() == 3).await;
    assert!(taken.iter().all(|one| one.body == taken[0].body));
}

#[tokio::test]
async fn webhooks_can_be_late() {
    let (setup, receiver) = with_mux().await;
    setup.control("/_emulator/faults/webhooks", json!({ "type": "delayed", "millis": 2000, "times": 1 })).await;
    let (late, early) = (setup.live_stream().await, setup.live_stream().await);
    let taken = receiver.until("both", |taken| taken.len() == 2).await;
    let order: Vec<Value> = taken.iter().map(|one| one.json()["data"]["id"].clone()).collect();
    assert_eq!(order, [early["id"].clone(), late["id"].clone()]);
}

#[tokio::test]
async fn webhooks_can_come_in_the_wrong_order() {
    let (setup, receiver) = with_mux().await;
    setup.control("/_emulator/faults/webhooks", json!({ "type": "shuffled", "hold": 3, "times": 3 })).await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(text(&setup.live_stream().await["id"]).to_owned());
    }
    made.reverse();
    let taken = receiver.until("all three", |taken| taken.len() == 3).await;
    let order: Vec<String> = taken.iter().map(|one| text(&one.json()["data"]["id"]).to_owned()).collect();
    assert_eq!(order, made);
}
