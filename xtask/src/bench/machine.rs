//! Where and when something was measured: a number without that says little.

use std::fs;
use std::thread::available_parallelism;

use crate::command::answer;

/// `2026-11-22 18:50 UTC`
pub fn now() -> String {
    answer("date", &["-u", "+%Y-%m-%d %H:%M UTC"]).unwrap_or_else(|| "now".to_owned())
}

/// Cores and their kind, as far as the system says.
pub fn description() -> String {
    let cores = available_parallelism().map_or(1, usize::from);
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    model.map_or_else(|| format!("{cores} cores"), |(_, model)| format!("{cores} cores ({})", model.trim()))
}

/// How busy the machine was, over the last minute and the last five.
pub fn load_average() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let numbers: Vec<&str> = load.split_whitespace().take(2).collect();
    if numbers.is_empty() { "unknown".to_owned() } else { numbers.join(" / ") }
}

pub fn revision() -> String {
    answer("git", &["describe", "--always", "--dirty"]).unwrap_or_else(|| "of unknown revision".to_owned())
}
