//! Where traces go, by the names that OpenTelemetry gives its settings
//! (<https://opentelemetry.io/docs/specs/otel/protocol/exporter/>).

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use url::Url;

use super::{ConfigError, given, wrong};

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SHARE: &str = "OTEL_TRACES_SAMPLER_ARG";

/// A collector that takes OTLP over HTTP.
#[derive(Debug, Clone)]
pub struct TracesConfig {
    /// Where spans are posted to: `http://127.0.0.1:4318/v1/traces`.
    pub address: Url,
    /// What proves to the collector who sends. Each value is marked as sensitive: it is not in `Debug`.
    pub headers: HeaderMap,
    /// How many of all traces are kept, from 0 to 1.
    pub share: f64,
    /// What this installation is called there.
    pub service: String,
}

/// `None` where no collector is named.
pub(super) fn check(environment: impl Fn(&str) -> Option<String>) -> Result<Option<TracesConfig>, ConfigError> {
    let read = |name| environment(name).as_deref().and_then(given);
    let Some(endpoint) = read(ENDPOINT) else {
        return match read(HEADERS) {
            Some(_) => Err(ConfigError::Needs { name: HEADERS, needed: ENDPOINT }),
            None => Ok(None),
        };
    };
    let share = match read(SAMPLER).as_deref() {
        Some("always_on" | "parentbased_always_on") => 1.0,
        Some("always_off" | "parentbased_always_off") => 0.0,
        None | Some("traceidratio" | "parentbased_traceidratio") => read(SHARE).map_or(Ok(1.0), |text| share(&text))?,
        Some(other) => return Err(wrong(SAMPLER, other, "“always_on”, “always_off” or “traceidratio”")),
    };
    let headers = read(HEADERS).map_or(Ok(HeaderMap::new()), |text| headers(&text))?;
    let service = read("OTEL_SERVICE_NAME").unwrap_or_else(|| "everlight".to_owned());
    Ok(Some(TracesConfig { address: address(&endpoint)?, headers, share, service }))
}

fn address(endpoint: &str) -> Result<Url, ConfigError> {
    let plain = |url: &Url| {
        let secret = !url.username().is_empty() || url.password().is_some();
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() && !secret
    };
    let parsed = Url::parse(&format!("{}/v1/traces", endpoint.trim_end_matches('/'))).ok().filter(plain);
    // The value may hold a password: it is not repeated.
    parsed.ok_or_else(|| wrong(ENDPOINT, "…", "an address such as http://127.0.0.1:4318, without a password"))
}

fn share(text: &str) -> Result<f64, ConfigError> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| wrong(SHARE, text, "a share from 0 to 1, such as 0.1"))
}

/// `name=value`, several with commas between. A value is a secret, and may be written as in an address (`Basic%20…`).
fn headers(text: &str) -> Result<HeaderMap, ConfigError> {
    let header = |pair: &str| -> Option<(HeaderName, HeaderValue)> {
        let (name, value) = pair.split_once('=')?;
        let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
        let mut value = HeaderValue::from_str(&value).ok().filter(|value| !value.is_empty())?;
        value.set_sensitive(true);
        Some((name.trim().parse().ok()?, value))
    };
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    let headers = pairs.map(header).collect::<Option<_>>();
    headers.ok_or_else(|| wrong(HEADERS, "…", "a header such as x-api-key=secret, or several with commas between"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(settings: &[(&str, &str)]) -> Result<Option<TracesConfig>, String> {
        let settings: std::collections::HashMap<_, _> = settings.iter().copied().collect();
        check(|name| settings.get(name).map(|value| (*value).to_owned())).map_err(|error| error.to_string())
    }

    #[test]
    fn no_collector_no_traces() {
        assert!(of(&[]).unwrap().is_none());
        assert!(of(&[(ENDPOINT, " ")]).unwrap().is_none());
    }

    #[test]
    fn a_collector_is_named_as_everywhere() {
        let all = of(&[(ENDPOINT, "http://127.0.0.1:4318")]).unwrap().unwrap();
        assert_eq!(all.address.as_str(), "http://127.0.0.1:4318/v1/traces");
        assert_eq!((all.share, all.service.as_str(), all.headers.len()), (1.0, "everlight", 0));
        let some = [
            (ENDPOINT, "https://collector.example.com/tenant/"),
            (HEADERS, "x-api-key=canary=, authorization = Basic%20Y2Fu+YXJ5"),
            (SAMPLER, "parentbased_traceidratio"),
            (SHARE, "0.25"),
            ("OTEL_SERVICE_NAME", "chapel"),
        ];
        let some = of(&some).unwrap().unwrap();
        assert_eq!(some.address.as_str(), "https://collector.example.com/tenant/v1/traces");
        assert_eq!((some.share, some.service.as_str()), (0.25, "chapel"));
        assert_eq!((&some.headers["x-api-key"], some.headers.len()), (&HeaderValue::from_static("canary="), 2));
        assert_eq!(some.headers["authorization"], "Basic Y2Fu+YXJ5");
        assert!(!format!("{some:?}").contains("canary"));
    }

    #[test]
    fn what_is_kept_is_said_as_everywhere() {
        for (sampler, argument, expected) in [
            ("", "", 1.0),
            ("", "0.5", 0.5),
            ("always_on", "0.5", 1.0),
            ("parentbased_always_off", "", 0.0),
            ("traceidratio", "0.5", 0.5),
        ] {
            let settings = [(ENDPOINT, "http://127.0.0.1:4318"), (SAMPLER, sampler), (SHARE, argument)];
            assert_eq!(of(&settings).unwrap().unwrap().share, expected, "{sampler} {argument}");
        }
    }

    #[test]
    fn what_cannot_be_stops_the_start_and_tells_no_secret() {
        let there = (ENDPOINT, "http://127.0.0.1:4318");
        for (settings, named) in [
            (vec![(ENDPOINT, "127.0.0.1:4318")], ENDPOINT),
            (vec![(ENDPOINT, "grpc://127.0.0.1:4317")], ENDPOINT),
            (vec![(ENDPOINT, "https://me:canary@collector.example.com")], ENDPOINT),
            (vec![(ENDPOINT, "https://collector.example.com?key=canary")], ENDPOINT),
            (vec![there, (HEADERS, "canary")], HEADERS),
            (vec![there, (HEADERS, "x-api-key=")], HEADERS),
            (vec![there, (HEADERS, "x api key=canary")], HEADERS),
            (vec![there, (HEADERS, "x-api-key=canary%0A")], HEADERS),
            (vec![there, (SHARE, "10")], SHARE),
            (vec![there, (SHARE, "NaN")], SHARE),
            (vec![there, (SAMPLER, "jaeger_remote")], SAMPLER),
            (vec![(HEADERS, "x-api-key=canary")], ENDPOINT),
        ] {
            let error = of(&settings).unwrap_err();
            assert!(error.contains(named) && !error.contains("canary"), "{error}");
        }
    }
}
