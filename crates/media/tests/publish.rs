//! A publisher's frames reach the recording.

mod common;

use std::time::{Duration, Instant};

use common::{Client, ClientConfig, Frames, PUBLISHER, Setup, TestCodec, VIEWER, eventually};
use media::{
    CloseReason, IceCredentials, Limits, LostReason, MediaEvent, OfferError, PublishError, Publisher, SessionError,
};

/// What has come is what was sent, without a hole.
fn assert_every_frame(client: &Client, frames: &Frames) {
    let received = frames.numbers();
    let sent = client.report().video_sent;
    assert_eq!(received, sent[..received.len()]);
}

#[tokio::test]
async fn frames_reach_the_sink_with_their_times() {
    let mut setup = Setup::new();
    let (client, frames) = (Client::new(PUBLISHER), Frames::default());
    let origin = Instant::now() - Duration::from_secs(100);
    let answer = setup.publish_from(&client, &frames, origin).await;
    setup.event(|event| matches!(event, MediaEvent::Connected { session, .. } if *session == answer.session)).await;
    setup.event(|event| matches!(event, MediaEvent::Flowing { .. })).await;
    frames.until(60).await;

    let video = frames.video();
    assert!(video.iter().any(|(_, key)| *key));
    assert!(video[0].0 >= Duration::from_secs(100) && video[0].0 < origin.elapsed());
    for pair in video.windows(2) {
        let step = pair[1].0 - pair[0].0;
        assert!(step >= Duration::from_millis(30), "frames 33 ms apart are {step:?} apart");
    }
    let audio = frames.audio();
    assert!(audio.len() >= 60);
    assert!(audio.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(audio[0].abs_diff(video[0].0) < Duration::from_millis(500), "{:?} {:?}", audio[0], video[0]);
    let stats = setup.gateway.stats(setup.stream).unwrap();
    assert!(stats.connected && stats.video_frames > 0 && stats.audio_frames > 0 && stats.packets_lost == 0);
    // One request when it connected and one every two seconds: not one per frame.
    assert!(client.report().key_sent < 10);
}

#[tokio::test]
async fn silence_that_arrives_is_not_heard() {
    for (level, heard) in [(Some(-30), true), (Some(-127), false), (None, true)] {
        let setup = Setup::new();
        let (client, frames) = (Client::new(ClientConfig { level, ..PUBLISHER }), Frames::default());
        setup.publish(&client, &frames).await;
        let stats = eventually("sound", || {
            let stats = setup.gateway.stats(setup.stream)?;
            (stats.audio_frames > 50).then_some(stats)
        })
        .await;
        let silent_for = stats.last_audio_at.unwrap().duration_since(stats.last_heard_at.unwrap());
        assert_eq!(silent_for < Duration::from_millis(100), heard, "{level:?}: {silent_for:?}");
    }
}

#[tokio::test]
async fn every_codec_and_every_track_alone() {
    for (video, audio) in
        [(Some(TestCodec::Vp8), true), (Some(TestCodec::Vp9), true), (Some(TestCodec::H264), false), (None, true)]
    {
        let setup = Setup::new();
        let (client, frames) = (Client::new(ClientConfig { video, audio, ..PUBLISHER }), Frames::default());
        let answer = setup.publish(&client, &frames).await;
        assert_eq!(answer.sdp.matches("m=video").count(), usize::from(video.is_some()));
        eventually("frames", || {
            let (pictures, sound) = (frames.video(), frames.audio());
            let seen = pictures.iter().any(|(_, key)| *key) && pictures.len() > 10;
            ((seen || video.is_none()) && (sound.len() > 10 || !audio)).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn every_frame_is_recorded_at_two_percent_loss() {
    let setup = Setup::new();
    let (client, frames) = (Client::new(ClientConfig { lose_one_in: 50, ..PUBLISHER }), Frames::default());
    setup.publish(&client, &frames).await;
    frames.until(200).await;
    assert_every_frame(&client, &frames);
    assert_eq!(setup.gateway.stats(setup.stream).unwrap().packets_lost, 0);
}

#[tokio::test]
async fn a_full_recorder_asks_for_a_key_frame() {
    let setup = Setup::new();
    let (client, frames) = (Client::new(PUBLISHER), Frames::default());
    setup.publish(&client, &frames).await;
    frames.until(20).await;
    let before = client.report().key_sent;
    frames.refuse.store(3, std::sync::atomic::Ordering::SeqCst);
    client.until("another key frame", |report| report.key_sent > before).await;
    eventually("the count", || setup.gateway.stats(setup.stream).filter(|stats| stats.dropped == 3)).await;
}

#[tokio::test]
async fn silence_is_lost_and_sound_is_flowing_again() {
    let mut setup = Setup::new();
    let (client, frames) = (Client::new(PUBLISHER), Frames::default());
    setup.publish(&client, &frames).await;
    setup.event(|event| matches!(event, MediaEvent::Flowing { .. })).await;
    client.pause(true);
    setup.event(|event| matches!(event, MediaEvent::Lost { reason: LostReason::Silent, .. })).await;
    client.pause(false);
    setup.event(|event| matches!(event, MediaEvent::Flowing { .. })).await;
}

#[tokio::test]
async fn a_crashed_publisher_is_replaced_in_the_same_recording() {
    let mut setup = Setup::new();
    let (first, frames) = (Client::new(PUBLISHER), Frames::default());
    let origin = Instant::now();
    setup.publish_from(&first, &frames, origin).await;
    frames.until(20).await;
    first.vanish();
    let crashed = Instant::now();
    let last = frames.video().last().unwrap().0;

    let second = Client::new(PUBLISHER);
    let answer = setup.publish_from(&second, &frames, origin).await;
    setup.event(|event| matches!(event, MediaEvent::SessionClosed { reason: CloseReason::Replaced, .. })).await;
    setup.event(|event| matches!(event, MediaEvent::Connected { session, .. } if *session == answer.session)).await;
    assert!(crashed.elapsed() < Duration::from_secs(3));
    eventually("frames of the second", || {
        let video = frames.video();
        let after = video.iter().filter(|(time, _)| *time > last + Duration::from_millis(50)).count();
        (after > 20).then_some(())
    })
    .await;
    assert_eq!(frames.changes.load(std::sync::atomic::Ordering::SeqCst), 2);
    let times = frames.video();
    assert!(times.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert!(times.last().unwrap().0 < origin.elapsed() + Duration::from_secs(1));
}

#[tokio::test]
async fn a_living_publisher_goes_when_the_next_is_connected() {
    let mut setup = Setup::new();
    let (first, frames) = (Client::new(PUBLISHER), Frames::default());
    let answer = setup.publish(&first, &frames).await;
    frames.until(10).await;
    let second = Client::new(PUBLISHER);
    let pending = setup
        .gateway
        .publish(setup.stream, Publisher::Browser, frames.recording(Instant::now()), &second.offer)
        .await
        .unwrap();
    // Not connected yet: nothing changes.
    let so_far = frames.video().len();
    frames.until(so_far + 20).await;
    setup.gateway.check(answer.session).await.unwrap();
    second.answer(&pending.sdp);
    first.until("goodbye", |report| report.closed).await;
    setup.event(|event| matches!(event, MediaEvent::SessionClosed { session, reason: CloseReason::Replaced, .. } if *session == answer.session)).await;
    assert_eq!(setup.gateway.check(answer.session).await, Err(SessionError::Unknown));
    let so_far = frames.video().len();
    frames.until(so_far + 20).await;
}

/// Its client has given it up long ago, and will never connect.
#[tokio::test]
async fn a_request_that_comes_late_out_of_a_dead_spot_takes_no_place() {
    let mut setup = Setup::new();
    let (client, given_up, frames) = (Client::new(PUBLISHER), Client::new(PUBLISHER), Frames::default());
    let recording = || frames.recording(Instant::now());
    let answer = setup.gateway.publish(setup.stream, Publisher::Browser, recording(), &client.offer).await.unwrap();
    setup.gateway.publish(setup.stream, Publisher::Browser, recording(), &given_up.offer).await.unwrap();
    client.answer(&answer.sdp);
    setup.event(|event| matches!(event, MediaEvent::Connected { session, .. } if *session == answer.session)).await;
    frames.until(20).await;
}

#[tokio::test]
async fn only_so_many_wait_to_be_connected() {
    let setup = Setup::new();
    let (client, frames) = (Client::new(PUBLISHER), Frames::default());
    let mut sessions = Vec::new();
    for _ in 0..4 {
        let answer = setup
            .gateway
            .publish(setup.stream, Publisher::Browser, frames.recording(Instant::now()), &client.offer)
            .await
            .unwrap();
        sessions.push(answer.session);
    }
    assert_eq!(setup.gateway.check(sessions[0]).await, Err(SessionError::Unknown));
    for session in &sessions[1..] {
        setup.gateway.check(*session).await.unwrap();
    }
}

#[tokio::test]
async fn an_ice_restart_keeps_frames_flowing() {
    let mut setup = Setup::new();
    let (client, frames) = (Client::new(PUBLISHER), Frames::default());
    let answer = setup.publish(&client, &frames).await;
    frames.until(20).await;

    // One that the client never makes use of does no harm.
    let unused = IceCredentials::new("unused", "unusedunusedunusedunused").unwrap();
    let first = setup.gateway.restart_ice(answer.session, unused).await.unwrap();
    let so_far = frames.video().len();
    frames.until(so_far + 20).await;

    let offer = client.restart_ice();
    let value = |name: &str| offer.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
    let theirs = IceCredentials::new(&value("a=ice-ufrag:"), &value("a=ice-pwd:")).unwrap();
    let restart = setup.gateway.restart_ice(answer.session, theirs).await.unwrap();
    assert_ne!(restart.ice, answer.ice);
    assert_ne!(restart.ice, first.ice);
    assert!(!restart.candidates.is_empty());
    let new_answer =
        answer.sdp.replace(&answer.ice.ufrag, &restart.ice.ufrag).replace(&answer.ice.pwd, &restart.ice.pwd);
    client.answer(&new_answer);
    client.until("ICE to be up again", |report| report.restarts == 1).await;
    let so_far = frames.video().len();
    frames.until(so_far + 60).await;
    assert_every_frame(&client, &frames);
    setup.gateway.hang_up(answer.session).await.unwrap();
    let closed = setup.event(|event| matches!(event, MediaEvent::Lost { .. } | MediaEvent::SessionClosed { .. })).await;
    assert!(matches!(closed, MediaEvent::Lost { reason: LostReason::Closed, .. }), "{closed:?}");
}

#[tokio::test]
async fn hanging_up_says_goodbye_and_forgets() {
    let mut setup = Setup::new();
    let (client, frames) = (Client::new(PUBLISHER), Frames::default());
    let answer = setup.publish(&client, &frames).await;
    frames.until(5).await;
    setup.gateway.hang_up(answer.session).await.unwrap();
    client.until("goodbye", |report| report.closed).await;
    setup.event(|event| matches!(event, MediaEvent::SessionClosed { reason: CloseReason::HungUp, .. })).await;
    assert_eq!(setup.gateway.hang_up(answer.session).await, Err(SessionError::Unknown));
    assert_eq!(setup.gateway.stats(setup.stream), None);

    // The client's own goodbye.
    let client = Client::new(PUBLISHER);
    setup.publish(&client, &frames).await;
    client.until("connected", |report| report.connected).await;
    client.close();
    setup.event(|event| matches!(event, MediaEvent::SessionClosed { reason: CloseReason::Peer, .. })).await;
}

#[tokio::test]
async fn a_full_gateway_refuses_but_lets_take_over() {
    let setup = Setup::with(Limits { publishers: 1, ..Limits::default() });
    let frames = Frames::default();
    let first = Client::new(PUBLISHER);
    setup.publish(&first, &frames).await;
    let other = setup
        .gateway
        .publish(common::stream(2), Publisher::Browser, frames.recording(Instant::now()), &first.offer)
        .await;
    assert!(matches!(other, Err(PublishError::Full)));
    setup.publish(&Client::new(PUBLISHER), &frames).await;
}

#[tokio::test]
async fn offers_that_cannot_be_answered() {
    let setup = Setup::new();
    let frames = Frames::default();
    let publish = |offer: String| {
        let recording = frames.recording(Instant::now());
        async { setup.gateway.publish(setup.stream, Publisher::Browser, recording, &{ offer }).await.unwrap_err() }
    };
    let viewer = publish(Client::new(VIEWER).offer).await;
    assert!(matches!(viewer, PublishError::BadOffer(OfferError::Unacceptable(_))), "{viewer}");
    let nonsense = publish("nonsense".into()).await;
    assert!(matches!(nonsense, PublishError::BadOffer(OfferError::Malformed(_))), "{nonsense}");
    let av1 = publish(Client::new(PUBLISHER).offer.replace("H264/90000", "AV1/90000")).await;
    assert!(matches!(av1, PublishError::UnsupportedCodecs), "{av1}");
    assert_eq!(setup.gateway.stats(setup.stream), None);
}
