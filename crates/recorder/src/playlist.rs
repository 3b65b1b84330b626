//! The text of a Low-Latency HLS media playlist (RFC 8216bis §4.4).

use std::fmt::{self, Write};
use std::time::Duration;

use crate::hls::{HlsResource, State};

/// Upper bound of a segment's length, in seconds.
pub(crate) const TARGET_DURATION: u32 = 4;
/// Upper bound of a part's length. Players refuse a playlist with a longer one.
pub(crate) const PART_TARGET: Duration = Duration::from_millis(500);
/// Parts are listed for this many of the newest segments (at least three target durations, §4.4.4.9).
const SEGMENTS_WITH_PARTS: usize = 7;

pub(crate) fn render(state: &State) -> String {
    let mut out = String::new();
    write(state, &mut out).expect("a String takes every write");
    out
}

fn write(state: &State, out: &mut String) -> fmt::Result {
    writeln!(out, "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:{TARGET_DURATION}")?;
    let part_target = PART_TARGET.as_secs_f32();
    let hold_back = part_target * 3.0;
    writeln!(out, "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={hold_back}")?;
    writeln!(out, "#EXT-X-PART-INF:PART-TARGET={part_target}")?;
    let first = state.segments.front().map_or(0, |segment| segment.msn);
    writeln!(out, "#EXT-X-MEDIA-SEQUENCE:{first}")?;
    writeln!(out, "#EXT-X-DISCONTINUITY-SEQUENCE:{}", state.discontinuities_gone)?;

    let with_parts = state.segments.len().saturating_sub(SEGMENTS_WITH_PARTS);
    let mut epoch = None;
    for (index, segment) in state.segments.iter().enumerate() {
        if segment.discontinuity {
            writeln!(out, "#EXT-X-DISCONTINUITY")?;
        }
        if epoch.replace(segment.epoch) != Some(segment.epoch) {
            writeln!(out, "#EXT-X-MAP:URI=\"{}\"", HlsResource::Init(segment.epoch))?;
        }
        if index >= with_parts {
            for (part, content) in segment.parts.iter().enumerate() {
                let name = HlsResource::Part(segment.msn, part);
                let independent = if content.independent { ",INDEPENDENT=YES" } else { "" };
                let length = content.length.as_secs_f64();
                writeln!(out, "#EXT-X-PART:DURATION={length:.5},URI=\"{name}\"{independent}")?;
            }
        }
        let complete = !state.open || index + 1 < state.segments.len();
        if complete {
            writeln!(out, "#EXTINF:{:.5},\n{}", segment.length.as_secs_f64(), HlsResource::Segment(segment.msn))?;
        }
    }
    if state.ended {
        writeln!(out, "#EXT-X-ENDLIST")
    } else {
        let (msn, part) = state.announced();
        writeln!(out, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{}\"", HlsResource::Part(msn, part))
    }
}
