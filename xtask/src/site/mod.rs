//! Everything the server serves as files: the browser's half of the program, the style sheet, and `public/`.
//!
//! What a page loads by name is stored under its content's hash in `pkg/`, so that it may be cached for ever;
//! `assets.json` tells the server which name is the present one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::step::Step;
use crate::workspace::Workspace;

pub mod client;
mod compress;
mod css;
mod pkg;
mod stamp;

use pkg::Pkg;
use stamp::Stamp;

/// Builds the site into `target/site`, unless what is there was made from the very same inputs.
pub fn assemble(step: &Step, workspace: &Workspace, release: bool) -> Result<()> {
    let bound: Vec<PathBuf> = client::MODULES
        .iter()
        .map(|module| client::bindgen(step, workspace, module, release))
        .collect::<Result<_>>()?;
    let (style, public, site) = (workspace.root.join("style"), workspace.root.join("public"), workspace.site());
    let mut inputs: Vec<&Path> = vec![&style, &public];
    inputs.extend(bound.iter().map(PathBuf::as_path));
    let stamp = Stamp::of(&inputs, release)?;
    let stamp_file = workspace.target.join("site.stamp");
    if stamp.matches(&stamp_file) && site.join("assets.json").is_file() {
        return Ok(());
    }

    // Made aside and moved into place whole: a server that is running never sees half a site.
    let next = workspace.target.join("site.next");
    remove(&next)?;
    let assets = fill(step, &next, &bound, &style, &public)?;
    fs::write(next.join("assets.json"), serde_json::to_string_pretty(&assets)?)?;
    if release {
        step.note("compressing");
        compress::all(step, &next)?;
    }
    remove(&site)?;
    fs::rename(&next, &site).with_context(|| format!("cannot move the site to {}", site.display()))?;
    stamp.write(&stamp_file)
}

/// Writes all files; answers with the address of each asset by its short name.
fn fill(step: &Step, site: &Path, bound: &[PathBuf], style: &Path, public: &Path) -> Result<BTreeMap<String, String>> {
    let mut pkg = Pkg::create(site)?;
    for (module, bound) in client::MODULES.iter().zip(bound) {
        client::publish(module, bound, &mut pkg)?;
    }
    step.note("style sheet");
    pkg.add("css", "everlight", "css", css::bundle(&style.join("main.css"))?.as_bytes())?;
    pkg.add("mourner_css", "mourner", "css", css::bundle(&style.join("mourner.css"))?.as_bytes())?;
    for file in files(public)? {
        let inside = file.strip_prefix(public)?;
        match (inside.parent(), inside.file_stem().and_then(|stem| stem.to_str())) {
            // Modules that pages load by name. Each stands alone: hashed names cannot import one another.
            (Some(parent), Some(stem)) if parent == Path::new("") && inside.extension().is_some_and(|e| e == "js") => {
                pkg.add(stem, stem, "js", &fs::read(&file)?)?;
            }
            _ => copy(&file, &site.join(inside))?,
        }
    }
    Ok(pkg.into_assets())
}

/// All files below `dir`, in a stable order; none if there is no such directory.
fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop().filter(|dir| dir.is_dir()) {
        for entry in fs::read_dir(&dir).with_context(|| format!("cannot read {}", dir.display()))? {
            let path = entry?.path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

fn remove(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", dir.display()))
        }
        _ => Ok(()),
    }
}
