//! Several instances on one PostgreSQL and one folder, as a load balancer finds them. What is streamed in earnest, and the
//! picture that is back after `kill -9`, is in `end2end/tests/many.spec.ts`.

use std::time::{Duration, Instant};

use futures::StreamExt as _;

use crate::{
    kill::tell,
    support::{Place, Running},
};

/// What Chromium 156 sends.
const OFFER: &str = include_str!("../../../crates/media/tests/fixtures/chromium-156-publisher.sdp");

/// A place with two instances, and the token of a new stream's link.
async fn two() -> (Place, [Running; 2], String, String) {
    let place = Place::with_mux_away().await;
    let (token, memorial) = place.token_and_memorial().await;
    let instances = [place.start_instance().await, place.start_instance().await];
    let stream = instances[0].create(&token, &memorial, "one").await.unwrap();
    let link = place.streamer_token(&stream);
    (place, instances, stream, link)
}

/// Goes live: the status, the session's address, and the UDP port that the picture is to be sent to.
pub async fn publish(at: &Running, stream: &str, link: &str) -> (u16, String, String) {
    let request = at.http.post(format!("{}/whip/{stream}", at.url)).bearer_auth(link);
    let answer = request.header("content-type", "application/sdp").body(OFFER).send().await.unwrap();
    let status = answer.status().as_u16();
    let session = answer.headers().get("location").map(|location| location.to_str().unwrap().to_owned());
    let sdp = answer.text().await.unwrap();
    let candidate = sdp.lines().find(|line| line.starts_with("a=candidate:"));
    let port = candidate.and_then(|line| line.split(' ').nth(5)).unwrap_or_default();
    (status, session.unwrap_or_default(), port.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_instance_is_asked_a_stream_is_with_one_and_with_another_once_that_is_dead() {
    if !testdb::is_postgres() {
        return;
    }
    let (_place, [first, second], stream, link) = two().await;
    let (status, session, port) = publish(&first, &stream, &link).await;
    assert_eq!(status, 201, "{}", first.log());
    let (again, _, same_port) = publish(&second, &stream, &link).await;
    assert_eq!((again, &same_port), (201, &port), "passed on:\n{}", second.log());
    let hang_up = second.http.delete(format!("{}{session}", second.url)).bearer_auth(&link).send().await.unwrap();
    assert_eq!(hang_up.status(), 200);
    let (refused, ..) = publish(&second, &stream, &"0".repeat(64)).await;
    assert_eq!(refused, 401, "the answer of the other instance");

    // Events come through as they come.
    let events =
        second.http.get(format!("{}/api/go/{stream}/events", second.url)).bearer_auth(&link).send().await.unwrap();
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let mut events = events.bytes_stream();
    let event = events.next().await.unwrap().unwrap();
    assert!(event.starts_with(b"data:"), "{event:?}");

    drop(first);
    let died = Instant::now();
    // The stream of events ends, so that whoever follows it asks anew.
    while events.next().await.is_some_and(|event| event.is_ok()) {}
    let (status, _, other_port) = publish(&second, &stream, &link).await;
    assert_eq!(status, 201, "{}", second.log());
    assert_ne!(other_port, port);
    let after = died.elapsed();
    eprintln!("taken over {after:?} after the death");
    assert!(after < Duration::from_secs(3), "{after:?}");
}

/// The phone may ask one instance for its events, and go live at another, at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_follows_a_stream_at_an_instance_that_does_not_get_it_is_sent_to_the_one_that_does() {
    if !testdb::is_postgres() {
        return;
    }
    let (_place, [first, second], stream, link) = two().await;
    let follow = async |at: &Running| {
        let request = at.http.get(format!("{}/api/go/{stream}/events", at.url)).bearer_auth(&link);
        request.send().await.unwrap()
    };
    let mut events = follow(&second).await.bytes_stream();
    assert!(events.next().await.unwrap().unwrap().starts_with(b"data:"), "nobody has it yet");
    let (status, ..) = publish(&first, &stream, &link).await;
    assert_eq!(status, 201, "{}", first.log());
    let end = async { while events.next().await.is_some_and(|event| event.is_ok()) {} };
    assert!(tokio::time::timeout(Duration::from_secs(20), end).await.is_ok(), "it says what it does not know");
    assert_eq!(follow(&second).await.status(), 200, "passed on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_passes_requests_on() {
    if !testdb::is_postgres() {
        return;
    }
    let (_place, [first, _second], stream, link) = two().await;
    let request = first.http.post(format!("{}/whip/{stream}", first.url)).bearer_auth(&link);
    let forged = request.header("x-everlight-forwarded", "1 192.0.2.1 00").body(OFFER).send().await.unwrap();
    assert_eq!(forged.status(), 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_asked_to_stop_leaves_its_streams_to_the_others_at_once() {
    if !testdb::is_postgres() {
        return;
    }
    let (_place, [first, second], stream, link) = two().await;
    let (status, _, port) = publish(&first, &stream, &link).await;
    assert_eq!(status, 201);
    assert!(first.stop().success());
    let (status, _, other_port) = publish(&second, &stream, &link).await;
    assert_eq!(status, 201, "{}", second.log());
    assert_ne!(other_port, port);
}

/// Whichever instance is asked to replace it: all that the one with the picture is told is in the database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_films_with_a_link_that_is_replaced_elsewhere_is_cut_off() {
    if !testdb::is_postgres() {
        return;
    }
    let (place, [first, second], stream, link) = two().await;
    let (status, session, _) = publish(&first, &stream, &link).await;
    assert_eq!(status, 201, "{}", first.log());
    let asked = async |link: &str| {
        let request = second.http.patch(format!("{}{session}", second.url)).bearer_auth(link);
        request.header("content-type", "application/trickle-ice-sdpfrag").send().await.unwrap().status().as_u16()
    };
    assert_ne!(asked(&link).await, 404, "the session stands");
    let store = store::Store::open(&place.database_url).await.unwrap();
    assert!(store.replace_link(stream.parse().unwrap()).await.unwrap());
    store.close().await;
    let new_link = place.token_of_link(&stream, 1);
    let replaced = Instant::now();
    while asked(&new_link).await != 404 {
        assert!(replaced.elapsed() < Duration::from_secs(20), "it still stands:\n{}", first.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(asked(&link).await, 401);
}

/// Their requests would never be finished, and be cut off in the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_follows_by_way_of_one_that_is_asked_to_stop_is_told_no_more() {
    if !testdb::is_postgres() {
        return;
    }
    let (_place, [first, second], stream, link) = two().await;
    assert_eq!(publish(&first, &stream, &link).await.0, 201, "{}", first.log());
    let request = second.http.get(format!("{}/api/go/{stream}/events", second.url)).bearer_auth(&link);
    let mut events = request.send().await.unwrap().bytes_stream();
    assert!(events.next().await.unwrap().unwrap().starts_with(b"data:"), "passed on");
    let stopped = tokio::task::spawn_blocking(|| second.stop());
    while let Some(event) = events.next().await {
        event.unwrap();
    }
    assert!(stopped.await.unwrap().success());
}

/// Whatever one of them has said yes to is applied, also when it dies at that moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_that_was_taken_is_lost_with_the_instance_that_took_it() {
    if !testdb::is_postgres() {
        return;
    }
    let (place, [first, second], ..) = two().await;
    let mut taken = 0;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(300) {
        taken += usize::from(tell(&first, &format!("before-{taken}-")).await);
    }
    drop(first);
    let also = tell(&second, "after-").await;
    assert!(taken > 0 && also, "nothing was tried");
    let started = Instant::now();
    loop {
        let waiting =
            testdb::texts(&place.database_url, "SELECT event_key FROM webhook_inbox WHERE applied_at IS NULL").await;
        if waiting.is_empty() {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(10), "{waiting:?} are taken and not applied");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let stored = testdb::texts(&place.database_url, "SELECT event_key FROM webhook_inbox").await;
    assert!(stored.len() > taken, "{} of {taken} and one", stored.len());
    eprintln!("{taken} webhooks taken by the one that died, all applied {:?} after", started.elapsed());
}
