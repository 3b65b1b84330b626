//! Listening to the server (server-sent events). The browser reconnects by itself, and the first message after that is
//! the whole of what is followed, as it is then.

use leptos::ev::MessageEvent;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast as _, closure::Closure};

/// An open connection; dropped, it is closed.
pub(crate) struct Listening {
    source: web_sys::EventSource,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.source.close();
    }
}

/// `None` where the browser refuses.
pub(crate) fn listen<T: DeserializeOwned>(address: &str, heard: impl Fn(T) + 'static) -> Option<Listening> {
    let source = web_sys::EventSource::new(address).ok()?;
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let text = event.data().as_string().unwrap_or_default();
        if let Ok(newer) = serde_json::from_str(&text) {
            heard(newer);
        }
    });
    source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    Some(Listening { source, _on_message: on_message })
}
