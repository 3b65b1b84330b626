//! `cargo xtask torture`: what the tests do in short, for as long as one likes. Nothing that was acknowledged may be lost, nothing
//! that is sent may break the server, and nothing may grow.

use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;

use crate::command::{answer, cargo, npx, tee};
use crate::step::{Step, Steps};
use crate::test::{postgres, server_side};
use crate::workspace::Workspace;
use crate::{build, tools};

#[derive(clap::Args)]
pub struct Args {
    /// Only this part; may be given more than once
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// How often the server is killed
    #[arg(long, default_value_t = 1000)]
    kills: u32,
    /// How often it is killed in the middle of one service, while a phone films
    #[arg(long, default_value_t = 50)]
    live_kills: u32,
    /// Kill it on a throw-away PostgreSQL instead of SQLite
    #[arg(long)]
    postgres: bool,
    /// How many bodies each address of the JSON API is sent
    #[arg(long, default_value_t = 20_000)]
    bodies: u32,
    /// How long each parser of outside bytes is fuzzed
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    fuzz: u32,
    /// How long two services stay on air while everything is measured
    #[arg(long, default_value_t = 30.0, value_name = "MINUTES")]
    soak: f64,
    /// What has browsers in it with the program as it is deployed; takes minutes to build
    #[arg(long)]
    release: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// `kill -9` at random, while services are made and webhooks come
    Kills,
    /// `kill -9` at random, while a phone films
    LiveKills,
    /// Bad input for the JSON API, made from its own description
    Bodies,
    /// The fuzz targets, in `fuzz/`
    Fuzz,
    /// Memory and file descriptors under a load that does not end
    Soak,
}

impl Part {
    fn steps(self) -> usize {
        match self {
            Self::Kills | Self::Bodies | Self::Fuzz => 1,
            Self::LiveKills | Self::Soak => build::STEPS + 2,
        }
    }
}

pub fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let wanted = |part: &Part| args.only.is_empty() || args.only.contains(part);
    let parts: Vec<Part> = Part::value_variants().iter().copied().filter(wanted).collect();
    let mut steps = Steps::new(parts.iter().map(|part| part.steps()).sum());
    let mut figures = Vec::new();
    for part in parts {
        figures.push(match part {
            Part::Kills => {
                let title = format!("Killing the server {} times", args.kills);
                steps.run(&title, |step| kills(step, &workspace, args))?
            }
            Part::LiveKills => live_kills(&mut steps, &workspace, args)?,
            Part::Bodies => steps.run("Bad input for the JSON API", |_| bodies(&workspace, args.bodies))?,
            Part::Fuzz => {
                steps.run("Fuzzing the parsers of outside bytes", |step| fuzz(step, &workspace, args.fuzz))?
            }
            Part::Soak => soak(&mut steps, &workspace, args)?,
        });
    }
    println!("{}\nDone in {}.", figures.join("\n"), steps.elapsed());
    Ok(ExitCode::SUCCESS)
}

fn kills(step: &Step, workspace: &Workspace, args: &Args) -> Result<String> {
    let cluster = args.postgres.then(|| postgres::Cluster::start(step)).transpose()?;
    let mut test = server_test(workspace, "program", "what_was_acknowledged_outlives_kill_9");
    test.env("EVERLIGHT_TEST_KILLS", args.kills.to_string());
    if let Some(cluster) = &cluster {
        test.env(postgres::SERVER, cluster.url());
    }
    figure(&mut test, "kills,").context("something was lost, or could not be tried")
}

fn bodies(workspace: &Workspace, bodies: u32) -> Result<String> {
    let mut test = server_test(workspace, "edge", "whatever_is_sent_the_server_has_an_answer_that_is_described");
    // Other bodies with each day, and the same again for whoever is told the seed.
    let seed = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs() / 86_400);
    test.env("EVERLIGHT_TEST_BODIES", bodies.to_string()).env("EVERLIGHT_TEST_SEED", seed.to_string());
    figure(&mut test, "bodies,").context("something that was sent broke the server")
}

fn server_test(workspace: &Workspace, program: &str, name: &str) -> Command {
    let mut test = cargo(&["test", "--test", program]);
    test.args(server_side(workspace)).args(["--", name, "--nocapture"]);
    test
}

/// What the test says of itself, in the line with this word.
fn figure(test: &mut Command, word: &str) -> Result<String> {
    let outcome = tee(test)?;
    ensure!(outcome.success, "it failed: see above");
    let line = outcome.output.lines().find(|line| line.contains(word));
    line.map(str::to_owned).with_context(|| "the test was not there".to_owned())
}

/// Sanitizers are a matter of nightly compilers; a stable one takes them, too, if it is told to.
fn fuzz(step: &Step, workspace: &Workspace, seconds: u32) -> Result<String> {
    ensure!(
        answer("cargo", &["fuzz", "--version"]).is_some(),
        "cargo-fuzz is missing: `cargo install cargo-fuzz`, or leave this part out with `--only`"
    );
    let fuzz = |args: &[&str]| {
        let mut command = cargo(&["fuzz"]);
        command.args(args).current_dir(&workspace.root).env("RUSTC_BOOTSTRAP", "1");
        command
    };
    let listed = fuzz(&["list"]).output()?;
    let listed = String::from_utf8(listed.stdout)?;
    let targets: Vec<&str> = listed.lines().collect();
    ensure!(!targets.is_empty(), "there is no fuzz target in fuzz/");
    let limit = format!("-max_total_time={seconds}");
    for target in &targets {
        step.note(target);
        let outcome = tee(fuzz(&["run", target]).args(["--", &limit, "-max_len=65536", "-print_final_stats=1"]))?;
        ensure!(outcome.success, "{target} found something: see above, and fuzz/artifacts/{target}");
    }
    Ok(format!("{} fuzz targets, {seconds} s each, nothing found", targets.len()))
}

fn live_kills(steps: &mut Steps, workspace: &Workspace, args: &Args) -> Result<String> {
    let title = format!("Killing the server {} times while a phone films", args.live_kills);
    let spec = ("kills.spec", "EVERLIGHT_LIVE_KILLS", args.live_kills.to_string());
    with_browsers(steps, workspace, &title, spec, args.release, |line| line.contains("kills of a live service"))
}

fn soak(steps: &mut Steps, workspace: &Workspace, args: &Args) -> Result<String> {
    let title = format!("Two services on air for {} minutes", args.soak);
    let spec = ("soak.spec", "EVERLIGHT_SOAK_MINUTES", args.soak.to_string());
    let figures = ["rss:", "anonymous:", "descriptors:", "threads:", "tenth:", "minutes,"];
    let kept = |line: &str| figures.iter().any(|word| line.contains(word));
    with_browsers(steps, workspace, &title, spec, args.release, kept)
}

/// Runs one file of `end2end/torture`, which is told how much by a variable, and keeps what it says of itself.
fn with_browsers(
    steps: &mut Steps,
    workspace: &Workspace,
    title: &str,
    (spec, variable, value): (&str, &str, String),
    release: bool,
    kept: impl Fn(&str) -> bool,
) -> Result<String> {
    build::all(steps, workspace, build::What { release, emulator: true })?;
    let tools = steps.run("Getting browsers and ffmpeg", |step| tools::find(step, workspace))?;
    steps.run(title, |_| {
        let mut playwright = npx(&["playwright", "test", "--config", "torture.config.ts", spec]);
        playwright.env(variable, value).current_dir(workspace.root.join("end2end"));
        tools.environment(&mut playwright, workspace, release);
        let outcome = tee(&mut playwright)?;
        ensure!(outcome.success, "something was lost, grew, or broke: see above");
        Ok(outcome.output.lines().filter(|line| kept(line)).collect::<Vec<_>>().join("\n"))
    })
}
