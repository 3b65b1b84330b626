//! The stand-ins for Cloudflare and Mux, beside a server for development.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::workspace::Workspace;

/// It is printed last; everything else was printed before.
const LAST: &str = "EVERLIGHT_EXTRA_CA_FILE=";

/// Runs for as long as this lives.
pub struct Emulator {
    process: Child,
    environment: Vec<(String, String)>,
}

impl Emulator {
    /// `server`: where webhooks go.
    pub fn start(workspace: &Workspace, release: bool, server: &str) -> Result<Self> {
        let mut command = Command::new(workspace.emulator(release));
        // Windows of minutes become seconds: nobody wants to wait for them at a desk.
        command.args(["--webhooks-to", server, "--time-scale", "0.05"]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().context("cannot start the stand-ins for Cloudflare and Mux")?;
        let output = process.stdout.take().context("the stand-ins say nothing")?;
        let mut environment = Vec::new();
        for line in BufReader::new(output).lines() {
            let line = line?;
            let (name, value) = line.split_once('=').with_context(|| format!("the stand-ins said: {line}"))?;
            environment.push((name.to_owned(), value.to_owned()));
            if line.starts_with(LAST) {
                return Ok(Self { process, environment });
            }
        }
        bail!("the stand-ins for Cloudflare and Mux stopped by themselves ({})", process.wait()?)
    }

    /// What the server has to know.
    pub fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
