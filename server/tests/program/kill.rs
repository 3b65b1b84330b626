//! Ends of the program: asked for and not.

use std::time::Duration;

use store::Store;

use crate::support::{Place, sqlite_file};

/// How often it is killed here; `EVERLIGHT_TEST_KILLS` says another number.
const KILLS: u32 = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_in_order_when_it_is_asked_to() {
    let place = Place::new(&[]).await;
    let (token, memorial) = place.token_and_memorial().await;
    let running = place.start().await;
    let stream = running.create(&token, &memorial, "one").await.unwrap();
    assert!(running.stop().success());
    let running = place.start().await;
    assert_eq!(running.create(&token, &memorial, "one").await, Some(stream), "the same request is the same stream");
}

/// Everything that was acknowledged is there after `kill -9` at any moment, under load.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_kill_9() {
    let kills = std::env::var("EVERLIGHT_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let place = Place::new(&[("EVERLIGHT_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let (token, memorial) = place.token_and_memorial().await;
    let mut acknowledged = Vec::new();
    let mut refused = 0;
    for round in 0..kills {
        let running = place.start().await;
        let moment = Duration::from_millis(u64::from(rand::random::<u16>() % 400));
        let load = async {
            let mut made = Vec::new();
            for n in 0.. {
                let keys: Vec<_> = (0..4).map(|side| format!("{round}-{n}-{side}")).collect();
                let sides = keys.iter().map(|key| running.create(&token, &memorial, key));
                let answers = futures::future::join_all(sides).await;
                made.extend(keys.iter().zip(answers).filter_map(|(key, id)| Some((key.clone(), id?))));
                if made.len() < n * 4 {
                    break;
                }
            }
            made
        };
        let mut load = std::pin::pin!(load);
        // While requests are under way.
        let early = tokio::time::timeout(moment, &mut load).await;
        assert!(early.is_err(), "it refuses work: {:?}\n{}", early.ok(), running.log());
        kill_by_id(&running);
        acknowledged.extend(load.await);
        if let Some(file) = sqlite_file(&place) {
            let copy = place.folder.path().join(format!("copy-{round}.db"));
            store::upkeep::copy_sqlite(&format!("sqlite://{}", file.display()), &copy).await.unwrap();
        }
    }
    let running = place.start().await;
    let store = Store::open(&place.database_url).await.unwrap();
    for (key, id) in &acknowledged {
        assert!(store.stream(id.parse().unwrap()).await.unwrap().is_some(), "{key} was acknowledged and is lost");
        if running.create(&token, &memorial, key).await.as_ref() != Some(id) {
            refused += 1;
        }
    }
    assert_eq!(refused, 0, "a repeated request found another stream");
    let all = store.all_streams().await.unwrap().len();
    eprintln!("{kills} kills, {} creations acknowledged, {all} stored, none lost", acknowledged.len());
    assert!(!acknowledged.is_empty(), "nothing was tried");
}

fn kill_by_id(running: &crate::support::Running) {
    let pid = running.id().to_string();
    assert!(std::process::Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
}
