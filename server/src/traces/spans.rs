//! How a span leaves: by the names of OpenTelemetry's conventions
//! (<https://opentelemetry.io/docs/specs/semconv/http/http-spans/>), and without secrets.

use std::{
    borrow::Cow,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use opentelemetry::{
    Array, KeyValue, StringValue, Value,
    trace::{SpanKind, Status},
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};

use crate::secrets::Secrets;

/// An exporter that is given nothing that it may not tell, and whose failures are said once.
#[derive(Debug)]
pub(super) struct Cleaned<E> {
    to: E,
    secrets: Secrets,
    away: AtomicBool,
}

impl<E> Cleaned<E> {
    pub(super) fn new(to: E, secrets: Secrets) -> Self {
        Self { to, secrets, away: AtomicBool::new(false) }
    }
}

impl<E: SpanExporter> SpanExporter for Cleaned<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        for span in &mut batch {
            name(span);
            clean(span, &self.secrets);
        }
        let sent = self.to.export(batch).await;
        match (&sent, self.away.swap(sent.is_err(), Ordering::Relaxed)) {
            (Err(error), false) => {
                tracing::warn!(%error, "traces cannot be sent, and are lost until they can (`everlight doctor` says why)");
            }
            (Ok(()), true) => tracing::info!("traces are sent again"),
            _ => {}
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.to.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.to.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.to.set_resource(resource);
    }
}

/// Two of our spans have other names there than in a line of the log, and a call that failed is marked.
fn name(span: &mut SpanData) {
    let attribute = |key: &str| {
        let found = span.attributes.iter().find(|attribute| attribute.key.as_str() == key);
        found.map(|attribute| attribute.value.to_string()).unwrap_or_default()
    };
    match span.name.as_ref() {
        "request" => {
            let name = format!("{} {}", attribute("http.request.method"), attribute("http.route"));
            span.name = name.trim_end().to_owned().into();
            span.span_kind = SpanKind::Server;
        }
        "call" => {
            span.name = format!("{}: {}", attribute("provider"), attribute("what")).into();
            span.span_kind = SpanKind::Client;
            let failure = attribute("failure");
            if !failure.is_empty() {
                span.status = Status::error(failure);
            }
        }
        _ => {}
    }
}

fn clean(span: &mut SpanData, secrets: &Secrets) {
    clean_name(&mut span.name, secrets);
    clean_all(&mut span.attributes, secrets);
    for event in &mut span.events.events {
        clean_name(&mut event.name, secrets);
        clean_all(&mut event.attributes, secrets);
    }
    for link in &mut span.links.links {
        clean_all(&mut link.attributes, secrets);
    }
    if let Status::Error { description } = &mut span.status {
        clean_name(description, secrets);
    }
}

fn clean_all(attributes: &mut [KeyValue], secrets: &Secrets) {
    let clean = |text: &StringValue| StringValue::from(secrets.hide(text.as_str()));
    for KeyValue { value, .. } in attributes {
        match value {
            Value::String(text) => *text = clean(text),
            Value::Array(Array::String(texts)) => *texts = texts.iter().map(clean).collect(),
            _ => {}
        }
    }
}

fn clean_name(name: &mut Cow<'static, str>, secrets: &Secrets) {
    let clean = secrets.hide(name);
    if clean != *name {
        *name = clean.into();
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use opentelemetry::trace::Event;
    use opentelemetry_sdk::trace::InMemorySpanExporter;

    use super::*;

    fn of(name: &'static str, attributes: Vec<KeyValue>) -> SpanData {
        let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder();
        let kept = InMemorySpanExporter::default();
        let provider = provider.with_simple_exporter(kept.clone()).build();
        drop(opentelemetry::trace::Tracer::start(
            &opentelemetry::trace::TracerProvider::tracer(&provider, "test"),
            name,
        ));
        let mut span = kept.get_finished_spans().unwrap().remove(0);
        span.attributes = attributes;
        span
    }

    #[test]
    fn a_request_and_a_call_have_the_names_and_kinds_of_the_conventions() {
        let method = KeyValue::new("http.request.method", "GET");
        let mut request = of("request", vec![method.clone(), KeyValue::new("http.route", "/watch/{slug}")]);
        name(&mut request);
        assert_eq!((request.name.as_ref(), request.span_kind), ("GET /watch/{slug}", SpanKind::Server));
        let mut nowhere = of("request", vec![method]);
        name(&mut nowhere);
        assert_eq!(nowhere.name, "GET");
        let mut call = of("call", vec![KeyValue::new("provider", "Mux"), KeyValue::new("what", "read the asset")]);
        name(&mut call);
        assert_eq!((call.name.as_ref(), call.span_kind), ("Mux: read the asset", SpanKind::Client));
        assert_eq!(call.status, Status::Unset);
        let mut failed = of("call", vec![KeyValue::new("failure", "no answer")]);
        name(&mut failed);
        assert_eq!(failed.status, Status::error("no answer"));
        let mut work = of("finish recording", Vec::new());
        name(&mut work);
        assert_eq!((work.name.as_ref(), work.span_kind), ("finish recording", SpanKind::Internal));
    }

    #[test]
    fn no_part_of_a_span_tells_a_secret() {
        let token = "0123456789abcdef".repeat(4);
        let said = format!("of {token}");
        let texts = Value::Array(Array::String(vec![said.clone().into()]));
        let attributes =
            vec![KeyValue::new("text", said.clone()), KeyValue::new("texts", texts), KeyValue::new("n", 4)];
        let mut span = of("work", attributes.clone());
        span.name = said.clone().into();
        span.status = Status::error(said.clone());
        span.events.events.push(Event::new(said.clone(), SystemTime::UNIX_EPOCH, attributes.clone(), 0));
        let context = span.span_context.clone();
        span.links.links.push(opentelemetry::trace::Link::new(context, attributes, 0));
        assert!(format!("{span:?}").matches(&token).count() >= 8);
        clean(&mut span, &Secrets::none());
        let shown = format!("{span:?}");
        assert!(!shown.contains(&token) && shown.matches("of [hidden]").count() >= 8, "{shown}");
        assert!(span.attributes.contains(&KeyValue::new("n", 4)));
    }
}
