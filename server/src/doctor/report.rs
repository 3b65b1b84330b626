//! What was found, for people and for programs.

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Good,
    /// Could not be tried here, or there is nothing to try.
    NotTried,
    /// Works, and somebody should know this.
    Notice,
    /// Something that people need does not work.
    Bad,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub check: &'static str,
    pub verdict: Verdict,
    pub words: String,
}

impl Verdict {
    pub fn of(self, check: &'static str, words: impl Into<String>) -> Finding {
        Finding { check, verdict: self, words: words.into() }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verdict = match self.verdict {
            Verdict::Good => "good     ",
            Verdict::NotTried => "not tried",
            Verdict::Notice => "notice   ",
            Verdict::Bad => "BAD      ",
        };
        write!(f, "{verdict}  {:<18} {}", self.check, self.words)
    }
}

/// Whether services can be streamed.
pub fn all_is_well(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.verdict != Verdict::Bad)
}

/// `{"ok": …, "findings": […]}`.
pub fn json(findings: &[Finding]) -> String {
    let report = serde_json::json!({ "ok": all_is_well(findings), "findings": findings });
    serde_json::to_string_pretty(&report).expect("findings are strings")
}

pub fn text(findings: &[Finding]) -> String {
    let mut text: String = findings.iter().map(|finding| format!("{finding}\n")).collect();
    let bad = findings.iter().filter(|finding| finding.verdict == Verdict::Bad).count();
    text.push_str(&match bad {
        0 => "\nNothing stands in the way of a service.\n".to_owned(),
        1 => "\nOne thing has to be mended.\n".to_owned(),
        bad => format!("\n{bad} things have to be mended.\n"),
    });
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_finding_is_enough() {
        let good = Verdict::Good.of("disk", "80 GB are free.");
        let notice = Verdict::Notice.of("ffmpeg", "ffmpeg is missing.");
        let bad = Verdict::Bad.of("database", "It does not answer.");
        assert!(all_is_well(&[good.clone(), notice.clone()]));
        let findings = [good, notice, bad];
        assert!(!all_is_well(&findings));
        let report: serde_json::Value = serde_json::from_str(&json(&findings)).unwrap();
        assert_eq!((report["ok"].as_bool(), report["findings"][2]["verdict"].as_str()), (Some(false), Some("bad")));
        assert!(text(&findings).ends_with("One thing has to be mended.\n"));
    }
}
