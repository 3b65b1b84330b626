//! Whether the collector of traces takes them.

use reqwest::{StatusCode, header::CONTENT_TYPE};

use super::{
    network::innermost,
    report::{Finding, Verdict},
};
use crate::{
    config::{Config, TracesConfig},
    traces,
};

const CHECK: &str = "traces";

/// Services do not need it: nothing here is bad.
pub async fn collector(config: &Config, to: &TracesConfig) -> Finding {
    let client = match traces::client(config, to) {
        Ok(client) => client,
        Err(error) => return Verdict::Notice.of(CHECK, format!("{error:#}.")),
    };
    // An ExportTraceServiceRequest without spans has no bytes.
    let request = client.post(to.address.clone()).header(CONTENT_TYPE, "application/x-protobuf").body("");
    match request.send().await.map(|answer| answer.status()) {
        Ok(StatusCode::OK) => Verdict::Good.of(CHECK, format!("The collector at {} takes them.", to.address)),
        Ok(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
            Verdict::Notice.of(CHECK, "The collector refuses OTEL_EXPORTER_OTLP_HEADERS: no traces are kept.")
        }
        Ok(status) => Verdict::Notice.of(
            CHECK,
            format!(
                "{} answers with {}: no traces are kept. It should take OTLP over HTTP.",
                to.address,
                status.as_u16()
            ),
        ),
        Err(error) => Verdict::Notice
            .of(CHECK, format!("The collector cannot be reached: {}. No traces are kept.", innermost(&error))),
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, http::HeaderMap, routing::post};

    use super::*;

    /// A collector that wants to know who sends, and its address.
    async fn collector_at() -> String {
        let taken = |headers: HeaderMap| async move {
            match headers.get("x-api-key").map(http::HeaderValue::as_bytes) {
                Some(b"good") if headers[CONTENT_TYPE] == "application/x-protobuf" => StatusCode::OK,
                _ => StatusCode::UNAUTHORIZED,
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new().route("/v1/traces", post(taken));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        format!("http://{address}")
    }

    async fn found(address: &str, key: &str) -> (Verdict, String) {
        let config = Config::of_a_test(std::path::Path::new("data"), "sqlite::memory:");
        let to = TracesConfig {
            address: address.parse().unwrap(),
            headers: [("x-api-key".parse().unwrap(), key.parse().unwrap())].into_iter().collect(),
            share: 1.0,
            service: "everlight".into(),
        };
        let Finding { verdict, words, .. } = collector(&config, &to).await;
        (verdict, words)
    }

    #[tokio::test]
    async fn a_collector_takes_traces_or_it_is_said_why_not() {
        let there = collector_at().await;
        let (verdict, words) = found(&format!("{there}/v1/traces"), "good").await;
        assert!(verdict == Verdict::Good && words.contains(&there), "{words}");
        let (verdict, words) = found(&format!("{there}/v1/traces"), "bad").await;
        assert!(verdict == Verdict::Notice && words.contains("OTEL_EXPORTER_OTLP_HEADERS"), "{words}");
        let (verdict, words) = found(&format!("{there}/elsewhere/v1/traces"), "good").await;
        assert!(verdict == Verdict::Notice && words.contains("404"), "{words}");
        let (verdict, words) = found("http://127.0.0.1:1/v1/traces", "good").await;
        assert!(verdict == Verdict::Notice && words.contains("cannot be reached"), "{words}");
    }
}
