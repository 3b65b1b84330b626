//! Closed unless opened: what somebody without a session, or from another site, can reach.

use crate::support::{Reply, Site};
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
async fn who_follows_by_a_link_that_was_replaced_is_told_and_need_not_ask_again() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let bearer = crate::support::bearer(&token);
    let path = format!("/api/go/{}/events", stream.id);
    let follows = site.begin([127, 0, 0, 1], "GET", &path, &[("authorization", &bearer)], "").await;
    assert!(site.store.replace_link(stream.id).await.unwrap());
    let told = Reply::read(follows).await;
    assert_eq!((told.status, told.body.as_str()), (StatusCode::OK, "event: refused\ndata: {}\n\n"));
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
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("'unsafe-inline'") && !policy.contains("'unsafe-eval'"), "{path}: {policy}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        let camera = reply.header("permissions-policy").contains("camera=(self)");
        assert_eq!(camera, path.starts_with("/go/"), "{path}");
    }
}

#[tokio::test]
async fn what_is_no_page_is_nothing_that_a_browser_would_run() {
    let site = Site::open().await;
    let (stream, _) = site.stream().await;
    for (method, path) in [
        ("GET", "/healthz".to_owned()),
        ("GET", "/recordings/x.mp4".into()),
        ("GET", format!("/hls/{}/index.m3u8", stream.slug)),
        ("POST", format!("/whip/{}", stream.id)),
        ("POST", "/api/streams/create-whip".into()),
        ("GET", "/nothing.js".into()),
    ] {
        let reply = site.send(method, &path, &[("cookie", &site.cookie)], "").await;
        let policy = reply.header("content-security-policy");
        assert_eq!(policy, "default-src 'none'; frame-ancestors 'none'", "{path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn browsers_keep_to_https_where_the_site_has_it() {
    let site = Site::open().await;
    let ask = || axum::http::Request::get("/login").body(axum::body::Body::empty()).unwrap();
    let kept = tower::ServiceExt::oneshot(site.over_https(), ask()).await.unwrap();
    assert_eq!(kept.headers()["strict-transport-security"], "max-age=31536000; includeSubDomains");
    let plain = site.send("GET", "/login", &[], "").await;
    assert!(plain.header("strict-transport-security").is_empty(), "it would lock people out of a name without it");
}

#[tokio::test]
async fn nothing_is_done_by_reading_and_nothing_is_traced() {
    let site = Site::open().await;
    let headers = [("cookie", site.cookie.as_str()), ("sec-fetch-site", "same-origin")];
    for (path, _) in server_fn::axum::server_fn_paths() {
        for method in ["GET", "HEAD"] {
            let status = site.send(method, path, &headers, "").await.status;
            assert!(status.is_client_error(), "{method} {path}: {status}");
        }
    }
    for path in ["/", "/admin", "/healthz"] {
        assert_eq!(site.send("TRACE", path, &headers, "").await.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
}

#[tokio::test]
async fn what_was_typed_is_shown_again_once_and_is_in_no_address() {
    let site = Site::open().await;
    let path = server_fn::axum::server_fn_paths().map(|(path, _)| path).find(|path| path.starts_with("/api/sign_in"));
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
        ("accept", "text/html"),
    ];
    let form = "email=nobody%40example.com&password=wrong+horse+battery";
    let refused = site.send("POST", path.unwrap(), &headers, form).await;
    let address = refused.header("location");
    assert!(refused.status.is_redirection() && address.starts_with("/login?again="), "{address}");
    assert!(!address.contains("nobody") && !address.contains("error"), "{address}");
    let page = site.send("GET", address, &[], "").await.body;
    assert!(page.contains("value=\"nobody@example.com\"") && page.contains("role=\"alert\""), "{page}");
    assert!(page.contains("E-mail address and password do not match."), "{page}");
    assert!(!page.contains("wrong horse") && !page.contains("wrong+horse"), "{page}");
    let second = site.send("GET", address, &[], "").await.body;
    assert!(!second.contains("nobody"), "once");
}

#[tokio::test]
async fn a_large_body_is_refused() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    let large = "a=x\r\n".repeat(20_000);
    let reply = site.publish(stream.id, &token, &large).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let open = ["sign_in", "set_up", "accept_invitation", "load_watch_page"];
    let paths = server_fn::axum::server_fn_paths().map(|(path, _)| path);
    let paths: Vec<_> =
        paths.filter(|path| open.iter().any(|name| path.starts_with(&format!("/api/{name}")))).collect();
    assert_eq!(paths.len(), open.len());
    for path in paths {
        let reply = site.send("POST", path, &headers, &large).await;
        assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
}

/// `*` and credentials together would let any page read what is for whoever is signed in here.
#[tokio::test]
async fn no_answer_lets_pages_elsewhere_come_with_cookies() {
    let site = Site::open().await;
    let (stream, _) = site.stream().await;
    let cookie = ("cookie", site.cookie.as_str());
    let from = [cookie, ("origin", "https://evil.example"), ("access-control-request-method", "POST")];
    let (id, slug) = (stream.id, stream.slug);
    for path in [
        "/admin".into(),
        "/login".into(),
        "/healthz".into(),
        format!("/whip/{id}"),
        format!("/whip/{id}/1"),
        format!("/uploads/{id}"),
        format!("/whep/{slug}"),
        format!("/whep/{slug}/1"),
        format!("/hls/{slug}/index.m3u8"),
        format!("/watch/{slug}"),
        format!("/go/{id}"),
        "/api/streams/create-whip".into(),
    ] {
        for method in ["OPTIONS", "GET", "POST", "DELETE"] {
            let reply = site.begin([127, 0, 0, 1], method, &path, &from, "").await;
            let headers = reply.headers();
            assert!(!headers.contains_key("access-control-allow-credentials"), "{method} {path}");
            let anybody = headers.get("access-control-allow-origin");
            let media = path.starts_with("/whip/") || path.starts_with("/whep/");
            assert!(anybody.is_none() || media, "{method} {path}: {anybody:?}");
        }
    }
}

/// Whether somebody is signed in is not known then: nobody is.
#[tokio::test]
async fn without_its_database_nobody_is_let_in() {
    let site = Site::open().await;
    let (stream, token) = site.stream().await;
    site.store.close().await;
    let (cookie, bearer) = (("cookie", site.cookie.as_str()), crate::support::bearer(&token));
    for (path, header) in [
        ("/admin".to_owned(), cookie),
        ("/admin/audit".into(), cookie),
        (format!("/api/streams/{}/events", stream.id), cookie),
        (format!("/watch/{}/events", stream.slug), ("x-nobody", "")),
        (format!("/api/go/{}/events", stream.id), ("authorization", &bearer)),
    ] {
        let reply = site.send("GET", &path, &[header], "").await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {}", reply.body);
        assert!(!reply.body.contains("Ada"), "{path}");
    }
    let (form, ours) = (("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin"));
    for (path, method) in server_fn::axum::server_fn_paths() {
        let reply = site.send(method.as_str(), path, &[cookie, form, ours], "").await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {}", reply.body);
    }
}

#[tokio::test]
async fn whom_to_tell_of_a_vulnerability_is_said_where_the_settings_say_it() {
    let site = Site::open().await;
    let reply = site.send("GET", "/.well-known/security.txt", &[], "").await;
    assert_eq!((reply.status, reply.header("content-type")), (StatusCode::OK, "text/plain; charset=utf-8"));
    let lines: Vec<_> = reply.body.lines().collect();
    assert_eq!(
        lines,
        [
            "Contact: mailto:security@example.com",
            // Half a year after the site's clock.
            "Expires: 2027-05-17T11:06:40Z",
            "Preferred-Languages: en",
            "Canonical: http://localhost:3000/.well-known/security.txt",
        ]
    );
    assert_eq!(site.send("GET", "/.well-known/else", &[], "").await.status, StatusCode::SEE_OTHER);
}
