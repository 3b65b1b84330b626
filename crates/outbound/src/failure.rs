use std::time::Duration;

/// Which call to whom, in plain words: “Cloudflare”, “create a live input”.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    pub provider: &'static str,
    pub what: &'static str,
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.provider, self.what)
    }
}

/// Why a call failed, sorted by what the caller may do next. No variant holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// Nothing left this machine: the call has not happened.
    #[error("{call}: nothing was sent: {why}")]
    NotSent { call: Call, why: String },
    /// It was sent and no usable answer came: it may have happened. Look for the object before sending again.
    #[error("{call}: it is not known whether this happened: {why}")]
    Unknown { call: Call, why: String },
    /// A call that may be repeated freely got no usable answer, each time it was tried.
    #[error("{call}: no answer: {why}")]
    NoAnswer { call: Call, why: String },
    /// The provider answered no. `code` is its own code, where it gave one.
    #[error("{call}: refused with status {status}{}: {message}", code.as_ref().map(|code| format!(" (code {code})")).unwrap_or_default())]
    Refused { call: Call, status: u16, code: Option<String>, message: String },
    /// Too many calls, by the provider's count or by ours: the call has not happened.
    #[error("{call}: too many calls, again in {} s", retry_after.as_secs_f64().ceil())]
    RateLimited { call: Call, retry_after: Duration },
    /// The circuit is open after failures or a rate limit: the call was not tried.
    #[error("{call}: not tried after earlier failures, again in {} s", retry_in.as_secs_f64().ceil())]
    Unavailable { call: Call, retry_in: Duration },
    /// The answer is not what the provider documents. A creation (`repeatable` is false) has most likely happened.
    #[error("{call}: the answer is not as documented: {why}")]
    Garbled { call: Call, why: String, repeatable: bool },
    /// The provider said yes and did not take a setting over. `object` is what now exists.
    #[error("{call}: `{setting}` was ignored: sent {sent}, got {got} (object {object})")]
    Ignored { call: Call, object: String, setting: &'static str, sent: String, got: String },
}

impl Failure {
    /// The same call may succeed later, with nothing changed. For [`Failure::Unknown`] only after having looked.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::NotSent { .. }
            | Self::Unknown { .. }
            | Self::NoAnswer { .. }
            | Self::RateLimited { .. }
            | Self::Unavailable { .. }
            | Self::Garbled { .. } => true,
            Self::Refused { status, .. } => matches!(status, 408 | 409 | 425),
            Self::Ignored { .. } => false,
        }
    }

    /// Something may exist at the provider that we have no answer about.
    #[must_use]
    pub fn outcome_unknown(&self) -> bool {
        matches!(self, Self::Unknown { .. } | Self::Garbled { repeatable: false, .. })
    }

    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// The credentials are wrong, or may not do this.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Refused { status: 401 | 403, .. })
    }

    /// How long to wait at least before the next try, where it is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after: wait, .. } | Self::Unavailable { retry_in: wait, .. } => Some(*wait),
            _ => None,
        }
    }

    #[must_use]
    pub fn call(&self) -> Call {
        match self {
            Self::NotSent { call, .. }
            | Self::Unknown { call, .. }
            | Self::NoAnswer { call, .. }
            | Self::Refused { call, .. }
            | Self::RateLimited { call, .. }
            | Self::Unavailable { call, .. }
            | Self::Garbled { call, .. }
            | Self::Ignored { call, .. } => *call,
        }
    }
}

/// What a provider wrote, fit for a log line: one line, no control characters, at most 300 characters, and none of
/// `secrets` in it.
pub(crate) fn plain<'a>(text: &str, secrets: impl Iterator<Item = &'a str>) -> String {
    let mut text = text.to_owned();
    for secret in secrets.filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "[hidden]");
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_provider_wrote_is_one_short_line_without_secrets() {
        let text = format!("bad key\nkey-1234 {}", "x".repeat(400));
        let plain = plain(&text, ["key-1234", ""].into_iter());
        assert!(plain.starts_with("bad key [hidden] xxx"), "{plain}");
        assert_eq!(plain.chars().count(), 300);
    }

    #[test]
    fn an_unreadable_answer_to_a_creation_may_have_happened() {
        let call = Call { provider: "Mux", what: "create" };
        let garbled = |repeatable| Failure::Garbled { call, why: "x".into(), repeatable };
        assert!(garbled(false).outcome_unknown());
        assert!(!garbled(true).outcome_unknown());
    }
}
