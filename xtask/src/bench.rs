//! `cargo xtask bench`: numbers, measured on the spot, with the goals beside them. A missed goal is told and is no
//! error: on a machine that does other things besides it may well be missed.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::command::{cargo, npx, tee};
use crate::step::Steps;
use crate::test::postgres::Cluster;
use crate::workspace::Workspace;
use crate::{build, tools};

mod figure;
mod load;
mod machine;

use figure::Figure;

/// Viewers at once; the goal is asked of the last.
const VIEWERS: [&str; 3] = ["50", "100", "200"];

#[derive(clap::Args)]
pub struct Args {
    /// Only this: ask an address of this machine over and over, and say how many answers came in how many seconds
    #[arg(long, value_name = "URL")]
    load: Option<String>,
    /// Arguments for Playwright, after `--`
    #[arg(last = true)]
    playwright: Vec<String>,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    if let Some(url) = &args.load {
        println!("{}", load::run(url)?);
        return Ok(ExitCode::SUCCESS);
    }
    let workspace = Workspace::find()?;
    let mut steps = Steps::new(build::STEPS + 4);
    build::all(&mut steps, &workspace, build::What { release: true, emulator: true })?;
    let tools = steps.run("Getting browsers and ffmpeg", |step| tools::find(step, &workspace))?;
    let fan_out = ["--release", "--package", "media", "--example", "fanout"];
    steps.run("Building the load generator", |_| {
        tee(cargo(&["build"]).args(fan_out).current_dir(&workspace.root)).map(drop)
    })?;

    let began = machine::now();
    let busy_before = machine::load_average();
    let viewers = steps.run("Viewers per core", |_| {
        tee(cargo(&["run", "--quiet"]).args(fan_out).arg("--").args(VIEWERS).current_dir(&workspace.root))
    })?;
    let report = workspace.target.join("bench.jsonl");
    // An old report must not be taken for this run's.
    drop(fs::remove_file(&report));
    let pages = steps.run("Going live, rendering, weight of pages", |step| {
        let mut playwright = npx(&["playwright", "test", "--config", "bench.config.ts"]);
        playwright.args(&args.playwright).env("BENCH_FIGURES", &report).env("XTASK", std::env::current_exe()?);
        playwright.env("VIEWERS_BIN", workspace.target.join("release/examples/fanout"));
        tools.environment(&mut playwright, &workspace, true);
        // Without it the measurement of several instances fails and says why.
        let cluster = Cluster::start(step).ok();
        if let Some(cluster) = &cluster {
            cluster.environment(&mut playwright);
        }
        tee(playwright.current_dir(workspace.root.join("end2end")))
    })?;

    println!("\n{began}, {}, release build {}", machine::description(), machine::revision());
    println!("Load average {busy_before} before, {} after.\n", machine::load_average());
    let figures = fs::read_to_string(&report).unwrap_or_default();
    let figures = figures.lines().map(Figure::parse).collect::<Result<Vec<_>>>().context("a report is damaged")?;
    println!("{}", figure::table(&figures));
    println!("Viewers of one stream, 720p at 2.5 Mbit/s, loopback; CPU time of the media thread alone:");
    println!("{}", viewers.output.trim_end());
    if let Some(per_core) = viewers_per_core(&viewers.output) {
        println!("{}", figure::table(&[per_core]));
    }
    if !(viewers.success && pages.success) {
        bail!("a measurement failed: see above");
    }
    println!("Measured in {}.", steps.elapsed());
    Ok(ExitCode::SUCCESS)
}

/// From the columns that the load generator prints: viewers, pps, Mbit/s, CPU, %, µs/packet, viewers/core.
fn viewers_per_core(output: &str) -> Option<Figure> {
    let columns: Vec<&str> = output.lines().next_back()?.split_whitespace().collect();
    let value = columns.get(6)?.parse().ok()?;
    let name = format!("Viewers per core, of {}", columns.first()?);
    Some(Figure { name, unit: String::new(), values: vec![value], goal: Some(figure::Goal::AtLeast(400.0)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_load_generators_table() {
        let output = "viewers      pps  Mbit/s  CPU of one core  µs/packet  viewers/core   gaps  KiB/viewer\n    \
                      200    70674     542           47.0 %        6.7           426      0         820\n";
        assert_eq!(viewers_per_core(output).unwrap().values, [426.0]);
        assert!(viewers_per_core("").is_none());
    }
}
