//! Each fault of the APIs and of ingest.

mod common;

use std::time::{Duration, Instant};

use common::{answer, encoder, eventually, rtmps, start, text};
use serde_json::{Value, json};

const INPUTS: &str = "/stream/live_inputs";

#[tokio::test]
async fn both_apis_can_be_out_of_calls() {
    let setup = start().await;
    setup.control("/_emulator/faults", json!({ "type": "rate_limited", "retryAfter": 7, "on": { "times": 2 } })).await;
    let response = setup.cloudflare_request("GET", INPUTS).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, "7"));
    let (status, reply) = answer(setup.mux_request("GET", "/video/v1/assets")).await;
    assert_eq!(status, 429);
    assert!(reply["error"]["messages"].is_array());
    setup.cloudflare("GET", INPUTS, json!({})).await;
}

#[tokio::test]
async fn a_fault_lasts_until_it_is_cleared() {
    let setup = start().await;
    let on = json!({ "provider": "cloudflare", "method": "GET", "path": INPUTS });
    setup.control("/_emulator/faults", json!({ "type": "server_error", "status": 503, "on": on })).await;
    for _ in 0..3 {
        let (status, reply) = answer(setup.cloudflare_request("GET", INPUTS)).await;
        assert_eq!((status.as_u16(), &reply["success"]), (503, &json!(false)));
    }
    setup.input(1).await;
    setup.mux("GET", "/video/v1/assets", json!({})).await;
    setup.http.delete(setup.url("/_emulator/faults")).send().await.unwrap();
    setup.cloudflare("GET", INPUTS, json!({})).await;
}

#[tokio::test]
async fn answers_can_be_late() {
    let setup = start().await;
    setup.control("/_emulator/faults", json!({ "type": "delay", "millis": 300, "on": { "times": 1 } })).await;
    let begun = Instant::now();
    setup.cloudflare("GET", INPUTS, json!({})).await;
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn answers_can_fail_to_come() {
    let setup = start().await;
    setup.control("/_emulator/faults", json!({ "type": "half_open", "on": { "times": 1 } })).await;
    let request = setup.cloudflare_request("GET", INPUTS).timeout(Duration::from_millis(300));
    assert!(request.send().await.unwrap_err().is_timeout());
    setup.cloudflare("GET", INPUTS, json!({})).await;
}

#[tokio::test]
async fn answers_can_be_garbage() {
    let setup = start().await;
    setup.control("/_emulator/faults", json!({ "type": "garbage", "on": { "times": 1 } })).await;
    let response = setup.mux_request("GET", "/video/v1/assets").send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(serde_json::from_slice::<Value>(&response.bytes().await.unwrap()).is_err());
}

#[tokio::test]
async fn a_setting_can_be_ignored_with_200() {
    let setup = start().await;
    let fault =
        json!({ "type": "ignore_settings", "fields": ["recording.mode"], "on": { "method": "POST", "times": 1 } });
    setup.control("/_emulator/faults", fault).await;
    let input = setup.input(10).await;
    assert_eq!((&input["recording"]["mode"], &input["recording"]["timeoutSeconds"]), (&json!("off"), &json!(10)));
    assert_eq!(setup.input(10).await["recording"]["mode"], "automatic");
}

#[tokio::test]
async fn the_outcome_can_be_unknown() {
    let setup = start().await;
    let drop = |kind: &str| json!({ "type": kind, "on": { "method": "POST", "times": 1 } });
    let create = || setup.cloudflare_request("POST", INPUTS).body("{}").send();
    setup.control("/_emulator/faults", drop("drop_after_work")).await;
    assert!(create().await.unwrap_err().is_request());
    let list = setup.cloudflare("GET", INPUTS, json!({})).await;
    assert_eq!(list["liveInputs"].as_array().unwrap().len(), 1, "it was made");
    setup.control("/_emulator/faults", drop("drop_before_work")).await;
    assert!(create().await.unwrap_err().is_request());
    let list = setup.cloudflare("GET", INPUTS, json!({})).await;
    assert_eq!(list["liveInputs"].as_array().unwrap().len(), 1, "it was not");
}

#[tokio::test]
async fn a_slip_in_a_fault_is_told() {
    let setup = start().await;
    let response = setup.http.post(setup.url("/_emulator/faults")).body(r#"{"type":"delays"}"#).send().await.unwrap();
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn encoders_can_be_refused() {
    let setup = start().await;
    let input = setup.input(10).await;
    setup.control("/_emulator/faults/ingest", json!({ "type": "refuse", "provider": "cloudflare" })).await;
    assert!(!encoder(&rtmps(&input), 60).wait().await.unwrap().success());
    setup.emulator.clear_faults();
    common::publish(&rtmps(&input), 1).await;
}

#[tokio::test]
async fn encoders_can_be_dropped_at_once() {
    let setup = start().await;
    let input = setup.input(10).await;
    let mut encoder = encoder(&rtmps(&input), 60);
    setup.until_connected(&input).await;
    setup.control("/_emulator/faults/ingest", json!({ "type": "drop_now" })).await;
    assert!(!encoder.wait().await.unwrap().success());
    eventually("disconnected", async || (setup.status_of(&input).await["state"] == "disconnected").then_some(())).await;
}

#[tokio::test]
async fn encoders_can_be_dropped_again_and_again() {
    let setup = start().await;
    let input = setup.input(600).await;
    setup.control("/_emulator/faults/ingest", json!({ "type": "drop_every", "seconds": 4.0 })).await;
    for _ in 0..2 {
        assert!(!encoder(&rtmps(&input), 60).wait().await.unwrap().success());
    }
    // What came before each cut is in the one recording.
    setup.cloudflare("DELETE", &format!("{INPUTS}/{}", text(&input["uid"])), json!({})).await;
    let video = setup.videos(&input, 1, "ready").await.remove(0);
    let list = setup.get(&format!("/{0}/manifest/{0}/live.m3u8", text(&video["uid"]))).await.text().await.unwrap();
    assert_eq!(list.matches("#EXT-X-DISCONTINUITY\n").count(), 1, "{list}");
}

#[tokio::test]
async fn everything_can_be_looked_at_and_forgotten() {
    let setup = start().await;
    setup.input(10).await;
    setup.live_stream().await;
    let state = setup.emulator.state();
    assert_eq!(state["calls"]["POST /client/v4/accounts/{account}/stream/live_inputs"], 1);
    assert_eq!(state["calls"]["POST /video/v1/live-streams"], 1);
    assert_eq!(state["cloudflare"]["liveInputs"].as_array().unwrap().len(), 1);
    setup.control("/_emulator/reset", json!({})).await;
    let response = setup.get("/_emulator/state").await.bytes().await.unwrap();
    let state: Value = serde_json::from_slice(&response).unwrap();
    assert_eq!(state["cloudflare"]["liveInputs"], json!([]));
    assert_eq!(state["mux"]["liveStreams"], json!([]));
}
