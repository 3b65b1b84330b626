//! Progress: which step the command is in, and how long each took.

use std::fmt;
use std::io::{IsTerminal, Write, stderr};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

use anyhow::Result;

/// The numbered steps of one command.
pub struct Steps {
    total: usize,
    begun: usize,
    started: Instant,
}

impl Steps {
    pub fn new(total: usize) -> Self {
        Self { total, begun: 0, started: Instant::now() }
    }

    /// Does `work` as the next step. On a terminal the line counts the seconds while it runs.
    pub fn run<T>(&mut self, title: &str, work: impl FnOnce(&Step) -> Result<T>) -> Result<T> {
        self.begun += 1;
        let label = format!("[{}/{}] {title} …", self.begun, self.total);
        let step = Step::default();
        let started = Instant::now();
        let ticker = stderr().is_terminal().then(|| Ticker::start(label.clone(), step.clone()));
        if ticker.is_none() {
            eprintln!("{label}");
        }
        let result = work(&step);
        if let Some(ticker) = ticker {
            ticker.stop();
        }
        let failed = if result.is_ok() { "" } else { "failed after " };
        eprintln!("{label} {failed}{}", Elapsed(started.elapsed()));
        result
    }

    /// Time since the first step began.
    pub fn elapsed(&self) -> Elapsed {
        Elapsed(self.started.elapsed())
    }
}

/// The running step, as its work sees it.
#[derive(Clone, Default)]
pub struct Step {
    note: Arc<Mutex<String>>,
}

impl Step {
    /// Says in a few words what is being done right now.
    pub fn note(&self, text: &str) {
        text.trim().clone_into(&mut self.lock());
    }

    fn lock(&self) -> MutexGuard<'_, String> {
        // A note is one whole string: it is right even if the writer panicked afterwards.
        self.note.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Redraws the step's line until it is dropped.
struct Ticker {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Ticker {
    fn start(label: String, step: Step) -> Self {
        let (stop, stopped) = channel();
        let started = Instant::now();
        let thread = spawn(move || {
            while stopped.recv_timeout(Duration::from_millis(200)) == Err(RecvTimeoutError::Timeout) {
                let note: String = step.lock().chars().take(40).collect();
                eprint!("\r\x1b[K{label} {}  \x1b[2m{note}\x1b[0m", Elapsed(started.elapsed()));
                let _ = stderr().flush();
            }
            eprint!("\r\x1b[K");
        });
        Self { stop, thread }
    }

    fn stop(self) {
        drop(self.stop);
        // The thread only prints; if it panicked, the line it left is the only harm.
        let _ = self.thread.join();
    }
}

/// A duration as a person says it: `0.4s`, `37s`, `1m12s`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Elapsed(pub Duration);

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            0..10 => write!(f, "{:.1}s", self.0.as_secs_f32()),
            10..60 => write!(f, "{seconds}s"),
            _ => write!(f, "{}m{:02}s", seconds / 60, seconds % 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_naturally() {
        for (ms, said) in [(400, "0.4s"), (37_900, "37s"), (72_000, "1m12s"), (3_600_000, "60m00s")] {
            assert_eq!(Elapsed(Duration::from_millis(ms)).to_string(), said);
        }
    }

    #[test]
    fn a_failed_step_hands_its_error_on() {
        let result: Result<()> = Steps::new(1).run("Failing", |_| anyhow::bail!("as told"));
        assert_eq!(result.unwrap_err().to_string(), "as told");
    }
}
