//! How many tests passed and failed, read from what the test runners report.

use std::fmt;
use std::ops::AddAssign;

use anyhow::{Result, ensure};
use serde_json::Value;

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
    /// Of those that passed: only at the second attempt. Each has found something at the first.
    pub flaky: u64,
}

impl Count {
    /// The last summary line: `Summary [ 0.1s] 3 tests run: 2 passed (1 slow), 1 failed, 0 skipped`.
    pub fn of_nextest(output: &str) -> Self {
        let text = without_colours(output);
        let summary = text.lines().rev().filter(|line| line.trim_start().starts_with("Summary ["));
        let Some((_, parts)) = summary.filter_map(|line| line.split_once(" run: ")).next() else {
            return Self::default();
        };
        let mut count = Self::default();
        for (number, what) in parts.split(", ").filter_map(|part| part.trim().split_once(' ')) {
            let number = number.parse().unwrap_or(0);
            match what {
                _ if what.starts_with("passed") => count.passed += number,
                _ if what.starts_with("skipped") => {}
                // failed, timed out, exec failed: none of them passed.
                _ => count.failed += number,
            }
        }
        count
    }

    /// The sum over all binaries: `test result: ok. 3 passed; 0 failed; 0 ignored; …`.
    pub fn of_cargo_test(output: &str) -> Self {
        let mut count = Self::default();
        let text = without_colours(output);
        for line in text.lines().filter(|line| line.starts_with("test result: ")) {
            for part in line.split(['.', ';']) {
                match part.trim().split_once(' ') {
                    Some((number, "passed")) => count.passed += number.parse().unwrap_or(0),
                    Some((number, "failed")) => count.failed += number.parse().unwrap_or(0),
                    _ => {}
                }
            }
        }
        count
    }

    /// Playwright's JSON report. A flaky test passed at the second attempt.
    pub fn of_playwright(report: &str) -> Option<Self> {
        let report: Value = serde_json::from_str(report).ok()?;
        let stat = |name: &str| report["stats"][name].as_u64();
        let errors = report["errors"].as_array().map_or(0, Vec::len);
        Some(Self {
            passed: stat("expected")? + stat("flaky")?,
            failed: stat("unexpected")? + u64::try_from(errors).ok()?,
            flaky: stat("flaky")?,
        })
    }

    /// The last lines of Node's own runner, in TAP: `# pass 12`, `# fail 0`.
    pub fn of_tap(output: &str) -> Self {
        let text = without_colours(output);
        let number = |name: &str| {
            let lines = text.lines().filter_map(|line| line.strip_prefix("# ")?.strip_prefix(name));
            lines.filter_map(|number| number.trim().parse::<u64>().ok()).next_back().unwrap_or(0)
        };
        Self { passed: number("pass "), failed: number("fail ") + number("cancelled "), flaky: 0 }
    }

    /// The runner's exit code has the last word: a build that failed has no test that failed.
    pub fn with_exit(self, success: bool) -> Result<Self> {
        ensure!(success || self.failed > 0, "it failed before any test could: see above");
        ensure!(!success || self.failed == 0, "the runner says all is well, its report says {self}");
        Ok(self)
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.flaky += other.flaky;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        match self.flaky {
            0 => Ok(()),
            flaky => write!(f, " (FLAKY: {flaky} passed only at the second attempt; their first failures are above)"),
        }
    }
}

/// Leaves out terminal escapes such as `ESC[1;32m`.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_ascii_alphabetic()).map_or(part.len(), |end| end + 1);
        plain.push_str(&part[end..]);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_says_it_at_the_end() {
        let output = "ok 1 - a\n# tests 3\n# suites 0\n# pass 2\n# fail 1\n# cancelled 0\n# skipped 0\n";
        assert_eq!(Count::of_tap(output), Count { passed: 2, failed: 1, flaky: 0 });
    }

    #[test]
    fn nextest_in_colour() {
        let output = "\x1b[32;1m     Summary\x1b[0m [   0.1s] \x1b[1m9\x1b[0m tests run: \x1b[1m5\x1b[0m passed (1 slow), \
                      2 failed, 1 timed out, 1 exec failed, 3 skipped\n        FAIL [   0.0s] a b\n";
        assert_eq!(Count::of_nextest(output), Count { passed: 5, failed: 4, flaky: 0 });
    }

    #[test]
    fn cargo_test_sums_its_binaries() {
        let output = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
                      test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s\n";
        assert_eq!(Count::of_cargo_test(output), Count { passed: 5, failed: 1, flaky: 0 });
    }

    #[test]
    fn playwright_names_flaky_tests_and_counts_errors_outside_tests_as_failures() {
        let report = r#"{"errors":[{}],"stats":{"expected":4,"unexpected":1,"flaky":2,"skipped":1}}"#;
        assert_eq!(Count::of_playwright(report), Some(Count { passed: 6, failed: 2, flaky: 2 }));
        assert_eq!(Count::of_playwright("{}"), None);
    }

    #[test]
    fn a_failed_build_is_not_a_success_with_no_tests() {
        assert!(Count::default().with_exit(false).is_err());
        assert!(Count { passed: 1, failed: 1, flaky: 0 }.with_exit(true).is_err());
        assert!(Count { passed: 1, failed: 0, flaky: 0 }.with_exit(true).is_ok());
    }
}
