use proptest::prelude::*;

use super::*;
use crate::{
    recording::{Proof, RecordingFacts, Verdict as Judged},
    statistics::share,
};

fn millis(ms: u64) -> Millis {
    ms.try_into().unwrap()
}

fn software(text: &str) -> Software {
    text.parse().unwrap()
}

fn report(measured: Vec<Measured>) -> Report {
    Material { measured, ..Material::default() }.report(Period::Month, Timestamp(0))
}

#[test]
fn a_target_is_met_by_the_whole_interval() {
    let found = |low, high| Estimate { n: 1, value: 0.0, low, high };
    for (target, low, high, verdict) in [
        (RECORDING, Some(0.9995), Some(1.0), Verdict::Met),
        (RECORDING, Some(0.9), Some(1.0), Verdict::TooFew),
        (RECORDING, Some(0.9), Some(0.99), Verdict::Missed),
        (CONNECTION, Some(500.0), Some(1_999.0), Verdict::Met),
        (CONNECTION, Some(500.0), Some(2_000.0), Verdict::TooFew),
        (CONNECTION, Some(500.0), None, Verdict::TooFew),
        (CONNECTION, None, None, Verdict::TooFew),
        (CONNECTION, Some(2_000.0), None, Verdict::Missed),
    ] {
        assert_eq!(target.judge(Some(&found(low, high))), verdict, "{target:?} {low:?} {high:?}");
    }
    assert_eq!(SATISFACTION.judge(None), Verdict::TooFew);
}

#[test]
fn a_times_spread_is_by_half_seconds() {
    let report = report([0, 499, 500, 1_999, 5_000, 120_000].map(|ms| Measured::Creation(millis(ms))).into());
    assert_eq!(report.creation.spread, [2, 1, 0, 1, 0, 0, 0, 0, 0, 0, 2]);
    assert_eq!(report.creation.median.unwrap().n, 6);
    assert_eq!(report.connection.median, None);
}

#[test]
fn a_version_works_when_it_has_worked_once() {
    let (iphone, android) = (software("Safari 18 on iOS 18"), software("Chrome 138 on Android"));
    let desk = software("Firefox 140 on Windows");
    let report = report(vec![
        Measured::Minute(false, iphone),
        Measured::Minute(true, iphone),
        Measured::Minute(false, android),
        Measured::Minute(false, desk),
        Measured::Connection(millis(700), Some(desk)),
        Measured::Connection(millis(900), None),
    ]);
    let share = report.compatibility.unwrap();
    assert_eq!((share.n, share.value), (2, 0.5), "of two phones one; the desk is no phone");
    let row = |of| report.software.iter().find(|row| row.software == of).unwrap();
    assert_eq!((row(Some(iphone)).tries, row(Some(iphone)).minutes), (2, 1));
    assert_eq!(row(Some(desk)).connection.median.unwrap().n, 1);
    assert_eq!(row(None).connection.median.unwrap().value, 900.0);
    assert_eq!(report.connection.median.unwrap().n, 2);
}

#[test]
fn services_are_counted_by_their_copies() {
    let proof = Proof { duration_ms: 1, bytes: 1, has_video: true, has_audio: true, decoded: true, hole_ms: 0 };
    let at = Timestamp(1);
    let copy = |verdict| RecordingFacts { checked: Some((at, verdict)), ..RecordingFacts::default() };
    let ready = copy(Judged::Ready { proof });
    let short = copy(Judged::Short { proof });
    let missing = copy(Judged::Missing { reason: "gone".into() });
    let waiting = RecordingFacts::default();
    let deleted = RecordingFacts { deleted_at: Some(at), ..ready.clone() };
    let recorded = vec![
        Copies::of([&ready, &deleted]),
        Copies::of([&ready, &missing]),
        Copies::of([&short]),
        Copies::of([&missing]),
        // What is not known yet is not counted, for a while.
        Copies::of([&ready, &waiting]),
        Copies::of([&short, &waiting]).settled(),
    ];
    let report = Material { recorded, ..Material::default() }.report(Period::Year, Timestamp(0));
    let hits = |found: Option<Estimate>| found.map(|found| ((found.value * 5.0).round(), found.n)).unwrap();
    assert_eq!(hits(report.any_copy), (4.0, 5));
    assert_eq!(hits(report.complete_copy), (2.0, 5));
    assert_eq!(hits(report.two_copies), (1.0, 5));
}

#[test]
fn absurd_times_are_refused() {
    let read = |text: &str| serde_json::from_str::<Connected>(text).ok().map(|found| found.after_ms.get());
    assert_eq!(read(r#"{"afterMs":812}"#), Some(812));
    assert_eq!(read(r#"{"afterMs":120000}"#), Some(120_000));
    for text in [
        r#"{"afterMs":120001}"#,
        r#"{"afterMs":-1}"#,
        r#"{"afterMs":1.5}"#,
        r#"{"afterMs":1e99}"#,
        r#"{"afterMs":"1"}"#,
        r#"{"afterMs":1,"who":"me"}"#,
        "{}",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
    assert_eq!(Millis::of(Duration::from_secs(1 << 40)).get(), Millis::MAX);
}

#[test]
fn a_period_begins_with_a_day() {
    let now = Timestamp(1_795_000_000_000);
    assert_eq!(day(now), Timestamp(1_794_960_000_000));
    assert_eq!(Period::Month.begin(now), Timestamp(1_794_960_000_000 - 30 * DAY_MS));
    assert_eq!((Period::named("12-months"), Period::named("1' OR 1")), (Period::Year, Period::Month));
    assert!(KEPT.as_millis() as i64 >= 366 * DAY_MS, "the longer period is there in full");
}

proptest! {
    /// More of the same never turns what is met into what is missed.
    #[test]
    fn what_is_found_is_not_judged_the_other_way(hits in 0u64..400, of in 1u64..400, target in 0.0f64..1.0) {
        prop_assume!(hits <= of);
        let found = share(hits, of).unwrap();
        let target = Target::AtLeast(target);
        match target.judge(Some(&found)) {
            Verdict::Met => prop_assert!(target.is_reached_by(found.value)),
            Verdict::Missed => prop_assert!(!target.is_reached_by(found.value)),
            Verdict::TooFew => {}
        }
    }

    #[test]
    fn every_time_is_in_one_step(times in proptest::collection::vec(0u64..=120_000, 0..50)) {
        let count = times.len() as u64;
        let report = report(times.into_iter().map(|ms| Measured::Creation(millis(ms))).collect());
        prop_assert_eq!(report.creation.spread.iter().sum::<u64>(), count);
    }
}
