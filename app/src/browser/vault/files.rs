//! The origin's private file system (<https://fs.spec.whatwg.org>). A file is written beside and appears whole.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::super::js::{call, call_async, get, object};

/// A folder is called by this and its stream.
const FOLDER: &str = "everlight-";

/// The folder of one stream.
#[derive(Debug, Clone)]
pub struct Files {
    pub stream: String,
    folder: Rc<RefCell<JsValue>>,
}

impl Files {
    /// `None` where there is no such file system, or pages cannot write to it (Safari before 26 lets workers only).
    pub async fn open(stream: &str) -> Option<Self> {
        if !is_possible() {
            return None;
        }
        let files = Self { stream: stream.to_owned(), folder: Rc::default() };
        // The second time where the first failed for a moment: elsewhere nothing would be found.
        if files.reopen().await.is_err() {
            files.reopen().await.ok()?;
        }
        Some(files)
    }

    /// Of every stream of which something was kept here.
    pub async fn all() -> Vec<Self> {
        let mut all = Vec::new();
        if is_possible()
            && let Ok(root) = root().await
            && let Ok(names) = names(&root).await
        {
            for stream in names.iter().filter_map(|name| name.strip_prefix(FOLDER)) {
                all.extend(Self::open(stream).await);
            }
        }
        all
    }

    pub async fn reopen(&self) -> Result<(), JsValue> {
        let make = object(&[("create", &true.into())]);
        let folder = call_async(&root().await?, "getDirectoryHandle", &[&self.name(), &make]).await?;
        self.folder.replace(folder);
        Ok(())
    }

    fn name(&self) -> JsValue {
        [FOLDER, &self.stream].concat().into()
    }

    fn folder(&self) -> JsValue {
        self.folder.borrow().clone()
    }

    pub async fn put(&self, name: &str, blob: &JsValue) -> Result<(), JsValue> {
        let (folder, name) = (self.folder(), name.into());
        let make = object(&[("create", &true.into())]);
        let file = call_async(&folder, "getFileHandle", &[&name, &make]).await?;
        let write = async {
            let writable = call_async(&file, "createWritable", &[]).await?;
            call_async(&writable, "write", &[blob]).await?;
            call_async(&writable, "close", &[]).await
        };
        let written = write.await.map(drop);
        if written.is_err() {
            // It was made, and nothing is in it.
            let _ = call_async(&folder, "removeEntry", &[&name]).await;
        }
        written
    }

    pub async fn get(&self, name: &str) -> Result<Option<JsValue>, JsValue> {
        match call_async(&self.folder(), "getFileHandle", &[&name.into()]).await {
            Ok(file) => call_async(&file, "getFile", &[]).await.map(Some),
            Err(why) if get(&why, "name") == "NotFoundError" => Ok(None),
            Err(why) => Err(why),
        }
    }

    /// Also of a file that was made and not written.
    pub async fn names(&self) -> Result<Vec<String>, JsValue> {
        names(&self.folder()).await
    }

    pub async fn clear(&self) -> Result<(), JsValue> {
        let all = object(&[("recursive", &true.into())]);
        call_async(&root().await?, "removeEntry", &[&self.name(), &all]).await.map(drop)
    }
}

fn is_possible() -> bool {
    let class = get(&get(&js_sys::global(), "FileSystemFileHandle"), "prototype");
    !get(&class, "createWritable").is_undefined()
}

async fn root() -> Result<JsValue, JsValue> {
    let storage = get(&get(&js_sys::global(), "navigator"), "storage");
    call_async(&storage, "getDirectory", &[]).await
}

/// What is in a folder, but not what Chromium writes into until it is closed.
async fn names(folder: &JsValue) -> Result<Vec<String>, JsValue> {
    let keys = call(folder, "keys", &[])?;
    let mut names = Vec::new();
    loop {
        let next = call_async(&keys, "next", &[]).await?;
        if get(&next, "done").is_truthy() {
            return Ok(names);
        }
        names.extend(get(&next, "value").as_string().filter(|name| !name.ends_with(".crswap")));
    }
}
