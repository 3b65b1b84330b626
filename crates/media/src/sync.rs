//! From the RTP timestamps of two tracks to one clock: that of the recording.
//!
//! RTP says how far apart two packets of one track are, and nothing about the other track. Until the sender reports
//! (RFC 3550 §6.4.1) that tie both tracks to the sender's wall clock arrive, some two seconds after the start, the
//! arrival of each track's first packet has to do. What the reports then correct is *slewed*, never jumped: a recording
//! with a jump in it clicks. Audio leads: its clock is the one that people hear.
//!
//! There is one exception. While a microphone is exchanged, browsers send no sound, and its RTP clock stands still:
//! what comes then is early by as much. The next report says so, and so do the arrivals of both tracks, which have the
//! same way through the network: then the track is put forward at once, for slewing would take a minute for each second.

use std::time::Duration;

/// How much of the time that passes may be spent on a correction: 20 ms a second.
const SLEW: f64 = 0.02;
/// Reports are no more exact than this. Nobody hears or sees it, and following it would make the clock tremble.
const TOLERANCE: f64 = 0.01;
/// A report that disagrees by more than this is not believed (senders that fill it with nonsense exist), unless frames
/// arrive as if it were true.
const BELIEVABLE: f64 = 1.0;
/// What is less than this is slewed in ten seconds, and never jumped.
const LEAP: f64 = 0.2;
/// RTP and arrival that drift apart by this much between two packets: the sender has started counting anew, or there
/// was a gap so long that the arrival is a better guide than what was before it.
const DISCONTINUITY: f64 = 5.0;
/// How fast the least lateness of frames is forgotten, in seconds a second: jitter shall not show in it, and a gap
/// shall with the first frame after it.
const FORGOTTEN: f64 = 0.9;
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
    /// Recording time minus the sender's wall time. Fixed when the leading track has a report.
    wall_offset: Option<f64>,
    /// How often the tracks have begun anew. They do it together, or one would be later than the other by what the
    /// network has held back.
    beginnings: u32,
    /// Added to the arrivals at which tracks begin, in seconds: the clock may be ahead of them, and never goes back.
    ahead: f64,
    /// The newest frame's time, of either track, in seconds.
    latest: f64,
    /// From a frame's time to its arrival, in seconds, the least of late, of each track; the leading one is the second.
    late: [f64; 2],
}

impl Clock {
    fn begin_anew(&mut self, arrival: f64) {
        self.wall_offset = None;
        self.beginnings += 1;
        self.ahead = (self.latest - arrival).max(0.0);
        self.late = [-self.ahead; 2];
    }
}

/// One track's way onto the [`Clock`].
#[derive(Debug)]
pub(crate) struct TrackClock {
    rate: f64,
    leads: bool,
    state: Option<State>,
    /// The newest since the track began.
    report: Option<SenderReport>,
    /// The newest of all: when a track begins anew, this one is about the RTP clock of before.
    heard: Option<SenderReport>,
    last: Option<Duration>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    /// [`Clock::beginnings`] when this track began.
    beginning: u32,
    anchor_rtp: u64,
    /// Seconds.
    anchor_time: f64,
    /// Seconds added by corrections so far.
    correction: f64,
    last_rtp: u64,
    /// Seconds.
    last_arrival: f64,
    /// A report was believed.
    agreed: bool,
}

impl TrackClock {
    /// `rate` in Hz. The track that `leads` defines the wall clock's offset, unless the other has to.
    pub(crate) fn new(rate: u32, leads: bool) -> Self {
        Self { rate: f64::from(rate), leads, state: None, report: None, heard: None, last: None }
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
        let mut state = self.state(clock, rtp, arrival, report);
        let time = state.anchor_time + self.seconds(rtp, state.anchor_rtp) + state.correction;
        let late = &mut clock.late[usize::from(self.leads)];
        *late = (arrival - time).min(*late + FORGOTTEN * (arrival - state.last_arrival).max(0.0));

        if report != self.heard {
            (self.heard, self.report) = (report, report);
        }
        self.correct(clock, &mut state, rtp, time);
        if rtp >= state.last_rtp {
            state.last_rtp = rtp;
            state.last_arrival = arrival;
        }
        self.state = Some(state);

        let time = state.anchor_time + self.seconds(rtp, state.anchor_rtp) + state.correction;
        let time = Duration::try_from_secs_f64(time.max(0.0)).unwrap_or_default();
        let time = self.last.map_or(time, |last| time.max(last + STEP));
        self.last = Some(time);
        clock.latest = clock.latest.max(time.as_secs_f64());
        time
    }

    /// As the newest report wants it, of a frame that would be at `time`.
    fn correct(&self, clock: &mut Clock, state: &mut State, rtp: u64, time: f64) {
        let Some(report) = self.report else { return };
        let wall = report.wall + self.seconds(rtp, report.rtp);
        if self.leads {
            clock.wall_offset.get_or_insert(time - wall);
        }
        let Some(offset) = &mut clock.wall_offset else { return };
        let wanted = wall + *offset - time;
        let apart = clock.late[usize::from(self.leads)] - clock.late[usize::from(!self.leads)];
        let arrives_so = (wanted - apart).abs() < BELIEVABLE.min(wanted.abs() / 2.0);
        if !arrives_so && wanted.abs() >= BELIEVABLE {
            return;
        }
        if arrives_so && wanted > LEAP {
            state.correction += wanted;
        } else if arrives_so && wanted < -LEAP && !state.agreed {
            // It is the leading track that has to be put forward: this one cannot be put back.
            *offset -= wanted;
        } else {
            let wanted = wanted - wanted.clamp(-TOLERANCE, TOLERANCE);
            let most = SLEW * self.seconds(rtp, state.last_rtp).max(0.0);
            state.correction += wanted.clamp(-most, most);
        }
        state.agreed = true;
    }

    /// As it was, or a new one.
    fn state(&mut self, clock: &mut Clock, rtp: u64, arrival: f64, report: Option<SenderReport>) -> State {
        if let Some(state) = self.state {
            if state.beginning == clock.beginnings {
                let drift = self.seconds(rtp, state.last_rtp) - (arrival - state.last_arrival);
                if drift.abs() < DISCONTINUITY {
                    return state;
                }
                clock.begin_anew(arrival);
            }
            self.heard = report;
            self.report = None;
        }
        // On whole milliseconds, every tick of 48 and 90 kHz is exact.
        let anchor_time = ((arrival + clock.ahead) * 1000.0).round() / 1000.0;
        clock.late[usize::from(self.leads)] = arrival - anchor_time;
        State {
            beginning: clock.beginnings,
            anchor_rtp: rtp,
            anchor_time,
            correction: 0.0,
            last_rtp: rtp,
            last_arrival: arrival,
            agreed: false,
        }
    }
}

#[cfg(test)]
mod tests;
