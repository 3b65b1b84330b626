//! One timer that can be set again.

use std::cell::Cell;

use wasm_bindgen::{JsCast, closure::Closure};

/// Calls its function when the time has come; setting it again replaces the time.
#[derive(Debug)]
pub struct Timer {
    callback: Closure<dyn Fn()>,
    handle: Cell<Option<i32>>,
}

impl Timer {
    pub fn new(callback: impl Fn() + 'static) -> Self {
        Self { callback: Closure::new(callback), handle: Cell::new(None) }
    }

    /// `None` stops it.
    pub fn set(&self, after_ms: Option<u64>) {
        let Some(window) = web_sys::window() else { return };
        if let Some(handle) = self.handle.take() {
            window.clear_timeout_with_handle(handle);
        }
        if let Some(after) = after_ms {
            let after = i32::try_from(after).unwrap_or(i32::MAX);
            let callback = self.callback.as_ref().unchecked_ref();
            self.handle.set(window.set_timeout_with_callback_and_timeout_and_arguments_0(callback, after).ok());
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.set(None);
    }
}
