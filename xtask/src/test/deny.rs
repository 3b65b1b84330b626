//! What is built on, by cargo-deny and `deny.toml`: where it comes from, under which licence, and whether it is known to be
//! vulnerable.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::passes;
use crate::command::{answer, cargo, quiet};
use crate::step::Step;
use crate::workspace::Workspace;

const VERSION: &str = "0.20.2";

/// Where cargo-deny is. It is compiled for half a minute where it is not on PATH, once.
pub fn find(step: &Step, workspace: &Workspace) -> Result<PathBuf> {
    let works = |program: &Path| program.to_str().is_some_and(|program| answer(program, &["--version"]).is_some());
    let name = format!("cargo-deny{}", std::env::consts::EXE_SUFFIX);
    let home = workspace.tools();
    let ours = home.join("bin").join(&name);
    if let Some(found) = [PathBuf::from(name), ours.clone()].into_iter().find(|program| works(program)) {
        return Ok(found);
    }
    step.note("installing cargo-deny");
    let mut install = cargo(&["install", "cargo-deny", "--version", VERSION, "--locked", "--no-default-features"]);
    // Optimised it would take several times as long, for a second that each run takes less.
    install.args(["--debug", "--root"]).arg(home).env("CARGO_PROFILE_DEV_DEBUG", "0");
    quiet(step, &mut install).context("cargo-deny is missing: put one on PATH, or let this command install it")?;
    Ok(ours)
}

pub fn licences_and_sources(program: &Path, workspace: &Workspace) -> Result<()> {
    passes(deny(program, workspace).args(["check", "licenses", "bans", "sources"]))
}

/// `false`: nobody looked, because the database of them cannot be had. Said in a sentence.
pub fn vulnerabilities(step: &Step, program: &Path, workspace: &Workspace) -> Result<bool> {
    // Nobody is asked for a password.
    let fetched = quiet(step, deny(program, workspace).args(["fetch", "db"]).env("GIT_TERMINAL_PROMPT", "0"));
    if fetched.is_err() {
        eprintln!(
            "Known vulnerabilities were not looked for: their database (github.com/RustSec/advisory-db) cannot be had here."
        );
        return Ok(false);
    }
    passes(deny(program, workspace).args(["--offline", "check", "advisories"])).map(|()| true)
}

fn deny(program: &Path, workspace: &Workspace) -> Command {
    let mut command = Command::new(program);
    command.current_dir(&workspace.root);
    command
}
