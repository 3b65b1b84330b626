//! Reading SDP line by line (RFC 8866 §5), with the leniency that real peers need.

/// The lines of a description, whether they end in CRLF, LF or CR; empty ones are left out.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\r', '\n']).filter(|line| !line.is_empty())
}

/// `name` and `value` of an `a=name:value` or `a=name` line.
pub(crate) fn attribute(line: &str) -> Option<(&str, &str)> {
    let body = line.strip_prefix("a=")?;
    Some(body.split_once(':').map_or((body, ""), |(name, value)| (name, value.trim())))
}

/// Characters that may stand in a token written into a description: visible ASCII.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}
