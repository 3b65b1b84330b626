//! The way to the collector: an HTTP client that believes whom the rest of the program believes.

use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use axum::body::Bytes;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use outbound::is_local;
use tokio::runtime::Handle;

use crate::config::{Config, TracesConfig};

const PATIENCE: Duration = Duration::from_secs(5);

/// Spans are sent from a thread of their own; the client works in tokio.
#[derive(Debug)]
pub(super) struct Way {
    http: reqwest::Client,
    runtime: Handle,
}

impl Way {
    pub(super) fn new(config: &Config, to: &TracesConfig) -> anyhow::Result<Self> {
        let runtime = Handle::try_current().context("traces are sent within tokio")?;
        Ok(Self { http: client(config, to)?, runtime })
    }
}

/// One that says who sends; for the doctor too.
pub fn client(config: &Config, to: &TracesConfig) -> anyhow::Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .default_headers(to.headers.clone())
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .user_agent(concat!("everlight/", env!("CARGO_PKG_VERSION")));
    if is_local(&to.address) {
        builder = builder.no_proxy();
    }
    Ok(config.believing(builder)?.build()?)
}

#[async_trait]
impl HttpClient for Way {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (http, request) = (self.http.clone(), request.try_into()?);
        let answer = self.runtime.spawn(async move { http.execute(request).await }).await??;
        let mut taken = Response::new(Bytes::new());
        // Whatever else it says, nobody here would read it.
        *taken.status_mut() = answer.status();
        *taken.headers_mut() = answer.headers().clone();
        Ok(taken)
    }
}
