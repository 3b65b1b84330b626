//! One small style sheet out of `style/main.css` and what it imports.

use std::path::Path;

use anyhow::{Result, anyhow};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions};
use lightningcss::targets::{Browsers, Targets};

/// What is asked of a browser at all is asked by WebRTC and WASM; older ones are not written for here either.
/// Versions as Lightning CSS wants them: major << 16 | minor << 8.
fn targets() -> Targets {
    let version = |major: u32, minor: u32| Some(major << 16 | minor << 8);
    Targets::from(Browsers {
        chrome: version(111, 0),
        edge: version(111, 0),
        firefox: version(115, 0),
        safari: version(16, 4),
        ios_saf: version(16, 4),
        ..Browsers::default()
    })
}

pub fn bundle(main: &Path) -> Result<String> {
    let files = FileProvider::new();
    // The error borrows from the bundler: it is turned into text at once.
    let told = |error: &dyn std::fmt::Display| anyhow!("{}: {error}", main.display());
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    let mut sheet = bundler.bundle(main).map_err(|error| told(&error))?;
    let targets = targets();
    sheet.minify(MinifyOptions { targets, ..MinifyOptions::default() }).map_err(|error| told(&error))?;
    let printed = sheet.to_css(PrinterOptions { minify: true, targets, ..PrinterOptions::default() });
    Ok(printed.map_err(|error| told(&error))?.code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn in_directory(name: &str, files: &[(&str, &str)]) -> Result<String> {
        let dir = std::env::temp_dir().join(format!("everlight-css-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        for (name, text) in files {
            fs::write(dir.join(name), text).unwrap();
        }
        let css = bundle(&dir.join("main.css"));
        fs::remove_dir_all(&dir).unwrap();
        css
    }

    #[test]
    fn imports_are_brought_in_and_made_small() {
        let files =
            [("main.css", "@layer a;\n@import 'b.css' layer(a);\np { color: red; }"), ("b.css", "i { top: 0px }")];
        assert_eq!(in_directory("good", &files).unwrap(), "@layer a{i{top:0}}p{color:red}");
    }

    #[test]
    fn a_mistake_names_the_file() {
        let error = in_directory("bad", &[("main.css", "p { color: red; } }")]).unwrap_err().to_string();
        assert!(error.contains("main.css"), "{error}");
    }
}
