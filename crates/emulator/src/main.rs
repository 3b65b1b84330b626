//! `everlight-emulator`: prints what Everlight's environment must hold, then serves until it is stopped.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Parser;
use emulator::{Config, Emulator, Timing};

/// Cloudflare Stream and Mux Video on this machine, for development.
#[derive(Parser)]
struct Options {
    /// Port of HTTP; 0 takes any that is free.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Port of RTMPS; 0 takes any that is free.
    #[arg(long, default_value_t = 0)]
    ingest_port: u16,
    /// Everlight's address: webhooks go to its `/api/webhooks/…`.
    #[arg(long, value_name = "URL")]
    webhooks_to: Option<String>,
    /// Writes the environment into this file, too, when everything answers.
    #[arg(long, value_name = "PATH")]
    env_file: Option<PathBuf>,
    /// Keeps recordings here; without it they are gone at the end.
    #[arg(long, value_name = "PATH")]
    directory: Option<PathBuf>,
    /// Writes the certificate of RTMPS here.
    #[arg(long, value_name = "PATH")]
    ca_file: Option<PathBuf>,
    /// Multiplies the windows that callers ask for: 0.1 makes 60 s into 6 s.
    #[arg(long, default_value_t = 1.0)]
    time_scale: f64,
    /// From the end of a show or an upload to "ready".
    #[arg(long, default_value_t = 2000)]
    processing_ms: u64,
    /// From the first frame to Mux's "active", and from there to the first "asset.ready".
    #[arg(long, default_value_t = 2000)]
    mux_active_ms: u64,
    /// Before a webhook is first repeated.
    #[arg(long, default_value_t = 500)]
    webhook_retry_ms: u64,
    /// Mux refuses live streams, as it does without a paid plan.
    #[arg(long)]
    mux_free_plan: bool,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "printing is what it is for")]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let options = Options::parse();
    let millis = std::time::Duration::from_millis;
    let mut config = Config {
        http: SocketAddr::from((Ipv4Addr::LOCALHOST, options.port)),
        ingest: SocketAddr::from((Ipv4Addr::LOCALHOST, options.ingest_port)),
        directory: options.directory,
        ca_file: options.ca_file,
        webhooks_to: options.webhooks_to,
        timing: Timing {
            scale: options.time_scale,
            processing: millis(options.processing_ms),
            mux_active: millis(options.mux_active_ms),
            mux_asset_ready: millis(options.mux_active_ms),
            webhook_retry: millis(options.webhook_retry_ms),
            ..Timing::default()
        },
        ..Config::default()
    };
    config.mux.free_plan = options.mux_free_plan;
    let emulator = Emulator::start(config).await?;
    let lines: String = emulator.environment().iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    print!("{lines}");
    if let Some(file) = options.env_file {
        // All at once: whoever waits for the file reads all of it.
        let temporary = file.with_extension("tmp");
        std::fs::write(&temporary, &lines)?;
        std::fs::rename(&temporary, &file)?;
    }
    stopped().await?;
    Ok(())
}

/// By a person at the terminal or by whoever started it.
#[cfg(unix)]
async fn stopped() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stopped() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
