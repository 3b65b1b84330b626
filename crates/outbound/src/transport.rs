use crate::{
    Authorization, Call, Failure, Misconfigured, Repeat, Request, Response,
    breaker::{self, Breaker},
    budget::Budget,
    failure::plain,
    request::{Body, Secrets},
    retry::{self, Outcome, Verdict},
    url,
};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, header};
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncSeekExt as _},
    time::Instant,
};
use tracing::{Instrument as _, Span, field::Empty};

/// What a provider says in the body of a refusal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderError {
    pub code: Option<String>,
    pub message: String,
}

/// How one provider is called.
#[derive(Debug, Clone)]
pub struct Settings {
    /// “Cloudflare”
    pub provider: &'static str,
    pub base: Url,
    pub authorization: Authorization,
    /// The longest that a call may take, all attempts and waits together.
    pub timeout: Duration,
    pub connect_timeout: Duration,
    /// The largest answer, in bytes.
    pub answer_at_most: usize,
    pub retry: retry::Policy,
    pub breaker: breaker::Rule,
    /// For `POST`.
    pub creations: Budget,
    /// For everything else; `None`: one budget for both.
    pub others: Option<Budget>,
    /// Reads the body of a refusal.
    pub explain: fn(&[u8]) -> ProviderError,
}

impl Settings {
    /// # Errors
    /// [`Misconfigured`] if nothing can be called with these.
    pub fn new(provider: &'static str, base_url: &str, authorization: Authorization) -> Result<Self, Misconfigured> {
        if authorization.secret().expose_secret().trim().is_empty() {
            return Err(Misconfigured::Empty("the token"));
        }
        authorization.header().ok_or(Misconfigured::NotAHeader("the token"))?;
        Ok(Self {
            provider,
            base: url::base(base_url)?,
            authorization,
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
            answer_at_most: 8 << 20,
            retry: retry::Policy::default(),
            breaker: breaker::Rule::default(),
            creations: Budget::new(Duration::from_millis(200), 10),
            others: None,
            explain: |_| ProviderError::default(),
        })
    }
}

/// The state that all calls to one provider share.
#[derive(Debug)]
struct Shared {
    breaker: Breaker,
    creations: Budget,
    others: Option<Budget>,
}

/// Calls one provider. Cheap to use from many tasks at once.
#[derive(Debug)]
pub struct Transport {
    http: reqwest::Client,
    settings: Settings,
    shared: Mutex<Shared>,
}

/// An attempt, with what is worth telling of it.
struct Attempt {
    outcome: Outcome,
    why: String,
    answer: Option<(HeaderMap, Bytes)>,
    too_large: bool,
}

impl Transport {
    /// # Errors
    /// [`Misconfigured`] if TLS cannot be set up.
    pub fn new(settings: Settings) -> Result<Self, Misconfigured> {
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("everlight/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(settings.connect_timeout)
            // Less than servers wait: a creation that is sent into a connection they close has an unknown outcome.
            .pool_idle_timeout(Duration::from_secs(20))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false);
        if url::is_local(&settings.base) {
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| Misconfigured::Tls(error.without_url().to_string()))?;
        let shared = Shared {
            breaker: Breaker::new(settings.breaker),
            creations: settings.creations.clone(),
            others: settings.others.clone(),
        };
        Ok(Self { http, settings, shared: Mutex::new(shared) })
    }

    #[must_use]
    pub fn base(&self) -> &Url {
        &self.settings.base
    }

    /// A call below the base address. `what` completes “Cloudflare: …” in an error.
    ///
    /// # Errors
    /// [`Failure::NotSent`] if a segment cannot be one (an empty id, say).
    pub fn request(&self, what: &'static str, method: Method, segments: &[&str]) -> Result<Request, Failure> {
        let call = self.call(what);
        let url = url::below(&self.settings.base, segments).map_err(|why| Failure::NotSent { call, why })?;
        Ok(Request::new(call, method, url, self.settings.authorization.secrets().into()))
    }

    /// A call to an address that an answer of this provider named. Our credentials go along only to its own API.
    ///
    /// # Errors
    /// [`Failure::NotSent`] if it is not an address that may be called.
    pub fn request_to(&self, what: &'static str, method: Method, address: &str) -> Result<Request, Failure> {
        let call = self.call(what);
        let why = || "the address that the provider named is not one to call".to_owned();
        let url =
            url::named_by_answer(&self.settings.base, address).ok_or_else(|| Failure::NotSent { call, why: why() })?;
        let secrets = self.settings.authorization.secrets().into();
        Ok(Request::new(call, method, url, secrets).hide(&SecretString::from(address)))
    }

    /// Whether an address that the provider named is one that may be called: not on this machine or its network.
    #[must_use]
    pub fn may_call(&self, address: &str) -> bool {
        url::named_by_answer(&self.settings.base, address).is_some()
    }

    #[must_use]
    pub fn call(&self, what: &'static str) -> Call {
        Call { provider: self.settings.provider, what }
    }

    /// Sends, again if that is safe, and sorts what came back. `Ok` for a status from 200 to 299.
    ///
    /// # Errors
    /// [`Failure`], by what is known.
    pub async fn send(&self, request: &Request) -> Result<Response, Failure> {
        self.send_allowing(request, &[]).await
    }

    /// As [`Self::send`], with further statuses that are an answer and not a refusal.
    ///
    /// # Errors
    /// [`Failure`], by what is known.
    pub async fn send_allowing(&self, request: &Request, allowed: &[u16]) -> Result<Response, Failure> {
        let Call { provider, what } = request.call;
        let span = tracing::info_span!("call", provider, what, attempts = Empty, outcome = Empty, failure = Empty);
        let sent = self.send_in_time(request, allowed).instrument(span.clone()).await;
        if let Err(failure) = &sent {
            span.record("failure", tracing::field::display(failure));
        }
        sent
    }

    async fn send_in_time(&self, request: &Request, allowed: &[u16]) -> Result<Response, Failure> {
        let deadline = Instant::now() + request.timeout.unwrap_or(self.settings.timeout);
        let mut last: Option<Attempt> = None;
        for number in 1.. {
            if let Err(failure) = self.admit(request, deadline).await {
                return Err(last.map_or(failure, |attempt| self.failure(request, &attempt, None)));
            }
            let attempt = self.attempt(request, deadline).await;
            let jitter = rand::random::<f64>();
            let verdict = retry::verdict(&self.settings.retry, request.repeat, number, attempt.outcome, jitter);
            Span::current()
                .record("attempts", i64::from(number))
                .record("outcome", tracing::field::debug(attempt.outcome));
            tracing::debug!(number, outcome = ?attempt.outcome, "called");
            self.record(attempt.outcome, verdict);
            match verdict {
                Verdict::Stands => return self.answer(request, attempt, allowed),
                Verdict::Again { after } if Instant::now() + after < deadline => {
                    tokio::time::sleep(after).await;
                    last = Some(attempt);
                }
                Verdict::Again { after } => return Err(self.failure(request, &attempt, Some(after))),
                Verdict::GiveUp { hold } => return Err(self.failure(request, &attempt, hold)),
            }
        }
        // The policy ends the loop; there is no attempt number 2³².
        Err(Failure::NotSent { call: request.call, why: "no attempt was made".to_owned() })
    }

    /// Waits for the budget's turn, then asks the breaker.
    async fn admit(&self, request: &Request, deadline: Instant) -> Result<(), Failure> {
        let call = request.call;
        let patience = self.settings.retry.longest_wait.min(deadline.saturating_duration_since(Instant::now()));
        // Asked first too, so that a call that will not go out takes nothing from the budget.
        let unavailable = |retry_in| Failure::Unavailable { call, retry_in };
        let wait = {
            let mut shared = self.shared();
            let Shared { breaker, creations, others } = &mut *shared;
            let now = Instant::now().into_std();
            breaker.admit(now).map_err(unavailable)?;
            let budget = others.as_mut().filter(|_| request.method != Method::POST).unwrap_or(creations);
            budget.reserve(now, patience).map_err(|retry_after| Failure::RateLimited { call, retry_after })?
        };
        if wait > Duration::ZERO {
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    fn record(&self, outcome: Outcome, verdict: Verdict) {
        let now = Instant::now().into_std();
        let mut shared = self.shared();
        match outcome {
            Outcome::NotConnected | Outcome::Lost | Outcome::Answered { status: 500.., .. } => {
                shared.breaker.failed(now);
            }
            Outcome::Answered { status: 429, .. } => {}
            Outcome::Answered { .. } => shared.breaker.succeeded(),
        }
        if let Verdict::GiveUp { hold: Some(wait) } = verdict {
            shared.breaker.hold(now, wait);
        }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn attempt(&self, request: &Request, deadline: Instant) -> Attempt {
        let attempt = |outcome, why: String| Attempt { outcome, why, answer: None, too_large: false };
        let mut out = self.http.request(request.method.clone(), request.url.clone());
        out = out.headers(request.headers.clone()).timeout(deadline.saturating_duration_since(Instant::now()));
        out = out.header(header::ACCEPT, HeaderValue::from_static("application/json"));
        if request.url.origin() == self.settings.base.origin()
            && let Some(value) = self.settings.authorization.header()
        {
            out = out.header(header::AUTHORIZATION, value);
        }
        out = match &request.body {
            Body::None => out,
            Body::Bytes(bytes) => out.body(bytes.clone()),
            Body::File(part) => match open(part).await {
                Ok(body) => out.body(body),
                Err(error) => return attempt(Outcome::NotConnected, format!("the file cannot be read: {error}")),
            },
        };
        let mut answer = match out.send().await {
            Ok(answer) => answer,
            Err(error) => {
                let not_sent = error.is_connect() || error.is_builder();
                let outcome = if not_sent { Outcome::NotConnected } else { Outcome::Lost };
                return attempt(outcome, cause(error));
            }
        };
        let status = answer.status().as_u16();
        let headers = std::mem::take(answer.headers_mut());
        let retry_after = retry::retry_after(&headers);
        let mut body = BytesMut::new();
        let mut too_large = false;
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= self.settings.answer_at_most => {
                    body.extend_from_slice(&chunk);
                }
                Ok(Some(_)) => {
                    too_large = true;
                    break;
                }
                Ok(None) => break,
                // The status of a refusal is enough.
                Err(_) if status >= 300 => break,
                Err(error) => return attempt(Outcome::Lost, format!("the answer broke off: {}", cause(error))),
            }
        }
        let outcome = Outcome::Answered { status, retry_after };
        Attempt { outcome, why: format!("status {status}"), answer: Some((headers, body.freeze())), too_large }
    }

    /// The answer stands: is it a yes?
    fn answer(&self, request: &Request, attempt: Attempt, allowed: &[u16]) -> Result<Response, Failure> {
        let Outcome::Answered { status, .. } = attempt.outcome else {
            return Err(self.failure(request, &attempt, None));
        };
        if !(200..300).contains(&status) && !allowed.contains(&status) {
            return Err(self.refused(request, status, &attempt));
        }
        let (headers, body) = attempt.answer.unwrap_or_default();
        let secrets: Secrets = request.secrets.clone();
        let response = Response { call: request.call, repeat: request.repeat, status, headers, body, secrets };
        if attempt.too_large {
            return Err(response.garbled(format!("it is larger than {} bytes", self.settings.answer_at_most)));
        }
        Ok(response)
    }

    /// No answer that stands.
    fn failure(&self, request: &Request, attempt: &Attempt, wait: Option<Duration>) -> Failure {
        let call = request.call;
        let mut why = attempt.why.clone();
        match attempt.outcome {
            Outcome::NotConnected => return Failure::NotSent { call, why },
            Outcome::Answered { status: 429, retry_after } => {
                let retry_after = wait.or(retry_after).unwrap_or(self.settings.retry.base);
                return Failure::RateLimited { call, retry_after };
            }
            Outcome::Answered { status: 409, .. } => return self.refused(request, 409, attempt),
            Outcome::Answered { .. } => {
                let said = self.explained(request, attempt).message;
                if !said.is_empty() {
                    why = format!("{why}: {said}");
                }
            }
            Outcome::Lost => {}
        }
        match request.repeat {
            Repeat::Safe => Failure::NoAnswer { call, why },
            Repeat::Once => Failure::Unknown { call, why },
        }
    }

    fn refused(&self, request: &Request, status: u16, attempt: &Attempt) -> Failure {
        let ProviderError { code, message } = self.explained(request, attempt);
        let message = if message.is_empty() { "no reason given".to_owned() } else { message };
        Failure::Refused { call: request.call, status, code, message }
    }

    fn explained(&self, request: &Request, attempt: &Attempt) -> ProviderError {
        let Some((_, body)) = &attempt.answer else { return ProviderError::default() };
        let said = (self.settings.explain)(body);
        let plain = |text: &str| plain(text, request.secrets.iter());
        ProviderError { code: said.code.as_deref().map(plain), message: plain(&said.message) }
    }
}

async fn open(part: &crate::FilePart) -> std::io::Result<reqwest::Body> {
    let mut file = tokio::fs::File::open(&part.path).await?;
    file.seek(std::io::SeekFrom::Start(part.offset)).await?;
    let reader = tokio_util::io::ReaderStream::with_capacity(file.take(part.len), 64 << 10);
    Ok(reqwest::Body::wrap_stream(reader))
}

/// The innermost reason, without the address.
fn cause(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long".to_owned();
    }
    let error = error.without_url();
    let mut innermost: &dyn std::error::Error = &error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    plain(&innermost.to_string(), std::iter::empty())
}
