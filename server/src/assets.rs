//! The built pages: where they lie and what they are called (their names carry the hash of their content).

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use app::Assets;

/// Finds the built pages: where the configuration says, else beside the program.
pub fn load(site_root: &Path) -> anyhow::Result<(PathBuf, Assets)> {
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("site")));
    let roots = [Some(site_root.to_owned()), beside];
    for root in roots.into_iter().flatten() {
        if root.join("assets.json").is_file() {
            let list = std::fs::read(root.join("assets.json")).context("The list of the built pages cannot be read")?;
            let list: Listed = serde_json::from_slice(&list).context("The list of the built pages is damaged")?;
            let style = std::fs::read_to_string(root.join(list.mourner_css.trim_start_matches('/')))
                .context("The style sheet of the mourner's page cannot be read")?;
            return Ok((root, Assets { mourner_style: Some(style.into()), ..list.assets }));
        }
        if are_by_cargo_leptos(&root) {
            return Ok((root, built_by_cargo_leptos()));
        }
    }
    anyhow::bail!("The built pages are missing from {}. “cargo xtask build” makes them", site_root.display())
}

/// Whether cargo-leptos built these pages. In a release they are not taken: its one module leaves the page of whoever films
/// dead (`frontend/src/lib.rs`).
pub(crate) fn are_by_cargo_leptos(root: &Path) -> bool {
    cfg!(debug_assertions) && !root.join("assets.json").is_file() && root.join("pkg/everlight.wasm").is_file()
}

/// The list, as it is written.
#[derive(serde::Deserialize)]
struct Listed {
    #[serde(flatten)]
    assets: Assets,
    mourner_css: String,
}

/// cargo-leptos builds one module, makes no list, and gives files the names that they have.
fn built_by_cargo_leptos() -> Assets {
    let pkg = |extension| format!("/pkg/everlight.{extension}");
    Assets {
        js: pkg("js"),
        wasm: pkg("wasm"),
        streamer_js: pkg("js"),
        streamer_wasm: pkg("wasm"),
        css: pkg("css"),
        mourner_style: None,
        player: "/player.js".into(),
        hls: "/hls.js".into(),
        captions: "/captions.js".into(),
    }
}
