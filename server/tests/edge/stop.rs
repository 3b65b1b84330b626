//! A stop of the program: requests are finished, and those that never would be end.

use std::time::Duration;

use http_body_util::BodyExt as _;

use crate::support::{Site, bearer};

/// What has not ended by then does not end.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn who_follows_is_told_no_more_when_a_stop_begins() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let (cookie, bearer) = (("cookie", site.cookie.clone()), ("authorization", bearer(&token)));
    let begin = async || {
        let mut following = Vec::new();
        for (path, (name, value)) in [
            (format!("/api/streams/{}/events", stream.id), &cookie),
            ("/api/today/events".into(), &cookie),
            (format!("/watch/{}/events", stream.slug), &cookie),
            (format!("/api/go/{}/events", stream.id), &bearer),
        ] {
            let answer = site.begin([127, 0, 0, 1], "GET", &path, &[(name, value)], "").await;
            assert_eq!(answer.status(), 200, "{path}");
            following.push((path, answer.into_body()));
        }
        following
    };
    let mut following = begin().await;
    for (path, body) in &mut following {
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert!(first.starts_with(b"data:"), "{path}: {first:?}");
    }
    site.everlight.begin_no_more();
    for (path, body) in following.into_iter().chain(begin().await) {
        let ended = tokio::time::timeout(PATIENCE, body.collect()).await;
        assert!(matches!(ended, Ok(Ok(_))), "{path} goes on: {ended:?}");
    }
}
