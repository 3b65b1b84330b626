//! Browsers, ffmpeg and Playwright for the end-to-end tests: found where they are, fetched where they are not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{answer, npm, npx, quiet};
use crate::step::Step;
use crate::workspace::Workspace;

mod whip;

const CHROMIUM: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const FIREFOX: [&str; 3] = ["firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"];

pub struct Tools {
    /// None: the one that Playwright fetched itself, which it also finds itself.
    chromium: Option<PathBuf>,
    firefox: PathBuf,
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
    /// An ffmpeg that can publish by WHIP: 8.0 or later.
    ffmpeg_whip: PathBuf,
}

impl Tools {
    /// Tells the tests where everything is.
    pub fn environment(&self, command: &mut Command, workspace: &Workspace, release: bool) {
        command
            .env("EVERLIGHT_BIN", workspace.server(release))
            .env("EMULATOR_BIN", workspace.emulator(release))
            .env("LEPTOS_SITE_ROOT", workspace.site())
            .env("FIREFOX_PATH", &self.firefox)
            .env("FFMPEG_PATH", &self.ffmpeg)
            .env("FFPROBE_PATH", &self.ffprobe)
            .env("FFMPEG_WHIP_PATH", &self.ffmpeg_whip);
        if let Some(chromium) = &self.chromium {
            command.env("CHROMIUM_PATH", chromium);
        }
    }
}

/// Finds or fetches everything.
pub fn find(step: &Step, workspace: &Workspace) -> Result<Tools> {
    step.note("npm packages");
    test_packages(step, &workspace.root.join("end2end"))?;
    test_packages(step, &workspace.root.join("end2end/providers"))?;
    install_packages(step)?;
    let chromium = first(&CHROMIUM);
    if chromium.is_none() {
        step.note("Chromium by Playwright");
        playwright_chromium(step, workspace)?;
    }
    let needed = |names: &[&str], advice: &str| first(names).with_context(|| advice.to_owned());
    let ffmpeg = needed(&["ffmpeg"], "ffmpeg is missing: `apt install ffmpeg`, or `brew install ffmpeg`.")?;
    Ok(Tools {
        chromium,
        firefox: needed(&FIREFOX, "Firefox is missing: `apt install firefox-esr`, or https://www.firefox.com.")?,
        ffprobe: needed(&["ffprobe"], "ffprobe is missing: it comes with ffmpeg, `apt install ffmpeg`.")?,
        ffmpeg_whip: whip::ffmpeg(step, workspace, &ffmpeg)?,
        ffmpeg,
    })
}

/// On Debian, as root, what is missing comes from the distribution.
fn install_packages(step: &Step) -> Result<()> {
    let here = |names: &[&str]| first(names).is_some();
    let missing: Vec<&str> = [
        // Text in pictures of pages needs a font.
        (here(&CHROMIUM), &["chromium", "fonts-liberation"][..]),
        (here(&FIREFOX), &["firefox-esr"]),
        (here(&["ffmpeg"]) && here(&["ffprobe"]), &["ffmpeg"]),
        (answer("python3", &["-c", "import venv, ensurepip"]).is_some(), &["python3-venv"]),
    ]
    .into_iter()
    .flat_map(|(present, packages)| if present { &[] } else { packages })
    .copied()
    .collect();
    if !may_install() {
        return Ok(());
    }
    // By itself: not every Debian has it. The tests that need it say so.
    if !here(&["pebble"]) {
        drop(install(step, &["pebble"]));
    }
    if missing.is_empty() { Ok(()) } else { install(step, &missing) }
}

/// PostgreSQL's programs. The package would make a cluster and start it: nobody asked for one.
pub fn install_without_cluster(step: &Step) -> Result<()> {
    if !may_install() {
        return Ok(());
    }
    let folder = Path::new("/etc/postgresql-common/createcluster.d");
    fs::create_dir_all(folder)?;
    let file = folder.join("everlight-tests.conf");
    fs::write(&file, "create_main_cluster = false\n")?;
    let done = install(step, &["postgresql"]);
    fs::remove_file(&file)?;
    done
}

fn may_install() -> bool {
    is_debian() && answer("id", &["-u"]).as_deref() == Some("0")
}

fn install(step: &Step, packages: &[&str]) -> Result<()> {
    step.note(&format!("installing {}", packages.join(", ")));
    let apt = |args: &[&str]| {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(args);
        command
    };
    quiet(step, &mut apt(&["update"]))?;
    quiet(step, apt(&["install", "--yes", "--no-install-recommends"]).args(packages)).map(drop)
}

fn is_debian() -> bool {
    fs::read_to_string("/etc/os-release").is_ok_and(|release| release.lines().any(|line| line == "ID=debian"))
}

/// Packages exactly as the lock file has them, unless they are there already.
fn test_packages(step: &Step, end2end: &Path) -> Result<()> {
    let (lock, installed) = (end2end.join("package-lock.json"), end2end.join("node_modules/.package-lock.json"));
    let time = |file: &Path| fs::metadata(file).and_then(|data| data.modified()).ok();
    if time(&installed).is_some_and(|installed| Some(installed) >= time(&lock)) {
        return Ok(());
    }
    let mut install = npm(&["ci", "--no-audit", "--no-fund"]);
    install.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1").current_dir(end2end);
    quiet(step, &mut install).context("the test packages cannot be installed").map(drop)
}

fn playwright_chromium(step: &Step, workspace: &Workspace) -> Result<()> {
    quiet(step, npx(&["playwright", "install", "chromium"]).current_dir(workspace.root.join("end2end")))
        .context("Chromium is missing: `apt install chromium`, or install Google Chrome.")
        .map(drop)
}

/// The first of these programs that is there: by name on PATH, or by its full path.
fn first(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    names.iter().find_map(|name| {
        // Joining an absolute path gives that path itself.
        std::env::split_paths(&path).map(|dir| dir.join(name)).find(|candidate| candidate.is_file())
    })
}

/// The address that a program prints as its last line.
fn printed_path(program: &Path, args: &[&str]) -> Result<PathBuf> {
    let output = Command::new(program).args(args).output()?;
    if !output.status.success() {
        bail!("{} failed: {}", program.display(), String::from_utf8_lossy(&output.stderr).trim());
    }
    let text = String::from_utf8(output.stdout)?;
    text.lines().next_back().map(PathBuf::from).context("it printed nothing")
}
