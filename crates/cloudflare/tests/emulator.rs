//! The client against the stand-in for Cloudflare Stream, which was written from the documents and not from this client.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use cloudflare::{
    Client, Config, DownloadState, Failure, InputState, NewLiveInput, NewUpload, Playback, SigningKey, Video,
};
use emulator::{ApiFault, Emulator, Fault, Scope, Timing, TokenKind};
use secrecy::ExposeSecret as _;
use std::{path::Path, time::Duration};

async fn start() -> (Emulator, Client) {
    let emulator = Emulator::start(emulator::Config { timing: Timing::fast(), ..Default::default() }).await.unwrap();
    let client = client(&emulator);
    (emulator, client)
}

fn client(emulator: &Emulator) -> Client {
    signing_client(emulator, None)
}

fn signing_client(emulator: &Emulator, signing: Option<SigningKey>) -> Client {
    let account = &emulator.config().cloudflare;
    let base_url = format!("{}/client/v4", emulator.base_url());
    let config = Config::new(&account.account_id, account.api_token.clone().into());
    Client::new(&Config { base_url, signing, ..config }).unwrap()
}

fn new() -> NewLiveInput {
    NewLiveInput {
        name: "Ann's service".into(),
        mark: "stream-1".into(),
        installation: "here".into(),
        timeout_seconds: 180,
        require_signed_urls: false,
        delete_recording_after_days: Some(45),
        allowed_origins: Vec::new(),
    }
}

fn fault(fault: ApiFault, method: &str, times: u32) -> Fault {
    Fault { fault, on: Scope { method: Some(method.into()), times: Some(times), ..Scope::default() } }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_life_of_a_live_input() {
    let (emulator, client) = start().await;
    let input = client.create_live_input(&new()).await.unwrap();
    assert!(input.whip_url.is_some() && input.whep_url.is_some() && input.playback_origin.is_some());
    assert_eq!(client.live_inputs().await.unwrap().len(), 1);
    let found = client.find_live_input("stream-1").await.unwrap().unwrap();
    assert_eq!(found.uid, input.uid);
    assert!(found.is_of("here") && !found.is_of("elsewhere"));
    assert_eq!(client.live_input(&input.uid).await.unwrap().status.state, InputState::Never);

    let rotated = client.rotate_keys(&input.uid).await.unwrap();
    assert_ne!(rotated.rtmps.stream_key.expose_secret(), input.rtmps.stream_key.expose_secret());

    let output = client.create_output(&input.uid, "rtmps://example.com:443/app", &"key".into()).await.unwrap();
    assert_eq!(client.outputs(&input.uid).await.unwrap()[0].uid, output.uid);
    client.set_output_enabled(&input.uid, &output.uid, false).await.unwrap();
    client.delete_output(&input.uid, &output.uid).await.unwrap();
    assert!(client.outputs(&input.uid).await.unwrap().is_empty());

    assert!(!client.set_enabled(&input.uid, false).await.unwrap().enabled);
    let lifecycle = client.lifecycle(input.playback_origin.as_ref().unwrap(), &input.uid).await.unwrap();
    assert!(lifecycle.is_input && !lifecycle.live);
    assert!(client.videos_of_input(&input.uid).await.unwrap().is_empty());
    assert!(client.videos_by_input_query(&input.uid).await.unwrap().is_empty());

    client.delete_live_input(&input.uid).await.unwrap();
    client.delete_live_input(&input.uid).await.unwrap();
    assert!(client.live_input(&input.uid).await.unwrap_err().is_not_found());
    drop(emulator);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_kinds_of_token_and_a_wrong_one() {
    for token_kind in [TokenKind::Account, TokenKind::User] {
        let mut config = emulator::Config::default();
        config.cloudflare.token_kind = token_kind;
        let emulator = Emulator::start(config).await.unwrap();
        assert!(client(&emulator).verify_token().await.unwrap().is_active());
        assert!(client(&emulator).storage().await.is_ok());
        let base_url = format!("{}/client/v4", emulator.base_url());
        let account = &emulator.config().cloudflare.account_id;
        let wrong = Client::new(&Config { base_url, ..Config::new(account, "wrong".into()) }).unwrap();
        assert!(matches!(wrong.verify_token().await, Err(Failure::Refused { .. })));
        assert!(wrong.live_inputs().await.unwrap_err().is_denied());
    }
}

/// The case for which our id goes along: created, and nobody told us.
#[tokio::test(flavor = "multi_thread")]
async fn a_creation_of_unknown_outcome_is_found() {
    let (emulator, client) = start().await;
    emulator.fault(fault(ApiFault::DropAfterWork, "POST", 1));
    let failure = client.create_live_input(&new()).await.unwrap_err();
    assert!(failure.outcome_unknown(), "{failure}");
    assert!(client.find_live_input("stream-1").await.unwrap().is_some());
    assert_eq!(client.live_inputs().await.unwrap().len(), 1, "sent once");
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_told_apart() {
    let (emulator, client) = start().await;
    emulator.fault(fault(ApiFault::ServerError { status: 503 }, "GET", 2));
    assert!(client.live_inputs().await.is_ok(), "the third attempt");
    emulator.fault(fault(ApiFault::Garbage, "POST", 1));
    assert!(client.create_live_input(&new()).await.unwrap_err().outcome_unknown());
    emulator.fault(fault(ApiFault::IgnoreSettings { fields: vec!["recording.mode".into()] }, "POST", 1));
    match client.create_live_input(&new()).await {
        Err(Failure::Ignored { setting: "recording.mode", object, .. }) => {
            client.delete_live_input(&object).await.unwrap();
        }
        other => panic!("{other:?}"),
    }
    emulator.fault(fault(ApiFault::RateLimited { retry_after: Some(300) }, "POST", 1));
    let failure = client.create_live_input(&new()).await.unwrap_err();
    assert_eq!(failure.retry_after(), Some(Duration::from_secs(300)), "{failure}");
    assert!(matches!(client.live_inputs().await, Err(Failure::Unavailable { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limits_of_a_setting_are_told() {
    let (_emulator, client) = start().await;
    let new = NewLiveInput { delete_recording_after_days: Some(7), ..new() };
    let failure = client.create_live_input(&new).await.unwrap_err();
    assert!(matches!(&failure, Failure::Refused { code: Some(code), .. } if code == "10060"), "{failure}");
}

async fn film(path: &Path) {
    let source = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=2"];
    let sound = ["-f", "lavfi", "-i", "sine=frequency=440:duration=2"];
    let codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"];
    let mut command = tokio::process::Command::new("ffmpeg");
    command.args(["-v", "error", "-y"]).args(source).args(sound).args(codecs).arg(path);
    assert!(command.status().await.unwrap().success());
}

async fn ready(client: &Client, uid: &str) -> Video {
    loop {
        let video = client.video(uid).await.unwrap();
        assert!(video.error.is_none(), "{video:?}");
        if video.is_ready() {
            return video;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_becomes_a_video_with_an_mp4() {
    let (emulator, client) = start().await;
    let directory = tempfile::tempdir().unwrap();
    let film_path = directory.path().join("film.mp4");
    film(&film_path).await;
    // The answer to the first chunk is lost, the chunk is not.
    emulator.fault(fault(ApiFault::DropAfterWork, "PATCH", 1));
    let new = NewUpload {
        name: "repair".into(),
        mark: "stream-1".into(),
        installation: "here".into(),
        require_signed_urls: false,
    };
    let uid = client.upload(&film_path, &new).await.unwrap();
    let video = ready(&client, &uid).await;
    assert!(video.duration.is_some_and(|seconds| (seconds - 2.0).abs() < 0.3), "{video:?}");
    let found = client.find_videos("stream-1").await.unwrap();
    assert_eq!(found.iter().map(|video| video.uid.as_str()).collect::<Vec<_>>(), [uid.as_str()]);
    client.create_download(&uid).await.unwrap();
    while client.download(&uid).await.unwrap().unwrap().state != DownloadState::Ready {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    client.delete_video(&uid).await.unwrap();
    assert!(client.video(&uid).await.unwrap_err().is_not_found());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_webhook_is_registered_once_for_the_account() {
    let (_emulator, client) = start().await;
    assert!(client.webhook().await.unwrap().is_none());
    let address = "https://live.example.com/api/webhooks/cloudflare/stream";
    assert!(client.put_webhook(address).await.unwrap().secret.is_some());
    assert_eq!(client.webhook().await.unwrap().unwrap().notification_url, address);
    client.delete_webhook().await.unwrap();
    assert!(client.webhook().await.unwrap().is_none());
}

async fn get(address: &str) -> (u16, String) {
    let client = outbound::file_client(Duration::from_secs(10)).unwrap();
    let response = client.get(address).send().await.unwrap();
    (response.status().as_u16(), String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned())
}

/// The address that a playlist names last.
fn named(playlist: &str, at: &str) -> String {
    let uri = playlist.lines().rfind(|line| !line.is_empty() && !line.starts_with('#')).unwrap();
    outbound::Url::parse(at).unwrap().join(uri).unwrap().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_signed_plays_with_its_own_token_while_that_is_good() {
    let (emulator, _) = start().await;
    let (id, pem) = emulator.cloudflare_signing_key().unwrap();
    let client = signing_client(&emulator, Some(SigningKey::parse(&id, &pem.into()).unwrap()));
    assert!(client.knows_signing_key(&id).await.unwrap() && !client.knows_signing_key("other").await.unwrap());
    // Named alike, and not the same.
    let (_, forged) = emulator.cloudflare_signing_key().unwrap();
    let forger = signing_client(&emulator, Some(SigningKey::parse(&id, &forged.into()).unwrap()));

    let input = client.create_live_input(&NewLiveInput { require_signed_urls: true, ..new() }).await.unwrap();
    assert!(input.recording.require_signed_urls);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("film.mp4");
    film(&path).await;
    let signed = NewUpload {
        name: "repair".into(),
        mark: "stream-1".into(),
        installation: "here".into(),
        require_signed_urls: true,
    };
    let uid = client.upload(&path, &signed).await.unwrap();
    let video = ready(&client, &uid).await;
    assert!(video.require_signed_urls);
    client.create_download(&uid).await.unwrap();
    while client.download(&uid).await.unwrap().unwrap().state != DownloadState::Ready {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let origin = video.playback_origin.unwrap();
    let (playback, other) = (Playback::new(&origin, &uid), Playback::new(&origin, &input.uid));
    let now = jiff::Timestamp::now().as_second();
    let token = |address: &str| address.strip_prefix(&origin).unwrap().split('/').nth(1).unwrap().to_owned();
    let foreign = token(&client.signed(&other.hls, now + 60).unwrap());
    for address in [&playback.hls, &playback.mp4] {
        let refused = [
            address.clone(),
            client.signed(address, now - 1).unwrap(),
            forger.signed(address, now + 60).unwrap(),
            address.replace(&uid, "a.b.c"),
        ];
        for refused in refused {
            assert_eq!(get(&refused).await.0, 401, "{refused}");
        }
        // It opens what it is of, and that is not live.
        assert!(matches!(get(&address.replace(&uid, &foreign)).await.0, 204 | 404), "{address}");
        assert_eq!(get(&client.signed(address, now + 60).unwrap()).await.0, 200, "{address}");
    }
    let master = client.signed(&playback.hls, now + 60).unwrap();
    let variant = named(&get(&master).await.1, &master);
    let (status, text) = get(&variant).await;
    let segment = named(&text, &variant);
    assert_eq!((status, get(&segment).await.0), (200, 200), "{variant} {segment}");
    for address in [&variant, &segment] {
        assert_eq!(get(&address.replace(&token(address), &uid)).await.0, 401, "{address} without its token");
        assert_eq!(get(&address.replace(&token(address), &foreign)).await.0, 404, "{address} with another's");
    }
}
