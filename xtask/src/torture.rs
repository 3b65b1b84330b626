//! `cargo xtask torture`: the server is killed again and again while it makes services, and must lose nothing.

use std::process::ExitCode;

use anyhow::{Result, ensure};

use crate::command::{cargo, tee};
use crate::step::Steps;
use crate::test::{postgres, server_side};
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub struct Args {
    /// How often it is killed
    #[arg(long, default_value_t = 200)]
    kills: u32,
    /// On a throw-away PostgreSQL instead of SQLite
    #[arg(long)]
    postgres: bool,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let mut steps = Steps::new(1);
    let title = format!("Killing the server {} times", args.kills);
    let figures = steps.run(&title, |step| {
        let cluster = args.postgres.then(|| postgres::Cluster::start(step)).transpose()?;
        let mut test = cargo(&["test", "--test", "program"]);
        test.args(server_side(&workspace)).args(["--", "what_was_acknowledged_outlives_kill_9", "--nocapture"]);
        test.env("EVERLIGHT_TEST_KILLS", args.kills.to_string());
        if let Some(cluster) = &cluster {
            test.env(postgres::SERVER, cluster.url());
        }
        let outcome = tee(&mut test)?;
        ensure!(outcome.success, "something was lost, or could not be tried: see above");
        Ok(outcome.output.lines().find(|line| line.contains("kills,")).unwrap_or_default().to_owned())
    })?;
    println!("{figures}");
    Ok(ExitCode::SUCCESS)
}
