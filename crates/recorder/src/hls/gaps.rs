//! Dead spots: where neither track has anything for as long as a part.

use std::time::Duration;

use crate::fragment::{Fragment, Sample};
use crate::frame::{AUDIO_TIMESCALE, VIDEO_TIMESCALE, duration, ticks};
use crate::playlist::PART_TARGET;

/// Finds the dead spots of what was received.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    /// When the latest sample of either track began.
    begun: Option<Duration>,
}

impl Gaps {
    /// The fragment in pieces: before each but the first there is a dead spot. A piece may be empty, since the duration
    /// of the sample before a dead spot tells of it.
    pub(super) fn split(&mut self, mut rest: Fragment) -> Vec<Fragment> {
        let mut pieces = Vec::new();
        for resumed in self.resumed(&rest) {
            let video = before(resumed, &mut rest.video, VIDEO_TIMESCALE);
            let audio = before(resumed, &mut rest.audio, AUDIO_TIMESCALE);
            pieces.push(Fragment { video, audio, ..Fragment::default() });
        }
        pieces.push(rest);
        pieces
    }

    /// Where something begins again after a dead spot.
    fn resumed(&mut self, fragment: &Fragment) -> Vec<Duration> {
        let mut beginnings: Vec<Duration> = [(&fragment.video, VIDEO_TIMESCALE), (&fragment.audio, AUDIO_TIMESCALE)]
            .into_iter()
            .flat_map(|(run, timescale)| {
                let next = run.last().map(Sample::end);
                run.iter().map(|sample| sample.time).chain(next).map(move |time| duration(time, timescale))
            })
            .collect();
        beginnings.sort_unstable();
        beginnings.retain(|at| {
            let before = self.begun.unwrap_or(*at);
            self.begun = Some(before.max(*at));
            *at >= before + PART_TARGET
        });
        beginnings
    }
}

/// Takes the samples that begin before `resumed`. The last one does not last until there.
fn before(resumed: Duration, run: &mut Vec<Sample>, timescale: u32) -> Vec<Sample> {
    let rest = run.split_off(run.partition_point(|sample| duration(sample.time, timescale) < resumed));
    let mut taken = std::mem::replace(run, rest);
    if let Some(last) = taken.last_mut()
        && duration(last.end(), timescale) >= resumed
    {
        let longest = u32::try_from(ticks(PART_TARGET, timescale)).unwrap_or(u32::MAX);
        last.duration = last.duration.min(longest);
    }
    taken
}
