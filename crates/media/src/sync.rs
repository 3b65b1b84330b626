//! From the RTP timestamps of two tracks to one clock: that of the recording.
//!
//! RTP says how far apart two packets of one track are, and nothing about the other track. Until the sender reports
//! (RFC 3550 §6.4.1) that tie both tracks to the sender's wall clock arrive, some two seconds after the start, the
//! arrival of each track's first packet has to do. What the reports then correct is *slewed*, never jumped: a recording
//! with a jump in it clicks. Audio leads: its clock is the one that people hear.

use std::time::Duration;

/// How much of the time that passes may be spent on a correction: 20 ms a second.
const SLEW: f64 = 0.02;
/// Reports are no more exact than this. Nobody hears or sees it, and following it would make the clock tremble.
const TOLERANCE: f64 = 0.01;
/// A report that disagrees by more than this is not believed (senders that fill it with nonsense exist).
const BELIEVABLE: f64 = 1.0;
/// RTP and arrival that drift apart by this much between two packets: the sender has started counting anew.
const DISCONTINUITY: f64 = 5.0;
/// Two frames of one track are at least this far apart.
const STEP: Duration = Duration::from_micros(100);

/// A moment on the sender's wall clock and the RTP timestamp that belongs to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SenderReport {
    /// Seconds since any fixed moment.
    pub(crate) wall: f64,
    /// In units of the track's RTP clock, extended beyond 32 bits as the frames' timestamps are.
    pub(crate) rtp: u64,
}

/// The clock of one publisher session: both of its tracks.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// Recording time minus the sender's wall time. Fixed when the first track has a report.
    wall_offset: Option<f64>,
}

/// One track's way onto the [`Clock`].
#[derive(Debug)]
pub(crate) struct TrackClock {
    rate: f64,
    leads: bool,
    state: Option<State>,
    report: Option<SenderReport>,
    last: Option<Duration>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    anchor_rtp: u64,
    /// Seconds.
    anchor_time: f64,
    /// Seconds added by slewing so far.
    correction: f64,
    last_rtp: u64,
    /// Seconds.
    last_arrival: f64,
}

impl TrackClock {
    /// `rate` in Hz. The track that `leads` defines the wall clock's offset, unless the other has to.
    pub(crate) fn new(rate: u32, leads: bool) -> Self {
        Self { rate: f64::from(rate), leads, state: None, report: None, last: None }
    }

    fn seconds(&self, later: u64, earlier: u64) -> f64 {
        // Packets may be older than the anchor.
        let ticks = i64::try_from(i128::from(later) - i128::from(earlier)).unwrap_or_default();
        ticks as f64 / self.rate
    }

    /// The recording time of a frame.
    ///
    /// `arrival` is when its first packet came, on the recording's clock. `report` is the newest sender report of this
    /// track, if any.
    pub(crate) fn frame(
        &mut self,
        clock: &mut Clock,
        rtp: u64,
        arrival: Duration,
        report: Option<SenderReport>,
    ) -> Duration {
        let arrival = arrival.as_secs_f64();
        let mut state = match self.state {
            Some(state) => {
                let drift = self.seconds(rtp, state.last_rtp) - (arrival - state.last_arrival);
                if drift.abs() < DISCONTINUITY { state } else { self.start(rtp, arrival) }
            }
            None => self.start(rtp, arrival),
        };
        if report.is_some() && report != self.report {
            self.report = report;
        }

        let naive = state.anchor_time + self.seconds(rtp, state.anchor_rtp);
        if let Some(report) = self.report {
            let wall = report.wall + self.seconds(rtp, report.rtp);
            if clock.wall_offset.is_none() && self.leads {
                clock.wall_offset = Some(naive + state.correction - wall);
            }
            if let Some(offset) = clock.wall_offset {
                let wanted = wall + offset - naive - state.correction;
                if wanted.abs() < BELIEVABLE {
                    let wanted = wanted - wanted.clamp(-TOLERANCE, TOLERANCE);
                    let most = SLEW * self.seconds(rtp, state.last_rtp).max(0.0);
                    state.correction += wanted.clamp(-most, most);
                }
            }
        }
        if rtp >= state.last_rtp {
            state.last_rtp = rtp;
            state.last_arrival = arrival;
        }
        self.state = Some(state);

        let time = Duration::try_from_secs_f64((naive + state.correction).max(0.0)).unwrap_or_default();
        let time = self.last.map_or(time, |last| time.max(last + STEP));
        self.last = Some(time);
        time
    }

    fn start(&mut self, rtp: u64, arrival: f64) -> State {
        self.report = None;
        // On whole milliseconds, every tick of 48 and 90 kHz is exact.
        let anchor_time = (arrival * 1000.0).round() / 1000.0;
        State { anchor_rtp: rtp, anchor_time, correction: 0.0, last_rtp: rtp, last_arrival: arrival }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn without_reports_the_first_arrival_counts() {
        let mut clock = Clock::default();
        let mut video = TrackClock::new(90_000, false);
        assert_eq!(video.frame(&mut clock, 1_000_000, ms(5_000), None), ms(5_000));
        // 33.3 ms later by RTP; that it came 20 ms late does not matter.
        let second = video.frame(&mut clock, 1_003_000, ms(5_053), None);
        assert!((second.as_secs_f64() - 5.0333).abs() < 0.001, "{second:?}");
    }

    /// Audio comes on time, video 80 ms late because it had to be encoded; the reports tell.
    #[test]
    fn reports_pull_the_tracks_together_without_a_jump() {
        let mut clock = Clock::default();
        let mut audio = TrackClock::new(48_000, true);
        let mut video = TrackClock::new(90_000, false);
        let mut last = None::<Duration>;
        let mut difference = Duration::MAX;
        for frame in 0..600_u64 {
            let captured = frame as f64 / 30.0;
            let arrived = ms(100) + Duration::from_secs_f64(captured);
            let report = |rate: f64| (frame > 60).then_some(SenderReport { wall: 7.0, rtp: (7.0 * rate) as u64 });
            let a = audio.frame(&mut clock, (captured * 48_000.0) as u64, arrived, report(48_000.0));
            let v = video.frame(&mut clock, (captured * 90_000.0) as u64, arrived + ms(80), report(90_000.0));
            if let Some(last) = last {
                let step = v - last;
                assert!(step > ms(31) && step < ms(36), "a jump of {step:?}");
            }
            last = Some(v);
            difference = a.abs_diff(v);
        }
        assert!(difference < ms(11), "{difference:?} apart at the end");
    }

    #[test]
    fn a_report_from_nowhere_is_not_believed() {
        let mut clock = Clock { wall_offset: Some(0.0) };
        let mut video = TrackClock::new(90_000, false);
        for frame in 0..300 {
            let time = ms(33 * frame);
            let report = Some(SenderReport { wall: 1e9, rtp: 0 });
            let out = video.frame(&mut clock, 2_970 * frame, time, report);
            assert!(out.abs_diff(time) < ms(1));
        }
    }

    #[test]
    fn a_sender_that_counts_anew_goes_on_at_its_arrival() {
        let mut clock = Clock::default();
        let mut video = TrackClock::new(90_000, false);
        video.frame(&mut clock, 9_000_000, ms(1_000), None);
        assert_eq!(video.frame(&mut clock, 12, ms(1_033), None), ms(1_033));
    }

    proptest! {
        /// Whatever the timestamps, arrivals and reports: time only grows, and nothing panics.
        #[test]
        fn time_grows(frames in proptest::collection::vec(
            (any::<u64>(), 0..10_000_000_u64, proptest::option::of((-1e12..1e12_f64, any::<u64>()))), 1..200)) {
            let mut clock = Clock::default();
            let mut track = TrackClock::new(90_000, true);
            let mut last = None;
            for (rtp, arrival, report) in frames {
                let report = report.map(|(wall, rtp)| SenderReport { wall, rtp });
                let time = track.frame(&mut clock, rtp, Duration::from_millis(arrival), report);
                prop_assert!(last.is_none_or(|last| time > last));
                last = Some(time);
            }
        }

        /// With a steady sender and an uneven network, frames stay within the first one's delay of the truth.
        #[test]
        fn jitter_does_not_show(jitter in proptest::collection::vec(0..400_u64, 2..300)) {
            let mut clock = Clock::default();
            let mut track = TrackClock::new(48_000, true);
            let first = ms(jitter[0]);
            for (n, late) in (0_u64..).zip(jitter) {
                let time = track.frame(&mut clock, n * 960, ms(20 * n + late), None);
                prop_assert_eq!(time, ms(20 * n) + first);
            }
        }
    }
}
