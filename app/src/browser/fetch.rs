//! HTTP for publishing, through `fetch`.

use gloo_timers::callback::Timeout;
use wasm_bindgen::{JsCast, JsValue};

use super::events::construct;
use super::js::{call, call_async, get, object};

/// What came back.
#[derive(Debug)]
pub struct Reply(web_sys::Response);

impl Reply {
    pub fn status(&self) -> u16 {
        self.0.status()
    }

    /// Several fields of one name are joined by commas.
    pub fn header(&self, name: &str) -> Option<String> {
        self.0.headers().get(name).ok().flatten()
    }

    /// The address that answered, after redirects.
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// The browser's own object.
    pub fn raw(&self) -> &JsValue {
        &self.0
    }

    pub async fn blob(&self) -> Option<JsValue> {
        call_async(&self.0, "blob", &[]).await.ok()
    }

    pub async fn text(&self) -> String {
        call_async(&self.0, "text", &[]).await.ok().and_then(|it| it.as_string()).unwrap_or_default()
    }
}

/// Sends a request without cookies. With `keepalive` it outlives the page. `None`: there was no response.
pub async fn send(
    method: &str,
    url: &str,
    headers: &[(&'static str, String)],
    body: Option<&JsValue>,
    keepalive: bool,
) -> Option<Reply> {
    send_until(method, url, headers, body, keepalive, &JsValue::UNDEFINED).await
}

/// As [`send`], unless it is aborted before.
pub async fn send_until(
    method: &str,
    url: &str,
    headers: &[(&'static str, String)],
    body: Option<&JsValue>,
    keepalive: bool,
    signal: &JsValue,
) -> Option<Reply> {
    let fields: Vec<(&str, JsValue)> = headers.iter().map(|(name, value)| (*name, value.into())).collect();
    let fields: Vec<(&str, &JsValue)> = fields.iter().map(|(name, value)| (*name, value)).collect();
    let init = object(&[
        ("method", &method.into()),
        ("headers", &object(&fields)),
        ("body", body.unwrap_or(&JsValue::UNDEFINED)),
        ("credentials", &"omit".into()),
        ("cache", &"no-store".into()),
        ("keepalive", &keepalive.into()),
        ("signal", signal),
    ]);
    let window = web_sys::window()?;
    let response = call_async(&window, "fetch", &[&url.into(), &init]).await.ok()?;
    response.dyn_into().ok().map(Reply)
}

/// As [`send`], and gives up after a time.
pub async fn send_within(
    method: &str,
    url: &str,
    headers: &[(&'static str, String)],
    body: Option<&JsValue>,
    keepalive: bool,
    limit_ms: u32,
) -> Option<Reply> {
    let abort = Abort::controller();
    let _limit = abort.after(limit_ms);
    send_until(method, url, headers, body, keepalive, &abort.signal()).await
}

/// A body of JSON, and what belongs to it.
pub async fn send_json(url: &str, token: &str, body: &str) -> Option<Reply> {
    send("POST", url, &json_headers(token), Some(&body.into()), false).await
}

/// As [`send_json`], and gives up after a time.
pub async fn send_json_within(url: &str, token: &str, body: &str, limit_ms: u32) -> Option<Reply> {
    send_within("POST", url, &json_headers(token), Some(&body.into()), false, limit_ms).await
}

fn json_headers(token: &str) -> [(&'static str, String); 2] {
    [bearer(token), ("Content-Type", "application/json".to_owned())]
}

/// Whether the server answers within a time, whatever it says.
pub async fn answers(url: &str, within_ms: u32) -> bool {
    let abort = Abort::controller();
    let _timer = abort.after(within_ms);
    let init = object(&[("credentials", &"omit".into()), ("cache", &"no-store".into()), ("signal", &abort.signal())]);
    let Some(window) = web_sys::window() else { return false };
    call_async(&window, "fetch", &[&url.into(), &init]).await.is_ok()
}

/// Ends requests that wait for an answer on a connection that is dead: a browser waits for minutes.
#[derive(Debug, Clone)]
pub struct Abort(JsValue);

impl Abort {
    pub fn controller() -> Self {
        Self(construct("AbortController", &[]).unwrap_or(JsValue::UNDEFINED))
    }

    pub fn signal(&self) -> JsValue {
        get(&self.0, "signal")
    }

    pub fn abort(&self) {
        let _ = call(&self.0, "abort", &[]);
    }

    /// Unless what is returned is dropped before.
    pub fn after(&self, ms: u32) -> Timeout {
        let abort = self.clone();
        Timeout::new(ms, move || abort.abort())
    }
}

pub fn bearer(token: &str) -> (&'static str, String) {
    ("Authorization", ["Bearer ", token].concat())
}

/// `https://everlight.example`
pub fn origin() -> String {
    web_sys::window().and_then(|it| get(&it, "origin").as_string()).unwrap_or_default()
}
