//! Traces: what took how long in a request or a piece of work, also across instances, for a collector that takes OTLP over HTTP
//! (`OTEL_EXPORTER_OTLP_ENDPOINT`). The spans are those of the log, as far as `EVERLIGHT_LOG` lets them through.

mod spans;
mod way;

use std::time::Duration;

use anyhow::Context as _;
use axum::http::HeaderMap;
use opentelemetry::{
    KeyValue,
    propagation::TextMapPropagator as _,
    trace::{Status, TracerProvider as _},
};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{Layer, registry::LookupSpan};

pub use self::way::client;
use self::{spans::Cleaned, way::Way};
use crate::{config::Config, secrets::Secrets};

/// As OpenTelemetry names what measures.
const SCOPE: &str = "everlight";
/// How long a stop waits for the last spans to be taken.
const LAST_SPANS: Duration = Duration::from_millis(500);
/// What tells whose part a span is (W3C Trace Context §3).
const HEADERS: [&str; 2] = ["traceparent", "tracestate"];

/// What sends spans, until it is told to end.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// `None` where nobody collects them. Within tokio.
    pub fn of(config: &Config, secrets: Secrets) -> anyhow::Result<Option<Self>> {
        let Some(to) = &config.traces else { return Ok(None) };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Way::new(config, to)?)
            .with_endpoint(to.address.as_str())
            .build()
            .context("OTEL_EXPORTER_OTLP_ENDPOINT: traces cannot be sent there")?;
        let mut about = Resource::builder()
            .with_service_name(to.service.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
        if let Some(instance) = &config.instance_addr {
            about = about.with_attribute(KeyValue::new("service.instance.id", instance.clone()));
        }
        let provider = SdkTracerProvider::builder()
            .with_resource(about.build())
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(to.share))))
            .with_batch_exporter(Cleaned::new(exporter, secrets))
            .build();
        Ok(Some(Self(provider)))
    }

    /// Spans, and what is logged in them.
    pub fn layer<S: Subscriber + for<'span> LookupSpan<'span>>(&self) -> impl Layer<S> + use<S> {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer(SCOPE))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
    }

    /// Sends what is left. Nobody waits long for it.
    pub async fn end(self) {
        let ended = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(LAST_SPANS)).await;
        if let Ok(Err(error)) = ended {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// A request that another instance passes on belongs to the trace that began there. Nobody else is believed: whoever can name
/// a trace can fill it, and decides which are kept.
pub fn continue_from(headers: &HeaderMap, span: &Span) {
    let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    // Where there are no traces there is nothing to go on with.
    let _ = span.set_parent(parent);
}

/// What another instance needs to go on with this trace, in place of what somebody outside said.
pub fn pass_on(headers: &mut HeaderMap) {
    for name in HEADERS {
        headers.remove(name);
    }
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut HeaderInjector(headers));
}

/// The request was answered with an error of ours.
pub fn failed(span: &Span) {
    span.set_status(Status::error(""));
}
