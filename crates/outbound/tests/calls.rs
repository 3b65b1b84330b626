#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use axum::{http::StatusCode, response::IntoResponse as _};
use outbound::{Failure, FilePart, Method, Transport, budget::Budget};
use secrecy::SecretString;
use std::time::Duration;
use support::{Provider, TOKEN, settings, transport};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

async fn call(transport: &Transport, method: Method) -> Result<u16, Failure> {
    let request = transport.request("do it", method, &["things"])?;
    transport.send(&request).await.map(|response| response.status())
}

#[tokio::test]
async fn a_safe_call_is_tried_three_times() {
    let provider = Provider::start(|_, _| StatusCode::BAD_GATEWAY.into_response()).await;
    let failure = call(&transport(&provider.base), Method::GET).await.unwrap_err();
    assert!(matches!(failure, Failure::NoAnswer { .. }), "{failure:?}");
    assert!(failure.is_transient() && !failure.outcome_unknown());
    assert_eq!(provider.count(), 3);
}

#[tokio::test]
async fn a_safe_call_succeeds_when_the_provider_is_back() {
    let provider = Provider::start(|number, _| match number {
        1 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        2 => StatusCode::REQUEST_TIMEOUT.into_response(),
        _ => "{}".into_response(),
    })
    .await;
    assert_eq!(call(&transport(&provider.base), Method::DELETE).await, Ok(200));
}

#[tokio::test]
async fn a_creation_that_failed_with_5xx_may_have_happened_and_is_not_repeated() {
    let provider = Provider::start(|_, _| (StatusCode::INTERNAL_SERVER_ERROR, "disk on fire").into_response()).await;
    let failure = call(&transport(&provider.base), Method::POST).await.unwrap_err();
    assert!(failure.outcome_unknown(), "{failure:?}");
    assert!(failure.to_string().contains("disk on fire"), "{failure}");
    assert_eq!(provider.count(), 1);
}

/// Takes a request of each connection, answers `answer`, and hangs up.
async fn hangs_up(answer: &'static str) -> (String, tokio::sync::mpsc::UnboundedReceiver<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (taken, asked) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            let _ = connection.read(&mut buffer).await;
            let _ = taken.send(());
            let _ = connection.write_all(answer.as_bytes()).await;
        }
    });
    (base, asked)
}

#[tokio::test]
async fn a_connection_lost_after_sending_leaves_a_creation_unknown() {
    let (base, mut asked) = hangs_up("").await;
    let failure = call(&transport(&base), Method::POST).await.unwrap_err();
    assert!(failure.outcome_unknown(), "{failure:?}");
    assert!(asked.try_recv().is_ok());
    assert!(asked.try_recv().is_err(), "sent twice");
    let failure = call(&transport(&base), Method::GET).await.unwrap_err();
    assert!(matches!(failure, Failure::NoAnswer { .. }), "{failure:?}");
    assert!((0..3).all(|_| asked.try_recv().is_ok()));
}

#[tokio::test]
async fn an_answer_that_breaks_off_leaves_a_creation_unknown() {
    let (base, _asked) = hangs_up("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"half\"").await;
    let failure = call(&transport(&base), Method::POST).await.unwrap_err();
    assert!(failure.outcome_unknown(), "{failure:?}");
}

#[tokio::test]
async fn a_provider_that_never_answers_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut settings = settings(&format!("http://{}", listener.local_addr().unwrap()));
    settings.timeout = Duration::from_millis(50);
    let failure = call(&Transport::new(settings).unwrap(), Method::POST).await.unwrap_err();
    assert!(failure.outcome_unknown(), "{failure:?}");
    drop(listener);
}

#[tokio::test]
async fn a_creation_that_did_not_leave_is_not_unknown() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let failure = call(&transport(&base), Method::POST).await.unwrap_err();
    assert!(matches!(failure, Failure::NotSent { .. }), "{failure:?}");
    assert!(!failure.outcome_unknown());
}

#[tokio::test]
async fn a_short_rate_limit_is_waited_for_even_by_a_creation() {
    let provider = Provider::start(|number, _| match number {
        1 => (StatusCode::TOO_MANY_REQUESTS, [("retry-after-ms", "2")]).into_response(),
        _ => StatusCode::CREATED.into_response(),
    })
    .await;
    assert_eq!(call(&transport(&provider.base), Method::POST).await, Ok(201));
    assert_eq!(provider.count(), 2);
}

#[tokio::test]
async fn a_long_rate_limit_is_not_slept_and_holds_every_call() {
    let provider =
        Provider::start(|_, _| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "300")]).into_response()).await;
    let transport = transport(&provider.base);
    let failure = call(&transport, Method::GET).await.unwrap_err();
    let retry_after = Duration::from_secs(300);
    assert!(matches!(failure, Failure::RateLimited { retry_after: wait, .. } if wait == retry_after), "{failure:?}");
    for method in [Method::GET, Method::POST] {
        let failure = call(&transport, method).await.unwrap_err();
        assert!(matches!(failure, Failure::Unavailable { .. }), "{failure:?}");
        assert!(failure.retry_after().is_some_and(|wait| wait <= retry_after), "{failure:?}");
    }
    assert_eq!(provider.count(), 1);
}

#[tokio::test]
async fn a_provider_that_is_down_is_left_alone() {
    let provider = Provider::start(|_, _| StatusCode::INTERNAL_SERVER_ERROR.into_response()).await;
    let transport = transport(&provider.base);
    let failures = settings(&provider.base).breaker.failures as usize;
    for _ in 0..failures {
        let _ = call(&transport, Method::POST).await;
    }
    assert_eq!(provider.count(), failures);
    let failure = call(&transport, Method::POST).await.unwrap_err();
    assert!(matches!(failure, Failure::Unavailable { .. }), "{failure:?}");
    assert_eq!(provider.count(), failures);
}

#[tokio::test]
async fn refusals_do_not_open_the_circuit() {
    let provider = Provider::start(|_, _| StatusCode::UNPROCESSABLE_ENTITY.into_response()).await;
    let transport = transport(&provider.base);
    for _ in 0..20 {
        let failure = call(&transport, Method::GET).await.unwrap_err();
        assert!(matches!(failure, Failure::Refused { status: 422, .. }), "{failure:?}");
    }
}

#[tokio::test]
async fn our_own_budget_refuses_before_the_provider_does() {
    let provider = Provider::start(|_, _| "{}".into_response()).await;
    let mut settings = settings(&provider.base);
    settings.creations = Budget::new(Duration::from_secs(60), 1);
    settings.others = Some(Budget::new(Duration::from_millis(1), 10));
    let transport = Transport::new(settings).unwrap();
    assert_eq!(call(&transport, Method::POST).await, Ok(200));
    let failure = call(&transport, Method::POST).await.unwrap_err();
    assert!(matches!(failure, Failure::RateLimited { .. }), "{failure:?}");
    assert_eq!(call(&transport, Method::GET).await, Ok(200));
    assert_eq!(provider.count(), 2);
}

#[tokio::test]
async fn an_answer_has_a_size() {
    let provider = Provider::start(|_, _| "x".repeat(2000).into_response()).await;
    let mut settings = settings(&provider.base);
    settings.answer_at_most = 1000;
    let failure = call(&Transport::new(settings).unwrap(), Method::POST).await.unwrap_err();
    assert!(matches!(failure, Failure::Garbled { repeatable: false, .. }), "{failure:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let provider = Provider::start(|_, _| (StatusCode::FOUND, [("location", "/v1/elsewhere")]).into_response()).await;
    let failure = call(&transport(&provider.base), Method::GET).await.unwrap_err();
    assert!(matches!(failure, Failure::Refused { status: 302, .. }), "{failure:?}");
    assert_eq!(provider.asked()[0].0, "GET /v1/things");
    assert_eq!(provider.count(), 1);
}

#[tokio::test]
async fn a_provider_that_repeats_our_secrets_does_not_leak_them() {
    let provider = Provider::start(|_, request| {
        let sent = request.headers()["authorization"].to_str().unwrap().to_owned();
        (StatusCode::BAD_REQUEST, format!("you sent {sent} and canary-key")).into_response()
    })
    .await;
    let transport = transport(&provider.base);
    let request = transport.request("do it", Method::POST, &["things"]).unwrap();
    let request = request.hide(&SecretString::from("canary-key")).json(&"canary-key").unwrap();
    let failure = transport.send(&request).await.unwrap_err();
    assert!(failure.to_string().contains("you sent Bearer [hidden] and [hidden]"), "{failure}");
    for text in [format!("{failure:?}"), format!("{request:?}"), format!("{transport:?}")] {
        assert!(!text.contains("canary") && !text.contains(TOKEN), "{text}");
    }
}

#[tokio::test]
async fn a_part_of_a_file_is_sent_again_from_where_it_began() {
    let provider = Provider::start(|number, _| match number {
        1 => StatusCode::BAD_GATEWAY.into_response(),
        _ => StatusCode::NO_CONTENT.into_response(),
    })
    .await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"0123456789").unwrap();
    let transport = transport(&provider.base);
    let request = transport.request("send", Method::PUT, &["file"]).unwrap();
    let request = request.file(FilePart { path: file.path().to_owned(), offset: 3, len: 4 });
    assert_eq!(transport.send(&request).await.unwrap().status(), 204);
    let bodies: Vec<_> = provider.asked().into_iter().map(|(_, body)| body).collect();
    assert_eq!(bodies, ["3456", "3456"]);
}

#[tokio::test]
async fn an_answer_cannot_send_us_elsewhere() {
    let transport = transport("http://127.0.0.1:1/v1");
    let failure = transport.request_to("upload", Method::PUT, "https://169.254.169.254/latest").unwrap_err();
    assert!(matches!(failure, Failure::NotSent { .. }));
    assert!(!failure.to_string().contains("169"), "{failure}");
}
