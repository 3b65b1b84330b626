//! Numbers for Prometheus, on a listener of their own (`EVERLIGHT_METRICS_ADDR`). `docs/OPERATIONS.md` says what each
//! means and what to be woken for.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
    routing::get,
};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use service::{Everlight, numbers::Numbers};

/// Pages are rendered in milliseconds; what waits for a provider takes up to the limit of 30 s.
const SECONDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0, 10.0, 30.0];
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    /// The route's template: addresses hold slugs and ids.
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Stream {
    stream: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Copies {
    source: String,
    status: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Pushes {
    provider: &'static str,
    state: &'static str,
}

type Seconds = Gauge<f64, AtomicU64>;
type SecondsByRoute = Family<Route, Histogram, fn() -> Histogram>;

/// What is counted as it happens.
#[derive(Debug, Clone)]
pub struct Metrics {
    answered: Family<Answered, Counter>,
    seconds: SecondsByRoute,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { answered: Family::default(), seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)) }
    }
}

/// Around every route of the site.
pub async fn count(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let method = method(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let started = Instant::now();
    let response = next.run(request).await;
    metrics.seconds.get_or_create(&Route { route: route.clone() }).observe(started.elapsed().as_secs_f64());
    metrics.answered.get_or_create(&Answered { method, route, status: response.status().as_u16() }).inc();
    response
}

/// Anybody can invent methods: those that nobody needs have one name.
fn method(method: &axum::http::Method) -> &'static str {
    ["GET", "POST", "HEAD", "PATCH", "DELETE", "OPTIONS"].into_iter().find(|known| method == *known).unwrap_or("other")
}

#[derive(Clone)]
struct Watched {
    metrics: Metrics,
    everlight: Arc<Everlight>,
    data_dir: PathBuf,
}

/// What is served on the private listener.
pub fn router(metrics: Metrics, everlight: Arc<Everlight>, data_dir: PathBuf) -> Router {
    Router::new().route("/metrics", get(scrape)).with_state(Watched { metrics, everlight, data_dir })
}

async fn scrape(State(watched): State<Watched>) -> Response {
    let numbers = watched.everlight.numbers().await;
    if let Err(error) = &numbers {
        tracing::error!(%error, "the numbers of the installation cannot be read");
    }
    let mut registry = Registry::with_prefix("everlight");
    let Metrics { answered, seconds } = &watched.metrics;
    registry.register("http_requests", "Requests that were answered", answered.clone());
    registry.register("http_request_seconds", "From a request to the beginning of its answer", seconds.clone());
    gauge(&mut registry, "up", "Whether the database answers", i64::from(numbers.is_ok()));
    if let Ok(numbers) = &numbers {
        register(&mut registry, numbers);
    }
    of_the_machine(&mut registry, &watched.data_dir);
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => ([(header::CONTENT_TYPE, OPENMETRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn gauge(registry: &mut Registry, name: &'static str, help: &'static str, value: i64) {
    let gauge: Gauge = Gauge::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}

fn register(registry: &mut Registry, numbers: &Numbers) {
    let streams = numbers.streams.values();
    let count = |matching: fn(&service::numbers::StreamNumbers) -> bool| {
        i64::try_from(numbers.streams.values().filter(|stream| matching(stream)).count()).unwrap_or(i64::MAX)
    };
    gauge(registry, "streams_live", "Streams whose phone is connected", count(|stream| stream.publishing));
    gauge(registry, "viewers", "Viewers over WebRTC", signed(streams.map(|stream| stream.viewers).sum()));
    gauge(registry, "recorders", "Recorders that run", count(|stream| stream.recording));
    gauge(registry, "recorders_failing", "Recorders that cannot write", count(|stream| stream.failing));
    gauge(registry, "webhook_inbox", "Webhooks that were stored and not applied yet", signed(numbers.inbox));
    let latency = Seconds::default();
    latency.set(numbers.database.as_secs_f64());
    registry.register("database_seconds", "How long the database took to answer", latency);

    type PerStream = (&'static str, &'static str, fn(&service::numbers::StreamNumbers) -> u64);
    let per_stream: [PerStream; 5] = [
        ("stream_received_bytes", "Received from the phone, for each stream on air", |stream| stream.received_bytes),
        ("stream_packets_lost", "Packets of video that never came", |stream| stream.packets_lost),
        ("stream_viewers", "Viewers of the stream over WebRTC", |stream| stream.viewers),
        ("stream_written_bytes", "Written by the stream's recorder", |stream| stream.written_bytes),
        ("stream_frames_dropped", "Frames that the recorder did not write", |stream| stream.dropped),
    ];
    for (name, help, value) in per_stream {
        let family = Family::<Stream, Gauge>::default();
        for (id, stream) in &numbers.streams {
            family.get_or_create(&Stream { stream: id.to_string() }).set(signed(value(stream)));
        }
        registry.register(name, help, family);
    }
    let copies = Family::<Copies, Gauge>::default();
    for ((source, status), count) in &numbers.copies {
        copies.get_or_create(&Copies { source: name(source), status: name(status) }).set(signed(*count));
    }
    registry.register("copies", "Copies of recordings of the last 24 hours, by verdict", copies);
    let pushes = Family::<Pushes, Gauge>::default();
    for ((provider, state), count) in &numbers.pushes {
        pushes.get_or_create(&Pushes { provider: provider.name(), state }).set(signed(*count));
    }
    registry.register("pushes", "Pushes to providers, by state", pushes);
}

fn of_the_machine(registry: &mut Registry, data_dir: &std::path::Path) {
    if let Some((free, total)) = crate::doctor::space(data_dir) {
        gauge(registry, "disk_free_bytes", "Free where the recordings lie", signed(free));
        gauge(registry, "disk_bytes", "The disk where the recordings lie", signed(total));
    }
    let stamp = std::fs::metadata(data_dir.join(crate::backup::STAMP)).and_then(|stamp| stamp.modified());
    if let Some(at) = stamp.ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok()) {
        gauge(registry, "last_backup_timestamp_seconds", "When the last backup was finished", signed(at.as_secs()));
    }
    // Both are Linux's; elsewhere they are left out.
    if let Some(pages) = std::fs::read_to_string("/proc/self/statm").ok().and_then(|text| resident_pages(&text)) {
        let bytes = pages.saturating_mul(page_size());
        gauge(registry, "resident_memory_bytes", "Memory that is in use", signed(bytes));
    }
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        gauge(
            registry,
            "open_files",
            "File descriptors that are open",
            i64::try_from(open.count()).unwrap_or(i64::MAX),
        );
    }
}

/// The second number of `/proc/self/statm`.
fn resident_pages(statm: &str) -> Option<u64> {
    statm.split_whitespace().nth(1)?.parse().ok()
}

fn page_size() -> u64 {
    u64::try_from(rustix::param::page_size()).unwrap_or(4096)
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// An enum without data by its name in JSON.
fn name(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use domain::recording::{RecordingSource, RecordingStatus};
    use service::numbers::StreamNumbers;

    use super::*;

    #[test]
    fn the_numbers_are_written_as_prometheus_reads_them() {
        let mut numbers = Numbers { inbox: 3, ..Numbers::default() };
        let stream = domain::StreamId::from_parts(1, [1; 10]);
        let live =
            StreamNumbers { publishing: true, viewers: 2, received_bytes: 1000, failing: true, ..Default::default() };
        numbers.streams.insert(stream, live);
        numbers.copies.insert((RecordingSource::Server, RecordingStatus::Ready), 5);
        numbers.pushes.insert((domain::Provider::Mux, "gave-up"), 1);
        let mut registry = Registry::with_prefix("everlight");
        register(&mut registry, &numbers);
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        for line in [
            "everlight_streams_live 1",
            "everlight_viewers 2",
            "everlight_recorders_failing 1",
            "everlight_webhook_inbox 3",
            &format!("everlight_stream_received_bytes{{stream=\"{stream}\"}} 1000"),
            "everlight_copies{source=\"server\",status=\"ready\"} 5",
            &format!("everlight_pushes{{provider=\"{}\",state=\"gave-up\"}} 1", domain::Provider::Mux.name()),
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in:\n{text}");
        }
    }

    #[test]
    fn an_invented_method_has_no_name_of_its_own() {
        assert_eq!(method(&axum::http::Method::GET), "GET");
        assert_eq!(method(&axum::http::Method::from_bytes(b"BREW").unwrap()), "other");
    }
}
