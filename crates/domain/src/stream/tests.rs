use super::*;
use proptest::prelude::*;

fn any_event() -> impl Strategy<Value = StreamEvent> {
    let at = || (0i64..50).prop_map(Timestamp);
    prop_oneof![
        at().prop_map(|at| StreamEvent::Provisioned { at }),
        at().prop_map(|at| StreamEvent::MediaFlowing { at }),
        at().prop_map(|at| StreamEvent::MediaLost { at }),
        at().prop_map(|at| StreamEvent::Ended { at }),
        (at(), prop_oneof![Just(Failure::DiskFull), Just(Failure::NotWritten)])
            .prop_map(|(at, reason)| StreamEvent::Failed { at, reason }),
        at().prop_map(|at| StreamEvent::Recorded { at }),
        (at(), 1u8..=5).prop_map(|(at, stars)| {
            let stars = stars.try_into().unwrap();
            StreamEvent::Rated { at, feedback: Feedback { stars, remarks: Default::default() } }
        }),
        at().prop_map(|at| StreamEvent::LinkOpened { at }),
    ]
}

fn run(events: &[StreamEvent]) -> StreamFacts {
    events.iter().cloned().fold(StreamFacts::default(), StreamFacts::apply)
}

proptest! {
    #[test]
    fn any_order_and_any_repetition_end_the_same(
        events in proptest::collection::vec(any_event(), 0..14).prop_flat_map(|events| {
            let again = events.iter().chain(&events).cloned().collect::<Vec<_>>();
            (Just(events), Just(again).prop_shuffle())
        })
    ) {
        prop_assert_eq!(run(&events.0), run(&events.1));
    }

    /// Whatever was lost on the way: once the gateway's later observation is in, two histories agree.
    #[test]
    fn lost_reports_are_made_good_by_the_next_observation(
        events in proptest::collection::vec(any_event(), 0..14),
        kept in proptest::collection::vec(any::<bool>(), 14),
        flowing: bool,
    ) {
        let media = |event: &StreamEvent| {
            matches!(event, StreamEvent::MediaFlowing { .. } | StreamEvent::MediaLost { .. } | StreamEvent::Failed { .. })
        };
        let lossy: Vec<_> = events.iter().zip(kept).filter(|(event, kept)| *kept || !media(event)).map(|(event, _)| event.clone()).collect();
        let now = Timestamp(100);
        let observed = if flowing {
            vec![StreamEvent::MediaFlowing { at: now }]
        } else {
            vec![StreamEvent::MediaFlowing { at: Timestamp(99) }, StreamEvent::MediaLost { at: now }]
        };
        let state = |events: &[StreamEvent]| {
            let mut all = events.to_vec();
            all.extend(observed.clone());
            // The failure of before is healed by the picture of after, unless that is lost again: then both tell.
            run(&all).state()
        };
        if flowing {
            prop_assert_eq!(state(&events), state(&lossy));
        } else {
            prop_assert_eq!(state(&events).is_over(), state(&lossy).is_over());
        }
    }

    #[test]
    fn what_has_ended_is_over_whatever_comes_after(events in proptest::collection::vec(any_event(), 0..14)) {
        let facts = events.into_iter().fold(StreamFacts::default().apply(StreamEvent::Ended { at: Timestamp(0) }), StreamFacts::apply);
        prop_assert!(facts.state().is_over());
    }
}

#[test]
fn a_service_from_creation_to_recording() {
    let mut facts = StreamFacts::default();
    let mut states = vec![facts.state()];
    for event in [
        StreamEvent::Provisioned { at: Timestamp(1) },
        StreamEvent::MediaFlowing { at: Timestamp(2) },
        StreamEvent::MediaLost { at: Timestamp(3) },
        StreamEvent::MediaFlowing { at: Timestamp(4) },
        StreamEvent::Ended { at: Timestamp(5) },
        StreamEvent::Recorded { at: Timestamp(6) },
    ] {
        facts = facts.apply(event);
        states.push(facts.state());
    }
    use StreamState::{Ended, Live, Ready, Reconnecting, Recorded, Scheduled};
    assert_eq!(states, [Scheduled, Ready, Live, Reconnecting, Live, Ended, Recorded]);
    assert_eq!(facts.on_air_ms(Timestamp(99)), 3);
}

#[test]
fn a_picture_that_is_lost_after_the_end_was_on_air_until_the_end() {
    let on_air = |lost| {
        let events = [
            StreamEvent::MediaFlowing { at: Timestamp(2) },
            StreamEvent::Ended { at: Timestamp(5) },
            StreamEvent::MediaLost { at: Timestamp(lost) },
        ];
        events.into_iter().fold(StreamFacts::default(), StreamFacts::apply).on_air_ms(Timestamp(99))
    };
    assert_eq!((on_air(4), on_air(5), on_air(70)), (2, 3, 3));
}

#[test]
fn a_failure_shows_until_the_picture_is_back() {
    let failed = StreamFacts::default()
        .apply(StreamEvent::MediaFlowing { at: Timestamp(1) })
        .apply(StreamEvent::Failed { at: Timestamp(2), reason: Failure::DiskFull });
    assert_eq!((failed.state(), failed.failure()), (StreamState::Failed, Some(Failure::DiskFull)));
    assert_eq!(failed.apply(StreamEvent::MediaFlowing { at: Timestamp(3) }).state(), StreamState::Live);
}

#[test]
fn a_failure_that_was_written_down_in_words_is_still_one() {
    for (written, failure) in [
        (r#"[7,"disk-full"]"#, Failure::DiskFull),
        (r#"[7,"The disk of this server is full: please make room."]"#, Failure::NotWritten),
    ] {
        let facts: StreamFacts = serde_json::from_str(&format!(r#"{{"failed":{written}}}"#)).unwrap();
        assert_eq!(facts.failed, Some((Timestamp(7), failure)));
    }
}
