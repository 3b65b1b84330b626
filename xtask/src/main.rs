//! `cargo xtask`: from a fresh clone to a running page, and the checks that guard it.
#![expect(clippy::print_stdout, reason = "a command line tool speaks to the person who called it")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod build;
mod command;
mod emulator;
mod lan;
mod serve;
mod site;
mod step;
mod test;
mod toolchain;
mod tools;
mod torture;
mod workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Builds, starts and checks Everlight")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds Everlight, starts it and opens the page
    Serve(serve::Args),
    /// Builds the server and the browser's half, and starts nothing
    Build(build::Args),
    /// Formatting, lints, unit, integration and end-to-end tests
    Test(test::Args),
    /// Measures start-up times, viewers per core, page weight and render speed on this machine
    Bench(bench::Args),
    /// Kills the server again and again under load; it must lose nothing
    Torture(torture::Args),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(args) => serve::run(&args),
        Command::Build(args) => build::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Torture(args) => torture::run(&args),
    };
    done.unwrap_or_else(|error| {
        eprintln!("\nerror: {error:#}");
        ExitCode::FAILURE
    })
}
