//! Live inputs fed by RTMPS: recorded, played, cut.

mod common;

use common::{encoder, eventually, publish, rtmps, start, text};
use serde_json::json;

#[tokio::test]
async fn what_is_published_becomes_a_video_that_decodes() {
    let setup = start().await;
    let input = setup.input(10).await;
    publish(&rtmps(&input), 4).await;
    let video = setup.videos(&input, 1, "ready").await.remove(0);
    let duration = video["duration"].as_f64().unwrap();
    assert!((3.9..4.3).contains(&duration), "{duration}");
    assert_eq!(video["status"]["pctComplete"], "100.000000");
    assert_eq!((&video["input"]["width"], &video["input"]["height"]), (&json!(320), &json!(180)));
    assert_eq!(video["liveInput"], input["uid"]);

    let uid = text(&video["uid"]);
    let file = format!("/{uid}/downloads/default.mp4");
    assert_eq!(setup.get(&file).await.status(), 404, "nobody has asked for a download yet");
    let downloads = format!("/stream/{uid}/downloads");
    assert_eq!(setup.cloudflare("POST", &downloads, json!({})).await["default"]["status"], "inprogress");
    eventually("a download", async || {
        let known = setup.cloudflare("GET", &downloads, json!({})).await;
        (known["default"]["status"] == "ready").then_some(())
    })
    .await;
    let decoded = setup.decode(&file).await;
    assert!((decoded - duration).abs() < 0.05, "{decoded} {duration}");

    let part = setup.http.get(setup.url(&file)).header("range", "bytes=0-99").send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.bytes().await.unwrap().len(), 100);
}

#[tokio::test]
async fn a_show_can_be_watched_while_it_is_on() {
    let setup = start().await;
    let input = setup.input(10).await;
    let uid = text(&input["uid"]);
    let manifest = format!("/{uid}/manifest/video.m3u8");
    assert_eq!(setup.get(&manifest).await.status(), 204);
    let _encoder = encoder(&rtmps(&input), 60);
    let master = eventually("a manifest", async || {
        let response = setup.get(&manifest).await;
        if response.status() == 200 { response.text().await.ok() } else { None }
    })
    .await;
    let variant = format!("/{uid}/manifest/{}", master.lines().last().unwrap());
    let list = setup.get(&variant).await.text().await.unwrap();
    assert!(!list.contains("#EXT-X-ENDLIST"));
    let segment = list.lines().find(|line| line.starts_with("seg-")).unwrap();
    let segment = setup.get(&variant.replace("live.m3u8", segment)).await;
    assert_eq!(segment.status(), 200);
    let lifecycle = setup.get(&format!("/{uid}/lifecycle")).await.bytes().await.unwrap();
    let lifecycle: serde_json::Value = serde_json::from_slice(&lifecycle).unwrap();
    assert_eq!((&lifecycle["isInput"], &lifecycle["live"]), (&json!(true), &json!(true)));
    let videos = setup.videos(&input, 1, "live-inprogress").await;
    assert_eq!(videos[0]["uid"], lifecycle["videoUID"]);
    assert_eq!(videos[0]["duration"], -1);
}

#[tokio::test]
async fn who_is_back_in_time_goes_on_with_the_same_recording() {
    let setup = start().await;
    let input = setup.input(100).await;
    publish(&rtmps(&input), 3).await;
    publish(&rtmps(&input), 2).await;
    let videos = setup.videos(&input, 1, "ready").await;
    let duration = videos[0]["duration"].as_f64().unwrap();
    assert!((4.9..5.5).contains(&duration), "{duration}");
    let manifest = format!("/{0}/manifest/{0}/live.m3u8", text(&videos[0]["uid"]));
    let list = setup.get(&manifest).await.text().await.unwrap();
    assert_eq!(list.matches("#EXT-X-DISCONTINUITY\n").count(), 1, "{list}");
    assert!(list.ends_with("#EXT-X-ENDLIST\n"), "{list}");
}

#[tokio::test]
async fn who_is_back_late_begins_another_recording() {
    let setup = start().await;
    let input = setup.input(1).await;
    publish(&rtmps(&input), 2).await;
    setup.videos(&input, 1, "ready").await;
    publish(&rtmps(&input), 3).await;
    let videos = setup.videos(&input, 2, "ready").await;
    let durations: Vec<f64> = videos.iter().map(|video| video["duration"].as_f64().unwrap()).collect();
    assert!((2.9..3.4).contains(&durations[0]) && (1.9..2.4).contains(&durations[1]), "{durations:?}");
}

#[tokio::test]
async fn nothing_is_recorded_or_played_unless_asked_for() {
    let setup = start().await;
    let input = setup.cloudflare("POST", "/stream/live_inputs", json!({})).await;
    assert_eq!(input["recording"]["mode"], "off");
    let mut encoder = encoder(&rtmps(&input), 2);
    setup.until_connected(&input).await;
    assert!(encoder.wait().await.unwrap().success());
    assert_eq!(setup.get(&format!("/{}/manifest/video.m3u8", text(&input["uid"]))).await.status(), 204);
    setup.videos(&input, 0, "").await;
}

#[tokio::test]
async fn a_wrong_key_is_refused() {
    let setup = start().await;
    let input = setup.input(10).await;
    let wrong = format!("{}wrong", text(&input["rtmps"]["url"]));
    assert!(!encoder(&wrong, 60).wait().await.unwrap().success());
    let of_the_other = format!("{}/{}", setup.emulator.mux_ingest_url(), text(&input["rtmps"]["streamKey"]));
    assert!(!encoder(&of_the_other, 60).wait().await.unwrap().success());
}

#[tokio::test]
async fn disabling_rotating_and_deleting_cut_the_encoder() {
    let setup = start().await;
    for (method, path, body) in
        [("PUT", "", json!({ "enabled": false })), ("POST", "/rotate_keys", json!({})), ("DELETE", "", json!({}))]
    {
        let input = setup.input(10).await;
        let mut encoder = encoder(&rtmps(&input), 60);
        setup.until_connected(&input).await;
        setup.cloudflare(method, &format!("/stream/live_inputs/{}{path}", text(&input["uid"])), body).await;
        assert!(!encoder.wait().await.unwrap().success(), "{method} {path}");
        // The old key opens nothing any more.
        assert!(!common::encoder(&rtmps(&input), 60).wait().await.unwrap().success(), "{method} {path}");
    }
}

#[tokio::test]
async fn videos_stay_when_their_input_is_deleted() {
    let setup = start().await;
    let input = setup.input(1).await;
    publish(&rtmps(&input), 2).await;
    setup.videos(&input, 1, "ready").await;
    setup.cloudflare("DELETE", &format!("/stream/live_inputs/{}", text(&input["uid"])), json!({})).await;
    let videos = setup.videos(&input, 1, "ready").await;
    let usage = setup.cloudflare("GET", "/stream/storage-usage", json!({})).await;
    assert_eq!(usage["videoCount"], 1);
    setup.cloudflare("DELETE", &format!("/stream/{}", text(&videos[0]["uid"])), json!({})).await;
    setup.videos(&input, 0, "").await;
}
