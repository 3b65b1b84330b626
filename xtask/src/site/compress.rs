//! Brotli and gzip beside each file, at their highest levels. Node has both built in, and is needed anyway.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::files;
use crate::command::quiet;
use crate::step::Step;

const SCRIPT: &str = include_str!("compress.cjs");

/// What is not compressed already.
const EXTENSIONS: [&str; 9] = ["js", "wasm", "css", "svg", "json", "txt", "html", "ico", "webmanifest"];

pub fn all(step: &Step, site: &Path) -> Result<()> {
    let compressible = files(site)?.into_iter().filter(|file| {
        let extension = file.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| EXTENSIONS.contains(&extension)) && !file.ends_with("assets.json")
    });
    quiet(step, Command::new("node").args(["-e", SCRIPT, "--"]).args(compressible)).map(drop)
}
