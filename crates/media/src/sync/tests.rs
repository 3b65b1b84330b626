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
    let mut clock = Clock { wall_offset: Some(0.0), ..Clock::default() };
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

/// A phone whose two tracks are captured together. Of sound there is a report every five seconds, of pictures every
/// second, as libwebrtc sends them.
struct Phone {
    /// From when until when, on the wall, there is neither sound nor time on its RTP clock.
    gap: (f64, f64),
    /// What is sent in this time comes at its end.
    held: (f64, f64),
    /// One more report about the sound.
    extra_report: Option<f64>,
}

impl Phone {
    const STEADY: Self = Self { gap: (0.0, 0.0), held: (0.0, 0.0), extra_report: None };
    const UNTIL: f64 = 60.0;

    /// Sound of this moment of the wall clock, on the RTP clock, in seconds.
    fn sound(&self, wall: f64) -> f64 {
        // RTP goes on with the first packet after the gap. Reports within it know nothing of that yet.
        let (from, until) = self.gap;
        if wall < until { wall } else { wall - (until - from) }
    }

    fn arrival(&self, sent: f64, delay: f64) -> f64 {
        let (from, until) = self.held;
        // In the order in which it was sent.
        let burst = if sent < from { 0.0 } else { until + (sent - from) * 0.001 };
        sent.max(burst) + delay
    }

    /// How far sound is ahead of the picture of the same moment, by the second, at the end.
    fn films(&self) -> Vec<f64> {
        let mut clock = Clock::default();
        let (mut audio, mut video) = (TrackClock::new(48_000, true), TrackClock::new(90_000, false));
        let reports = |every: f64, extra: Option<f64>| {
            let regular = (0..100_u32).map(move |n| 2.0 + every * f64::from(n));
            let mut sent: Vec<f64> = regular.chain(extra).collect();
            sent.sort_by(f64::total_cmp);
            sent
        };
        let (of_audio, of_video) = (reports(5.0, self.extra_report), reports(1.0, None));
        let newest =
            |sent: &[f64], arrived: f64| sent.iter().copied().rfind(|sent| self.arrival(*sent, 0.05) <= arrived);
        // (arrival, captured, whether it is sound)
        let frames = |every: f64| (1..).map(move |n| every * f64::from(n)).take_while(|wall| *wall < Self::UNTIL);
        let sound = frames(0.02).filter(|wall| !(self.gap.0..self.gap.1).contains(wall));
        let sound = sound.map(|wall| (self.arrival(wall, 0.05), wall, true));
        // It has to be encoded.
        let pictures = frames(1.0 / 30.0).map(|wall| (self.arrival(wall + 0.08, 0.05), wall, false));
        let mut all: Vec<(f64, f64, bool)> = sound.chain(pictures).collect();
        all.sort_by(|one, other| one.0.total_cmp(&other.0));

        let mut last = [Duration::ZERO; 2];
        let mut late = [0.0; 2];
        let mut apart = vec![0.0; Self::UNTIL as usize];
        for (arrived, wall, sound) in all {
            let (track, rate, rtp, sent) = if sound {
                (&mut audio, 48_000.0, self.sound(wall), newest(&of_audio, arrived))
            } else {
                (&mut video, 90_000.0, wall, newest(&of_video, arrived))
            };
            let ticks = |seconds: f64| (seconds * rate).round() as u64 + 1_000_000;
            // Any moment of the year.
            let report = sent
                .map(|sent| SenderReport { wall: sent + 4e9, rtp: ticks(if sound { self.sound(sent) } else { sent }) });
            let time = track.frame(&mut clock, ticks(rtp), Duration::from_secs_f64(arrived), report);
            assert!(time > last[usize::from(sound)], "time goes back at {wall}");
            last[usize::from(sound)] = time;
            late[usize::from(sound)] = time.as_secs_f64() - wall;
            apart[wall as usize] = late[0] - late[1];
        }
        apart
    }
}

fn assert_together(phone: &Phone, from: f64, what: &str) {
    let apart = phone.films();
    for (second, apart) in apart.iter().enumerate().skip(from as usize) {
        assert!(apart.abs() < 0.08, "{what}: {apart:.3} s apart at {second} s");
    }
}

/// While a microphone is exchanged, browsers send no sound, and its RTP clock stands still.
#[test]
fn sound_is_with_the_picture_again_after_a_gap_of_the_microphone() {
    for length in [0.25, 0.5, 1.1, 2.0, 4.5, 4.99, 5.2, 12.0] {
        let until = 20.3 + length;
        let gap = (20.3, until);
        let soon = Phone { gap, extra_report: Some(until + 0.1), ..Phone::STEADY };
        assert_together(&soon, until + 1.5, &format!("{length} s, with a report right after"));
        assert_together(&Phone { gap, ..Phone::STEADY }, until + 6.5, &format!("{length} s"));
    }
}

/// Also where the microphone was exchanged before there was any report of its sound.
#[test]
fn sound_is_with_the_picture_again_after_an_early_gap() {
    for length in [0.5, 2.0, 4.5] {
        let phone = Phone { gap: (1.0, 1.0 + length), ..Phone::STEADY };
        assert_together(&phone, 1.0 + length + 6.5, &format!("{length} s"));
    }
}

#[test]
fn reports_that_arrivals_contradict_are_not_believed() {
    // The sender's wall clock is put right by three seconds, or its reports always name the same RTP timestamp.
    let of_new_wall = |n: u64| SenderReport { wall: if n < 300 { 0.0 } else { 3.0 }, rtp: 0 };
    let of_old_rtp = |n: u64| SenderReport { wall: (n / 25) as f64 / 2.0, rtp: 0 };
    for report in [of_new_wall, of_old_rtp] {
        let mut clock = Clock::default();
        let mut audio = TrackClock::new(48_000, true);
        for n in 0..1_000 {
            let time = audio.frame(&mut clock, 960 * n, ms(20 * n), Some(report(n)));
            assert!(time.abs_diff(ms(20 * n)) < ms(1_100), "{time:?} at {:?}", ms(20 * n));
        }
    }
}

/// An RTP clock that has run ahead is believed, too; but time goes slowly then, not back.
#[test]
fn an_rtp_clock_that_jumps_ahead_is_slewed_back() {
    let mut clock = Clock::default();
    let mut audio = TrackClock::new(48_000, true);
    let mut last = None::<Duration>;
    for n in 0..10_000_u64 {
        let jumped = if n < 500 { 0 } else { 2 * 48_000 };
        // The report is of the last whole five seconds.
        let sent = n / 250 * 250;
        let report = SenderReport { wall: sent as f64 / 50.0, rtp: 960 * sent + if sent < 500 { 0 } else { jumped } };
        let time = audio.frame(&mut clock, 960 * n + jumped, ms(20 * n), (n > 100).then_some(report));
        if let Some(last) = last.filter(|_| n != 500) {
            assert!(time - last > ms(19) && time - last < ms(21), "{:?}", time - last);
        }
        last = Some(time);
    }
    assert!(last.unwrap().abs_diff(ms(20 * 9_999)) < ms(15), "{last:?}");
}

/// The network holds everything back and then lets it go. Both tracks decide as one whether they begin anew.
#[test]
fn tracks_stay_together_over_a_stall_and_a_burst() {
    for from in [1.0, 20.3] {
        for length in [2.0, 4.9, 4.96, 4.97, 4.98, 4.99, 5.0, 5.01, 5.02, 5.03, 5.04, 6.0, 20.0] {
            let phone = Phone { held: (from, from + length), ..Phone::STEADY };
            assert_together(&phone, from + length + 12.0, &format!("{length} s from {from} on"));
        }
    }
}

/// After a stall the clock runs ahead of the arrivals; whoever begins anew then goes on from there.
#[test]
fn beginning_anew_does_not_go_back() {
    let mut clock = Clock::default();
    let (mut audio, mut video) = (TrackClock::new(48_000, true), TrackClock::new(90_000, false));
    // The first packets were three seconds late.
    audio.frame(&mut clock, 0, ms(3_000), None);
    video.frame(&mut clock, 0, ms(3_000), None);
    audio.frame(&mut clock, 3 * 48_000, ms(3_000), None);
    let last = video.frame(&mut clock, 3 * 90_000, ms(3_000), None);
    assert_eq!(last, ms(6_000));
    // The sound counts anew, 20 ms later.
    assert_eq!(audio.frame(&mut clock, 1 << 30, ms(3_020), None), ms(6_000) + STEP);
    assert_eq!(video.frame(&mut clock, 3 * 90_000 + 3_000, ms(3_033), None), ms(6_013));
    assert_eq!(audio.frame(&mut clock, (1 << 30) + 960, ms(3_040), None), ms(6_020));
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

    /// Whatever happens to the microphone and to the network, sound and picture are together again.
    #[test]
    fn tracks_come_together(gap in 0.0..9.0_f64, held in 0.0..9.0_f64, after in -3.0..3.0_f64) {
        let held_from = 20.0 + gap + after;
        let held = (held_from, held_from + held);
        let phone = Phone { gap: (20.0, 20.0 + gap), held, extra_report: None };
        let apart = phone.films();
        prop_assert!(apart[58].abs() < 0.08, "{apart:?}");
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
