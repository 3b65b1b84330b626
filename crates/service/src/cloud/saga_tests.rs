//! The saga against a provider that loses answers, answers late and refuses, with the program killed at every await of
//! it: in the end there is exactly one object of each stream, or none.

use proptest::prelude::*;

use crate::{
    streams::StreamForm,
    testing::{Installation, Mood},
};

#[derive(Debug, Clone, Copy)]
enum Act {
    Create,
    /// Of the streams made so far.
    Delete(usize),
    Work(usize),
    Kill {
        host: usize,
        checkpoint: u32,
    },
    Mood(usize, Mood),
    Pass(u64),
}

fn any_act() -> impl Strategy<Value = Act> {
    let mood =
        prop_oneof![Just(Mood::AnswerLost), Just(Mood::Late), Just(Mood::Refuses), Just(Mood::Away), Just(Mood::Good)];
    prop_oneof![
        2 => Just(Act::Create),
        1 => (0usize..3).prop_map(Act::Delete),
        4 => (0usize..3).prop_map(Act::Work),
        2 => (0usize..2, 1u32..6).prop_map(|(host, checkpoint)| Act::Kill { host, checkpoint }),
        2 => (0usize..2, mood).prop_map(|(host, mood)| Act::Mood(host, mood)),
        2 => (1u64..60).prop_map(Act::Pass),
    ]
}

async fn play(acts: &[Act]) -> Result<(), TestCaseError> {
    let mut at = Installation::new().await;
    let (mut streams, mut deleted) = (Vec::new(), Vec::new());
    for act in acts {
        match *act {
            Act::Create => streams.push(at.create().await),
            Act::Delete(which) => {
                if let Some(stream) = streams.get(which).filter(|stream| !deleted.contains(*stream)) {
                    at.running.streams().delete(&at.actor, *stream).await.unwrap();
                    deleted.push(*stream);
                }
            }
            Act::Work(which) => {
                if let Some(stream) = streams.get(which) {
                    at.reconcile(*stream).await;
                }
            }
            Act::Kill { host, checkpoint } => {
                let mut world = at.hosts[host].world();
                world.killed_at = Some(world.checkpoints + checkpoint);
            }
            Act::Mood(host, mood) => at.hosts[host].world().moods.push(mood),
            Act::Pass(seconds) => at.pass(std::time::Duration::from_secs(seconds)),
        }
    }
    at.settle(&streams).await;
    for stream in &streams {
        let expected = usize::from(!deleted.contains(stream));
        for host in 0..at.hosts.len() {
            prop_assert_eq!(at.objects(host, *stream), expected, "at {:?}", at.hosts[host].provider);
        }
    }
    let left = at.store.all_provisions().await.unwrap();
    prop_assert!(
        left.iter().all(|provision| !deleted.contains(&provision.stream_id)),
        "a deleted stream is forgotten in the end"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_there_is_one_object_of_each_stream_or_none(acts in proptest::collection::vec(any_act(), 1..14)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(&acts))?;
    }
}

/// Every await of the plainest life, one after the other.
#[tokio::test]
async fn killed_at_every_await_of_a_life() {
    for checkpoint in 1..=8 {
        for mood in [Mood::Good, Mood::AnswerLost, Mood::Late] {
            let kill = Act::Kill { host: 0, checkpoint };
            let life = [Act::Mood(0, mood), Act::Create, kill, Act::Work(0), Act::Work(0), Act::Pass(30), Act::Work(0)];
            play(&life).await.unwrap();
            let end = [Act::Create, Act::Work(0), Act::Delete(0), kill, Act::Work(0), Act::Work(0)];
            play(&end).await.unwrap();
        }
    }
}

#[tokio::test]
async fn one_provider_that_is_away_does_not_keep_the_other() {
    let mut at = Installation::new().await;
    at.hosts[1].world().moods.extend([Mood::Refuses; 3]);
    let stream = at.create().await;
    at.reconcile(stream).await;
    assert_eq!((at.objects(0, stream), at.objects(1, stream)), (1, 0));
    let document = at.running.streams().get(&at.actor, stream).await.unwrap();
    assert_eq!(document.status, domain::stream::StreamState::Ready, "the service can begin all the same");
    let words: Vec<_> = document.cloud.iter().map(|place| place.trouble.is_some()).collect();
    assert_eq!(words, [false, true]);
}

#[tokio::test]
async fn what_was_deleted_here_is_deleted_there_however_long_the_provider_is_away() {
    let mut at = Installation::new().await;
    let stream = at.create().await;
    at.reconcile(stream).await;
    at.hosts[0].world().stuck = 5;
    at.running.streams().delete(&at.actor, stream).await.unwrap();
    for _ in 0..5 {
        at.reconcile(stream).await;
        at.restart();
        assert_eq!((at.objects(0, stream), at.store.provisions_of(stream).await.unwrap().len()), (1, 1));
        at.pass(std::time::Duration::from_secs(700));
    }
    at.reconcile(stream).await;
    assert_eq!(at.objects(0, stream), 0);
    assert!(at.store.provisions_of(stream).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_stream() {
    let at = Installation::new().await;
    let form = StreamForm {
        title: "Funeral".into(),
        time_zone: "Europe/London".into(),
        method: "phone-browser".into(),
        submission: "one".into(),
        ..StreamForm::default()
    };
    let first = at.running.streams().create(&at.actor, at.memorial, form.clone()).await.unwrap();
    // Whoever sent it left at once, and nobody has told the providers.
    at.running.cloud.queue.forget(first.id);
    let second = at.running.streams().create(&at.actor, at.memorial, form).await.unwrap();
    assert_eq!(first.id, second.id);
    assert!(at.running.cloud.queue.is_due(first.id, at.running.now()), "it is gone on with");
}
