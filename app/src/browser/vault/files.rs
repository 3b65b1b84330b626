//! The origin's private file system (<https://fs.spec.whatwg.org>). A file is written beside and appears whole.

use wasm_bindgen::JsValue;

use super::super::js::{call, call_async, get, object};

/// The folder of one stream.
#[derive(Debug, Clone)]
pub struct Files(JsValue);

impl Files {
    /// `None` where there is no such file system, or pages cannot write to it (Safari before 26 lets workers only).
    pub async fn open(stream: &str) -> Option<Self> {
        let class = get(&get(&js_sys::global(), "FileSystemFileHandle"), "prototype");
        if get(&class, "createWritable").is_undefined() {
            return None;
        }
        let storage = get(web_sys::window()?.navigator().as_ref(), "storage");
        let root = call_async(&storage, "getDirectory", &[]).await.ok()?;
        let make = object(&[("create", &true.into())]);
        call_async(&root, "getDirectoryHandle", &[&["everlight-", stream].concat().into(), &make]).await.ok().map(Self)
    }

    pub async fn put(&self, name: &str, blob: &JsValue) -> Result<(), JsValue> {
        let make = object(&[("create", &true.into())]);
        let file = call_async(&self.0, "getFileHandle", &[&name.into(), &make]).await?;
        let writable = call_async(&file, "createWritable", &[]).await?;
        call_async(&writable, "write", &[blob]).await?;
        call_async(&writable, "close", &[]).await?;
        Ok(())
    }

    pub async fn get(&self, name: &str) -> Option<JsValue> {
        let file = call_async(&self.0, "getFileHandle", &[&name.into()]).await.ok()?;
        let file = call_async(&file, "getFile", &[]).await.ok()?;
        // A file that was made and not written when the phone died.
        (super::size(&file) > 0).then_some(file)
    }

    /// Of what was written; a file that was made and not written is none.
    pub async fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let Ok(keys) = call(&self.0, "keys", &[]) else { return names };
        while let Ok(next) = call_async(&keys, "next", &[]).await {
            if get(&next, "done").is_truthy() {
                break;
            }
            names.extend(get(&next, "value").as_string().filter(|name| !name.ends_with(".crswap")));
        }
        names
    }

    pub async fn remove(&self, name: &str) {
        // Gone already is as good.
        let _ = call_async(&self.0, "removeEntry", &[&name.into()]).await;
    }
}
