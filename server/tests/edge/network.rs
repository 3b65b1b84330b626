//! What one network may take of what is there for everybody.

use axum::http::StatusCode;

use crate::{
    peers,
    support::{Reply, Site, bearer},
};

const VIEWER: &str = include_str!("../../../crates/media/tests/fixtures/chromium-156-viewer.sdp");
const SDP: (&str, &str) = ("content-type", "application/sdp");

#[tokio::test]
async fn a_network_without_a_place_left_is_told_so_and_may_watch_over_hls() {
    let site = Site::with_viewers_per_network(0).await;
    let (stream, token) = site.stream().await;
    let whep = format!("/whep/{}", stream.slug);
    let reply = site.send("POST", &whep, &[SDP], VIEWER).await;
    assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS, "{}", reply.body);
    assert_eq!((reply.header("retry-after"), reply.header("content-type")), ("30", "application/problem+json"));
    assert!(reply.body.contains("too many are watching over this network"), "{}", reply.body);
    assert_eq!(reply.header("access-control-allow-origin"), "*", "players elsewhere can read it");
    let hls = site.send("GET", &format!("/hls/{}/index.m3u8", stream.slug), &[], "").await;
    assert_eq!(hls.status, StatusCode::NOT_FOUND, "nobody is live, and no place is asked for");
    let published = site.publish(stream.id, &token, crate::support::OFFER).await;
    assert_eq!(published.status, StatusCode::CREATED, "whoever films takes none: {}", published.body);
}

/// With media that really flow: two watch, and there is no place for a third of theirs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_watches_holds_a_place_of_their_network_until_they_leave() {
    let site = Site::with_viewers_per_network(2).await;
    let (stream, token) = site.stream().await;
    let phone = peers::Client::new(peers::PUBLISHER);
    let published = site.publish(stream.id, &token, &phone.offer).await;
    assert_eq!(published.status, StatusCode::CREATED, "{}", published.body);
    phone.answer(&published.body);
    phone.until("the phone sends", |report| report.video_sent.len() > 5).await;

    let (congregation, elsewhere) = ([192, 0, 2, 1], [192, 0, 2, 2]);
    let whep = format!("/whep/{}", stream.slug);
    let ask = async |from, viewer: &peers::Client| {
        Reply::read(site.begin(from, "POST", &whep, &[SDP], &viewer.offer).await).await
    };
    let watch = async |from| {
        let viewer = peers::Client::new(peers::VIEWER);
        let reply = ask(from, &viewer).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
        viewer.answer(&reply.body);
        viewer.until("the picture comes", |report| report.video.len() > 10).await;
        (viewer, reply.header("location").to_owned())
    };
    let (first, _) = watch(congregation).await;
    let (second, session) = watch(congregation).await;
    let late = peers::Client::new(peers::VIEWER);
    let refused = ask(congregation, &late).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{}", refused.body);
    let _other = watch(elsewhere).await;

    let seen = [&first, &second].map(|viewer| viewer.report().video.len());
    first.until("nobody who watches is disturbed", |report| report.video.len() > seen[0] + 10).await;
    second.until("nobody who watches is disturbed", |report| report.video.len() > seen[1] + 10).await;
    let path = session.find("/whep/").map(|at| &session[at..]).unwrap();
    let left = Reply::read(site.begin(congregation, "DELETE", path, &[], "").await).await;
    assert!(left.status.is_success(), "{}", left.body);
    watch(congregation).await;
}

#[tokio::test]
async fn who_is_refused_takes_no_place() {
    let site = Site::with_viewers_per_network(1).await;
    let (stream, _) = site.stream().await;
    for _ in 0..5 {
        let reply = site.send("POST", &format!("/whep/{}", stream.slug), &[SDP], VIEWER).await;
        assert_eq!(reply.status, StatusCode::CONFLICT, "nobody is live: {}", reply.body);
    }
}

#[tokio::test]
async fn a_flood_of_reading_shuts_out_neither_the_phone_nor_staff_nor_other_networks() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let [crowd, elsewhere] = [[192, 0, 2, 1], [192, 0, 2, 2]];
    // Of what there is to read the cheapest: the address is looked at and no more.
    let read = async |from, headers| site.begin(from, "GET", "/watch/x/recordings/x", headers, "").await;
    let mut asked = 0;
    let refused = loop {
        let reply = read(crowd, &[]).await;
        if reply.status() != StatusCode::NOT_FOUND {
            break reply;
        }
        asked += 1;
        assert!(asked < 100_000, "there is an end");
    };
    assert!(asked >= 6000, "a congregation reads on: {asked}");
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    let page = read(crowd, &[("accept", "text/html,*/*")]).await;
    if page.status() == StatusCode::TOO_MANY_REQUESTS {
        assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/plain"), "people can read it");
    }

    let get =
        async |from, path: &str, header: (&str, &str)| site.begin(from, "GET", path, &[header], "").await.status();
    let bearer = bearer(&token);
    let film = format!("/api/go/{}/events", stream.id);
    let (cookie, nobody) = (("cookie", site.cookie.as_str()), ("x-nobody", ""));
    for _ in 0..20 {
        assert_eq!(get(crowd, &film, ("authorization", &bearer)).await, StatusCode::OK, "the phone that films");
        assert_eq!(get(crowd, "/healthz", nobody).await, StatusCode::OK, "and asks whether we are there");
        assert_eq!(get(crowd, &format!("/api/streams/{}/events", stream.id), cookie).await, StatusCode::OK, "staff");
        assert_eq!(get(crowd, "/watch/x/recordings/x", cookie).await, StatusCode::NOT_FOUND, "staff who watch");
        assert_eq!(get(crowd, "/robots.txt", nobody).await, StatusCode::NOT_FOUND, "not watching: a limit of its own");
        assert_eq!(get(elsewhere, "/watch/x/recordings/x", nobody).await, StatusCode::NOT_FOUND, "another network");
    }
    let forged = ("cookie", "everlight=0000000000000000000000000000000000000000000000000000000000000000");
    let mut refused = false;
    for _ in 0..2000 {
        refused |= get(crowd, "/watch/x/recordings/x", forged).await == StatusCode::TOO_MANY_REQUESTS;
    }
    assert!(refused, "a session that is none helps nobody");
}
