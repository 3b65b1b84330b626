//! What somebody sees who watches over it: metrics, logs, the doctor.

use serde_json::Value;

use crate::support::{Place, free_port};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_on_their_own_listener_and_tell_what_happened() {
    let addr = format!("127.0.0.1:{}", free_port());
    let place = Place::new(&[("EVERLIGHT_METRICS_ADDR", &addr)]).await;
    let (token, memorial) = place.token_and_memorial().await;
    let running = place.start().await;
    running.create(&token, &memorial, "one").await.unwrap();
    let metrics = running.http.get(format!("http://{addr}/metrics")).send().await.unwrap();
    assert!(metrics.headers()["content-type"].to_str().unwrap().starts_with("application/openmetrics-text"));
    let metrics = metrics.text().await.unwrap();
    let created = "everlight_http_requests_total{method=\"POST\",route=\"/api/streams/create-whip\",status=\"201\"} 1";
    for line in [created, "everlight_up 1", "everlight_streams_live 0", "everlight_webhook_inbox 0"] {
        assert!(metrics.lines().any(|found| found == line), "{line} in:\n{metrics}");
    }
    for name in ["everlight_disk_free_bytes ", "everlight_database_seconds ", "everlight_http_request_seconds_bucket{"]
    {
        assert!(metrics.lines().any(|found| found.starts_with(name)), "{name} in:\n{metrics}");
    }
    assert!(metrics.ends_with("# EOF\n"));
    assert!(running.http.get(format!("{}/readyz", running.url)).send().await.unwrap().status().is_success());
}

/// Secrets that come in by every way there is: none of them is in the log, in either form, however much is logged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_the_log() {
    for format in ["text", "json"] {
        let place = Place::new(&[
            ("EVERLIGHT_LOG", "debug"),
            ("EVERLIGHT_LOG_FORMAT", format),
            ("MUX_TOKEN_ID", "id"),
            ("MUX_TOKEN_SECRET", "canary-mux-secret"),
            ("MUX_WEBHOOK_SECRET", "canary-hook-secret"),
            // Nobody is there, and that is logged.
            ("MUX_BASE_URL", "http://127.0.0.1:9"),
        ])
        .await;
        let (token, memorial) = place.token_and_memorial().await;
        let running = place.start().await;
        let stream = running.create(&token, &memorial, "one").await.unwrap();
        let canary = "c0ffee".repeat(10) + "c0ff";
        let url = |path: &str| format!("{}{path}", running.url);
        let post = |path: &str| running.http.post(url(path));
        for request in [
            post(&format!("/whip/{stream}?token={canary}")).bearer_auth(&canary).body(canary.clone()),
            post(&format!("/whip/{canary}")).header("content-type", "application/sdp").bearer_auth(&canary).body("v=0"),
            post(&format!("/api/go/{stream}/check")).bearer_auth(&canary),
            post("/api/webhooks/mux").header("mux-signature", &canary).body(canary.clone()),
            post("/api/streams/create-whip").bearer_auth(&canary).body(canary.clone()),
            running.http.get(url(&format!("/watch/{canary}"))),
            running.http.get(url(&format!("/setup?token={canary}"))),
            running.http.get(url("/admin")).header("cookie", format!("everlight={canary}; __Host-everlight={canary}")),
            running.http.get(url("/healthz")).header("x-request-id", &canary),
        ] {
            request.send().await.unwrap();
        }
        let kept = running.http.get(url("/readyz")).header("x-request-id", "from-the-proxy").send().await.unwrap();
        assert_eq!(kept.headers()["x-request-id"], "from-the-proxy");
        // The answer can be here before the line about it.
        let log = running.log_with("from-the-proxy").await;
        for secret in [canary.as_str(), token.as_str(), "canary-mux-secret", "canary-hook-secret"] {
            let said = log.lines().find(|line| line.contains(secret) && !line.contains("one-time link"));
            assert_eq!(said, None, "{format}");
        }
        if format == "json" {
            let lines = log.lines().filter(|line| line.starts_with('{')).collect::<Vec<_>>();
            assert!(!lines.is_empty());
            for line in lines {
                let line: Value = serde_json::from_str(line).unwrap();
                assert!(line["level"].is_string() && line["timestamp"].is_string(), "{line}");
            }
        }
    }
}

/// Anybody can be refused as often as they like.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_is_in_the_log_and_nobody_fills_it() {
    let settings = [
        ("EVERLIGHT_LOG_FORMAT", "json"),
        ("MUX_TOKEN_ID", "id"),
        ("MUX_TOKEN_SECRET", "canary-mux-secret"),
        ("MUX_WEBHOOK_SECRET", "canary-hook-secret"),
        ("MUX_BASE_URL", "http://127.0.0.1:9"),
    ];
    let place = Place::new(&settings).await;
    let running = place.start().await;
    let url = |path: &str| format!("{}{path}", running.url);
    let slug = "0".repeat(26);
    for refused in [
        running.http.post(url("/api/sign_out")).header("sec-fetch-site", "cross-site"),
        running.http.get(url("/api/today/events")),
        running.http.get(url(&format!("/watch/{slug}/events?never=logged"))),
    ] {
        refused.send().await.unwrap();
    }
    for _ in 0..60 {
        let answer = running.http.post(url("/api/webhooks/mux")).header("mux-signature", "t=1,v1=0").body("{}");
        assert_eq!(answer.send().await.unwrap().status(), 401);
    }
    let log = running.log_with("not signed by the provider").await;
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let refused: Vec<_> = lines.filter(|line| line["message"] == "refused").collect();
    assert!((3..=20).contains(&refused.len()), "{}: {refused:#?}", refused.len());
    for (reason, route) in [
        ("it came from another site", "/api/{*function}"),
        ("not signed in, or no good token", "/api/today/events"),
        ("the webhook is not signed by the provider", "/api/webhooks/mux"),
    ] {
        let line = refused.iter().find(|line| line["reason"] == reason).expect(reason);
        assert!(line.to_string().contains(route), "{line}");
        assert_eq!(line["network"].as_str().unwrap().len(), 12, "{line}");
    }
    assert!(!log.contains(&slug) && !log.contains("127.0.0.1\""), "neither addresses of pages nor of people");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_ends_with_one_when_something_is_wrong() {
    // Where nobody listens.
    let addr = format!("127.0.0.1:{}", free_port());
    let place = Place::new(&[("EVERLIGHT_ADDR", &addr)]).await;
    let well = place.run(&["doctor", "--json"]);
    let report: Value = serde_json::from_slice(&well.stdout).unwrap();
    assert!(well.status.success() && report["ok"] == true, "{report}");
    assert!(!place.data_dir().join("secret.key").exists(), "it changes nothing");

    let public_url = format!("http://127.0.0.2:{}", free_port());
    let ill = Place::new(&[("EVERLIGHT_ADDR", &addr), ("EVERLIGHT_PUBLIC_URL", &public_url)]).await;
    let said = ill.run(&["doctor"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&said.stdout).contains("BAD"), "{said:?}");
    let wrong = Place::new(&[("EVERLIGHT_ADDR", "nowhere")]).await;
    let said = wrong.run(&["doctor"]);
    assert!(!said.status.success() && String::from_utf8_lossy(&said.stdout).contains("EVERLIGHT_ADDR"), "{said:?}");
}
