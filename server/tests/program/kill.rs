//! Ends of the program: asked for and not.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use store::Store;

use crate::{
    film::Filmed,
    support::{Place, Running, WEBHOOK_SECRET, sqlite_file},
};

/// Between two creations.
const PAUSE: Duration = Duration::from_millis(100);
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

/// What was answered with a yes.
#[derive(Default)]
struct Acknowledged {
    /// Keys of creations, and the streams that were made.
    creations: Vec<(String, String)>,
    /// Ids of events.
    events: Vec<String>,
}

/// Everything that was acknowledged is there after `kill -9` at any moment, under load, and of what is filmed all but the last
/// second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_kill_9() {
    let kills = std::env::var("EVERLIGHT_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let place = Place::with_mux_away().await;
    let (token, memorial) = place.token_and_memorial().await;
    let mut acknowledged = Acknowledged::default();
    let mut filmed = Filmed::default();
    let mut service = None;
    for round in 0..kills {
        let running = place.start().await;
        if service.is_none() {
            service = running.create(&token, &memorial, "filmed").await;
        }
        let stream = service.as_deref().unwrap();
        // The start has cut off what was torn.
        filmed.compare(&place.data_dir());
        filmed.go_live(&running, stream, &place.streamer_token(stream)).await;
        let mut load = std::pin::pin!(load(&running, &token, &memorial, round, &mut acknowledged));
        let moment = Duration::from_millis(u64::from(rand::random::<u16>() % 1500));
        // While requests are under way.
        let early = tokio::time::timeout(moment, &mut load).await;
        assert!(early.is_err(), "it refuses work:\n{}", running.log());
        kill_by_id(&running);
        filmed.hang_up();
        load.await;
        if let Some(file) = sqlite_file(&place) {
            let copy = place.folder.path().join("copy.db");
            store::upkeep::copy_sqlite(&format!("sqlite://{}", file.display()), &copy).await.unwrap();
            std::fs::remove_file(copy).unwrap();
        }
    }
    let store = Store::open(&place.database_url).await.unwrap();
    for (key, id) in &acknowledged.creations {
        assert!(store.stream(id.parse().unwrap()).await.unwrap().is_some(), "{key} was acknowledged and is lost");
    }
    let stored = testdb::texts(&place.database_url, "SELECT event_key FROM webhook_inbox").await;
    for event in &acknowledged.events {
        assert!(stored.iter().any(|key| key.contains(event)), "{event} was acknowledged and is lost");
    }
    let running = place.start().await;
    filmed.compare(&place.data_dir());
    for (key, id) in acknowledged.creations.iter().rev().take(50) {
        assert_eq!(running.create(&token, &memorial, key).await.as_ref(), Some(id), "{key} again is the same stream");
    }
    let (creations, events) = (acknowledged.creations.len(), acknowledged.events.len());
    eprintln!("{kills} kills, {creations} creations and {events} webhooks acknowledged, none lost; {filmed}");
    assert!(creations > 0 && events > 0 && filmed.pictures > 0, "nothing was tried");
}

/// Works until it is refused.
async fn load(running: &Running, token: &str, memorial: &str, round: u32, acknowledged: &mut Acknowledged) {
    for n in 0.. {
        let (key, event) = (format!("{round}-{n}"), format!("event-{round}-{n}-"));
        let other = format!("{key}-other");
        let (one, two, webhook) = tokio::join!(
            running.create(token, memorial, &key),
            running.create(token, memorial, &other),
            tell(running, &event)
        );
        let refused = one.is_none() || two.is_none() || !webhook;
        acknowledged.creations.extend([(key, one), (other, two)].into_iter().filter_map(|(key, id)| Some((key, id?))));
        acknowledged.events.extend(webhook.then_some(event));
        if refused {
            return;
        }
        // Each start looks at all that there is: a thousand of them are to come to an end.
        tokio::time::sleep(PAUSE).await;
    }
}

/// Delivers an event as Mux does. Whether it was taken.
pub async fn tell(running: &Running, event: &str) -> bool {
    let body = serde_json::json!({
        "type": "video.asset.ready", "id": event, "created_at": "2026-11-19T00:00:00Z",
        "object": { "type": "asset", "id": "asset-1" }, "data": { "id": "asset-1", "status": "ready" },
    })
    .to_string();
    let time = seconds();
    let mut mac = Hmac::<Sha256>::new_from_slice(WEBHOOK_SECRET.as_bytes()).unwrap();
    mac.update(format!("{time}.{body}").as_bytes());
    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let request = running.http.post(format!("{}/api/webhooks/mux", running.url));
    let answer = request.header("mux-signature", format!("t={time},v1={signature}")).body(body).send().await;
    answer.is_ok_and(|answer| answer.status().is_success())
}

#[expect(clippy::disallowed_methods, reason = "the program that is tested has the system's clock")]
fn seconds() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

fn kill_by_id(running: &Running) {
    let pid = running.id().to_string();
    assert!(std::process::Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
}
