//! `cargo xtask build`: the browser's half, then the server; never both in one cargo invocation, because `app` is
//! compiled with `hydrate` for the one and with `ssr` for the other.

use std::process::ExitCode;

use anyhow::Result;

use crate::command::{cargo, quiet};
use crate::step::{Step, Steps};
use crate::workspace::Workspace;
use crate::{site, toolchain};

#[derive(clap::Args)]
pub struct Args {
    /// Small and fast, as for a deployment; takes several times as long
    #[arg(long)]
    release: bool,
}

/// How many steps [`all`] takes.
pub const STEPS: usize = 4;

pub fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let mut steps = Steps::new(STEPS);
    all(&mut steps, &workspace, What { release: args.release, emulator: false })?;
    println!("Server: {}", workspace.server(args.release).display());
    println!("Site:   {}  (LEPTOS_SITE_ROOT)", workspace.site().display());
    println!("Built in {}.", steps.elapsed());
    Ok(ExitCode::SUCCESS)
}

/// What is built besides the browser's half.
#[derive(Debug, Clone, Copy)]
pub struct What {
    pub release: bool,
    /// The stand-ins for the providers of recordings, too.
    pub emulator: bool,
}

pub fn all(steps: &mut Steps, workspace: &Workspace, what: What) -> Result<()> {
    let release = what.release;
    steps.run("Checking the tools", toolchain::check)?;
    steps.run("Compiling the browser's half", |step| site::client::compile(step, workspace, release))?;
    steps.run("Assembling the site", |step| site::assemble(step, workspace, release))?;
    steps.run("Building the server", |step| server(step, workspace, what))
}

fn server(step: &Step, workspace: &Workspace, what: What) -> Result<()> {
    let profile = if what.release { "release" } else { "dev" };
    let mut build = cargo(&["build", "--package", "server", "--profile", profile]);
    if what.emulator {
        // Together: by itself it would be built with other features of the same libraries, and they a second time.
        build.args(["--package", "emulator"]);
    }
    quiet(step, build.current_dir(&workspace.root)).map(drop)
}
