//! The browser's half: cargo, wasm-bindgen, and for a release wasm-opt.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use super::pkg::{Pkg, hash};
use super::stamp::Stamp;
use super::{copy, files, remove};
use crate::command::{cargo, npm, quiet};
use crate::step::Step;
use crate::toolchain::WASM;
use crate::workspace::Workspace;

/// A module that pages load: a package of the workspace, what its files are called, and what `assets.json` calls them.
pub struct Module {
    package: &'static str,
    name: &'static str,
    js: &'static str,
    wasm: &'static str,
}

pub const MODULES: [Module; 2] = [
    Module { package: "frontend", name: "everlight", js: "js", wasm: "wasm" },
    Module { package: "streamer", name: "streamer", js: "streamer_js", wasm: "streamer_wasm" },
];

impl Module {
    /// The names that wasm-bindgen gives.
    fn glue_file(&self) -> String {
        format!("{}.js", self.name)
    }

    fn wasm_file(&self) -> String {
        format!("{}_bg.wasm", self.name)
    }
}

/// The features that rustc itself uses for wasm32-unknown-unknown. Not `--all-features`: that writes encodings which no
/// browser reads yet.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];
/// Measured on this client: `-Oz` takes off a fifth before compression, adds a tenth after brotli, and takes a minute.
const PASSES: [&str; 4] = ["--dce", "--vacuum", "--duplicate-function-elimination", "--remove-unused-module-elements"];
const VALIDATE: &str = "process.exit(WebAssembly.validate(require('node:fs').readFileSync(process.argv[1])) ? 0 : 1)";
const BINARYEN: &str = "binaryen@132.0.0";

/// For development the profile of the server: the macros, compiled for this machine, are then shared with it.
fn profile(release: bool) -> &'static str {
    if release { "wasm-release" } else { "dev" }
}

/// Where cargo puts what it makes with [`profile`].
fn profile_dir(release: bool) -> &'static str {
    if release { "wasm-release" } else { "debug" }
}

pub fn compile(step: &Step, workspace: &Workspace, release: bool) -> Result<()> {
    let mut build = cargo(&["build", "--lib", "--target", WASM, "--profile", profile(release)]);
    build.args(MODULES.iter().flat_map(|module| ["--package", module.package]));
    quiet(step, build.current_dir(&workspace.root)).map(drop)
}

/// Makes a module and its glue out of what cargo compiled; answers with their directory.
pub fn bindgen(step: &Step, workspace: &Workspace, module: &Module, release: bool) -> Result<PathBuf> {
    let compiled = workspace.target.join(WASM).join(profile_dir(release)).join(format!("{}.wasm", module.package));
    let out = workspace.target.join("bindgen").join(profile_dir(release)).join(module.name);
    let stamp = Stamp::of(&[&compiled], release)?;
    let stamp_file = out.with_extension("stamp");
    if stamp.matches(&stamp_file) && out.join(module.wasm_file()).is_file() {
        return Ok(out);
    }
    remove(&out)?;
    step.note("wasm-bindgen");
    Bindgen::new()
        .input_path(&compiled)
        .out_name(module.name)
        .web(true)?
        .typescript(false)
        // Names in a stack trace are worth their bytes only to a developer.
        .remove_name_section(release)
        .generate(&out)?;
    if release {
        optimise(step, workspace, &out.join(module.wasm_file()))?;
    }
    stamp.write(&stamp_file)?;
    Ok(out)
}

fn optimise(step: &Step, workspace: &Workspace, module: &Path) -> Result<()> {
    let home = workspace.tools().join("binaryen");
    let wasm_opt = home.join("node_modules").join("binaryen").join("bin").join("wasm-opt");
    if !wasm_opt.is_file() {
        step.note("fetching wasm-opt");
        fs::create_dir_all(&home)?;
        let mut install = npm(&["install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--prefix"]);
        quiet(step, install.arg(&home).arg(BINARYEN)).context("wasm-opt (npm package binaryen) cannot be fetched")?;
    }
    step.note("wasm-opt");
    let mut optimise = Command::new("node");
    optimise.arg(&wasm_opt).args(FEATURES).args(PASSES).arg(module).arg("-o").arg(module);
    quiet(step, &mut optimise)?;
    quiet(step, Command::new("node").args(["-e", VALIDATE, "--"]).arg(module))
        .context("wasm-opt made a module that browsers cannot read")
        .map(drop)
}

/// Puts what [`bindgen`] made into the package under hashed names.
pub fn publish(module: &Module, bound: &Path, pkg: &mut Pkg) -> Result<()> {
    let wasm = pkg.add(module.wasm, module.name, "wasm", &fs::read(bound.join(module.wasm_file()))?)?;
    let glue = fs::read_to_string(bound.join(module.glue_file()))?.replace(&module.wasm_file(), &wasm);
    let glue = match snippets(bound, pkg)? {
        Some(dir) => glue.replace("./snippets/", &format!("./{dir}/")),
        None => glue,
    };
    pkg.add(module.js, module.name, "js", glue.as_bytes()).map(drop)
}

/// JavaScript that crates bring along. Its paths do not change with its content, so the directory carries the hash.
fn snippets(bound: &Path, pkg: &Pkg) -> Result<Option<String>> {
    let from = bound.join("snippets");
    let found = files(&from)?;
    if found.is_empty() {
        return Ok(None);
    }
    let mut all = Vec::new();
    for file in &found {
        all.extend_from_slice(file.strip_prefix(&from)?.to_string_lossy().as_bytes());
        all.extend(fs::read(file)?);
    }
    let dir = format!("snippets.{}", hash(&all));
    for file in &found {
        copy(file, &pkg.dir().join(&dir).join(file.strip_prefix(&from)?))?;
    }
    Ok(Some(dir))
}
