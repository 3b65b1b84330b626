//! Where things are: cargo's own answer, so that CARGO_TARGET_DIR and its like are honoured.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command::{cargo, quiet};
use crate::step::Step;

pub struct Workspace {
    pub root: PathBuf,
    pub target: PathBuf,
    /// Names of the packages in the workspace.
    pub packages: Vec<String>,
}

impl Workspace {
    /// Asks cargo. `--quiet` keeps its other output out of the answer.
    pub fn find() -> Result<Self> {
        // Set by `cargo run`; the place where this was compiled is the answer when it is started by itself.
        let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
        let root = Path::new(&here).parent().context("xtask lies inside the workspace")?;
        let mut metadata = cargo(&["metadata", "--quiet", "--no-deps", "--format-version", "1"]);
        let answer = quiet(&Step::default(), metadata.env("CARGO_TERM_COLOR", "never").current_dir(root))?;
        let answer: Value = serde_json::from_str(answer.trim()).context("cargo metadata did not answer in JSON")?;
        let path = |key: &str| answer[key].as_str().map(PathBuf::from).with_context(|| format!("no {key}"));
        let packages = answer["packages"].as_array().context("no packages")?;
        Ok(Self {
            root: path("workspace_root")?,
            target: path("target_directory")?,
            packages: packages.iter().filter_map(|package| package["name"].as_str()).map(str::to_owned).collect(),
        })
    }

    /// Where [`crate::site`] puts what the server serves.
    pub fn site(&self) -> PathBuf {
        self.target.join("site")
    }

    /// Programs fetched for tests and release builds.
    pub fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// The server's binary as built by [`crate::build`].
    pub fn server(&self, release: bool) -> PathBuf {
        self.program("everlight", release)
    }

    /// The providers' stand-ins, likewise.
    pub fn emulator(&self, release: bool) -> PathBuf {
        self.program("everlight-emulator", release)
    }

    fn program(&self, name: &str, release: bool) -> PathBuf {
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        self.target.join(if release { "release" } else { "debug" }).join(name)
    }
}
