//! Mux's API on loopback, as far as one test needs it.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{Request, request::Parts},
    response::{IntoResponse as _, Json, Response},
    routing::any,
};
use mux::{Client, Config};
use serde_json::Value;
use std::sync::{Arc, Mutex};

pub const SECRET: &str = "canary-secret-5318008";

/// A whole fixture file.
pub fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub struct Call {
    pub parts: Parts,
    pub body: Bytes,
}

impl Call {
    pub fn line(&self) -> String {
        format!("{} {}", self.parts.method, self.parts.uri)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.parts.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

type Answer = Arc<dyn Fn(&Call) -> Response + Send + Sync>;

pub struct Mux {
    pub origin: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Mux {
    pub async fn start(answer: impl Fn(&Call) -> Response + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let state = (Arc::clone(&asked), Arc::new(answer) as Answer);
        let app = Router::new().route("/{*path}", any(take)).with_state(state);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { origin, asked }
    }

    pub async fn answering(answer: Value) -> Self {
        Self::start(move |_| Json(answer.clone()).into_response()).await
    }

    pub fn client(&self) -> Client {
        let base_url = self.origin.clone();
        Client::new(&Config { base_url, ..Config::new("canary-id", SECRET.into()) }).unwrap()
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn take(State((asked, answer)): State<(Arc<Mutex<Vec<String>>>, Answer)>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let call = Call { parts, body };
    asked.lock().unwrap().push(call.line());
    answer(&call)
}
