//! The API of Cloudflare Stream, with its documented traps.

mod common;

use common::{answer, start, text};
use serde_json::{Value, json};

#[tokio::test]
async fn settings_come_back_as_documented() {
    let setup = start().await;
    let create = async |body: Value| setup.cloudflare("POST", "/stream/live_inputs", body).await;
    // Nested retention is dropped without a word.
    let input = create(json!({ "recording": { "mode": "automatic", "deleteRecordingAfterDays": 45 } })).await;
    assert_eq!(input["deleteRecordingAfterDays"], Value::Null);
    assert_eq!(input["recording"]["deleteRecordingAfterDays"], Value::Null);
    // 0 is accepted and comes back as null.
    let input = create(json!({ "recording": { "timeoutSeconds": 0 }, "deleteRecordingAfterDays": 45 })).await;
    assert_eq!(input["recording"]["timeoutSeconds"], Value::Null);
    assert_eq!(input["deleteRecordingAfterDays"], 45);
    assert_eq!(input["recording"]["mode"], "off");
    assert_eq!(input["status"], Value::Null);
    assert_eq!(input.get("keysRotatedAt"), None);

    let request = setup.cloudflare_request("POST", "/stream/live_inputs");
    let (status, reply) = answer(request.body(json!({ "deleteRecordingAfterDays": 7 }).to_string())).await;
    assert_eq!(status, 400);
    assert_eq!(reply["errors"][0]["code"], 10060);
    assert_eq!((&reply["success"], &reply["result"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn an_update_changes_what_it_mentions() {
    let setup = start().await;
    let input = setup.input(30).await;
    let path = format!("/stream/live_inputs/{}", text(&input["uid"]));
    let updated = setup.cloudflare("PUT", &path, json!({ "enabled": false })).await;
    assert_eq!(updated["enabled"], false);
    for field in ["meta", "recording", "rtmps", "webRTC"] {
        assert_eq!(updated[field], input[field], "{field}");
    }
    let updated = setup.cloudflare("PUT", &path, json!({ "recording": { "requireSignedURLs": true } })).await;
    assert_eq!(updated["recording"]["timeoutSeconds"], 30);
    assert_eq!(updated["recording"]["requireSignedURLs"], true);
}

#[tokio::test]
async fn lists_hold_no_credentials() {
    let setup = start().await;
    let input = setup.input(30).await;
    let list = setup.cloudflare("GET", "/stream/live_inputs?include_counts=true", json!({})).await;
    assert_eq!(list["total"], 1);
    let text = list.to_string();
    assert!(text.contains(common::text(&input["uid"])));
    assert!(!text.contains(common::text(&input["rtmps"]["streamKey"])));
    assert!(!text.contains("webRTC"));
}

#[tokio::test]
async fn rotating_gives_new_credentials() {
    let setup = start().await;
    let input = setup.input(30).await;
    let path = format!("/stream/live_inputs/{}/rotate_keys", text(&input["uid"]));
    let rotated = setup.cloudflare("POST", &path, json!({})).await;
    assert_eq!(rotated["uid"], input["uid"]);
    assert!(rotated["keysRotatedAt"].is_string());
    for field in ["rtmps", "webRTC", "srt"] {
        assert_ne!(rotated[field], input[field], "{field}");
    }
}

#[tokio::test]
async fn outputs_can_be_made_switched_and_removed() {
    let setup = start().await;
    let input = setup.input(30).await;
    let outputs = format!("/stream/live_inputs/{}/outputs", text(&input["uid"]));
    let body = json!({ "url": "rtmps://global-live.mux.com:443/app", "streamKey": "k" });
    let output = setup.cloudflare("POST", &outputs, body).await;
    assert_eq!((&output["streamKey"], &output["enabled"]), (&json!("k"), &json!(true)));
    let one = format!("{outputs}/{}", text(&output["uid"]));
    assert_eq!(setup.cloudflare("PUT", &one, json!({ "enabled": false })).await["enabled"], false);
    assert_eq!(setup.cloudflare("GET", &outputs, json!({})).await.as_array().unwrap().len(), 1);
    setup.cloudflare("DELETE", &one, json!({})).await;
    assert_eq!(setup.cloudflare("GET", &outputs, json!({})).await, json!([]));
    let (status, reply) = answer(setup.cloudflare_request("DELETE", &one)).await;
    assert_eq!((status.as_u16(), &reply["errors"][0]["code"]), (404, &json!(10003)));
}

#[tokio::test]
async fn who_has_no_good_token_is_turned_away() {
    let setup = start().await;
    let secrets = setup.emulator.config().cloudflare.clone();
    let ask = async |path: &str, token: &str| {
        answer(setup.http.get(setup.url(&format!("/client/v4{path}"))).bearer_auth(token)).await
    };
    let inputs = format!("/accounts/{}/stream/live_inputs", secrets.account_id);
    let (status, reply) = ask(&inputs, "wrong").await;
    assert_eq!((status.as_u16(), &reply["errors"][0]["code"]), (401, &json!(10000)));
    let (status, _) = ask("/accounts/another/stream/live_inputs", &secrets.api_token).await;
    assert_eq!(status, 401);
    // A good token of an account is unknown to the endpoint for tokens of users.
    let (_, reply) = ask("/user/tokens/verify", &secrets.api_token).await;
    assert_eq!(reply["errors"][0]["code"], 1000);
    let (status, reply) = ask(&format!("/accounts/{}/tokens/verify", secrets.account_id), &secrets.api_token).await;
    assert_eq!((status.as_u16(), &reply["result"]["status"]), (200, &json!("active")));
    let (_, reply) = ask(&format!("/accounts/{}/nothing", secrets.account_id), &secrets.api_token).await;
    assert_eq!(reply["errors"][0]["code"], 7003);
}

#[tokio::test]
async fn a_private_input_opens_to_its_token_only() {
    let setup = start().await;
    let recording = json!({ "mode": "automatic", "requireSignedURLs": true });
    let input = setup.cloudflare("POST", "/stream/live_inputs", json!({ "recording": recording })).await;
    let uid = text(&input["uid"]);
    assert_eq!(setup.get(&format!("/{uid}/lifecycle")).await.status(), 401);
    let token = setup.cloudflare("POST", &format!("/stream/{uid}/token"), json!({})).await;
    assert_eq!(setup.get(&format!("/{}/lifecycle", text(&token["token"]))).await.status(), 200);
}
