//! A link for filming works from a day before the service until a while after it, and not at other times.

use axum::http::StatusCode;
use service::{memorials::MemorialForm, streams::StreamForm};

use crate::support::{OFFER, Site, bearer};

/// The tests' clock says 2026-11-18, 11:06 in London.
#[tokio::test]
async fn a_link_works_around_the_time_of_its_service_only() {
    let site = Site::open().await;
    let form = MemorialForm { name: "Ada".into(), time_zone: "Europe/London", ..MemorialForm::default() };
    let memorial = site.everlight.memorials().create(&site.actor, form).await.unwrap();
    for (date, time, expected) in [
        ("2026-11-19", "12:00", StatusCode::TOO_EARLY),
        ("2026-11-19", "11:00", StatusCode::OK),
        ("2026-11-18", "06:00", StatusCode::OK),
        ("2026-11-18", "05:00", StatusCode::GONE),
        ("", "", StatusCode::OK),
    ] {
        let form = StreamForm {
            title: "Funeral".into(),
            date: date.into(),
            time: time.into(),
            time_zone: "Europe/London".into(),
            method: "phone-browser".into(),
            ..StreamForm::default()
        };
        let stream = site.everlight.streams().create(&site.actor, memorial, form).await.unwrap();
        let token = site.everlight.streams().access(&site.actor, stream.id).await.unwrap().token;
        let authorization = bearer(&token);
        let headers = [("authorization", authorization.as_str())];
        let check = site.send("POST", &format!("/api/go/{}/check", stream.id), &headers, "").await;
        assert_eq!(check.status, expected, "{date} {time}: {}", check.body);
        let published = site.publish(stream.id, &token, OFFER).await;
        let expected = if expected == StatusCode::OK { StatusCode::CREATED } else { expected };
        assert_eq!(published.status, expected, "{date} {time}: {}", published.body);
    }
}
