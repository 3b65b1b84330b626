//! A provider on loopback that counts what it is asked.

use axum::{Router, body::Bytes, extract::State, http::Request, response::Response, routing::any};
use outbound::{Authorization, ProviderError, Settings, Transport, budget::Budget};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

pub const TOKEN: &str = "canary-token-5318008";

#[derive(Clone)]
pub struct Provider {
    pub base: String,
    asked: Arc<Mutex<Vec<(String, Bytes)>>>,
}

type Answer = Arc<dyn Fn(usize, &Request<axum::body::Body>) -> Response + Send + Sync>;

impl Provider {
    /// `answer` is given the number of the call, from 1.
    pub async fn start(
        answer: impl Fn(usize, &Request<axum::body::Body>) -> Response + Send + Sync + 'static,
    ) -> Provider {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        let provider = Provider { base, asked: Arc::default() };
        let state = (provider.clone(), Arc::new(answer) as Answer);
        let app = Router::new().route("/{*path}", any(take)).with_state(state);
        tokio::spawn(async move { axum::serve(listener, app).await });
        provider
    }

    pub fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    pub fn asked(&self) -> Vec<(String, Bytes)> {
        self.asked.lock().unwrap().clone()
    }
}

async fn take(State((provider, answer)): State<(Provider, Answer)>, request: Request<axum::body::Body>) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let number = {
        let mut asked = provider.asked.lock().unwrap();
        asked.push((format!("{} {}", parts.method, parts.uri), body));
        asked.len()
    };
    answer(number, &Request::from_parts(parts, axum::body::Body::empty()))
}

/// As in production, but that nobody waits.
pub fn settings(base: &str) -> Settings {
    let mut settings = Settings::new("Example", base, Authorization::Bearer(TOKEN.into())).unwrap();
    settings.retry.base = Duration::from_millis(1);
    settings.creations = Budget::new(Duration::from_millis(1), 100);
    settings.explain = |body| ProviderError { code: None, message: String::from_utf8_lossy(body).into_owned() };
    settings
}

pub fn transport(base: &str) -> Transport {
    Transport::new(settings(base)).unwrap()
}
