use proptest::prelude::*;

use super::*;

const FINGERPRINT: &str =
    "a=fingerprint:sha-256 EE:FE:A2:E5:6A:21:78:60:71:2C:21:DC:1A:2C:98:12:0C:E8:AD:68:07:61:1B:0E";

/// A publisher's offer as Chromium writes it, shortened to what is judged.
fn chromium() -> String {
    let session = "v=0\r\no=- 4962303333179871722 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
        a=extmap-allow-mixed\r\na=msid-semantic: WMS 8a2b\r\n";
    let transport = format!(
        "c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n\
         a=ice-options:trickle\r\n{FINGERPRINT}\r\na=setup:actpass\r\n"
    );
    format!(
        "{session}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n{transport}a=mid:0\r\na=sendonly\r\na=msid:8a2b track-a\r\na=rtcp-mux\r\n\
         a=rtcp-rsize\r\na=rtpmap:111 opus/48000/2\r\na=ssrc:1 cname:x\r\na=ssrc:1 msid:8a2b track-a\r\n\
         m=video 9 UDP/TLS/RTP/SAVPF 103 96\r\n{transport}a=mid:1\r\na=extmap:13 urn:3gpp:video-orientation\r\na=sendonly\r\n\
         a=msid:8a2b track-v\r\na=rtcp-mux\r\na=rtpmap:103 H264/90000\r\na=fmtp:103 packetization-mode=1\r\na=rtpmap:96 VP8/90000\r\n"
    )
}

fn viewer() -> String {
    chromium().replace("a=sendonly", "a=recvonly")
}

fn publish(sdp: &str) -> Result<Offer, OfferError> {
    check(sdp, Role::Publisher)
}

fn status(result: Result<Offer, OfferError>) -> u16 {
    result.map_or_else(OfferError::status, |_| 201)
}

#[test]
fn s2_a_browsers_offer_passes() {
    let offer = publish(&chromium()).unwrap();
    assert_eq!(offer.credentials.ufrag(), "EsAw");
    assert_eq!(offer.setup, Setup::Actpass);
    assert_eq!(offer.audio().unwrap().codecs, ["opus"]);
    assert!(offer.video().unwrap().offers("h264"));
    assert!(!offer.video().unwrap().offers("AV1"));
    assert!(!offer.ice_lite);
}

#[test]
fn s2_line_ends_do_not_matter() {
    let expected = publish(&chromium()).unwrap();
    assert_eq!(publish(&chromium().replace("\r\n", "\n")).unwrap(), expected);
}

#[test]
fn s2_what_is_no_description_is_malformed() {
    for sdp in ["", "hello", "{}", "v=0", "v=1\r\no=- 1 1 IN IP4 0.0.0.0\r\n", "\u{e9}=0"] {
        assert!(status(publish(sdp)) >= 400, "{sdp}");
    }
    for (from, to) in [
        ("v=0", "v=1"),
        ("o=- 4962303333179871722 1 IN IP4 0.0.0.0\r\n", ""),
        ("m=audio 9 UDP", "m=audio nine UDP"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 111", "m=audio 9"),
        ("a=ice-ufrag:EsAw\r\n", ""),
        ("a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1", "a=ice-pwd:short"),
        ("a=mid:1", "a=mid:0"),
        ("t=0 0", "nonsense"),
    ] {
        assert_eq!(status(publish(&chromium().replace(from, to))), 400, "{from} → {to}");
    }
}

#[test]
fn c2_a_publisher_sends() {
    assert!(publish(&chromium().replace("a=sendonly", "a=sendrecv")).is_ok());
    assert!(publish(&chromium().replace("a=sendonly\r\n", "")).is_ok(), "sendrecv is the default");
    for direction in ["a=recvonly", "a=inactive"] {
        assert_eq!(status(publish(&chromium().replace("a=sendonly", direction))), 422);
        assert_eq!(status(publish(&chromium().replacen("a=sendonly", direction, 1))), 422, "no partial success");
    }
}

#[test]
fn whep_a_viewer_receives() {
    assert!(check(&viewer(), Role::Viewer).is_ok());
    assert!(check(&viewer().replace("a=recvonly", "a=sendrecv"), Role::Viewer).is_ok());
    assert_eq!(status(check(&chromium(), Role::Viewer)), 422);
}

#[test]
fn c6_s17_rtcp_mux_only_is_not_required() {
    assert!(!chromium().contains("rtcp-mux-only"));
    assert!(publish(&chromium()).is_ok());
    assert!(publish(&chromium().replace("a=rtcp-mux", "a=rtcp-mux-only")).is_ok());
}

#[test]
fn c6_sections_must_be_bundled() {
    assert_eq!(status(publish(&chromium().replace("a=group:BUNDLE 0 1\r\n", ""))), 422);
    assert_eq!(status(publish(&chromium().replace("BUNDLE 0 1", "BUNDLE 0"))), 422);
}

#[test]
fn s14_more_than_one_track_of_a_kind_is_refused() {
    assert_eq!(status(publish(&chromium().replace("m=audio", "m=video"))), 422);
    assert_eq!(status(publish(&chromium().replace("m=video", "m=audio"))), 422);
}

#[test]
fn s14_no_track_is_refused() {
    let session: String = chromium().split("m=audio").next().unwrap().into();
    assert_eq!(status(publish(&session)), 422);
    assert_eq!(status(publish(&chromium().replace(" 9 UDP/TLS", " 0 UDP/TLS"))), 422);
}

#[test]
fn c7_s14_tracks_of_two_streams_are_refused() {
    assert_eq!(status(publish(&chromium().replace("msid:8a2b track-v", "msid:other track-v"))), 422);
    assert!(publish(&chromium().replace("msid:8a2b track-v", "msid:- track-v")).is_ok());
    let viewer_of_two = viewer().replace("msid:8a2b track-v", "msid:other track-v");
    assert!(check(&viewer_of_two, Role::Viewer).is_ok(), "a viewer sends nothing, its streams mean nothing");
}

#[test]
fn s14_data_channels_are_refused() {
    let sdp = chromium() + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n";
    assert_eq!(status(publish(&sdp)), 422);
}

#[test]
fn s15_a_section_that_is_not_used_does_no_harm() {
    let sdp = chromium() + "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:2\r\na=inactive\r\n";
    assert_eq!(publish(&sdp).unwrap().media.len(), 2);
    let bundle_only = chromium().replace("m=video 9", "m=video 0").replace("a=mid:1", "a=mid:1\r\na=bundle-only");
    assert!(publish(&bundle_only).unwrap().video().is_some());
}

#[test]
fn c8_s16_every_dtls_role_is_known() {
    let with = |setup: &str| publish(&chromium().replace("a=setup:actpass", setup));
    assert_eq!(with("a=setup:active").unwrap().setup, Setup::Active);
    assert_eq!(with("a=setup:passive").unwrap().setup, Setup::Passive);
    assert_eq!(status(with("a=setup:holdconn")), 422);
}

#[test]
fn dtls_is_required() {
    assert_eq!(status(publish(&chromium().replace(FINGERPRINT, "a=x"))), 422);
}

#[test]
fn audio_alone_and_video_alone_pass() {
    let sdp = chromium();
    let (audio, video) = sdp.split_once("m=video").unwrap();
    assert!(publish(audio).unwrap().video().is_none());
    let session = audio.split("m=audio").next().unwrap();
    assert!(publish(&format!("{session}m=video{video}")).unwrap().audio().is_none());
}

/// FFmpeg: its own names, the server as DTLS client, and always two mids in the group.
#[test]
fn ffmpegs_offer_passes_and_is_tidied() {
    let sdp = format!(
        "v=0\r\no=FFmpeg 4489045141692799359 2 IN IP4 127.0.0.1\r\ns=FFmpegPublishSession\r\nt=0 0\r\n\
         a=group:BUNDLE 0 1\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\nm=video 9 UDP/TLS/RTP/SAVPF 106\r\n\
         c=IN IP4 0.0.0.0\r\na=ice-ufrag:a174b000\r\na=ice-pwd:0123456789abcdef0123456789abcdef\r\n{FINGERPRINT}\r\n\
         a=setup:passive\r\na=mid:1\r\na=sendonly\r\na=msid:FFmpeg video\r\na=rtcp-mux\r\na=rtpmap:106 H264/90000\r\n\
         a=ssrc:7 msid:FFmpeg video\r\n"
    );
    let offer = publish(&sdp).unwrap();
    assert_eq!(offer.setup, Setup::Passive);
    assert!(offer.sdp.contains("a=group:BUNDLE 1\r\n"));
}

#[test]
fn the_tidied_offer_names_no_video_orientation() {
    let offer = publish(&chromium().replace("s=-", "s= ")).unwrap();
    assert!(!offer.sdp.contains("video-orientation"));
    assert!(offer.sdp.contains("\r\ns=-\r\n"));
    assert_eq!(publish(&offer.sdp).unwrap(), offer, "tidying twice changes nothing");
}

#[test]
fn candidates_of_the_offer_are_read() {
    let lines = "a=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\na=candidate:broken\r\na=ice-lite";
    let offer = publish(&chromium().replace("a=mid:0", lines)).unwrap();
    assert_eq!(offer.candidates.len(), 1);
    assert!(offer.ice_lite);
}

proptest! {
    #[test]
    fn any_text_is_judged(text in ".{0,200}") {
        let _ = publish(&text);
    }

    /// Lines lost, doubled and out of order.
    #[test]
    fn any_mangled_offer_is_judged(picks in prop::collection::vec(0..40usize, 0..60)) {
        let sdp = chromium();
        let lines: Vec<&str> = sdp.lines().collect();
        let text: String = picks.iter().filter_map(|at| lines.get(*at)).map(|line| format!("{line}\r\n")).collect();
        for text in [text.clone(), format!("{}\r\n{}\r\n{text}", lines[0], lines[1])] {
            for role in [Role::Publisher, Role::Viewer] {
                if let Ok(offer) = check(&text, role) {
                    prop_assert!(check(&offer.sdp, role).is_ok());
                }
            }
        }
    }
}
