//! Faults on demand: what to do wrong, to which requests, for how long. Pure data and matching; the edge acts on it.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    Cloudflare,
    Mux,
}

/// What an API request gets instead of, or besides, its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum ApiFault {
    /// 429; `retry-after` in seconds where given.
    RateLimited { retry_after: Option<u64> },
    /// Another status, with the provider's error body.
    ServerError { status: u16 },
    /// The right answer, late.
    Delay { millis: u64 },
    /// Accepted and never answered.
    HalfOpen,
    /// 200 with a body that is not JSON.
    Garbage,
    /// These fields (`recording.mode`) of the request's body are dropped without a word; the answer is 200.
    IgnoreSettings { fields: Vec<String> },
    /// The work is done, then the connection is closed with no answer: the outcome is unknown to the client.
    DropAfterWork,
    /// The connection is closed with no answer and nothing was done.
    DropBeforeWork,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Scope {
    /// Both without it.
    pub provider: Option<Provider>,
    /// Every method without it.
    pub method: Option<String>,
    /// Prefix of the path; for Cloudflare what follows `/client/v4/accounts/{id}` is compared as well.
    pub path: Option<String>,
    /// Requests that this happens to; until cleared without it.
    pub times: Option<u32>,
    /// How long this is in force; until cleared without it.
    pub seconds: Option<f64>,
}

/// As it comes to `POST /_emulator/faults`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    #[serde(flatten)]
    pub fault: ApiFault,
    #[serde(default)]
    pub on: Scope,
}

/// What happens to webhooks. `provider` and `event` (prefix of the event's type) narrow it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookFault {
    #[serde(flatten)]
    pub fault: DeliveryFault,
    pub provider: Option<Provider>,
    pub event: Option<String>,
    /// Webhooks that this happens to; until cleared without it.
    pub times: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum DeliveryFault {
    Lost,
    /// Sent this many times in all.
    Duplicated {
        copies: u32,
    },
    Delayed {
        millis: u64,
    },
    /// So many are held back, then sent in the opposite order.
    Shuffled {
        hold: usize,
    },
}

/// What happens to publishers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum IngestFault {
    /// New connections are refused at `publish`, until cleared.
    Refuse { provider: Option<Provider> },
    /// Whoever publishes now is cut, once.
    DropNow { provider: Option<Provider> },
    /// Each connection is cut after so long, until cleared.
    DropEvery { provider: Option<Provider>, seconds: f64 },
}

/// The faults in force.
#[derive(Debug, Default, Clone)]
pub struct Faults {
    api: Vec<(Fault, Option<Instant>)>,
    webhooks: Vec<WebhookFault>,
    ingest: Vec<IngestFault>,
}

impl Faults {
    pub fn add_api(&mut self, fault: Fault, now: Instant) {
        let until = fault.on.seconds.map(|seconds| now + Duration::from_secs_f64(seconds.max(0.0)));
        self.api.push((fault, until));
    }

    pub fn add_webhook(&mut self, fault: WebhookFault) {
        self.webhooks.push(fault);
    }

    pub fn add_ingest(&mut self, fault: IngestFault) {
        self.ingest.push(fault);
    }

    /// The fault for this request, if there is one; it has then happened once more.
    pub fn for_request(&mut self, provider: Provider, method: &str, path: &str, now: Instant) -> Option<ApiFault> {
        self.api.retain(|(_, until)| until.is_none_or(|until| now < until));
        let found = self.api.iter().position(|(fault, _)| fault.on.matches(provider, method, path))?;
        let (fault, _) = &mut self.api[found];
        let happens = fault.fault.clone();
        if spent(&mut fault.on.times) {
            self.api.remove(found);
        }
        Some(happens)
    }

    /// The fault for this webhook, if there is one; it has then happened once more.
    pub fn for_webhook(&mut self, provider: Provider, event: &str) -> Option<DeliveryFault> {
        let found = self.webhooks.iter().position(|fault| {
            fault.provider.is_none_or(|wanted| wanted == provider)
                && fault.event.as_deref().is_none_or(|prefix| event.starts_with(prefix))
        })?;
        let fault = &mut self.webhooks[found];
        let happens = fault.fault.clone();
        if spent(&mut fault.times) {
            self.webhooks.remove(found);
        }
        Some(happens)
    }

    pub fn refuses(&self, to: Provider) -> bool {
        self.ingest.iter().any(
            |fault| matches!(fault, IngestFault::Refuse { provider } if provider.is_none_or(|wanted| wanted == to)),
        )
    }

    /// After how long each publisher of this provider is cut.
    pub fn drop_every(&self, of: Provider) -> Option<Duration> {
        self.ingest.iter().find_map(|fault| match fault {
            IngestFault::DropEvery { provider, seconds } if provider.is_none_or(|wanted| wanted == of) => {
                Some(Duration::from_secs_f64(seconds.max(0.0)))
            }
            _ => None,
        })
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn describe(&self) -> serde_json::Value {
        let api: Vec<_> = self.api.iter().map(|(fault, _)| fault).collect();
        serde_json::json!({ "api": api, "webhooks": self.webhooks, "ingest": self.ingest })
    }
}

/// Counts one down; whether that was the last.
fn spent(times: &mut Option<u32>) -> bool {
    match times {
        None => false,
        Some(left) => {
            *left = left.saturating_sub(1);
            *left == 0
        }
    }
}

impl Scope {
    fn matches(&self, provider: Provider, method: &str, path: &str) -> bool {
        let short = path.strip_prefix("/client/v4/accounts/").and_then(|rest| rest.find('/').map(|at| &rest[at..]));
        self.provider.is_none_or(|wanted| wanted == provider)
            && self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self
                .path
                .as_deref()
                .is_none_or(|prefix| path.starts_with(prefix) || short.is_some_and(|short| short.starts_with(prefix)))
    }
}

/// Takes `a.b` out of a JSON object.
pub(crate) fn drop_field(body: &mut serde_json::Value, field: &str) {
    let (parents, last) = field.rsplit_once('.').unwrap_or(("", field));
    let parent = parents.split('.').filter(|part| !part.is_empty()).try_fold(body, |at, part| at.get_mut(part));
    if let Some(object) = parent.and_then(serde_json::Value::as_object_mut) {
        object.remove(last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fault(json: serde_json::Value) -> Fault {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_fault_happens_as_often_as_asked() {
        let (mut faults, now) = (Faults::default(), Instant::now());
        faults.add_api(fault(json!({"type": "rate_limited", "retryAfter": 3, "on": {"times": 2}})), now);
        let expected = Some(ApiFault::RateLimited { retry_after: Some(3) });
        assert_eq!(faults.for_request(Provider::Mux, "GET", "/video/v1/assets", now), expected);
        assert_eq!(faults.for_request(Provider::Cloudflare, "GET", "/client/v4/x", now), expected);
        assert_eq!(faults.for_request(Provider::Mux, "GET", "/video/v1/assets", now), None);
    }

    #[test]
    fn a_fault_happens_where_asked() {
        let (mut faults, now) = (Faults::default(), Instant::now());
        let on = json!({"provider": "cloudflare", "method": "post", "path": "/stream/live_inputs"});
        faults.add_api(fault(json!({"type": "half_open", "on": on})), now);
        let path = "/client/v4/accounts/a1/stream/live_inputs";
        assert_eq!(faults.for_request(Provider::Cloudflare, "POST", path, now), Some(ApiFault::HalfOpen));
        assert_eq!(faults.for_request(Provider::Cloudflare, "GET", path, now), None);
        assert_eq!(faults.for_request(Provider::Mux, "POST", path, now), None);
        assert_eq!(faults.for_request(Provider::Cloudflare, "POST", "/client/v4/accounts/a1/stream", now), None);
    }

    #[test]
    fn a_fault_ends_when_its_time_is_over() {
        let (mut faults, now) = (Faults::default(), Instant::now());
        faults.add_api(fault(json!({"type": "garbage", "on": {"seconds": 2.0}})), now);
        assert!(faults.for_request(Provider::Mux, "GET", "/", now + Duration::from_millis(1999)).is_some());
        assert!(faults.for_request(Provider::Mux, "GET", "/", now + Duration::from_secs(2)).is_none());
    }

    #[test]
    fn webhook_faults_go_by_the_event() {
        let mut faults = Faults::default();
        let lost = json!({"type": "lost", "provider": "mux", "event": "video.asset.", "times": 1});
        faults.add_webhook(serde_json::from_value(lost).unwrap());
        assert_eq!(faults.for_webhook(Provider::Mux, "video.live_stream.idle"), None);
        assert_eq!(faults.for_webhook(Provider::Mux, "video.asset.ready"), Some(DeliveryFault::Lost));
        assert_eq!(faults.for_webhook(Provider::Mux, "video.asset.ready"), None);
    }

    #[test]
    fn fields_are_dropped_by_their_path() {
        let mut body = json!({"a": {"b": 1, "c": 2}, "d": 3});
        drop_field(&mut body, "a.b");
        drop_field(&mut body, "d");
        drop_field(&mut body, "x.y");
        assert_eq!(body, json!({"a": {"c": 2}}));
    }
}
