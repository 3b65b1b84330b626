//! IndexedDB, for browsers whose file system a page cannot write to. Pieces are stored as plain bytes: older versions of
//! Safari lose blobs.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

use super::super::events::construct;
use super::super::js::{call, call_async, get};

const NAME: &str = "everlight";
const PIECES: &str = "pieces";

/// What is kept of one stream.
#[derive(Debug, Clone)]
pub struct Database {
    pub stream: String,
    connection: Rc<RefCell<JsValue>>,
}

impl Database {
    /// `None` where there is no such thing, or the person has forbidden it.
    pub async fn open(stream: &str) -> Result<Option<Self>, JsValue> {
        if factory().is_undefined() {
            return Ok(None);
        }
        match connect().await {
            Ok(connection) => {
                Ok(Some(Self { stream: stream.to_owned(), connection: Rc::new(RefCell::new(connection)) }))
            }
            Err(why) if get(&why, "name") == "SecurityError" => Ok(None),
            Err(why) => Err(why),
        }
    }

    /// Of every stream of which something is kept here.
    pub async fn all() -> Vec<Self> {
        // It is not made only to be looked at.
        let known = call_async(&factory(), "databases", &[]).await.map(|known| Array::from(&known)).unwrap_or_default();
        if !known.iter().any(|database| get(&database, "name") == NAME) {
            return Vec::new();
        }
        let Ok(Some(any)) = Self::open("").await else { return Vec::new() };
        let Ok(keys) = any.ask("readonly", "getAllKeys", &[]).await else { return Vec::new() };
        let stream = |key: JsValue| Some(key.as_string()?.split_once('/')?.0.to_owned());
        // Keys come in their order.
        let mut streams: Vec<String> = Array::from(&keys).iter().filter_map(stream).collect();
        streams.dedup();
        streams.into_iter().map(|stream| Self { stream, ..any.clone() }).collect()
    }

    /// WebKit cuts connections of pages that are not seen, and says so to whoever uses them only.
    pub async fn reopen(&self) -> Result<(), JsValue> {
        let connection = connect().await?;
        let former = self.connection.replace(connection);
        let _ = call(&former, "close", &[]);
        Ok(())
    }

    fn key(&self, name: &str) -> JsValue {
        [&self.stream, "/", name].concat().into()
    }

    fn all_keys(&self) -> Result<JsValue, JsValue> {
        let (first, last) = (self.key(""), self.key("\u{ffff}"));
        call(&get(&js_sys::global(), "IDBKeyRange"), "bound", &[&first, &last])
    }

    /// What a request comes to, in a transaction of its own.
    async fn ask(&self, mode: &str, method: &str, args: &[&JsValue]) -> Result<JsValue, JsValue> {
        let connection = self.connection.borrow().clone();
        let transaction = call(&connection, "transaction", &[&PIECES.into(), &mode.into()])?;
        let store = call(&transaction, "objectStore", &[&PIECES.into()])?;
        let request = call(&store, method, args)?;
        // Not the request's success but the transaction's end says that it is stored.
        settled(&transaction, "oncomplete", &["onerror", "onabort"]).await?;
        Ok(get(&request, "result"))
    }

    pub async fn put(&self, name: &str, blob: &JsValue) -> Result<(), JsValue> {
        let bytes = call_async(blob, "arrayBuffer", &[]).await?;
        self.ask("readwrite", "put", &[&bytes, &self.key(name)]).await.map(drop)
    }

    pub async fn get(&self, name: &str) -> Result<Option<JsValue>, JsValue> {
        let bytes = self.ask("readonly", "get", &[&self.key(name)]).await?;
        Ok(if bytes.is_undefined() { None } else { construct("Blob", &[&Array::of1(&bytes)]) })
    }

    pub async fn names(&self) -> Result<Vec<String>, JsValue> {
        let keys = self.ask("readonly", "getAllKeys", &[&self.all_keys()?]).await?;
        let prefix = self.stream.len() + 1;
        Ok(Array::from(&keys).iter().filter_map(|key| key.as_string()?.get(prefix..).map(str::to_owned)).collect())
    }

    pub async fn clear(&self) -> Result<(), JsValue> {
        self.ask("readwrite", "delete", &[&self.all_keys()?]).await.map(drop)
    }
}

fn factory() -> JsValue {
    get(&js_sys::global(), "indexedDB")
}

async fn connect() -> Result<JsValue, JsValue> {
    let request = call(&factory(), "open", &[&NAME.into(), &1.into()])?;
    let make = {
        let request = request.clone();
        Closure::<dyn FnMut()>::new(move || {
            let _ = call(&get(&request, "result"), "createObjectStore", &[&PIECES.into()]);
        })
    };
    js_sys::Reflect::set(&request, &"onupgradeneeded".into(), make.as_ref())?;
    settled(&request, "onsuccess", &["onerror", "onblocked"]).await?;
    Ok(get(&request, "result"))
}

/// Waits for one of the target's events; a failure is the error that it tells of.
async fn settled(target: &JsValue, success: &str, failures: &[&str]) -> Result<(), JsValue> {
    let promise = Promise::new(&mut |resolve, reject| {
        let _ = js_sys::Reflect::set(target, &success.into(), resolve.unchecked_ref());
        for failure in failures {
            let _ = js_sys::Reflect::set(target, &(*failure).into(), reject.unchecked_ref());
        }
    });
    // An error of a request comes to its transaction, too.
    JsFuture::from(promise).await.map(drop).map_err(|event| get(&get(&event, "target"), "error"))
}
