//! The log: lines for people or for programs (`EVERLIGHT_LOG_FORMAT`), without secrets.

use std::io::{self, IsTerminal as _, Write};

use anyhow::Context as _;
use tracing_subscriber::{
    Layer as _, filter::EnvFilter, fmt::MakeWriter, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::{
    config::{Config, LogFormat},
    secrets::Secrets,
    traces::Traces,
};

/// Begins the log, and the traces if there is somebody who collects them.
pub fn start(config: &Config) -> anyhow::Result<Option<Traces>> {
    let secrets = Secrets::of(config);
    let filter = EnvFilter::try_new(&config.log).context("EVERLIGHT_LOG cannot be read")?;
    let log = tracing_subscriber::fmt::layer()
        // A journal or a file is no place for colours.
        .with_ansi(io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty()))
        .with_writer(Redacting { secrets: secrets.clone(), to: io::stderr });
    let log = match config.log_format {
        LogFormat::Text => log.boxed(),
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).boxed(),
    };
    let traces = Traces::of(config, secrets)?;
    let layers = traces.as_ref().map(Traces::layer);
    // One filter for both. With one each, a span is lost, and the log does not say to which request a line belongs, once sqlx
    // has asked whether a line would be written (tracing-subscriber 0.3.23: what the answer was stays until the next is asked).
    tracing_subscriber::registry().with(filter).with(log).with(layers).init();
    Ok(traces)
}

#[derive(Clone)]
struct Redacting<W> {
    secrets: Secrets,
    to: W,
}

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Redacting<W> {
    type Writer = Redactor<'a, W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Redactor { secrets: &self.secrets, to: self.to.make_writer() }
    }
}

/// A line is written with one call.
struct Redactor<'a, W> {
    secrets: &'a Secrets,
    to: W,
}

impl<W: Write> Write for Redactor<'_, W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.to.write_all(self.secrets.hide(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
