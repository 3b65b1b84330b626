//! Calling what a browser may lack or refuse. A method that throws must not be called through a binding that does not
//! catch: the exception would pass through WASM and leave it in an unknown state.

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// `target.name(…args)`, or what it threw. Throws `undefined` where there is no such method.
pub fn call(target: &JsValue, name: &str, args: &[&JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(target, &name.into())?.dyn_into().map_err(|_| JsValue::UNDEFINED)?;
    method.apply(target, &args.iter().copied().collect::<Array>())
}

/// The same for a method that returns a promise.
pub async fn call_async(target: &JsValue, name: &str, args: &[&JsValue]) -> Result<JsValue, JsValue> {
    let promise: js_sys::Promise = call(target, name, args)?.dyn_into().map_err(|_| JsValue::UNDEFINED)?;
    JsFuture::from(promise).await
}

/// Another handle to the same object. `MediaStream` and `MediaStreamTrack` have a method `clone` of their own, which hides
/// Rust's and makes another stream: with tracks that go on when these are stopped, and sound when these are muted.
pub fn same<T: Clone>(object: &T) -> T {
    object.clone()
}

/// `target[name]`; `undefined` where it is missing.
pub fn get(target: &JsValue, name: &str) -> JsValue {
    Reflect::get(target, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// `{name: value, …}`
pub fn object(members: &[(&str, &JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // Setting a member of a fresh plain object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

/// Milliseconds since the Unix epoch.
pub fn now_ms() -> u64 {
    // Not negative, and below 2⁵³.
    js_sys::Date::now() as u64
}
