//! Server-sent events through `fetch`, which unlike `EventSource` sends a token.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::progress::REFUSED;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

use super::fetch::Abort;
use super::js::{call, call_async, get, now_ms, object};

/// Until a stream of events that ended is asked for again: a server that was started anew is found soon. With each question that
/// was in vain it is twice as long,
const SOON_MS: u64 = 250;
/// up to this; and an answer that did not last for so long was in vain.
const AGAIN_MS: u64 = 1_000;

/// The server says something every five seconds at the least: a connection that is silent for longer is dead.
const SILENCE_MS: u32 = 12_000;
/// While it says something every second it is dead sooner.
const SUDDEN_SILENCE_MS: u32 = 4_000;
/// For the answer to begin. The browser may ask on a connection that it had in store, and that is dead: at first there is little
/// patience, and with each failure twice as much, for those whose way is slow.
const PATIENCE_MS: u32 = 1_500;

/// Follows until it is dropped, through lost connections; ends by itself when the server refuses.
#[derive(Debug)]
pub struct Events {
    over: Rc<Cell<bool>>,
    /// Of the connection that is read.
    abort: Rc<RefCell<Abort>>,
}

impl Events {
    /// `on_message` says whether the next one comes within a second.
    pub fn follow(url: String, token: String, on_message: impl Fn(&str) -> bool + 'static) -> Self {
        let over = Rc::new(Cell::new(false));
        let abort = Rc::new(RefCell::new(Abort::controller()));
        let (ended, present) = (Rc::clone(&over), Rc::clone(&abort));
        spawn_local(async move {
            let (mut patience, mut pause) = (PATIENCE_MS, SOON_MS);
            while !ended.get() {
                let abort = Abort::controller();
                present.replace(abort.clone());
                let asked = now_ms();
                let Some(end) = read(&url, &token, &abort, patience, &on_message).await else { return };
                let passed = now_ms().saturating_sub(asked);
                let waited = match end {
                    End::Unanswered => {
                        patience = (2 * patience).min(SILENCE_MS);
                        passed
                    }
                    End::Over => {
                        patience = PATIENCE_MS;
                        if passed >= AGAIN_MS {
                            pause = SOON_MS;
                        }
                        0
                    }
                };
                TimeoutFuture::new(pause.saturating_sub(waited) as u32).await;
                pause = (2 * pause).min(AGAIN_MS);
            }
        });
        Self { over, abort }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.over.set(true);
        self.abort.borrow().abort();
    }
}

/// How a stream of events ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// No answer began.
    Unanswered,
    /// The connection broke, nothing came any more, or the server ended it.
    Over,
}

/// Reads one connection to its end. `None`: the server will not have us, and asking again would not change it.
async fn read(url: &str, token: &str, abort: &Abort, patience: u32, on_message: &impl Fn(&str) -> bool) -> Option<End> {
    let window = web_sys::window()?;
    let mut _silence = abort.after(patience);
    let init = object(&[
        ("headers", &object(&[("Authorization", &["Bearer ", token].concat().into())])),
        ("credentials", &"omit".into()),
        ("cache", &"no-store".into()),
        ("signal", &abort.signal()),
    ]);
    let Ok(response) = call_async(&window, "fetch", &[&url.into(), &init]).await else { return Some(End::Unanswered) };
    match get(&response, "status").as_f64() {
        Some(200.0) => {}
        Some(status) if (400.0..500.0).contains(&status) && status != 429.0 => return None,
        _ => return Some(End::Over),
    }
    let (Ok(reader), Some(decoder)) = (call(&get(&response, "body"), "getReader", &[]), construct("TextDecoder", &[]))
    else {
        return None;
    };
    let mut text = String::new();
    let mut limit = SILENCE_MS;
    _silence = abort.after(limit);
    while let Ok(piece) = call_async(&reader, "read", &[]).await {
        if get(&piece, "done").is_truthy() {
            return Some(End::Over);
        }
        let more = object(&[("stream", &true.into())]);
        let Ok(decoded) = call(&decoder, "decode", &[&get(&piece, "value"), &more]) else { break };
        text.push_str(&decoded.as_string().unwrap_or_default());
        while let Some(end) = text.find("\n\n") {
            let message: String = text.drain(..end + 2).collect();
            if message.lines().filter_map(|line| line.strip_prefix("event:")).any(|name| name.trim() == REFUSED) {
                return None;
            }
            for data in message.lines().filter_map(|line| line.strip_prefix("data:")) {
                limit = if on_message(data.trim_start()) { SUDDEN_SILENCE_MS } else { SILENCE_MS };
            }
        }
        _silence = abort.after(limit);
    }
    Some(End::Over)
}

/// `new name(…args)`; `None` where there is no such class, or it refuses.
pub fn construct(name: &str, args: &[&JsValue]) -> Option<JsValue> {
    let class: js_sys::Function = get(&js_sys::global(), name).dyn_into().ok()?;
    Reflect::construct(&class, &args.iter().copied().collect::<Array>()).ok()
}
