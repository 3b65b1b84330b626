//! Viewers get what the publisher sends.

mod common;

use std::time::{Duration, Instant};

use common::{Client, ClientConfig, Frames, PUBLISHER, Setup, TestCodec, VIEWER};
use media::{CloseReason, Limits, MediaEvent, ViewError};

fn publisher(codec: TestCodec) -> Client {
    Client::new(ClientConfig { video: Some(codec), ..PUBLISHER })
}

#[tokio::test]
async fn a_viewer_starts_with_a_key_frame_and_misses_nothing() {
    for codec in [TestCodec::H264, TestCodec::Vp8, TestCodec::Vp9] {
        let mut setup = Setup::new();
        let (publisher, viewer, frames) = (publisher(codec), Client::new(VIEWER), Frames::default());
        setup.publish(&publisher, &frames).await;
        frames.until(20).await;
        let answer = setup.view(&viewer).await;
        assert!(answer.sdp.contains("a=sendonly"));
        setup.event(|event| matches!(event, MediaEvent::ViewerJoined { viewers: 1, .. })).await;
        let report = viewer.until("packets", |report| report.video.len() > 200 && report.audio.len() > 50).await;
        assert!(report.video[0].2, "{codec:?}: the first packet belongs to a key frame");
        assert_eq!(report.missing(), 0);
        // A busy machine makes the publisher skip a packet, nothing makes it send between two.
        let even = report.audio.windows(2).all(|pair| (pair[1].1 - pair[0].1).is_multiple_of(960));
        assert!(even, "sound every 20 ms, to the tick");
        setup.gateway.hang_up(answer.session).await.unwrap();
        setup.event(|event| matches!(event, MediaEvent::ViewerLeft { viewers: 0, .. })).await;
    }
}

/// Whoever counts sessions hears of the end of each.
#[tokio::test]
async fn the_end_of_a_viewer_who_never_connected_is_told() {
    let mut setup = Setup::new();
    let (publisher, frames) = (publisher(TestCodec::H264), Frames::default());
    setup.publish(&publisher, &frames).await;
    frames.until(5).await;
    let answer = setup.gateway.view(setup.stream, &Client::new(VIEWER).offer).await.unwrap();
    setup.gateway.hang_up(answer.session).await.unwrap();
    setup.event(|event| matches!(event, MediaEvent::SessionClosed { session, .. } if *session == answer.session)).await;
}

#[tokio::test]
async fn lost_packets_are_sent_again() {
    let setup = Setup::new();
    let frames = Frames::default();
    let publisher = publisher(TestCodec::H264);
    setup.publish(&publisher, &frames).await;
    frames.until(5).await;
    let viewer = Client::new(ClientConfig { lose_one_in: 50, ..VIEWER });
    setup.view(&viewer).await;
    // The newest may be on their way again.
    viewer
        .until("all packets", |report| {
            let mut all = report.clone();
            all.video.truncate(500);
            let end = all.video.iter().map(|(sequence, ..)| *sequence).max();
            all.video.extend(report.video.iter().skip(500).filter(|(sequence, ..)| Some(*sequence) < end));
            report.video.len() > 600 && all.missing() == 0
        })
        .await;
}

#[tokio::test]
async fn nobody_live_nothing_in_common_no_room() {
    let setup = Setup::with(Limits { viewers_per_stream: 1, ..Limits::default() });
    let viewer = Client::new(VIEWER);
    let refused = setup.gateway.view(setup.stream, &viewer.offer).await;
    assert!(matches!(refused, Err(ViewError::NotLive)));

    let (publisher, frames) = (publisher(TestCodec::H264), Frames::default());
    setup.publish(&publisher, &frames).await;
    frames.until(1).await;
    let vp8 = Client::new(ClientConfig { video: Some(TestCodec::Vp8), ..VIEWER });
    let refused = setup.gateway.view(setup.stream, &vp8.offer).await;
    assert!(matches!(refused, Err(ViewError::NoCommonCodec)));
    let refused = setup.gateway.view(setup.stream, &publisher.offer).await;
    assert!(matches!(refused, Err(ViewError::BadOffer(_))));

    setup.view(&viewer).await;
    let refused = setup.gateway.view(setup.stream, &Client::new(VIEWER).offer).await;
    assert!(matches!(refused, Err(ViewError::Full)));
}

#[tokio::test]
async fn a_viewer_stays_when_the_publisher_changes() {
    let mut setup = Setup::new();
    let (first, frames, viewer) = (publisher(TestCodec::H264), Frames::default(), Client::new(VIEWER));
    setup.publish(&first, &frames).await;
    frames.until(5).await;
    setup.view(&viewer).await;
    let before = viewer.until("packets", |report| report.video.len() > 50).await.video.len();

    // Another recording clock, as after a restart of the recorder.
    let second = publisher(TestCodec::H264);
    let answer = setup.publish_from(&second, &frames, Instant::now() + Duration::from_millis(1234)).await;
    setup.event(|event| matches!(event, MediaEvent::Connected { session, .. } if *session == answer.session)).await;
    let report = viewer.until("packets of the second", |report| report.video.len() > before + 200).await;
    assert_eq!(report.missing(), 0, "sequence numbers go on");
    let largest = report.video.windows(2).map(|pair| pair[1].1.abs_diff(pair[0].1)).max().unwrap();
    assert!(largest < 5 * 90_000, "time goes on: a step of {largest} ticks");

    // A codec that this viewer did not agree to.
    let third = publisher(TestCodec::Vp8);
    setup.publish(&third, &frames).await;
    viewer.until("goodbye", |report| report.closed).await;
    let again = Client::new(VIEWER);
    setup.view(&again).await;
    again.until("packets", |report| report.video.len() > 10).await;
}

#[tokio::test]
async fn ending_the_stream_cuts_everyone_at_once() {
    let mut setup = Setup::new();
    let (publisher, frames) = (publisher(TestCodec::H264), Frames::default());
    setup.publish(&publisher, &frames).await;
    frames.until(5).await;
    let viewers = [Client::new(VIEWER), Client::new(VIEWER)];
    for viewer in &viewers {
        setup.view(viewer).await;
        viewer.until("packets", |report| report.video.len() > 10).await;
    }
    setup.gateway.end_stream(setup.stream).await;
    publisher.until("goodbye", |report| report.closed).await;
    for viewer in &viewers {
        viewer.until("goodbye", |report| report.closed).await;
    }
    setup.event(|event| matches!(event, MediaEvent::SessionClosed { reason: CloseReason::StreamEnded, .. })).await;
    setup.event(|event| matches!(event, MediaEvent::ViewerLeft { viewers: 0, .. })).await;
    assert_eq!(setup.gateway.stats(setup.stream), None);
    let refused = setup.gateway.view(setup.stream, &Client::new(VIEWER).offer).await;
    assert!(matches!(refused, Err(ViewError::NotLive)));
}

#[tokio::test]
async fn many_viewers_get_the_same() {
    let setup = Setup::new();
    let (publisher, frames) = (publisher(TestCodec::H264), Frames::default());
    setup.publish(&publisher, &frames).await;
    frames.until(5).await;
    let viewers: Vec<Client> = (0..5).map(|_| Client::new(VIEWER)).collect();
    for viewer in &viewers {
        setup.view(viewer).await;
    }
    for viewer in &viewers {
        let report = viewer.until("packets", |report| report.video.len() > 100).await;
        assert_eq!(report.missing(), 0);
    }
    // Joining asked for key frames, but not once per viewer.
    assert!(publisher.report().key_sent < 20);
}

/// The encoder takes the bytes of key frames from all other pictures, also from those of the recording.
#[tokio::test]
async fn the_bad_connection_of_one_viewer_costs_the_others_little() {
    let setup = Setup::new();
    let (publisher, frames, viewer) = (publisher(TestCodec::H264), Frames::default(), Client::new(VIEWER));
    setup.publish(&publisher, &frames).await;
    frames.until(5).await;
    setup.view(&viewer).await;
    viewer.until("packets", |report| !report.video.is_empty()).await;
    let before = publisher.report();
    let after = publisher
        .until("some seconds", |report| {
            viewer.want_key_frame();
            // Pictures are numbered by the time: 30 are a second.
            report.video_sent.last() > before.video_sent.last().map(|number| number + 300).as_ref()
        })
        .await;
    // Two seconds apart, whoever asked; and one that was on its way.
    let sent = after.key_sent - before.key_sent;
    assert!(sent <= 7, "{sent}");
}
