//! The samples and vectors that Mux publishes, and what is made of them.

use crate::support::{Mux, fixture};
use mux::{
    AssetStatus, LiveStreamStatus, Policy, Time,
    webhook::{Event, News, Rejected, Subject, verify},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

#[test]
fn the_published_vectors() {
    for case in fixture("mux-webhook-signature-vectors")["cases"].as_array().unwrap() {
        let text = |key: &str| case[key].as_str().unwrap();
        let (secrets, body) = ([SecretString::from(text("secret"))], text("body").as_bytes());
        let now = case["now"].as_i64().unwrap();
        // The bodies are no events, but the signatures are good.
        assert_eq!(verify(&secrets, text("header"), body, now), Err(Rejected::NotAsDocumented), "{}", text("name"));
        assert_eq!(verify(&secrets, text("header"), b"other", now), Err(Rejected::BadSignature));
        assert_eq!(verify(&secrets, text("header"), body, now + 301), Err(Rejected::Stale));
        assert_eq!(verify(&secrets, text("header"), body, now - 301), Err(Rejected::Stale));
        assert_eq!(verify(&["wrong".into()], text("header"), body, now), Err(Rejected::BadSignature));
    }
}

/// Signs, so that what is tested is what the server calls.
fn event(payload: &Value) -> Event {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let body = serde_json::to_vec(payload).unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"secret").unwrap();
    mac.update(b"1700000000.");
    mac.update(&body);
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    verify(&["secret".into()], &format!("t=1700000000,v1={hex}"), &body, 1_700_000_000).unwrap()
}

#[test]
fn a_broadcast_from_beginning_to_end() {
    let fixture = fixture("mux-live-lifecycle.CONSTRUCTED");
    let events: Vec<Event> = fixture["events"].as_array().unwrap().iter().map(event).collect();
    let mut last: Option<Time> = None;
    for event in &events {
        assert!(event.created_at > last, "in order of time");
        last = event.created_at;
        assert!(!format!("{event:?}").contains("54676b58"), "a stream key is kept");
        assert!(matches!(
            event.subject(),
            Some(
                Subject::LiveStream("QrikEQpEXp3RvklQSHyHSYOakQkXlRId")
                    | Subject::Asset("00ecNLnqiG8v00TLqqeZ00uCE5wCAaO3kKc")
            )
        ));
    }
    let of = |kind: &str| events.iter().find(|event| event.kind == kind).unwrap();
    let News::LiveStream(disconnected) = &of("video.live_stream.disconnected").news else { panic!() };
    assert_eq!((disconnected.status.clone(), disconnected.connected), (LiveStreamStatus::Active, Some(false)));
    let News::Asset(ready) = &of("video.asset.ready").news else { panic!() };
    assert_eq!(ready.status, AssetStatus::Ready);
    assert!(!ready.is_recording_ready(), "ten seconds into the broadcast");
    let completed = of("video.asset.live_stream_completed");
    let News::Asset(recording) = &completed.news else { panic!() };
    assert!(recording.is_recording_ready() && completed.is_recording_complete());
    assert_eq!(recording.duration, Some(3600.5));
    let News::StaticRendition { asset_id, rendition } = &of("video.asset.static_rendition.ready").news else {
        panic!()
    };
    assert_eq!((asset_id.as_str(), rendition.name.as_str()), ("00ecNLnqiG8v00TLqqeZ00uCE5wCAaO3kKc", "highest.mp4"));
}

#[test]
fn the_documented_events() {
    let ready = event(&fixture("mux-webhook-asset-ready")["payload"]);
    assert_eq!(ready.dedupe_key(), "3a56ac3d-33da-4366-855b-f592d898409d");
    let News::Asset(asset) = ready.news else { panic!() };
    assert_eq!((asset.duration, asset.created_at), (Some(153.361_542), ready.created_at));
    let warning = event(&fixture("mux-webhook-live-stream-warning")["payload"]);
    let News::LiveStream(stream) = &warning.news else { panic!() };
    assert!(stream.warning.as_ref().unwrap().starts_with("Unable to download"));
    assert!(!format!("{warning:?}").contains("5203dc64"));
}

#[test]
fn every_kind_of_event_is_taken() {
    let kinds = fixture("mux-webhook-event-types")["event_types"].clone();
    let kinds = kinds.as_array().unwrap();
    assert_eq!(kinds.len(), 117);
    for kind in kinds {
        for data in [json!(null), json!({}), json!([1]), json!("x"), json!({ "id": 7 })] {
            let event = event(&json!({ "type": kind, "id": "e", "created_at": 7, "data": data }));
            assert_eq!((event.news.clone(), event.subject()), (News::Other, None), "{kind} {data}");
        }
    }
}

#[test]
fn keys_are_taken_out_at_any_depth() {
    let data = json!({ "id": "l", "stream_key": "canary", "all": [{ "srt_passphrase": "canary", "stream_key": 7 }] });
    let event = event(&json!({ "type": "video.live_stream.idle", "id": "e", "data": data }));
    assert_eq!(event.data, json!({ "id": "l", "all": [{}] }));
}

#[tokio::test]
async fn a_live_stream_as_documented() {
    let mux = Mux::answering(fixture("mux-live-stream-create-response")["payload"].clone()).await;
    let stream = mux.client().live_stream("QrikEQpEXp3RvklQSHyHSYOakQkXlRId").await.unwrap();
    assert_eq!(stream.stream_key.expose_secret(), "super-secret-stream-key");
    assert_eq!((stream.status.clone(), &stream.playback_ids[0].policy), (LiveStreamStatus::Idle, &Policy::Public));
    assert!(stream.created_at.is_some());
    assert!(!format!("{stream:?}").contains("super-secret"));
}

#[tokio::test]
async fn the_objects_of_the_sdk_tests() {
    let objects = fixture("mux-live-stream-and-asset-fixtures")["payload"].clone();
    let mux = Mux::answering(json!({ "data": objects["live_stream"] })).await;
    assert_eq!(mux.client().live_stream("x").await.unwrap().reconnect_window, Some(60.0));
    let mux = Mux::answering(json!({ "data": objects["asset"] })).await;
    let asset = mux.client().asset("x").await.unwrap();
    assert!(asset.is_recording_ready());
    assert_eq!((asset.duration, asset.static_renditions.len()), (Some(23.872), 0));
}
