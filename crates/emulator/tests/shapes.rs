//! Answers and webhooks have the fields of the providers' samples and of their SDKs' types.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod common;

use std::collections::BTreeSet;

use common::{Receiver, publish, rtmps, start_with};
use emulator::{Config, Timing};
use serde_json::{Value, json};

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap_or_else(|| panic!("not an object: {value}")).keys().map(String::as_str).collect()
}

/// Each field of the sample is there, at every depth, and of the same type (`null` stands for any).
fn assert_like(ours: &Value, sample: &Value, at: &str) {
    match (ours, sample) {
        (_, Value::Null) => {}
        (Value::Object(ours), Value::Object(sample)) => {
            for (name, value) in sample {
                let found = ours.get(name).unwrap_or_else(|| panic!("{at}/{name} is missing"));
                assert_like(found, value, &format!("{at}/{name}"));
            }
        }
        (Value::Array(ours), Value::Array(sample)) => {
            for (ours, sample) in ours.iter().zip(sample) {
                assert_like(ours, sample, at);
            }
        }
        _ => assert_eq!(std::mem::discriminant(ours), std::mem::discriminant(sample), "{at}: {ours} {sample}"),
    }
}

/// All that the SDK's type demands, and nothing that it does not know.
fn assert_typed(ours: &Value, schema: &Value, extra: &[&str], at: &str) {
    let demanded = schema.as_object().unwrap().iter().filter(|(_, field)| field["optional"] == false);
    for (name, _) in demanded {
        assert!(ours.get(name).is_some(), "{at}: {name} is missing");
    }
    for name in keys(ours) {
        assert!(schema.get(name).is_some() || extra.contains(&name), "{at}: {name} is not known");
    }
}

#[tokio::test]
async fn cloudflare_answers_as_in_its_samples() {
    let (receiver, url) = Receiver::start().await;
    let config = Config { timing: Timing::fast(), webhooks_to: Some(url), ..Config::default() };
    let setup = start_with(config).await;
    let input = setup.input(10).await;
    let sample = fixture(include_str!("fixtures/cf-live-input-create-response.COMPOSITE.json"));
    assert_like(&input, &sample["payload"]["result"], "");
    publish(&rtmps(&input), 2).await;
    let status = setup.status_of(&input).await;
    let sample = fixture(include_str!("fixtures/cf-live-input-get-status-object.COMPOSITE.json"));
    assert_like(&status, &sample["payload"]["result"]["status"]["current"], "");

    let taken =
        receiver.until("a video's webhook", |taken| taken.iter().any(|one| one.path.ends_with("/stream"))).await;
    let live = taken.iter().find(|one| one.path.ends_with("/live")).unwrap().json();
    let sample = fixture(include_str!("fixtures/cf-live-webhook-connected-full-envelope.CONSTRUCTED.json"));
    assert_like(&live, &sample["payload"], "");
    assert_eq!(keys(&live), keys(&sample["payload"]));
    let video = taken.iter().find(|one| one.path.ends_with("/stream")).unwrap().json();
    let mut sample = fixture(include_str!("fixtures/cf-vod-webhook-ready.json"))["payload"].take();
    // What the sender of a file says about it, and only uploads have.
    sample["meta"] = json!({ "name": "x" });
    sample["uploadExpiry"] = Value::Null;
    assert_like(&video, &sample, "");
}

#[tokio::test]
async fn mux_answers_and_tells_as_its_sdk_expects() {
    let (receiver, url) = Receiver::start().await;
    let config = Config { timing: Timing::fast(), webhooks_to: Some(url), ..Config::default() };
    let setup = start_with(config).await;
    let types = fixture(include_str!("fixtures/mux-field-schemas.json"));
    let stream = setup.live_stream().await;
    assert_typed(&stream, &types["LiveStream"], &[], "a live stream");
    let key = common::text(&stream["stream_key"]);
    publish(&format!("{}/{key}", setup.emulator.mux_ingest_url()), 2).await;
    let last = "video.asset.static_rendition.ready";
    let taken = receiver.until(last, |taken| taken.iter().any(|one| one.kind() == last)).await;
    let assets = setup.mux("GET", "/video/v1/assets", json!({})).await;
    assert_typed(&assets[0], &types["Asset"], &[], "an asset");

    let samples = fixture(include_str!("fixtures/mux-live-lifecycle.CONSTRUCTED.json"));
    for sample in samples["events"].as_array().unwrap() {
        let kind = common::text(&sample["type"]);
        let ours = taken.iter().find(|one| one.kind() == kind).unwrap_or_else(|| panic!("no {kind}")).json();
        assert_like(&ours, sample, kind);
        assert_eq!(keys(&ours), keys(sample), "{kind}");
    }
}
