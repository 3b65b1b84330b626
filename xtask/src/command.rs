//! Running other programs: quietly with their output kept for the day it is needed, or passed through.

use std::io::{BufRead, BufReader, IsTerminal, Read, stderr};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, spawn};

use anyhow::{Context, Result, bail};

use crate::step::Step;

/// What a program said (both streams, in the order in which lines arrived) and how it ended.
pub struct Outcome {
    pub success: bool,
    pub output: String,
}

/// Runs to the end, shows the last line in the step's progress, and shows all of it only on failure.
pub fn quiet(step: &Step, command: &mut Command) -> Result<String> {
    let outcome = observed(command, |line| step.note(line))?;
    if !outcome.success {
        bail!("{}\n{} failed", outcome.output.trim_end(), shown(command));
    }
    Ok(outcome.output)
}

/// Runs to the end and passes every line on as it comes.
pub fn tee(command: &mut Command) -> Result<Outcome> {
    // On a terminal the progress line stands where this one goes.
    let clear = if stderr().is_terminal() { "\r\x1b[K" } else { "" };
    observed(command, |line| eprintln!("{clear}{line}"))
}

/// What a short command prints, or nothing if it is not there or fails.
pub fn answer(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The cargo that runs this, with colours where they will be seen.
pub fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args);
    if stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    command
}

pub fn npm(args: &[&str]) -> Command {
    script("npm", args)
}

/// Runs a program of the packages that npm installed.
pub fn npx(args: &[&str]) -> Command {
    script("npx", args)
}

/// On Windows Node's tools are batch files, which are not found without their ending.
fn script(name: &str, args: &[&str]) -> Command {
    let mut command = Command::new(if cfg!(windows) { format!("{name}.cmd") } else { name.to_owned() });
    command.args(args);
    command
}

fn observed(command: &mut Command, mut seen: impl FnMut(&str)) -> Result<Outcome> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    let (lines, received) = channel();
    let readers = [
        child.stdout.take().map(|stream| forward(stream, lines.clone())),
        child.stderr.take().map(|stream| forward(stream, lines)),
    ];
    let mut output = String::new();
    for line in received {
        seen(&line);
        output.push_str(&line);
        output.push('\n');
    }
    for reader in readers.into_iter().flatten() {
        // A reader ends with its stream; it has nothing that could panic.
        let _ = reader.join();
    }
    Ok(Outcome { success: child.wait()?.success(), output })
}

fn forward(stream: impl Read + Send + 'static, lines: Sender<String>) -> thread::JoinHandle<()> {
    spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            if lines.send(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned()).is_err() {
                return;
            }
        }
    })
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_shows_what_was_said() {
        let error = quiet(&Step::default(), Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]));
        let error = error.unwrap_err().to_string();
        assert!(error.contains("out") && error.contains("err"), "{error}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = quiet(&Step::default(), &mut Command::new("no-such-program")).unwrap_err();
        assert!(error.to_string().contains("no-such-program"));
        assert_eq!(answer("no-such-program", &[]), None);
    }
}
