//! Offering less than a browser offered.

use std::collections::HashSet;

use crate::sdp::lines;

/// The offer without one video codec and its retransmission format; `None` if no other video codec would be left.
///
/// Whoever answers picks among what is left, and a browser sends what was picked: an offer may be made smaller on its way
/// (RFC 3264 §6.1).
#[must_use]
pub fn without_video_codec(offer: &str, codec: &str) -> Option<String> {
    let mut sections: Vec<Vec<&str>> = vec![Vec::new()];
    for line in lines(offer) {
        if line.starts_with("m=") {
            sections.push(Vec::new());
        }
        sections.last_mut()?.push(line);
    }
    let mut out = String::with_capacity(offer.len());
    for section in sections {
        let video = section.first().is_some_and(|line| line.starts_with("m=video "));
        let removed = if video { formats_of(&section, codec) } else { HashSet::new() };
        for line in section {
            if let Some(line) = smaller(line, &removed)? {
                out.push_str(&line);
                out.push_str("\r\n");
            }
        }
    }
    Some(out)
}

/// Payload types of the codec, and of its retransmissions (`apt`, RFC 4588 §8.1).
fn formats_of<'a>(section: &[&'a str], codec: &str) -> HashSet<&'a str> {
    let mut formats = HashSet::new();
    for line in section {
        if let Some((format, name)) = line.strip_prefix("a=rtpmap:").and_then(|map| map.split_once(' '))
            && name.split('/').next().is_some_and(|name| name.eq_ignore_ascii_case(codec))
        {
            formats.insert(format);
        }
    }
    let mut retransmissions = HashSet::new();
    for line in section {
        if let Some((format, parameters)) = line.strip_prefix("a=fmtp:").and_then(|map| map.split_once(' '))
            && parameters.split(';').any(|one| one.trim().strip_prefix("apt=").is_some_and(|of| formats.contains(of)))
        {
            retransmissions.insert(format);
        }
    }
    formats.union(&retransmissions).copied().collect()
}

/// The line without the formats; inner `None`: nothing is left of it. Outer `None`: nothing is left of the section.
fn smaller(line: &str, removed: &HashSet<&str>) -> Option<Option<String>> {
    if removed.is_empty() {
        return Some(Some(line.to_owned()));
    }
    if line.starts_with("m=") {
        // m=video 9 UDP/TLS/RTP/SAVPF 96 97 …
        let words: Vec<&str> = line.split(' ').collect();
        let (head, formats) = words.split_at(words.len().min(3));
        let left: Vec<&str> = formats.iter().copied().filter(|format| !removed.contains(format)).collect();
        return (!left.is_empty()).then(|| Some([head, &left].concat().join(" ")));
    }
    let of = ["a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"].iter().find_map(|name| line.strip_prefix(name));
    let format = of.and_then(|rest| rest.split(' ').next());
    Some(if format.is_some_and(|format| removed.contains(format)) { None } else { Some(line.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OFFER: &str = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\n\
        a=fmtp:97 apt=96\r\na=rtpmap:102 H264/90000\r\na=rtcp-fb:102 nack pli\r\n\
        a=fmtp:102 packetization-mode=1;profile-level-id=42e01f\r\na=rtpmap:103 rtx/90000\r\na=fmtp:103 apt=102\r\n\
        a=rtcp-fb:96 nack pli\r\n";

    #[test]
    fn a_codec_goes_with_everything_that_belongs_to_it() {
        let expected = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n\
            m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\n\
            a=fmtp:97 apt=96\r\na=rtcp-fb:96 nack pli\r\n";
        assert_eq!(without_video_codec(OFFER, "h264").as_deref(), Some(expected));
        assert_eq!(without_video_codec(OFFER, "AV1").as_deref(), Some(OFFER));
    }

    #[test]
    fn the_only_codec_stays() {
        let only = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 102\r\na=rtpmap:102 H264/90000\r\n";
        assert_eq!(without_video_codec(only, "H264"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_taken_without_a_panic(text in "([amv]=(video |rtpmap:9 H264|fmtp:9 apt=9|.{0,9})\r?\n){0,9}") {
            let _ = without_video_codec(&text, "H264");
        }
    }
}
