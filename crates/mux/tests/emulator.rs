//! The client against the stand-in for Mux Video, which was written from the documents and not from this client.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use emulator::{ApiFault, Emulator, Fault, Scope, Timing};
use mux::{Asset, Client, Config, Failure, LiveStreamStatus, NewLiveStream, NewUpload, Policy, SigningKey};
use secrecy::ExposeSecret as _;
use std::{path::Path, time::Duration};

async fn start() -> (Emulator, Client) {
    let emulator = Emulator::start(emulator::Config { timing: Timing::fast(), ..Default::default() }).await.unwrap();
    let client = client(&emulator, &emulator.config().mux.token_secret);
    (emulator, client)
}

fn client(emulator: &Emulator, secret: &str) -> Client {
    signing_client(emulator, secret, None)
}

fn signing_client(emulator: &Emulator, secret: &str, signing: Option<SigningKey>) -> Client {
    let config = Config {
        base_url: emulator.base_url().to_owned(),
        playback_base_url: emulator.base_url().to_owned(),
        ingest_url: emulator.mux_ingest_url(),
        signing,
        ..Config::new(&emulator.config().mux.token_id, secret.into())
    };
    Client::new(&config).unwrap()
}

fn new() -> NewLiveStream {
    NewLiveStream {
        passthrough: "stream-1".into(),
        title: "Ann's service".into(),
        reconnect_window: 180,
        policy: Policy::Public,
        mp4: true,
        test: false,
    }
}

fn fault(fault: ApiFault, method: &str, times: u32) -> Fault {
    Fault { fault, on: Scope { method: Some(method.into()), times: Some(times), ..Scope::default() } }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_life_of_a_live_stream() {
    let (emulator, client) = start().await;
    client.verify().await.unwrap();
    let wrong = self::client(&emulator, "wrong");
    assert!(wrong.verify().await.unwrap_err().is_denied());

    let stream = client.create_live_stream(&new()).await.unwrap();
    assert_eq!(client.live_streams().await.unwrap().len(), 1);
    assert_eq!(client.find_by_passthrough("stream-1").await.unwrap().unwrap().id, stream.id);
    assert!(client.find_by_passthrough("stream-2").await.unwrap().is_none());

    let reset = client.reset_stream_key(&stream.id).await.unwrap();
    assert_ne!(reset.stream_key.expose_secret(), stream.stream_key.expose_secret());
    client.disable(&stream.id).await.unwrap();
    assert_eq!(client.live_stream(&stream.id).await.unwrap().status, LiveStreamStatus::Disabled);
    client.enable(&stream.id).await.unwrap();
    assert_eq!(client.live_stream(&stream.id).await.unwrap().status, LiveStreamStatus::Idle);
    client.complete(&stream.id).await.unwrap();
    assert!(client.assets_of(&stream.id).await.unwrap().is_empty());

    client.delete_live_stream(&stream.id).await.unwrap();
    client.delete_live_stream(&stream.id).await.unwrap();
    assert!(client.live_stream(&stream.id).await.unwrap_err().is_not_found());
}

/// The case for which our id goes along: created, and nobody told us.
#[tokio::test(flavor = "multi_thread")]
async fn a_creation_of_unknown_outcome_is_found() {
    let (emulator, client) = start().await;
    emulator.fault(fault(ApiFault::DropAfterWork, "POST", 1));
    let failure = client.create_live_stream(&new()).await.unwrap_err();
    assert!(failure.outcome_unknown(), "{failure}");
    assert!(client.find_by_passthrough("stream-1").await.unwrap().is_some());
    assert_eq!(client.live_streams().await.unwrap().len(), 1, "sent once");
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_told_apart() {
    let (emulator, client) = start().await;
    emulator.fault(fault(ApiFault::ServerError { status: 503 }, "GET", 2));
    assert!(client.live_streams().await.is_ok(), "the third attempt");
    emulator.fault(fault(ApiFault::IgnoreSettings { fields: vec!["passthrough".into()] }, "POST", 1));
    match client.create_live_stream(&new()).await {
        Err(Failure::Ignored { setting: "passthrough", object, .. }) => {
            client.delete_live_stream(&object).await.unwrap();
        }
        other => panic!("{other:?}"),
    }
    emulator.fault(fault(ApiFault::RateLimited { retry_after: Some(300) }, "POST", 1));
    let failure = client.create_live_stream(&new()).await.unwrap_err();
    assert_eq!(failure.retry_after(), Some(Duration::from_secs(300)), "{failure}");
    assert!(matches!(client.live_streams().await, Err(Failure::Unavailable { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_without_live_streams_is_told() {
    let mut config = emulator::Config::default();
    config.mux.free_plan = true;
    let emulator = Emulator::start(config).await.unwrap();
    let client = client(&emulator, &emulator.config().mux.token_secret);
    let failure = client.create_live_stream(&new()).await.unwrap_err();
    assert!(failure.to_string().contains("unavailable on the free plan"), "{failure}");
    assert!(!failure.is_transient());
}

async fn film(path: &Path) {
    let source = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=2"];
    let sound = ["-f", "lavfi", "-i", "sine=frequency=440:duration=2"];
    let codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"];
    let mut command = tokio::process::Command::new("ffmpeg");
    command.args(["-v", "error", "-y"]).args(source).args(sound).args(codecs).arg(path);
    assert!(command.status().await.unwrap().success());
}

async fn ready(client: &Client, id: &str) -> Asset {
    loop {
        let asset = client.asset(id).await.unwrap();
        assert!(asset.errors.is_empty(), "{asset:?}");
        if asset.is_recording_ready() && asset.mp4().is_some() {
            return asset;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_becomes_an_asset_with_an_mp4() {
    let (_emulator, client) = start().await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("film.mp4");
    film(&path).await;
    let new = NewUpload {
        passthrough: "stream-1".into(),
        title: "repair".into(),
        policy: Policy::Public,
        mp4: true,
        test: false,
    };
    let id = client.upload(&path, &new).await.unwrap();
    let asset = ready(&client, &id).await;
    assert!(asset.duration.is_some_and(|seconds| (seconds - 2.0).abs() < 0.3), "{asset:?}");
    assert_eq!(asset.playback_ids[0].policy, Policy::Public);
    assert_eq!(client.assets_by_passthrough("stream-1").await.unwrap()[0].id, id);
    client.delete_asset(&id).await.unwrap();
    assert!(client.asset(&id).await.unwrap_err().is_not_found());
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
    let secret = &emulator.config().mux.token_secret;
    let (id, private) = emulator.mux_signing_key().unwrap();
    let client = signing_client(&emulator, secret, Some(SigningKey::parse(&id, &private.into()).unwrap()));
    assert!(client.knows_signing_key(&id).await.unwrap() && !client.knows_signing_key("other").await.unwrap());
    // Named alike, and not the same.
    let (_, forged) = emulator.mux_signing_key().unwrap();
    let forger = signing_client(&emulator, secret, Some(SigningKey::parse(&id, &forged.into()).unwrap()));

    let stream = client.create_live_stream(&NewLiveStream { policy: Policy::Signed, ..new() }).await.unwrap();
    assert_eq!(stream.playback_ids[0].policy, Policy::Signed);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("film.mp4");
    film(&path).await;
    let signed = NewUpload {
        passthrough: "stream-1".into(),
        title: "repair".into(),
        policy: Policy::Signed,
        mp4: true,
        test: false,
    };
    let upload = client.upload(&path, &signed).await.unwrap();
    let asset = ready(&client, &upload).await;
    assert_eq!(asset.playback_ids[0].policy, Policy::Signed);
    let playback = client.playback(&asset.playback_ids[0].id);
    let now = jiff::Timestamp::now().as_second();
    let other = client.playback(&stream.playback_ids[0].id).hls;
    let foreign = client.signed(&other, now + 60).unwrap().replace(&other, "");
    for address in [&playback.hls, &playback.mp4] {
        let refused = [
            address.clone(),
            client.signed(address, now - 1).unwrap(),
            forger.signed(address, now + 60).unwrap(),
            format!("{address}{foreign}"),
            format!("{address}?token=nonsense"),
        ];
        for refused in refused {
            assert_eq!(get(&refused).await.0, 403, "{refused}");
        }
        assert_eq!(get(&client.signed(address, now + 60).unwrap()).await.0, 200, "{address}");
    }
    // What the playlist names is shut as well.
    let master = client.signed(&playback.hls, now + 60).unwrap();
    let variant = named(&get(&master).await.1, &master);
    let (status, text) = get(&variant).await;
    let segment = named(&text, &variant);
    assert_eq!((status, get(&segment).await.0), (200, 200), "{variant} {segment}");
    let token = variant.split('/').find(|part| part.matches('.').count() == 2).unwrap().to_owned();
    for address in [variant, segment] {
        assert_eq!(get(&address.replace(&format!("{token}/"), "")).await.0, 403, "{address} without its token");
        assert_eq!(get(&address.replace(&token, "a.b.c")).await.0, 403, "{address} with another");
    }
}
