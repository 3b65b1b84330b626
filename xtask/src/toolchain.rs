//! What must be there before anything can be built. Fetches what it can; says plainly what it cannot.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{answer, quiet};
use crate::step::Step;

pub const WASM: &str = "wasm32-unknown-unknown";

/// The oldest that Playwright runs on; the build itself asks only for brotli.
const OLDEST_NODE: u32 = 20;

/// Rust for the browser, a C compiler for the server's cryptography and database, Node.
pub fn check(step: &Step) -> Result<()> {
    node()?;
    c_compiler()?;
    wasm_target(step)
}

fn node() -> Result<()> {
    let Some(version) = answer("node", &["--version"]) else {
        bail!("Node is missing: install Node {OLDEST_NODE} or later (https://nodejs.org), then run this again.");
    };
    match major(&version) {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        _ => bail!("Node {version} is too old: install Node {OLDEST_NODE} or later (https://nodejs.org)."),
    }
}

/// The number before the first dot of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

fn c_compiler() -> Result<()> {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    if cfg!(unix) && answer(&compiler, &["--version"]).is_none() {
        bail!("A C compiler is missing (`{compiler}`): `apt install build-essential`, or `xcode-select --install`.");
    }
    Ok(())
}

/// The standard library for wasm, by rustup where it is not there yet.
fn wasm_target(step: &Step) -> Result<()> {
    if has_wasm_target() {
        return Ok(());
    }
    let added = quiet(step, Command::new("rustup").args(["target", "add", WASM]));
    if has_wasm_target() {
        return Ok(());
    }
    let advice = format!(
        "Rust for the browser is missing (target {WASM}).\n\
         With rustup: `rustup target add {WASM}` (it needs the network).\n\
         Rust from a distribution: install its package, for example `apt install libstd-rust-dev-wasm32`."
    );
    added.map(drop).context(advice.clone())?;
    bail!(advice)
}

fn has_wasm_target() -> bool {
    answer("rustc", &["--print", "target-libdir", "--target", WASM]).is_some_and(|dir| Path::new(&dir).is_dir())
}

/// A component of the toolchain (`clippy`, `rustfmt`) that a minimal installation lacks.
pub fn component(step: &Step, name: &str, probe: &str) -> Result<()> {
    if answer("cargo", &[probe, "--version"]).is_some() {
        return Ok(());
    }
    quiet(step, Command::new("rustup").args(["component", "add", name]))
        .with_context(|| format!("{name} is missing: `rustup component add {name}`"))
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_nodes_version() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("nonsense"), None);
    }
}
