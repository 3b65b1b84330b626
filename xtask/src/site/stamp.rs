//! Whether a result is still right: the names, sizes and times of everything it was made from.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

use super::files;

pub struct Stamp(String);

impl Stamp {
    /// Of files and whole directories, and of xtask itself: a new xtask may do the work differently.
    pub fn of(inputs: &[&Path], release: bool) -> Result<Self> {
        let mut text = format!("release {release}\n");
        let this = std::env::current_exe()?;
        for input in inputs.iter().copied().chain([this.as_path()]) {
            let found = if input.is_dir() { files(input)? } else { vec![input.to_owned()] };
            for file in found {
                let data = fs::metadata(&file).with_context(|| format!("{} is missing", file.display()))?;
                let modified = data.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
                writeln!(text, "{} {} {modified}", file.display(), data.len())?;
            }
        }
        Ok(Self(text))
    }

    pub fn matches(&self, file: &Path) -> bool {
        fs::read_to_string(file).is_ok_and(|before| before == self.0)
    }

    pub fn write(&self, file: &Path) -> Result<()> {
        fs::write(file, &self.0).with_context(|| format!("cannot write {}", file.display()))
    }
}
