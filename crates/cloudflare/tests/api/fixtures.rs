//! The samples that Cloudflare publishes, and what is made of them.

use crate::support::{Cloudflare, fixture};
use cloudflare::{
    DownloadState, InputState, VideoState,
    webhook::{LiveInputNews, Notification, Rejected, verify_notification, verify_vod},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

const SECRET: &str = "85011ed3a913c6ad5f9cf6c5573cc0a7";

#[tokio::test]
async fn a_live_input_as_documented() {
    let cloudflare =
        Cloudflare::answering(fixture("cf-live-input-get-status-object.COMPOSITE")["payload"].clone()).await;
    let input = cloudflare.client().live_input("66be4bf738797e01e1fca35a7bdecdcd").await.unwrap();
    assert_eq!(input.rtmps.url, "rtmps://live.cloudflare.com:443/live/");
    assert!(input.rtmps.stream_key.expose_secret().starts_with("2fb3cb9f"));
    assert!(input.whip_url.as_ref().unwrap().expose_secret().ends_with("/webRTC/publish"));
    assert_eq!(input.playback_origin.as_deref(), Some("https://customer-m033z5x00ks6nunl.cloudflarestream.com"));
    assert_eq!(input.status.state, InputState::Connected);
    assert_eq!(input.meta.name(), Some("test stream 1"));
    assert_eq!(input.recording.mode.as_deref(), Some("automatic"));
    assert!(input.enabled);
    let debug = format!("{input:?}");
    assert!(!debug.contains("2fb3cb9f") && !debug.contains("b236bde3"), "{debug}");
}

#[tokio::test]
async fn the_shorter_sample_of_a_live_input_is_read_too() {
    let result = fixture("cf-live-input-create-result")["payload"].clone();
    let cloudflare = Cloudflare::answering(json!({ "success": true, "result": result })).await;
    let input = cloudflare.client().live_input("x").await.unwrap();
    assert!(input.whip_url.is_none() && input.playback_origin.is_none());
    assert_eq!(input.status.state, InputState::Never);
}

#[tokio::test]
async fn recordings_as_documented() {
    let cloudflare = Cloudflare::answering(fixture("cf-live-input-videos-response")["payload"].clone()).await;
    let videos = cloudflare.client().videos_of_input("34036a0695ab5237ce757ac53fd158a2").await.unwrap();
    assert_eq!(videos[0].state, VideoState::LiveInProgress);
    assert!(!videos[0].is_ready() && videos[0].error.is_none());
    assert!(videos[1].is_ready());
    assert_eq!((videos[1].duration, videos[1].percent_complete), (Some(7272.0), Some(100.0)));
    assert_eq!(videos[1].live_input.as_deref(), Some("34036a0695ab5237ce757ac53fd158a2"));
    assert_eq!((videos[1].width, videos[1].height), (Some(640), Some(360)));
    let origin = "https://customer-f33zs165nr7gyfy4.cloudflarestream.com";
    assert_eq!(videos[1].playback_origin.as_deref(), Some(origin));
    assert_eq!(videos[1].hls, Some(cloudflare::Playback::new(origin, &videos[1].uid).hls));
    // Should the filter of the query be ignored, others' recordings are not ours.
    let videos = cloudflare.client().videos_by_input_query("34036a0695ab5237ce757ac53fd158a2").await.unwrap();
    assert_eq!(videos.len(), 1);
}

#[tokio::test]
async fn downloads_outputs_and_the_webhook_as_documented() {
    let cloudflare = Cloudflare::answering(fixture("cf-downloads-response")["payload"]["create"].clone()).await;
    let download = cloudflare.client().create_download("v").await.unwrap();
    assert_eq!((download.state, download.percent), (DownloadState::InProgress, Some(75.0)));

    let cloudflare = Cloudflare::answering(fixture("cf-output-create-response")["payload"].clone()).await;
    let made = cloudflare.client().create_output("i", "rtmp://a.rtmp.youtube.com/live2", &"key".into()).await.unwrap();
    assert_eq!((made.uid.as_str(), made.enabled), ("6f8339ed45fe87daa8e7f0fe4e4ef776", None));

    let cloudflare = Cloudflare::answering(fixture("cf-webhook-subscribe-response")["payload"].clone()).await;
    let subscription = cloudflare.client().webhook().await.unwrap().unwrap();
    assert_eq!(subscription.secret.as_ref().unwrap().expose_secret(), SECRET);
    assert!(!format!("{subscription:?}").contains(SECRET));
}

#[tokio::test]
async fn the_lifecycle_as_documented() {
    let samples = fixture("cf-lifecycle")["payload"].clone();
    for (sample, live) in [("live", true), ("idle", false)] {
        let cloudflare = Cloudflare::answering(samples[sample].clone()).await;
        let lifecycle = cloudflare.client().lifecycle(&cloudflare.origin, "input").await.unwrap();
        assert_eq!((lifecycle.is_input, lifecycle.live, lifecycle.video.is_some()), (true, live, live));
    }
}

#[test]
fn the_computed_vectors_of_vod_webhooks() {
    for vector in fixture("cf-webhook-signature-vectors.COMPUTED")["vectors"].as_array().unwrap() {
        let text = |key: &str| vector[key].as_str().unwrap();
        let (secrets, body) = ([SecretString::from(text("secret"))], text("body_utf8").as_bytes());
        let now = vector["time"].as_i64().unwrap();
        let verified = verify_vod(&secrets, text("header"), body, now);
        // Not every body is a video, but every signature is good.
        assert!(matches!(verified, Ok(_) | Err(Rejected::NotAsDocumented)), "{}: {verified:?}", text("name"));
        let mut other = body.to_vec();
        other.push(b' ');
        assert_eq!(verify_vod(&secrets, text("header"), &other, now), Err(Rejected::BadSignature));
        assert_eq!(verify_vod(&secrets, text("header"), body, now + 301), Err(Rejected::Stale));
    }
}

#[test]
fn finished_recordings_as_documented() {
    let ready: cloudflare::Video = serde_json::from_value(fixture("cf-vod-webhook-ready")["payload"].clone()).unwrap();
    assert!(ready.is_ready(), "ready with 39 percent is ready");
    assert_eq!((ready.percent_complete, ready.duration, ready.size), (Some(39.0), Some(5.5), Some(383_631)));
    // The sample is a part of the object.
    let mut failed = fixture("cf-vod-webhook-error")["payload"].clone();
    failed["uid"] = json!("v");
    let failed: cloudflare::Video = serde_json::from_value(failed).unwrap();
    assert_eq!(failed.state, VideoState::Error);
    assert_eq!(failed.error.unwrap().code, "ERR_MALFORMED_VIDEO");
}

fn notification(name: &str) -> Notification {
    let body = serde_json::to_vec(&fixture(name)["payload"]).unwrap();
    verify_notification(&["secret".into()], Some("secret"), &body).unwrap()
}

#[test]
fn notifications_as_documented() {
    assert_eq!(notification("cf-live-webhook-test-ping"), Notification::Ping);
    let Notification::LiveInput(event) = notification("cf-live-webhook-connected-full-envelope.CONSTRUCTED") else {
        panic!("not about an input");
    };
    assert_eq!(event.news, LiveInputNews::Connected);
    assert_eq!(event.dedupe_key(), "eb222fcca08eeb1ae84c981ebe8aeeb6|connected|2022-01-13T11:40:00.000000000Z");
    let Notification::LiveInput(event) = notification("cf-live-webhook-disconnected") else {
        panic!("not about an input");
    };
    assert_eq!(event.news, LiveInputNews::Disconnected);
    let Notification::LiveInput(event) = notification("cf-live-webhook-errored") else {
        panic!("not about an input");
    };
    let LiveInputNews::Errored { code, video_codec, .. } = event.news else { panic!("{:?}", event.news) };
    assert_eq!((code.as_str(), video_codec), ("ERR_GOP_OUT_OF_RANGE", None));
}

#[test]
fn the_status_of_queue_events_is_read() {
    for (name, state) in [("connected", InputState::Connected), ("errored", InputState::Errored)] {
        let status: Value = fixture("cf-queue-events-live-input")["payload"][name]["payload"]["status"].clone();
        assert_eq!(serde_json::from_value::<cloudflare::InputStatus>(status).unwrap().state, state);
    }
}
