//! What real clients offer, and what they are answered.

mod common;

use std::time::Instant;

use common::{Client, ClientConfig, Frames, PUBLISHER, Setup, VIEWER};

const CHROMIUM: &str = include_str!("fixtures/chromium-156-publisher.sdp");
const CHROMIUM_VIEWER: &str = include_str!("fixtures/chromium-156-viewer.sdp");
const FFMPEG: &str = include_str!("fixtures/ffmpeg-9.sdp");
const OBS: &str = include_str!("fixtures/obs-30.2.sdp");
const GSTREAMER: &str = include_str!("fixtures/gstreamer-whipclientsink.sdp");
const GSTREAMER_WHIPSINK: &str = include_str!("fixtures/gstreamer-whipsink.sdp");

fn codecs(sdp: &str) -> Vec<&str> {
    sdp.lines().filter_map(|line| line.strip_prefix("a=rtpmap:")?.split(' ').nth(1)).collect()
}

async fn publish(offer: &str) -> String {
    let setup = Setup::new();
    let recording = Frames::default().recording(Instant::now());
    setup
        .gateway
        .publish(setup.stream, media::Publisher::Browser, recording, offer)
        .await
        .map_or_else(|error| error.to_string(), |answer| answer.sdp)
}

fn has(sdp: &str, line: &str) -> bool {
    sdp.lines().any(|known| known == line)
}

#[tokio::test]
async fn a_publisher_is_answered_with_one_codec_and_no_orientation() {
    let sdp = publish(CHROMIUM).await;
    assert_eq!(codecs(&sdp), ["opus/48000/2", "H264/90000", "rtx/90000"]);
    assert!(CHROMIUM.contains("3gpp:video-orientation") && !sdp.contains("3gpp"));
    assert_eq!(sdp.matches("a=recvonly").count(), 2);
    assert_eq!(sdp.matches("a=rtcp-mux\r\n").count(), 2);
    assert_eq!(sdp.matches("a=setup:passive").count(), 2);
    assert!(has(&sdp, "a=group:BUNDLE 0 1") && has(&sdp, "a=ice-lite") && sdp.contains("a=ice-options:"));
    assert!(sdp.contains("a=candidate:"));
    assert!(sdp.contains("transport-wide-cc"), "or the phone could not estimate its uplink");
    assert!(sdp.contains("ssrc-audio-level"), "or silence could not be told from sound");

    let vp8 = CHROMIUM.replace("packetization-mode=1", "packetization-mode=0");
    assert_eq!(codecs(&publish(&vp8).await), ["opus/48000/2", "VP8/90000", "rtx/90000"]);
}

#[tokio::test]
async fn ffmpeg_is_answered() {
    let sdp = publish(FFMPEG).await;
    assert_eq!(codecs(&sdp), ["opus/48000/2", "H264/90000", "rtx/90000"]);
    assert!(FFMPEG.contains("a=setup:passive") && sdp.contains("a=setup:active"));
}

#[tokio::test]
async fn obs_is_answered() {
    let sdp = publish(OBS).await;
    assert_eq!(codecs(&sdp), ["opus/48000/2", "H264/90000"]);
    assert!(!OBS.contains("rtx") && has(&sdp, "a=rtcp-fb:96 nack"), "what is lost is sent again as it was");
}

/// Its second section has port 0 and `bundle-only`.
#[tokio::test]
async fn gstreamer_is_answered() {
    assert_eq!(codecs(&publish(GSTREAMER).await), ["H264/90000", "rtx/90000", "opus/48000/2"]);
    assert_eq!(codecs(&publish(GSTREAMER_WHIPSINK).await), ["H264/90000", "opus/48000/2"]);
}

#[tokio::test]
async fn a_viewer_is_answered_with_the_streams_codec_in_one_media_stream() {
    let setup = Setup::new();
    let vp8 = ClientConfig { video: Some(common::TestCodec::Vp8), ..PUBLISHER };
    let (publisher, frames) = (Client::new(vp8), Frames::default());
    setup.publish(&publisher, &frames).await;
    frames.until(1).await;
    let answer = setup.gateway.view(setup.stream, CHROMIUM_VIEWER).await.unwrap();
    assert_eq!(codecs(&answer.sdp), ["opus/48000/2", "VP8/90000", "rtx/90000"]);
    assert_eq!(answer.sdp.matches("a=sendonly").count(), 2);
    let streams: Vec<_> =
        answer.sdp.lines().filter_map(|line| line.strip_prefix("a=msid:")?.split(' ').next()).collect();
    assert!(streams.len() == 2 && streams[0] == streams[1], "{streams:?}");

    // Half an offer is answered by half.
    let silent = Client::new(ClientConfig { audio: false, ..VIEWER });
    let answer = setup.view(&silent).await;
    assert!(!answer.sdp.contains("m=audio"));
    silent.until("packets", |report| report.video.len() > 10).await;
}
