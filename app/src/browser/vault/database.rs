//! IndexedDB, for browsers whose file system a page cannot write to. Pieces are stored as plain bytes: older versions of
//! Safari lose blobs.

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

use super::super::events::construct;
use super::super::js::{call, call_async, get};

const NAME: &str = "everlight";
const PIECES: &str = "pieces";

#[derive(Debug, Clone)]
pub struct Database {
    database: JsValue,
    stream: String,
}

impl Database {
    pub async fn open(stream: &str) -> Option<Self> {
        let factory = get(&js_sys::global(), "indexedDB");
        let request = call(&factory, "open", &[&NAME.into(), &1.into()]).ok()?;
        let make = {
            let request = request.clone();
            Closure::<dyn FnMut()>::new(move || {
                let _ = call(&get(&request, "result"), "createObjectStore", &[&PIECES.into()]);
            })
        };
        js_sys::Reflect::set(&request, &"onupgradeneeded".into(), make.as_ref()).ok()?;
        let database = outcome(&request).await.ok()?;
        Some(Self { database, stream: stream.to_owned() })
    }

    fn key(&self, name: &str) -> JsValue {
        [&self.stream, "/", name].concat().into()
    }

    /// A transaction of its own for each request.
    fn pieces(&self, mode: &str) -> Result<(JsValue, JsValue), JsValue> {
        let transaction = call(&self.database, "transaction", &[&PIECES.into(), &mode.into()])?;
        let store = call(&transaction, "objectStore", &[&PIECES.into()])?;
        Ok((transaction, store))
    }

    pub async fn put(&self, name: &str, blob: &JsValue) -> Result<(), JsValue> {
        let bytes = call_async(blob, "arrayBuffer", &[]).await?;
        let (transaction, store) = self.pieces("readwrite")?;
        call(&store, "put", &[&bytes, &self.key(name)])?;
        // Not the request's success but the transaction's end says that it is stored.
        settled(&transaction, "oncomplete", &["onerror", "onabort"]).await.map(drop)
    }

    pub async fn get(&self, name: &str) -> Option<JsValue> {
        let (_, store) = self.pieces("readonly").ok()?;
        let request = call(&store, "get", &[&self.key(name)]).ok()?;
        let bytes = outcome(&request).await.ok().filter(|bytes| !bytes.is_undefined())?;
        construct("Blob", &[&Array::of1(&bytes)])
    }

    pub async fn names(&self) -> Vec<String> {
        let names = async {
            let (first, last) = (self.key(""), self.key("\u{ffff}"));
            let range = call(&get(&js_sys::global(), "IDBKeyRange"), "bound", &[&first, &last]).ok()?;
            let (_, store) = self.pieces("readonly").ok()?;
            outcome(&call(&store, "getAllKeys", &[&range]).ok()?).await.ok()
        };
        let prefix = self.stream.len() + 1;
        let keys = names.await.map(|keys| Array::from(&keys)).unwrap_or_default();
        keys.iter().filter_map(|key| key.as_string()?.get(prefix..).map(str::to_owned)).collect()
    }

    pub async fn remove(&self, name: &str) {
        let Ok((transaction, store)) = self.pieces("readwrite") else { return };
        if call(&store, "delete", &[&self.key(name)]).is_ok() {
            let _ = settled(&transaction, "oncomplete", &["onerror", "onabort"]).await;
        }
    }
}

/// What a request comes to.
async fn outcome(request: &JsValue) -> Result<JsValue, JsValue> {
    settled(request, "onsuccess", &["onerror", "onblocked"]).await?;
    Ok(get(request, "result"))
}

/// Waits for one of the target's events.
async fn settled(target: &JsValue, success: &str, failures: &[&str]) -> Result<JsValue, JsValue> {
    let promise = Promise::new(&mut |resolve, reject| {
        let _ = js_sys::Reflect::set(target, &success.into(), resolve.unchecked_ref());
        for failure in failures {
            let _ = js_sys::Reflect::set(target, &(*failure).into(), reject.unchecked_ref());
        }
    });
    JsFuture::from(promise).await
}
