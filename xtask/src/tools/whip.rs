//! An ffmpeg that publishes by WHIP (`-f whip`, from 8.0 on). Distributions do not have it yet; PyPI does.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::printed_path;
use crate::command::{answer, quiet};
use crate::step::Step;
use crate::workspace::Workspace;

const PACKAGE: &str = "imageio-ffmpeg";
const WHERE: [&str; 2] = ["-c", "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"];

pub fn ffmpeg(step: &Step, workspace: &Workspace, system: &Path) -> Result<PathBuf> {
    if publishes(system) {
        return Ok(system.to_owned());
    }
    step.note("ffmpeg with WHIP");
    let home = workspace.tools().join("python");
    let python = home.join("bin").join("python3");
    let found = printed_path(&python, &WHERE).or_else(|_| {
        let home = home.to_string_lossy();
        quiet(step, Command::new("python3").args(["-m", "venv", &home]))?;
        quiet(step, Command::new(&python).args(["-m", "pip", "install", "--quiet", PACKAGE]))?;
        printed_path(&python, &WHERE)
    });
    let advice = "an ffmpeg that knows WHIP (8.0 or later) is missing: put one on PATH, or install python3-venv and \
                  let this command fetch `imageio-ffmpeg`";
    match found.context(advice)? {
        ffmpeg if publishes(&ffmpeg) => Ok(ffmpeg),
        old => bail!("{} does not know WHIP; {advice}", old.display()),
    }
}

fn publishes(ffmpeg: &Path) -> bool {
    let muxers = ffmpeg.to_str().and_then(|ffmpeg| answer(ffmpeg, &["-hide_banner", "-muxers"]));
    muxers.is_some_and(|muxers| muxers.lines().any(|line| line.split_whitespace().nth(1) == Some("whip")))
}
