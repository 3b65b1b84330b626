//! `cargo xtask test`: every check there is, and an honest count at the end.

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::command::{answer, cargo, npx, tee};
use crate::step::{Step, Steps};
use crate::toolchain::{WASM, component};
use crate::tools::Tools;
use crate::workspace::Workspace;
use crate::{
    build::{self, What},
    tools,
};

mod count;
mod deny;
pub mod postgres;

use count::Count;

#[derive(clap::Args)]
pub struct Args {
    /// Only this part; may be given more than once
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Arguments for Playwright, after `--`
    #[arg(last = true)]
    playwright: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Formatting
    Fmt,
    /// What is built on: licences, sources, known vulnerabilities
    Deny,
    /// Lints: the server's side natively, the browser's for wasm
    Clippy,
    /// Unit and integration tests
    Unit,
    /// Those of them that have a database once more, on PostgreSQL
    Postgres,
    /// End-to-end tests in browsers
    E2e,
}

impl Part {
    /// `browsers`: how often the browsers run.
    fn steps(self, browsers: usize) -> usize {
        match self {
            Self::Fmt => 1,
            Self::Deny | Self::Clippy => 3,
            Self::Unit => 2,
            Self::Postgres => 1,
            Self::E2e => build::STEPS + 2 + browsers,
        }
    }
}

pub fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let parts: Vec<Part> = Part::value_variants()
        .iter()
        .copied()
        .filter(|part| args.only.is_empty() || args.only.contains(part))
        .collect();
    // The unit tests look at real recordings with ffmpeg, too.
    let needs_tools = parts.iter().any(|part| matches!(part, Part::Unit | Part::Postgres | Part::E2e));
    let browsers = if args.playwright.is_empty() { 2 } else { 1 };
    let mut run = Run {
        steps: Steps::new(parts.iter().map(|part| part.steps(browsers)).sum::<usize>() + usize::from(needs_tools)),
        workspace,
        count: Count::default(),
        failures: Vec::new(),
        skipped: Vec::new(),
    };
    let tools = if needs_tools { run.tools() } else { None };
    for part in parts {
        match part {
            Part::Fmt => run.formatting(),
            Part::Deny => run.packages(),
            Part::Clippy => run.lints(),
            Part::Unit => run.unit_tests(),
            Part::Postgres => run.on_postgres(),
            Part::E2e => {
                if let Some(tools) = &tools {
                    run.end_to_end(tools, &args.playwright);
                }
            }
        }
    }
    Ok(run.finish())
}

struct Run {
    steps: Steps,
    workspace: Workspace,
    count: Count,
    /// Titles of the steps that failed.
    failures: Vec<String>,
    /// Of those that could not look: they have not passed.
    skipped: Vec<String>,
}

impl Run {
    fn formatting(&mut self) {
        self.check("Formatting", |step, _| {
            component(step, "rustfmt", "fmt")?;
            passes(&mut cargo(&["fmt", "--all", "--check"]))
        });
    }

    fn packages(&mut self) {
        let title = "Getting cargo-deny";
        let program = match self.steps.run(title, |step| deny::find(step, &self.workspace)) {
            Ok(program) => program,
            Err(error) => return self.fail(title, &error),
        };
        self.check("Licences and sources of what is built on", |_, workspace| {
            deny::licences_and_sources(&program, workspace)
        });
        let title = "Known vulnerabilities of what is built on";
        match self.steps.run(title, |step| deny::vulnerabilities(step, &program, &self.workspace)) {
            Ok(true) => {}
            Ok(false) => self.skipped.push(title.to_owned()),
            Err(error) => self.fail(title, &error),
        }
    }

    fn lints(&mut self) {
        self.check("Lints: server", |step, workspace| {
            component(step, "clippy", "clippy")?;
            passes(
                cargo(&["clippy", "--all-targets", "--keep-going"])
                    .args(server_side(workspace))
                    .args(["--", "-D", "warnings"]),
            )
        });
        self.check("Lints: browser", |step, _| {
            crate::toolchain::check(step)?;
            let browser_side =
                ["--package", "frontend", "--package", "streamer", "--package", "app", "--features", "app/hydrate"];
            passes(
                cargo(&["clippy", "--keep-going", "--target", WASM]).args(browser_side).args(["--", "-D", "warnings"]),
            )
        });
        self.check("Lints: xtask", |_, _| {
            passes(&mut cargo(&["clippy", "--package", "xtask", "--all-targets", "--", "-D", "warnings"]))
        });
    }

    fn unit_tests(&mut self) {
        self.counted("Unit and integration tests", |_, workspace| rust_tests(&server_side(workspace), Which::All));
        // On its own, with the features that it is running with: nothing is compiled again.
        self.counted("Tests of xtask", |_, _| rust_tests(&["--package".to_owned(), "xtask".to_owned()], Which::All));
    }

    /// Where there is no PostgreSQL, and none may be installed, this fails and is counted.
    fn on_postgres(&mut self) {
        self.counted("On PostgreSQL: the store, the use cases, the edge", |step, workspace| {
            let cluster = postgres::Cluster::start(step)?;
            rust_tests(&server_side(workspace), Which::OnPostgres(&cluster))
        });
    }

    /// `None` has been counted as a failure: without browsers no end-to-end test runs, and the command says so.
    fn tools(&mut self) -> Option<Tools> {
        let title = "Getting browsers and ffmpeg";
        let found = self.steps.run(title, |step| tools::find(step, &self.workspace));
        found.inspect_err(|error| self.fail(title, error)).ok()
    }

    fn end_to_end(&mut self, tools: &Tools, args: &[String]) {
        if let Err(error) = build::all(&mut self.steps, &self.workspace, What { release: false, emulator: true }) {
            return self.fail("Building for the end-to-end tests", &error);
        }
        self.check("Types of the end-to-end tests", |_, workspace| {
            passes(npx(&["tsc"]).current_dir(workspace.root.join("end2end")))
        });
        self.counted("The providers' own libraries against their stand-ins", |_, workspace| {
            let mut node = Command::new("node");
            node.args(["--test", "--test-reporter=tap"]).current_dir(workspace.root.join("end2end/providers"));
            let outcome = tee(node.env("EVERLIGHT_EMULATOR", workspace.emulator(false)))?;
            Count::of_tap(&outcome.output).with_exit(outcome.success)
        });
        if args.is_empty() {
            self.counted("End-to-end tests, two at a time", |step, workspace| {
                browsers(step, tools, workspace, "together", args)
            });
            self.counted("End-to-end tests that measure", |step, workspace| {
                browsers(step, tools, workspace, "alone", args)
            });
        } else {
            self.counted("End-to-end tests", |step, workspace| browsers(step, tools, workspace, "", args));
        }
    }

    /// A step that passes or fails as a whole. Only its failure is counted: it is not a test.
    fn check(&mut self, title: &str, work: impl FnOnce(&Step, &Workspace) -> Result<()>) {
        let result = self.steps.run(title, |step| work(step, &self.workspace));
        if let Err(error) = result {
            self.fail(title, &error);
        }
    }

    fn counted(&mut self, title: &str, work: impl FnOnce(&Step, &Workspace) -> Result<Count>) {
        match self.steps.run(title, |step| work(step, &self.workspace)) {
            Ok(count) => {
                if count.failed > 0 {
                    self.failures.push(title.to_owned());
                }
                self.count += count;
            }
            Err(error) => self.fail(title, &error),
        }
    }

    fn fail(&mut self, title: &str, error: &anyhow::Error) {
        eprintln!("{error:#}");
        self.failures.push(title.to_owned());
        self.count.failed += 1;
    }

    fn finish(self) -> ExitCode {
        println!("Done in {}.", self.steps.elapsed());
        for failure in &self.failures {
            println!("Failed: {failure}");
        }
        for skipped in &self.skipped {
            println!("Skipped: {skipped}");
        }
        match self.skipped.len() {
            0 => println!("{}", self.count),
            skipped => println!("{}, {skipped} skipped", self.count),
        }
        if self.failures.is_empty() && self.count.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Every package but the browser's modules and this one, `app` with the server's features.
pub fn server_side(workspace: &Workspace) -> Vec<String> {
    let packages = workspace.packages.iter().filter(|name| !["frontend", "streamer", "xtask"].contains(&name.as_str()));
    let mut args: Vec<String> = packages.flat_map(|name| ["--package".to_owned(), name.clone()]).collect();
    args.extend(["--features".to_owned(), "app/ssr".to_owned()]);
    args
}

/// `part`: which of them, as `playwright.config.ts` has it.
fn browsers(step: &Step, tools: &Tools, workspace: &Workspace, part: &str, args: &[String]) -> Result<Count> {
    let report = workspace.target.join(format!("end2end-{part}.json"));
    // An old report must not be taken for this run's.
    drop(std::fs::remove_file(&report));
    let mut playwright = npx(&["playwright", "test"]);
    playwright.args(args).env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report).env("EVERLIGHT_PART", part);
    tools.environment(&mut playwright, workspace, false);
    // For those with several instances, which are all among those that measure. Without it they fail and say why; the others
    // do not need it.
    let cluster = if part == "together" { None } else { postgres::Cluster::start(step).ok() };
    if let Some(cluster) = &cluster {
        cluster.environment(&mut playwright);
    }
    let outcome = tee(playwright.current_dir(workspace.root.join("end2end")))?;
    let count = std::fs::read_to_string(&report).ok().and_then(|report| Count::of_playwright(&report));
    count.unwrap_or_default().with_exit(outcome.success)
}

fn passes(command: &mut Command) -> Result<()> {
    if !tee(command)?.success {
        bail!("see above");
    }
    Ok(())
}

/// Which of the tests run.
#[derive(Clone, Copy)]
enum Which<'a> {
    All,
    /// Those that have a database (`crates/testdb`), on this server.
    OnPostgres(&'a postgres::Cluster),
}

/// By cargo-nextest where it is installed, else by cargo itself. `--tests`: unit and integration tests, no doc tests
/// (there are none), no examples (the lints compile them). The selection of packages is always the same: with another,
/// cargo would compile everything again with other features.
fn rust_tests(selection: &[String], which: Which<'_>) -> Result<Count> {
    if answer("cargo", &["nextest", "--version"]).is_some() {
        let mut nextest = cargo(&["nextest", "run", "--tests", "--no-fail-fast"]);
        match which {
            Which::All => nextest.args(["--no-tests", "pass"]),
            Which::OnPostgres(cluster) => nextest
                .args(["--no-tests", "fail", "--filterset", "package(store) + package(service) + package(server)"])
                .env(postgres::SERVER, cluster.url()),
        };
        let outcome = tee(nextest.args(selection))?;
        return Count::of_nextest(&outcome.output).with_exit(outcome.success);
    }
    let mut test = cargo(&["test", "--no-fail-fast"]);
    match which {
        Which::All => test.arg("--tests"),
        Which::OnPostgres(cluster) => test
            .args(["--lib", "--test", "store", "--test", "upgrade", "--test", "edge", "--test", "program"])
            .env(postgres::SERVER, cluster.url()),
    };
    let outcome = tee(test.args(selection))?;
    Count::of_cargo_test(&outcome.output).with_exit(outcome.success)
}
