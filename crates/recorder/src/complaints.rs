//! What ffmpeg complains of.

/// The first lines of what was said on standard error, as one.
pub(crate) fn first(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    said.lines().map(str::trim).filter(|line| !line.is_empty()).take(5).collect::<Vec<_>>().join("; ")
}
