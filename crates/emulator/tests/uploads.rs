//! Uploads to both providers.

mod common;

use base64::Engine as _;
use common::{answer, eventually, file, start, text};
use serde_json::{Value, json};

const MIB: usize = 1024 * 1024;

async fn ready(setup: &common::Setup, uid: &str) -> Value {
    eventually("a ready video", async || {
        let video = setup.cloudflare("GET", &format!("/stream/{uid}"), json!({})).await;
        (video["status"]["state"] == "ready").then_some(video)
    })
    .await
}

#[tokio::test]
async fn a_file_can_be_uploaded_to_cloudflare_by_tus() {
    let setup = start().await;
    let folder = tempfile::tempdir().unwrap();
    // Large enough for two chunks.
    let codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "20M", "-minrate", "20M", "-maxrate", "20M"];
    let codecs = [&codecs[..], &["-bufsize", "20M", "-x264-params", "nal-hrd=cbr", "-c:a", "aac"]].concat();
    let bytes = tokio::fs::read(file(folder.path(), "a.mp4", 4, &codecs).await).await.unwrap();
    assert!(bytes.len() > 6 * MIB, "{}", bytes.len());
    let name = base64::engine::general_purpose::STANDARD.encode("a service");
    let create = |metadata: String| {
        let request = setup.cloudflare_request("POST", "/stream?direct_user=true").header("tus-resumable", "1.0.0");
        request.header("upload-length", bytes.len()).header("upload-metadata", metadata)
    };
    let (status, _) = answer(create(format!("name {name}"))).await;
    assert_eq!(status, 400, "a one-time upload needs maxDurationSeconds");
    let response = create(format!("name {name}, maxDurationSeconds MzYwMA==")).send().await.unwrap();
    assert_eq!(response.status(), 201);
    let uid = response.headers()["stream-media-id"].to_str().unwrap().to_owned();
    let address = response.headers()["location"].to_str().unwrap().to_owned();
    let video = setup.cloudflare("GET", &format!("/stream/{uid}"), json!({})).await;
    assert_eq!((&video["status"]["state"], &video["meta"]["name"]), (&json!("pendingupload"), &json!("a service")));

    let patch = async |offset: usize, chunk: &[u8]| {
        let request = setup.http.patch(&address).header("tus-resumable", "1.0.0").header("upload-offset", offset);
        let request = request.header("content-type", "application/offset+octet-stream").body(chunk.to_vec());
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(patch(0, &bytes[..1000]).await, 400, "a chunk that is too small");
    assert_eq!(patch(5, &bytes[5..]).await, 409, "a hole");
    assert_eq!(patch(0, &bytes[..5 * MIB]).await, 204);
    let head = setup.http.head(&address).send().await.unwrap();
    assert_eq!(head.headers()["upload-offset"].to_str().unwrap(), (5 * MIB).to_string());
    assert_eq!(patch(5 * MIB, &bytes[5 * MIB..]).await, 204);
    let video = ready(&setup, &uid).await;
    let duration = video["duration"].as_f64().unwrap();
    assert!((3.9..4.2).contains(&duration), "{duration}");
    assert_eq!(setup.get(&format!("/{uid}/manifest/video.m3u8")).await.status(), 200);
}

#[tokio::test]
async fn what_is_no_video_ends_in_an_error() {
    let (receiver, url) = common::Receiver::start().await;
    let setup = start().await;
    setup.cloudflare("PUT", "/stream/webhook", json!({ "notificationUrl": url })).await;
    let words = "these are words";
    let request = setup.cloudflare_request("POST", "/stream").header("tus-resumable", "1.0.0");
    let response = request.header("upload-length", words.len()).send().await.unwrap();
    let address = response.headers()["location"].to_str().unwrap().to_owned();
    let uid = response.headers()["stream-media-id"].to_str().unwrap().to_owned();
    let request = setup.http.patch(address).header("tus-resumable", "1.0.0").header("upload-offset", 0);
    let request = request.header("content-type", "application/offset+octet-stream").body(words);
    assert_eq!(request.send().await.unwrap().status(), 204);
    let told = receiver.until("the error", |taken| !taken.is_empty()).await[0].json();
    assert_eq!((&told["uid"], &told["status"]["state"]), (&json!(uid), &json!("error")));
    assert_eq!(told["status"]["errorReasonCode"], "ERR_NON_VIDEO");
    assert_eq!(told["readyToStream"], false);
    for path in ["manifest/video.m3u8", "downloads/default.mp4"] {
        assert_eq!(setup.get(&format!("/{uid}/{path}")).await.status(), 424, "{path}");
    }
}

#[tokio::test]
async fn a_form_can_be_sent_to_a_one_time_address() {
    let setup = start().await;
    let folder = tempfile::tempdir().unwrap();
    // As a browser records: VP8 and Opus.
    let codecs = ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"];
    let bytes = tokio::fs::read(file(folder.path(), "a.webm", 2, &codecs).await).await.unwrap();
    let form = |bytes: &[u8]| {
        let head = b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
        [&head[..], bytes, b"\r\n--x--\r\n"].concat()
    };
    let upload = async |bytes: &[u8]| {
        let one = setup.cloudflare("POST", "/stream/direct_upload", json!({ "maxDurationSeconds": 60 })).await;
        let request =
            setup.http.post(text(&one["uploadURL"])).header("content-type", "multipart/form-data; boundary=x");
        (one, answer(request.body(form(bytes))).await)
    };
    let (one, (status, _)) = upload(&bytes).await;
    assert_eq!(status, 200);
    let video = ready(&setup, text(&one["uid"])).await;
    let duration = video["duration"].as_f64().unwrap();
    assert!((1.9..2.3).contains(&duration), "{duration}");
    let (_, (status, reply)) = upload(b"these are words").await;
    assert_eq!((status.as_u16(), &reply["errors"][0]["code"]), (400, &json!(10059)));
}

#[tokio::test]
async fn a_file_can_be_put_to_mux_in_pieces() {
    let setup = start().await;
    let folder = tempfile::tempdir().unwrap();
    let bytes = tokio::fs::read(file(folder.path(), "a.mp4", 3, &[]).await).await.unwrap();
    let settings = json!({ "playback_policies": ["public"], "static_renditions": [{ "resolution": "highest" }] });
    let body = json!({ "new_asset_settings": settings, "cors_origin": "*" });
    let upload = setup.mux("POST", "/video/v1/uploads", body).await;
    assert_eq!(upload["status"], "waiting");
    let put = async |first: usize, piece: &[u8]| {
        let range = format!("bytes {first}-{}/{}", first + piece.len() - 1, bytes.len());
        let request = setup.http.put(text(&upload["url"])).header("content-range", range).body(piece.to_vec());
        request.send().await.unwrap()
    };
    let half = bytes.len() / 2;
    let first = put(0, &bytes[..half]).await;
    assert_eq!(first.status(), 308);
    assert_eq!(first.headers()["range"].to_str().unwrap(), format!("bytes=0-{}", half - 1));
    assert_eq!(put(half, &bytes[half..]).await.status(), 200);

    let upload = setup.mux("GET", &format!("/video/v1/uploads/{}", text(&upload["id"])), json!({})).await;
    assert_eq!(upload["status"], "asset_created");
    let path = format!("/video/v1/assets/{}", text(&upload["asset_id"]));
    let asset = eventually("a rendition", async || {
        let asset = setup.mux("GET", &path, json!({})).await;
        (asset["static_renditions"]["files"][0]["status"] == "ready").then_some(asset)
    })
    .await;
    assert_eq!((&asset["status"], &asset["upload_id"]), (&json!("ready"), &upload["id"]));
    let decoded = setup.decode(&format!("/{}/highest.mp4", text(&asset["playback_ids"][0]["id"]))).await;
    assert!((2.9..3.2).contains(&decoded), "{decoded}");
}
