//! Keeps the screen on. Browsers take the lock away when the page is hidden: it is taken again when the page is seen.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::js::{call, call_async, get};

/// Released when dropped.
#[derive(Debug)]
pub struct WakeLock(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    lock: RefCell<Option<JsValue>>,
    asking: Cell<bool>,
    wanted: Cell<bool>,
}

impl WakeLock {
    pub fn new() -> Self {
        Self(Rc::new(Inner { lock: RefCell::default(), asking: Cell::new(false), wanted: Cell::new(true) }))
    }

    /// Takes the lock if it is not held; called when the page is seen, and every now and then. `report`: whether the
    /// screen stays on.
    pub fn keep(&self, report: impl Fn(bool) + 'static) {
        if self.held() {
            return report(true);
        }
        let Some(navigator) = web_sys::window().map(|window| window.navigator()) else { return };
        let wake_lock = get(&navigator, "wakeLock");
        if wake_lock.is_undefined() {
            return report(false);
        }
        if self.0.asking.replace(true) {
            return;
        }
        let inner = Rc::clone(&self.0);
        spawn_local(async move {
            let lock = call_async(&wake_lock, "request", &[&"screen".into()]).await;
            inner.asking.set(false);
            match lock {
                // Let go of meanwhile.
                Ok(lock) if !inner.wanted.get() => release(&lock),
                Ok(lock) => {
                    *inner.lock.borrow_mut() = Some(lock);
                    report(true);
                }
                // Refused, as with a battery that is low.
                Err(_) => report(false),
            }
        });
    }

    fn held(&self) -> bool {
        self.0.lock.borrow().as_ref().is_some_and(|lock| !get(lock, "released").is_truthy())
    }
}

impl Drop for WakeLock {
    fn drop(&mut self) {
        self.0.wanted.set(false);
        if let Some(lock) = self.0.lock.take() {
            release(&lock);
        }
    }
}

fn release(lock: &JsValue) {
    // A promise, which nobody has to wait for.
    let _ = call(lock, "release", &[]);
}
