//! Every package that is built on comes from crates.io, under a licence that asks for no more than to be named.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::command::{cargo, quiet};
use crate::step::Step;

const FREE: [&str; 12] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "BSL-1.0",
    "CC0-1.0",
    "Unlicense",
    "Unicode-3.0",
    "CDLA-Permissive-2.0",
];
/// Of tools that build the pages: their own files stay under their licence, and nothing of them is in the program.
const OF_TOOLS: &str = "MPL-2.0";
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub fn check(step: &Step) -> Result<()> {
    let answer = quiet(
        step,
        cargo(&["metadata", "--quiet", "--locked", "--format-version", "1"]).env("CARGO_TERM_COLOR", "never"),
    )?;
    let metadata: Value = serde_json::from_str(answer.trim()).context("cargo metadata did not answer in JSON")?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    let complaints: Vec<String> = packages.iter().filter_map(complaint).collect();
    if !complaints.is_empty() {
        bail!("{}", complaints.join("\n"));
    }
    Ok(())
}

fn complaint(package: &Value) -> Option<String> {
    let name = package["name"].as_str().unwrap_or("?");
    // None: a package of this workspace.
    let source = package["source"].as_str()?;
    let licence = package["license"].as_str().unwrap_or_default();
    if source != CRATES_IO {
        return Some(format!("{name} comes from {source}, and only crates.io is looked after"));
    }
    let words = words(licence);
    let free = matches!(any(&words), Some((true, [])));
    (!free).then(|| format!("{name} has the licence “{licence}”, which nobody has looked at"))
}

/// Parentheses by themselves; a slash is an old way of writing OR.
fn words(licence: &str) -> Vec<String> {
    let spaced = licence.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    spaced.split_whitespace().map(str::to_owned).collect()
}

/// Whether one of the alternatives is free, and what follows them; `None` for what is no expression.
fn any(words: &[String]) -> Option<(bool, &[String])> {
    let (mut free, mut rest) = all(words)?;
    while let Some((_, after)) = rest.split_first().filter(|(word, _)| *word == "OR") {
        let (also, next) = all(after)?;
        (free, rest) = (free || also, next);
    }
    Some((free, rest))
}

fn all(words: &[String]) -> Option<(bool, &[String])> {
    let (mut free, mut rest) = one(words)?;
    while let Some((_, after)) = rest.split_first().filter(|(word, _)| *word == "AND") {
        let (also, next) = one(after)?;
        (free, rest) = (free && also, next);
    }
    Some((free, rest))
}

fn one(words: &[String]) -> Option<(bool, &[String])> {
    let (word, rest) = words.split_first()?;
    if word == "(" {
        let (free, rest) = any(rest)?;
        return rest.split_first().filter(|(end, _)| *end == ")").map(|(_, rest)| (free, rest));
    }
    let free = FREE.contains(&word.as_str()) || word == OF_TOOLS;
    match rest {
        // An exception only ever allows more.
        [with, _, rest @ ..] if with == "WITH" => Some((free, rest)),
        _ => Some((free, rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_free(licence: &str) -> bool {
        complaint(&serde_json::json!({ "name": "x", "source": CRATES_IO, "license": licence })).is_none()
    }

    #[test]
    fn an_alternative_is_enough_and_an_addition_is_not_left_out() {
        for free in [
            "MIT",
            "MIT/Apache-2.0",
            "Apache-2.0 / MIT",
            "GPL-3.0 OR MIT",
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
            "ISC AND (Apache-2.0 OR GPL-3.0) AND MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
        ] {
            assert!(is_free(free), "{free}");
        }
        for other in
            ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Apache-2.0) AND AGPL-3.0", "", "MIT OR", "(MIT", "MIT GPL-3.0"]
        {
            assert!(!is_free(other), "{other}");
        }
    }

    #[test]
    fn what_comes_from_elsewhere_is_named() {
        let git = serde_json::json!({ "name": "x", "source": "git+https://example.com/x", "license": "MIT" });
        assert!(complaint(&git).is_some());
        let ours = serde_json::json!({ "name": "x", "source": null, "license": "MIT" });
        assert_eq!(complaint(&ours), None);
    }
}
