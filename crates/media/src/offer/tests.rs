use proptest::prelude::*;
use str0m::change::SdpOffer;

use super::*;

const CHROMIUM: &str = include_str!("../../tests/fixtures/chromium-156-publisher.sdp");
const CHROMIUM_VIEWER: &str = include_str!("../../tests/fixtures/chromium-156-viewer.sdp");
const FFMPEG: &str = include_str!("../../tests/fixtures/ffmpeg-9.sdp");
const ALL: [VideoCodec; 3] = [VideoCodec::H264, VideoCodec::Vp8, VideoCodec::Vp9];

fn parse(text: &str) -> Result<Offer, OfferError> {
    Offer::parse(text, Side::Publisher)
}

fn video(text: &str) -> (VideoCodec, Format) {
    parse(text).unwrap().choose(&ALL).unwrap().video.unwrap()
}

/// The offer without the lines that mention this.
fn without(text: &str, mention: &str) -> String {
    text.lines().filter(|line| !line.contains(mention)).fold(String::new(), |text, line| text + line + "\r\n")
}

#[test]
fn h264_of_the_plainest_profile_with_fragmentation_is_taken_first() {
    let (codec, format) = video(CHROMIUM);
    assert_eq!(codec, VideoCodec::H264);
    assert_eq!(format.parameter("packetization-mode"), Some("1"));
    assert_eq!(format.parameter("profile-level-id"), Some("42e01f"));
    assert!(format.retransmission.is_some());
    assert_eq!(video(FFMPEG).1.parameter("profile-level-id"), Some("42001f"));
}

#[test]
fn without_fragmentation_h264_is_not_taken() {
    let plain = CHROMIUM.replace("packetization-mode=1", "packetization-mode=0");
    assert_eq!(video(&plain).0, VideoCodec::Vp8);
    let none = without(&plain, "VP8/90000");
    let (codec, format) = video(&none);
    assert_eq!((codec, format.parameter("profile-id")), (VideoCodec::Vp9, Some("0")));
    let none = without(&none, "VP9/90000");
    assert_eq!(parse(&none).unwrap().choose(&ALL), Err(NoCommonCodec(Kind::Video)));
    let deaf = without(CHROMIUM, "opus/48000");
    assert_eq!(parse(&deaf).unwrap().choose(&ALL), Err(NoCommonCodec(Kind::Audio)));
}

#[test]
fn only_the_choice_is_left() {
    let offer = parse(CHROMIUM).unwrap();
    let choice = offer.choose(&ALL).unwrap();
    let text = offer.render(&choice).unwrap();
    let maps: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("a=rtpmap:")?.split(' ').nth(1)).collect();
    assert_eq!(maps, ["opus/48000/2", "H264/90000", "rtx/90000"]);
    assert!(CHROMIUM.contains("urn:3gpp:video-orientation") && !text.contains("3gpp"));
    SdpOffer::from_sdp_string(&text).unwrap();
}

#[test]
fn a_restart_changes_the_credentials_alone() {
    let offer = parse(CHROMIUM).unwrap();
    let choice = offer.choose(&ALL).unwrap();
    let ice = IceCredentials::new("newufrag", "newpasswordnewpassword").unwrap();
    let restarted = offer.restarted(ice).render(&choice).unwrap();
    let other = |text: &str| without(text, "a=ice-");
    assert_eq!(other(&restarted), other(&offer.render(&choice).unwrap()));
    assert!(restarted.contains("a=ice-ufrag:newufrag\r\na=ice-pwd:newpasswordnewpassword\r\n"));
}

#[test]
fn what_is_malformed_and_what_is_not_wanted() {
    let malformed = |text: &str| matches!(parse(text), Err(Malformed(_)));
    assert!(malformed(""));
    assert!(malformed("hello"));
    assert!(malformed("v=0\r\nnonsense\r\n"));
    assert!(malformed(&"v=0\r\n".repeat(20_000)));
    assert!(malformed(&without(CHROMIUM, "ice-pwd")));
    assert!(malformed(&without(CHROMIUM, "a=fingerprint")));
    assert!(malformed(&without(CHROMIUM, "a=mid")));
    assert!(malformed(&CHROMIUM.replace("a=mid:1", "a=mid:0")));
    assert!(malformed(&CHROMIUM.replace("a=setup:actpass", "a=setup:holdconn")));

    let unacceptable = |text: &str| matches!(parse(text), Err(Unacceptable(_)));
    assert!(unacceptable("v=0\r\n"));
    assert!(unacceptable(&CHROMIUM.replace("a=sendonly", "a=recvonly")));
    assert!(unacceptable(&CHROMIUM.replace("a=sendonly", "a=inactive")));
    assert!(unacceptable(&CHROMIUM.replace("m=audio", "m=video")));
    assert!(unacceptable(&CHROMIUM.replace("m=audio", "m=application")));
    assert!(unacceptable(&CHROMIUM.replace("m=video 9", "m=video 0")));
    assert!(unacceptable(&without(CHROMIUM, "a=group:BUNDLE")));
    assert!(unacceptable(&CHROMIUM.replace("t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n")));
    assert!(unacceptable(CHROMIUM_VIEWER));
    assert!(matches!(Offer::parse(CHROMIUM, Side::Viewer), Err(Unacceptable(_))));
}

#[test]
fn what_is_let_pass() {
    assert!(parse(&CHROMIUM.replace("a=sendonly", "a=sendrecv")).is_ok(), "RFC 9725 §4.2: MAY");
    assert!(parse(&CHROMIUM.replace("a=setup:actpass", "a=setup:active")).is_ok());
    assert!(parse(&without(CHROMIUM, "a=rtcp-mux-only")).is_ok(), "an Android offer has only rtcp-mux");
    assert!(parse(&CHROMIUM.replace("\r\n", "\n")).is_ok());
    assert!(Offer::parse(CHROMIUM_VIEWER, Side::Viewer).is_ok());
    let bundled = CHROMIUM.replace("m=video 9", "m=video 0").replace("a=mid:1", "a=mid:1\r\na=bundle-only");
    assert!(parse(&bundled).is_ok(), "RFC 9143 §6: port 0 with bundle-only is not a rejection");
}

#[test]
fn one_number_for_two_codecs_is_refused() {
    let (_, format) = video(CHROMIUM);
    let clash = CHROMIUM
        .replace("m=audio 9 UDP/TLS/RTP/SAVPF 111", &format!("m=audio 9 UDP/TLS/RTP/SAVPF {}", format.payload_type))
        .replace("a=rtpmap:111 ", &format!("a=rtpmap:{} ", format.payload_type));
    let offer = parse(&clash).unwrap();
    assert!(matches!(offer.render(&offer.choose(&ALL).unwrap()), Err(Malformed(_))));
}

proptest! {
    #[test]
    fn no_text_panics(text in ".{0,300}") {
        let _ = parse(&text);
        let _ = parse(&format!("v=0\r\n{text}"));
    }

    /// Whatever is accepted of a damaged offer, what is rendered of it is SDP.
    #[test]
    fn what_is_accepted_can_be_rendered(
        lines in proptest::collection::vec((any::<prop::sample::Index>(), "[ -~]{0,30}", any::<bool>()), 0..8),
        viewer in any::<bool>(),
    ) {
        let text = if viewer { CHROMIUM_VIEWER } else { CHROMIUM };
        let mut damaged: Vec<String> = text.lines().map(str::to_owned).collect();
        for (place, noise, replace) in lines {
            let line = place.get(&damaged).clone();
            let place = place.index(damaged.len());
            let keep = line.char_indices().nth(noise.len()).map_or(line.as_str(), |(at, _)| &line[..at]);
            let line = format!("{keep}{noise}");
            if replace { damaged[place] = line } else { damaged.insert(place, line) }
        }
        let side = if viewer { Side::Viewer } else { Side::Publisher };
        if let Ok(offer) = Offer::parse(&damaged.join("\r\n"), side)
            && let Ok(choice) = offer.choose(&ALL)
            && let Ok(rendered) = offer.render(&choice)
        {
            prop_assert!(SdpOffer::from_sdp_string(&rendered).is_ok(), "{rendered}");
        }
    }
}
