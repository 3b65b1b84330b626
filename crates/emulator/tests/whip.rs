//! WHIP and WHEP of a live input: it plays, and leaves nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod common;
#[path = "../../media/tests/common/mod.rs"]
mod webrtc;

use common::{encoder, rtmps, start, text};
use serde_json::json;
use webrtc::{Client, PUBLISHER, VIEWER};

async fn offer(setup: &common::Setup, url: &str, client: &Client) -> reqwest::Response {
    // All tracks of a publisher belong to one stream (RFC 9725 section 4.4.2), which this client does not say.
    let line = |line: &str| match line.strip_prefix("a=msid:").and_then(|ids| ids.split_once(' ')) {
        Some((_, track)) => format!("a=msid:one {track}\r\n"),
        None => format!("{line}\r\n"),
    };
    let sdp: String = client.offer.lines().filter(|line| !line.contains(" msid:")).map(line).collect();
    let request = setup.http.post(url).header("content-type", "application/sdp").body(sdp);
    request.send().await.unwrap()
}

#[tokio::test]
async fn what_is_published_by_whip_plays_and_leaves_no_recording() {
    let setup = start().await;
    let (input, stream) = (setup.input(1).await, setup.live_stream().await);
    let outputs = format!("/stream/live_inputs/{}/outputs", text(&input["uid"]));
    let output = json!({ "url": setup.emulator.mux_ingest_url(), "streamKey": stream["stream_key"] });
    setup.cloudflare("POST", &outputs, output).await;

    let publisher = Client::new(PUBLISHER);
    let response = offer(&setup, text(&input["webRTC"]["url"]), &publisher).await;
    assert_eq!(response.status(), 201);
    let session = response.headers()["location"].to_str().unwrap().to_owned();
    publisher.answer(&response.text().await.unwrap());
    publisher.until("connected", |report| report.connected).await;

    let viewer = Client::new(VIEWER);
    let response = common::eventually("a viewer is let in", async || {
        let response = offer(&setup, text(&input["webRTCPlayback"]["url"]), &viewer).await;
        (response.status() == 201).then_some(response)
    })
    .await;
    viewer.answer(&response.text().await.unwrap());
    viewer.until("a picture", |report| report.video.len() > 60).await;

    // A candidate is trickled.
    let line = |prefix: &str| publisher.offer.lines().find(|line| line.starts_with(prefix)).unwrap();
    let ice = [line("a=ice-ufrag:"), line("a=ice-pwd:"), line("m="), line("a=mid:"), line("a=candidate:")];
    let request = setup.http.patch(setup.url(&session)).header("content-type", "application/trickle-ice-sdpfrag");
    let request = request.header("if-match", "*").body(ice.join("\r\n") + "\r\n");
    assert_eq!(request.send().await.unwrap().status(), 204);

    let uid = text(&input["uid"]);
    assert_eq!(setup.get(&format!("/{uid}/manifest/video.m3u8")).await.status(), 204);
    assert_eq!(setup.http.delete(setup.url(&session)).send().await.unwrap().status(), 200);
    publisher.until("closed", |report| report.closed).await;
    assert_eq!(setup.cloudflare("GET", &format!("/stream/live_inputs/{uid}/videos"), json!({})).await, json!([]));
    assert_eq!(setup.mux("GET", "/video/v1/assets", json!({})).await, json!([]));
}

#[tokio::test]
async fn what_is_published_by_rtmps_does_not_play_by_whep() {
    let setup = start().await;
    let input = setup.input(1).await;
    let _encoder = encoder(&rtmps(&input), 60);
    setup.until_connected(&input).await;
    let response = offer(&setup, text(&input["webRTCPlayback"]["url"]), &Client::new(VIEWER)).await;
    assert_eq!(response.status(), 409);
    assert_eq!(response.text().await.unwrap(), "Live broadcast not started yet");
}

#[tokio::test]
async fn a_rotated_address_publishes_nothing() {
    let setup = start().await;
    let input = setup.input(1).await;
    let publisher = Client::new(PUBLISHER);
    let response = offer(&setup, text(&input["webRTC"]["url"]), &publisher).await;
    publisher.answer(&response.text().await.unwrap());
    publisher.until("connected", |report| report.connected).await;
    setup.cloudflare("POST", &format!("/stream/live_inputs/{}/rotate_keys", text(&input["uid"])), json!({})).await;
    publisher.until("closed", |report| report.closed).await;
    assert_eq!(offer(&setup, text(&input["webRTC"]["url"]), &Client::new(PUBLISHER)).await.status(), 404);
}
