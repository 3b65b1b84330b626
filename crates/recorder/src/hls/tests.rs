use std::time::Duration;

use super::state::KEPT_SEGMENTS;
use super::*;
use crate::frame::{Frame, VideoCodec};
use crate::muxer::Output;
use crate::synthetic::{mux, picture, stream};

fn live(earlier_parts: u32, frames: &[Frame]) -> HlsLive {
    let hls = HlsLive::new(earlier_parts);
    for output in mux(frames) {
        match output {
            Output::Part(tracks) => hls.begin(&tracks),
            Output::Fragment(fragment) => hls.push(&fragment),
        }
    }
    hls
}

#[test]
fn the_playlist_of_three_seconds() {
    let hls = live(0, &stream(VideoCodec::H264, Duration::from_secs(3)));
    let expected = "\
#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:4
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.5
#EXT-X-PART-INF:PART-TARGET=0.5
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-MAP:URI=\"init0.mp4\"
#EXT-X-PART:DURATION=0.43333,URI=\"part0.0.m4s\",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.43333,URI=\"part0.1.m4s\"
#EXT-X-PART:DURATION=0.43333,URI=\"part0.2.m4s\"
#EXT-X-PART:DURATION=0.43333,URI=\"part0.3.m4s\"
#EXT-X-PART:DURATION=0.26667,URI=\"part0.4.m4s\"
#EXTINF:2.00000,
seg0.m4s
#EXT-X-PART:DURATION=0.43333,URI=\"part1.0.m4s\",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.43333,URI=\"part1.1.m4s\"
#EXT-X-PART:DURATION=0.13333,URI=\"part1.2.m4s\"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"part1.3.m4s\"
";
    assert_eq!(hls.playlist().unwrap(), expected);
    assert_eq!(hls.get(HlsResource::Segment(1)), None);
    let parts: Vec<Bytes> = (0..5).map(|index| hls.get(HlsResource::Part(0, index)).unwrap()).collect();
    assert_eq!(hls.get(HlsResource::Segment(0)).unwrap(), parts.concat());
    hls.end();
    assert!(hls.playlist().unwrap().ends_with("#EXTINF:1.00000,\nseg1.m4s\n#EXT-X-ENDLIST\n"));
}

#[test]
fn memory_is_bounded_and_numbers_go_on() {
    let mut frames = stream(VideoCodec::H264, Duration::from_secs(60));
    let another = |ms| picture(VideoCodec::Vp9, true, 16, Duration::from_secs(60) + Duration::from_millis(ms));
    frames.extend([0, 400, 800, 1200].map(another));
    let hls = live(3, &frames);
    let playlist = hls.playlist().unwrap();
    assert!(playlist.contains("#EXT-X-DISCONTINUITY-SEQUENCE:4\n"), "{playlist}");
    assert_eq!(playlist.matches("#EXT-X-DISCONTINUITY\n").count(), 1, "{playlist}");
    assert_eq!(playlist.matches("#EXT-X-MAP").count(), 2);
    assert_eq!(playlist.matches("#EXTINF").count(), KEPT_SEGMENTS);
    let first = playlist.lines().find_map(|line| line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:")).unwrap();
    assert_eq!(first.parse::<u64>().unwrap(), 300_000 + 31 - KEPT_SEGMENTS as u64);
    assert_eq!(hls.get(HlsResource::Segment(300_000)), None);
}

#[test]
fn only_names_of_the_playlist_are_resources() {
    for resource in [HlsResource::Init(3), HlsResource::Segment(12), HlsResource::Part(7, 2)] {
        assert_eq!(resource.to_string().parse(), Ok(resource));
    }
    for name in ["", "seg+1.m4s", "seg01.m4s", "part1.m4s", "init.mp4", "../seg1.m4s", "seg-1.m4s"] {
        assert_eq!(name.parse::<HlsResource>(), Err(UnknownResource), "{name}");
    }
}
