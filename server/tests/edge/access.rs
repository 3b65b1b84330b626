//! Closed unless opened: what somebody without a session, or from another site, can reach.

use crate::support::Site;
use axum::http::StatusCode;

/// Every server function there is, called by nobody from our own page: only those of signing in answer anything else.
#[tokio::test]
async fn server_functions_are_closed_to_strangers() {
    let site = Site::open().await;
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let mut closed = 0;
    for (path, method) in server_fn::axum::server_fn_paths() {
        let name = path.trim_start_matches("/api/").trim_end_matches(|letter: char| letter.is_ascii_digit());
        if [
            "setup_needed",
            "set_up",
            "sign_in",
            "enter_code",
            "who_am_i",
            "load_watch_page",
            "read_invitation",
            "accept_invitation",
        ]
        .contains(&name)
        {
            continue;
        }
        let reply = site.send(method.as_str(), path, &headers, "").await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{path}: {}", reply.body);
        closed += 1;
    }
    assert!(closed >= 12, "only {closed} server functions were tried");
}

#[tokio::test]
async fn pages_of_staff_lead_to_the_sign_in() {
    let site = Site::open().await;
    for path in ["/admin", "/admin/memorials/01a2046e-1b8a-7ac3-a7ba-374324a10b39", "/metrics", "/a-page-to-come"] {
        let reply = site.send("GET", path, &[], "").await;
        assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/login"), "{path}");
    }
}

#[tokio::test]
async fn events_and_recordings_are_for_staff_and_under_the_page_for_whoever_has_the_link() {
    let site = Site::open().await;
    let (stream, _) = site.stream().await;
    let events = site.send("GET", &format!("/api/streams/{}/events", stream.id), &[], "").await;
    assert_eq!(events.status, StatusCode::UNAUTHORIZED);
    let file = "/recordings/01a2046e-2607-75cd-8770-eef5e0a25fa8.mp4";
    let reply = site.send("GET", file, &[], "").await;
    assert!(matches!(reply.status, StatusCode::SEE_OTHER | StatusCode::UNAUTHORIZED), "{}", reply.status);
    let cookie = ("cookie", site.cookie.as_str());
    assert_eq!(site.send("GET", file, &[cookie], "").await.status, StatusCode::NOT_FOUND, "there is none");
    let other_link = format!("/watch/{}{file}", stream.slug);
    assert_eq!(site.send("GET", &other_link, &[], "").await.status, StatusCode::NOT_FOUND);
    let no_link = format!("/watch/00000000000000000000000000{file}");
    assert_eq!(site.send("GET", &no_link, &[], "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn one_network_cannot_hold_all_streams_of_events() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let path = format!("/watch/{}/events", stream.slug);
    let follow = async |network| site.begin(network, "GET", &path, &[], "").await;
    let mut open = Vec::new();
    loop {
        let reply = follow([192, 0, 2, 1]).await;
        if reply.status() == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(reply.headers()["retry-after"], "30");
            break;
        }
        assert_eq!(reply.status(), StatusCode::OK);
        open.push(reply);
        assert!(open.len() <= 500, "there is an end");
    }
    assert_eq!(open.len(), 500);
    let path = format!("/api/streams/{}/events", stream.id);
    let staff = site.begin([192, 0, 2, 1], "GET", &path, &[("cookie", &site.cookie)], "").await;
    assert_eq!(staff.status(), StatusCode::OK, "staff beside a crowd are not shut out");
    let bearer = crate::support::bearer(&token);
    let path = format!("/api/go/{}/events", stream.id);
    let phone = site.begin([192, 0, 2, 1], "GET", &path, &[("authorization", &bearer)], "").await;
    assert_eq!(phone.status(), StatusCode::OK, "nor is the phone that films");
    assert_eq!(follow([192, 0, 2, 2]).await.status(), StatusCode::OK, "other networks have their own");
    open.pop();
    assert_eq!(follow([192, 0, 2, 1]).await.status(), StatusCode::OK, "who leaves makes room");
}

#[tokio::test]
async fn other_sites_cannot_act_in_a_name_of_ours() {
    let site = Site::open().await;
    let path = server_fn::axum::server_fn_paths()
        .map(|(path, _)| path)
        .find(|path| path.starts_with("/api/sign_out"))
        .expect("there is a way to sign out");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let cookie = ("cookie", site.cookie.as_str());
    for origin in [
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("origin", "https://evil.example")],
        vec![],
    ] {
        let headers: Vec<_> = origin.iter().copied().chain([form, cookie]).collect();
        let reply = site.send("POST", path, &headers, "").await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{origin:?}");
    }
    let ours = [form, cookie, ("sec-fetch-site", "same-origin")];
    assert!(!site.send("POST", path, &ours, "").await.status.is_client_error());
    assert_eq!(site.send("GET", "/admin", &[cookie], "").await.status, StatusCode::SEE_OTHER, "signed out");
}

#[tokio::test]
async fn every_page_says_what_browsers_may_do() {
    let site = Site::open().await;
    for path in ["/", "/login", "/go/01a2046e-1b8a-7ac3-a7ba-374324a10b39", "/watch/00000000000000000000000000"] {
        let reply = site.send("GET", path, &[], "").await;
        let policy = reply.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("'strict-dynamic'"), "{path}: {policy}");
        assert!(!policy.contains("'unsafe-inline'") && !policy.contains("'unsafe-eval'"), "{path}: {policy}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{path}");
        let camera = reply.header("permissions-policy").contains("camera=(self)");
        assert_eq!(camera, path.starts_with("/go/"), "{path}");
    }
}

#[tokio::test]
async fn a_large_body_is_refused() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let reply = site.publish(stream.id, &token, &"a=x\r\n".repeat(20_000)).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
}
