//! The success metrics: what the phone may say, and what administrators read.

use axum::http::StatusCode;
use domain::{StreamId, Token};

use crate::support::{OFFER, Reply, Site, bearer};

const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile/15E148 Safari/604.1";

async fn say(site: &Site, stream: StreamId, authorization: &str, body: &str) -> StatusCode {
    let headers = [("content-type", "application/json"), ("authorization", authorization)];
    site.send("POST", &format!("/api/go/{stream}/connected"), &headers, body).await.status
}

async fn go_live(site: &Site, stream: StreamId, token: &Token) {
    let bearer = bearer(token);
    let headers = [("content-type", "application/sdp"), ("authorization", bearer.as_str()), ("user-agent", IPHONE)];
    let reply = site.send("POST", &format!("/whip/{stream}"), &headers, OFFER).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
}

async fn table(site: &Site, query: &str) -> Reply {
    let headers = [("cookie", site.cookie.as_str())];
    site.send("GET", &format!("/admin/numbers.csv{query}"), &headers, "").await
}

/// The lines of a metric.
async fn lines(site: &Site, beginning: &str) -> Vec<String> {
    let body = table(site, "").await.body;
    body.lines().filter(|line| line.starts_with(beginning)).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_phone_says_once_how_long_it_took() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let bearer = bearer(&token);
    // Nobody has gone live: it is nothing, and no fault either.
    assert_eq!(say(&site, stream.id, &bearer, r#"{"afterMs":5}"#).await, StatusCode::NO_CONTENT);
    assert_eq!(lines(&site, "connection,p95").await, ["connection,p95,ms,0,,,,<2000,too few"]);
    go_live(&site, stream.id, &token).await;
    for body in [r#"{"afterMs":812}"#, r#"{"afterMs":99000}"#] {
        assert_eq!(say(&site, stream.id, &bearer, body).await, StatusCode::NO_CONTENT);
    }
    assert_eq!(lines(&site, "connection,p95").await, ["connection,p95,ms,1,812.0000,,,<2000,too few"]);
    assert_eq!(
        lines(&site, "connection,Safari").await,
        [
            "connection,Safari 18 on iOS 18: p95,ms,1,812.0000,,,,",
            "connection,Safari 18 on iOS 18: median,ms,1,812.0000,,,,"
        ]
    );
}

#[tokio::test]
async fn what_cannot_be_or_is_not_theirs_is_refused() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let (_, other) = site.stream().await;
    go_live(&site, stream.id, &token).await;
    let own = bearer(&token);
    for authorization in ["", "Bearer x", &bearer(&other)] {
        assert_eq!(say(&site, stream.id, authorization, r#"{"afterMs":5}"#).await, StatusCode::UNAUTHORIZED);
    }
    for absurd in [r#"{"afterMs":120001}"#, r#"{"afterMs":-1}"#, r#"{"afterMs":null}"#, r#"{"afterMs":5,"name":"Eve"}"#]
    {
        assert_eq!(say(&site, stream.id, &own, absurd).await, StatusCode::UNPROCESSABLE_ENTITY, "{absurd}");
    }
    let large = format!(r#"{{"afterMs":5{}}}"#, " ".repeat(128));
    assert_eq!(say(&site, stream.id, &own, &large).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(lines(&site, "connection,p95").await, ["connection,p95,ms,0,,,,<2000,too few"]);
}

#[tokio::test]
async fn administrators_get_a_table() {
    let site = Site::open().await;
    site.stream().await;
    for (query, name) in [("", "30-days"), ("?period=12-months", "12-months"), ("?period=%22x", "30-days")] {
        let reply = table(&site, query).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(reply.header("cache-control"), "no-store");
        let named = format!("attachment; filename=\"everlight-numbers-{name}.csv\"");
        assert_eq!(reply.header("content-disposition"), named);
        let mut lines = reply.body.lines();
        assert_eq!(lines.next(), Some("metric,of,unit,n,value,low95,high95,target,verdict"));
        assert!(lines.all(|line| line.split(',').count() == 9), "{}", reply.body);
    }
    assert!(lines(&site, "creation,p95").await[0].starts_with("creation,p95,ms,1,"));
    assert_eq!(lines(&site, "services,by phone").await, ["services,by phone,share,1,1.0000,0.2065,1.0000,,"]);
    let nobody = site.send("GET", "/admin/numbers.csv", &[], "").await;
    assert_eq!((nobody.status, nobody.header("location")), (StatusCode::SEE_OTHER, "/login"));
}

#[tokio::test]
async fn the_page_is_there_without_any_script() {
    let site = Site::open().await;
    site.stream().await;
    let headers = [("cookie", site.cookie.as_str())];
    for (query, chosen, other) in [
        ("", "30-days", "12-months"),
        ("?period=12-months", "12-months", "30-days"),
        ("?period=x", "30-days", "12-months"),
    ] {
        let page = site.send("GET", &format!("/admin/numbers{query}"), &headers, "").await;
        assert_eq!(page.status, StatusCode::OK);
        let option = |period: &str| {
            let from = page.body.find(&format!("<option value=\"{period}\"")).unwrap();
            page.body[from..].split('>').next().unwrap().contains("selected")
        };
        assert!(option(chosen) && !option(other), "{query}");
        assert!(page.body.contains(&format!("/admin/numbers.csv?period={chosen}")), "{query}");
        assert!(page.body.contains("Too few to say. So far it is met."), "the service that was just created");
    }
}
