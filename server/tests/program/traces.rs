//! Traces, as a collector gets them from the program.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::span::SpanKind,
};
use prost::Message as _;

use crate::support::{Place, Running};

const KEY: &str = "canary-collector-key";
/// As a browser, or anybody, may send it.
const STRANGER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// What is of interest in a span.
#[derive(Debug, Clone)]
struct Span {
    /// Which instance sent it, if it is one of several.
    instance: String,
    service: String,
    trace: Vec<u8>,
    id: Vec<u8>,
    parent: Vec<u8>,
    name: String,
    kind: i32,
    failed: bool,
    attributes: HashMap<String, String>,
    /// What was logged meanwhile.
    events: Vec<String>,
}

#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Span>>>);

impl Collector {
    /// Listens; gives its address too.
    async fn start() -> (Self, String) {
        let collector = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().route("/v1/traces", post(take)).with_state(collector.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (collector, address)
    }

    fn all(&self) -> Vec<Span> {
        self.0.lock().unwrap().clone()
    }

    /// The first span for which this holds, once there is one.
    async fn find(&self, what: &str, wanted: impl Fn(&Span) -> bool) -> Span {
        let started = Instant::now();
        loop {
            if let Some(span) = self.all().into_iter().find(|span| wanted(span)) {
                return span;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "no span of {what} came:\n{:#?}", self.all());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn take(State(collector): State<Collector>, headers: HeaderMap, body: Bytes) {
    assert_eq!(
        (&headers["x-api-key"], &headers["content-type"]),
        (&KEY.parse().unwrap(), &"application/x-protobuf".parse().unwrap())
    );
    for of in ExportTraceServiceRequest::decode(body).unwrap().resource_spans {
        let mut about = texts(of.resource.unwrap().attributes);
        let service = about.remove("service.name").unwrap();
        let instance = about.remove("service.instance.id").unwrap_or_default();
        for span in of.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            collector.0.lock().unwrap().push(Span {
                instance: instance.clone(),
                service: service.clone(),
                trace: span.trace_id,
                id: span.span_id,
                parent: span.parent_span_id,
                name: span.name,
                kind: span.kind,
                failed: span.status.is_some_and(|status| status.code == 2),
                attributes: texts(span.attributes),
                events: span
                    .events
                    .into_iter()
                    .map(|event| format!("{} {:?}", event.name, texts(event.attributes)))
                    .collect(),
            });
        }
    }
}

fn texts(attributes: Vec<KeyValue>) -> HashMap<String, String> {
    let text = |value: Option<AnyValue>| match value.and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => format!("{number}, a number"),
        other => format!("{other:?}"),
    };
    attributes.into_iter().map(|KeyValue { key, value, .. }| (key, text(value))).collect()
}

fn settings(address: &str) -> [(&'static str, &str); 4] {
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", address),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=canary-collector-key"),
        ("OTEL_SERVICE_NAME", "chapel"),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
    ]
}

fn get(at: &Running, path: &str) -> reqwest::RequestBuilder {
    at.http.get(format!("{}{path}", at.url))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_and_what_is_asked_of_a_provider_are_told_to_the_collector_and_no_secret() {
    let (collector, address) = Collector::start().await;
    let place = Place::with_mux_away().await.and(&settings(&address)).and(&[("EVERLIGHT_ROUTE", "relay")]);
    let (token, memorial) = place.token_and_memorial().await;
    let running = place.start().await;
    let stream = running.create(&token, &memorial, "one").await.unwrap();
    let link = place.streamer_token(&stream);

    let created = collector.find("the request", |span| span.name == "POST /api/streams/create-whip").await;
    assert_eq!((created.service.as_str(), created.kind), ("chapel", SpanKind::Server as i32));
    assert!(created.parent.is_empty() && !created.failed);
    assert_eq!(created.attributes["http.response.status_code"], "201, a number");
    assert_eq!(created.attributes["request.id"].len(), 36);

    let call = collector.find("the call", |span| span.name.starts_with("Mux: ") && !span.parent.is_empty()).await;
    assert_eq!(call.kind, SpanKind::Client as i32);
    assert!(call.failed && call.attributes["failure"].contains("Mux: "), "{call:?}");
    let work = collector.find("the work", |span| span.id == call.parent).await;
    assert_eq!((work.name.as_str(), &work.attributes["stream.id"]), ("work at providers", &stream));
    assert_eq!(work.trace, call.trace);
    assert!(work.events.iter().any(|event| event.contains("Connection refused")), "{work:?}");

    // Whoever asks from outside does not say whose part it is.
    let slug = "0".repeat(26);
    get(&running, &format!("/watch/{slug}?token={link}")).header("traceparent", STRANGER).send().await.unwrap();
    let watched = collector.find("the page", |span| span.name == "GET /watch/{slug}").await;
    assert!(watched.parent.is_empty() && !STRANGER.contains(&hex(&watched.trace)), "{watched:?}");
    let checked = running.http.post(format!("{}/api/go/{stream}/check", running.url)).bearer_auth(&link);
    assert!(checked.send().await.unwrap().status().is_success());

    // What is left at the end comes, too.
    get(&running, "/readyz").send().await.unwrap();
    assert!(running.stop().success());
    collector.find("the last request", |span| span.name == "GET /readyz").await;
    let all = format!("{:?}", collector.all());
    for secret in [token.as_str(), &link, &slug, KEY, "of the webhooks"] {
        assert!(!all.contains(secret), "{secret} is told");
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One that takes nothing until it is well again, and how often it was asked.
#[derive(Clone, Default)]
struct Ill(Arc<AtomicUsize>, Arc<AtomicBool>);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_takes_nothing_is_named_once_and_nothing_waits_for_it() {
    let collector = Ill::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let take = async |State(Ill(asked, well)): State<Ill>| {
        asked.fetch_add(1, Ordering::SeqCst);
        if well.load(Ordering::SeqCst) { StatusCode::OK } else { StatusCode::BAD_REQUEST }
    };
    let routes = Router::new().route("/v1/traces", post(take)).with_state(collector.clone());
    tokio::spawn(async move { axum::serve(listener, routes).await });

    let place = Place::new(&settings(&address)).await;
    let running = place.start().await;
    let Ill(asked, well) = collector;
    while asked.load(Ordering::SeqCst) < 4 {
        assert!(get(&running, "/readyz").send().await.unwrap().status().is_success());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let log = running.log_with("traces cannot be sent").await;
    assert_eq!(log.matches("traces cannot be sent").count(), 1, "{log}");
    well.store(true, Ordering::SeqCst);
    get(&running, "/readyz").send().await.unwrap();
    let log = running.log_with("traces are sent again").await;
    assert!(log.contains("400") && !log.contains(KEY), "{log}");
    assert!(running.stop().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_instance_passes_on_to_another_is_one_trace() {
    if !testdb::is_postgres() {
        return;
    }
    let (collector, address) = Collector::start().await;
    let place = Place::with_mux_away().await.and(&settings(&address));
    let (token, memorial) = place.token_and_memorial().await;
    let (first, second) = (place.start_instance().await, place.start_instance().await);
    let stream = first.create(&token, &memorial, "one").await.unwrap();
    let link = place.streamer_token(&stream);
    let (status, ..) = crate::several::publish(&first, &stream, &link).await;
    assert_eq!(status, 201, "{}", first.log());

    let path = format!("/api/go/{stream}/check");
    let asked = second.http.post(format!("{}{path}", second.url)).bearer_auth(&link).header("traceparent", STRANGER);
    asked.send().await.unwrap();
    let of = |at: &Running| {
        let instance = at.url.clone();
        move |span: &Span| span.instance == instance && span.name.ends_with("/check")
    };
    let outside = collector.find("the request at the second", of(&second)).await;
    let inside = collector.find("the request at the first", of(&first)).await;
    assert_eq!((&inside.trace, &inside.parent), (&outside.trace, &outside.id));
    assert!(outside.parent.is_empty() && !STRANGER.contains(&hex(&outside.trace)), "{outside:?}");
}
