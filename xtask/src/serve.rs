//! `cargo xtask serve`: builds, starts, waits until the server answers, and stops it again on Ctrl-C.

use std::env;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::step::Steps;
use crate::workspace::Workspace;
use crate::{
    build::{self, What},
    emulator::Emulator,
    lan,
};

const PORT: u16 = 3000;
/// HTTPS for phones: a page must be secure before a browser gives it the camera.
const HTTPS_PORT: u16 = 3443;

#[derive(clap::Args)]
pub struct Args {
    /// By HTTPS, also for phones in the same network
    #[arg(long)]
    lan: bool,
    /// The optimised build
    #[arg(long)]
    release: bool,
    /// TCP port: 3000, with --lan 3443
    #[arg(long)]
    port: Option<u16>,
    /// With stand-ins for Cloudflare and Mux beside the server: as if there were accounts at both
    #[arg(long)]
    emulators: bool,
    /// Does not open a browser
    #[arg(long)]
    no_open: bool,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let site = Site::of(args)?;
    let mut steps = Steps::new(build::STEPS + 1);
    build::all(&mut steps, &workspace, What { release: args.release, emulator: args.emulators })?;

    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    ctrlc::set_handler(move || asked.store(true, Ordering::Relaxed)).context("cannot watch for Ctrl-C")?;

    let providers = if args.emulators { Some(Emulator::start(&workspace, args.release, &site.url)?) } else { None };
    let mut server = steps.run("Starting the server", |_| {
        ensure!(
            TcpListener::bind(site.listen).is_ok(),
            "port {} is taken: stop the program that uses it, or choose another with `--port`",
            site.listen.port()
        );
        let mut server = command(&workspace, args, &site)
            .envs(providers.iter().flat_map(Emulator::environment))
            .spawn()
            .context("cannot start the server")?;
        match wait_until_healthy(&mut server, &site, &stop) {
            Ok(()) => Ok(server),
            Err(error) => end(&mut server).and(Err(error)),
        }
    })?;

    println!("\nReady after {}: {}  (Ctrl-C stops it)", steps.elapsed(), site.url);
    if !args.no_open {
        open_browser(&site.url);
    }
    while !stop.load(Ordering::Relaxed) {
        if let Some(status) = server.try_wait()? {
            bail!("the server stopped by itself ({status})");
        }
        sleep(Duration::from_millis(100));
    }
    let status = end(&mut server)?;
    ensure!(status.success(), "the server did not stop cleanly ({status})");
    Ok(ExitCode::SUCCESS)
}

/// Where the server listens, and what people type.
struct Site {
    listen: SocketAddr,
    url: String,
}

impl Site {
    fn of(args: &Args) -> Result<Self> {
        Ok(if args.lan {
            let listen = SocketAddr::from((Ipv4Addr::UNSPECIFIED, args.port.unwrap_or(HTTPS_PORT)));
            Self { listen, url: format!("https://{}:{}", lan::address()?, listen.port()) }
        } else {
            let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port.unwrap_or(PORT)));
            Self { listen, url: format!("http://localhost:{}", listen.port()) }
        })
    }

    fn healthy(&self) -> bool {
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, self.listen.port()));
        if self.url.starts_with("https:") { healthy_over_tls(here) } else { healthy(here).unwrap_or(false) }
    }
}

fn command(workspace: &Workspace, args: &Args, site: &Site) -> Command {
    let mut server = Command::new(workspace.server(args.release));
    server.arg("serve").current_dir(&workspace.root).stdin(Stdio::null());
    server.env("LEPTOS_SITE_ROOT", workspace.site());
    // Stronger than Leptos.toml, as a flag must be; only the public address may be another (a tunnel's).
    server.env("EVERLIGHT_ADDR", site.listen.to_string());
    server.env("EVERLIGHT_TLS", if args.lan { "self-signed" } else { "off" });
    if env::var_os("EVERLIGHT_PUBLIC_URL").is_none() {
        server.env("EVERLIGHT_PUBLIC_URL", &site.url);
    }
    // A process group of its own: the terminal's Ctrl-C comes to this program alone, which then asks the server.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut server, 0);
    server
}

fn wait_until_healthy(server: &mut Child, site: &Site, stop: &AtomicBool) -> Result<()> {
    loop {
        if let Some(status) = server.try_wait()? {
            bail!("the server did not start ({status}); what it said is above");
        }
        ensure!(!stop.load(Ordering::Relaxed), "stopped before the server was ready");
        if site.healthy() {
            return Ok(());
        }
        sleep(Duration::from_millis(50));
    }
}

fn healthy(address: SocketAddr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    Ok(status == *b"HTTP/1.1 200")
}

/// By Node, which speaks TLS and is here anyway. The certificate is the server's own, which nobody has signed.
fn healthy_over_tls(address: SocketAddr) -> bool {
    let script =
        format!("fetch('https://{address}/healthz').then(a => process.exit(a.ok ? 0 : 1), () => process.exit(1))");
    let mut node = Command::new("node");
    node.args(["-e", &script]).env("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    node.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    node.status().is_ok_and(|status| status.success())
}

/// Asks the server to end, so that it closes its recordings, and waits until it has.
fn end(server: &mut Child) -> Result<ExitStatus> {
    if server.try_wait()?.is_none() {
        let asked = cfg!(unix)
            && Command::new("kill").args(["-TERM", &server.id().to_string()]).status().is_ok_and(|s| s.success());
        if !asked {
            server.kill()?;
        }
    }
    Ok(server.wait()?)
}

/// Where there is a desktop. That it does not open harms nothing: the address is printed.
fn open_browser(address: &str) {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let opener = match env::consts::OS {
        _ if set("CI") || set("SSH_CONNECTION") => return,
        "macos" => "open",
        "linux" if set("DISPLAY") || set("WAYLAND_DISPLAY") => "xdg-open",
        _ => return,
    };
    let _ = Command::new(opener).arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_of_200_is_healthy() {
        for (answer, expected) in [("HTTP/1.1 200 OK\r\n\r\n", true), ("HTTP/1.1 503 Unavailable\r\n\r\n", false)] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 1024];
                let read = stream.read(&mut request).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
                request[..read].starts_with(b"GET /healthz ")
            });
            assert_eq!(healthy(address).unwrap(), expected);
            assert!(server.join().unwrap());
        }
    }
}
