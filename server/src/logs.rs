//! The log: lines for people or for programs (`EVERLIGHT_LOG_FORMAT`), without secrets.
//!
//! Nothing that is logged should hold a secret. This is the second line of defence: what we know to be a secret, and what
//! looks like one of our tokens, is blotted out on its way.

use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};
use tracing_subscriber::fmt::MakeWriter;

use crate::config::{Config, LogFormat};

/// Our tokens are 32 bytes in hexadecimal digits.
const TOKEN_DIGITS: usize = 64;
const BLOT: &str = "[hidden]";
/// How a token for a provider begins: with a JSON object in base64.
const SIGNED: &str = "eyJ";

pub fn start(config: &Config) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log).context("EVERLIGHT_LOG cannot be read")?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // A journal or a file is no place for colours.
        .with_ansi(io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty()))
        .with_writer(Redacting { secrets: Arc::new(secrets(config)), to: io::stderr });
    match config.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).init(),
    }
    Ok(())
}

/// Everything in the settings that must not be seen.
fn secrets(config: &Config) -> Vec<String> {
    let cloudflare = config.cloud.cloudflare.iter().flat_map(|account| {
        let optional = [&account.webhook_secret, &account.notification_secret];
        std::iter::once(&account.api_token).chain(optional.into_iter().flatten())
    });
    let mux = config.cloud.mux.iter().flat_map(|mux| std::iter::once(&mux.token_secret).chain(&mux.webhook_secrets));
    let storage = config.s3.iter().map(|access| &access.secret_access_key);
    let mut secrets: Vec<String> =
        cloudflare.chain(mux).chain(storage).map(|secret: &SecretString| secret.expose_secret().to_owned()).collect();
    if let Some(password) = url::Url::parse(&config.database_url).ok().and_then(|url| url.password().map(str::to_owned))
    {
        secrets.push(password);
    }
    secrets.retain(|secret| !secret.is_empty());
    secrets
}

#[derive(Clone)]
struct Redacting<W> {
    secrets: Arc<Vec<String>>,
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
    secrets: &'a [String],
    to: W,
}

impl<W: Write> Write for Redactor<'_, W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.to.write_all(redacted(&String::from_utf8_lossy(line), self.secrets).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn redacted(line: &str, secrets: &[String]) -> String {
    let mut text = line.to_owned();
    for secret in secrets {
        text = text.replace(secret.as_str(), BLOT);
    }
    let text = without_signed(&text);
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_hexdigit()) {
        let digits = rest[start..].find(|letter: char| !letter.is_ascii_hexdigit()).unwrap_or(rest.len() - start);
        clean.push_str(&rest[..start]);
        clean.push_str(if digits >= TOKEN_DIGITS { BLOT } else { &rest[start..start + digits] });
        rest = &rest[start + digits..];
    }
    clean.push_str(rest);
    clean
}

/// Without what opens a copy at a provider: three parts with dots between (RFC 7515 §7.1).
fn without_signed(line: &str) -> String {
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(SIGNED) {
        let inside = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
        let length = rest[start..].find(|letter: char| !inside(letter)).unwrap_or(rest.len() - start);
        let found = &rest[start..start + length];
        clean.push_str(&rest[..start]);
        clean.push_str(if found.matches('.').count() >= 2 { BLOT } else { found });
        rest = &rest[start + length..];
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_known_secrets_are_blotted_out_and_nothing_else() {
        let token = "0123456789abcdef".repeat(4);
        let secrets = vec!["hunter2".to_owned()];
        let line =
            format!("POST /whip token={token} key=hunter2 stream=01a2046e-1b8a-7ac3-a7ba-374324a10b39 étage fade\n");
        let expected =
            "POST /whip token=[hidden] key=[hidden] stream=01a2046e-1b8a-7ac3-a7ba-374324a10b39 étage fade\n"
                .to_owned();
        assert_eq!(redacted(&line, &secrets), expected);
    }

    #[test]
    fn what_opens_a_copy_elsewhere_is_blotted_out() {
        let line =
            "GET https://stream.mux.com/p.m3u8?token=eyJhbGci.eyJz-dWI_.c2ln&x https://x/eyJh.eyJz.c2ln/manifest";
        assert_eq!(
            redacted(line, &[]),
            "GET https://stream.mux.com/p.m3u8?token=[hidden]&x https://x/[hidden]/manifest"
        );
    }

    #[test]
    fn a_line_without_secrets_is_as_it_was() {
        for line in ["", "\n", "{\"level\":\"INFO\",\"request.id\":\"4f1c\"}\n", "deadbeef", "ä", "eyJust a word"] {
            assert_eq!(redacted(line, &[]), line);
        }
    }

    #[test]
    fn every_secret_of_the_settings_is_known() {
        let mut config = Config::of_a_test(std::path::Path::new("data"), "postgres://ever:dbsecret@db/everlight");
        config.cloud.mux = Some(crate::config::MuxAccount {
            token_id: "id".into(),
            token_secret: "muxsecret".into(),
            base_url: None,
            ingest_url: None,
            playback_url: None,
            webhook_secrets: vec!["hooksecret".to_owned().into()],
            signing: None,
        });
        let mut found = secrets(&config);
        found.sort_unstable();
        assert_eq!(found, ["dbsecret", "hooksecret", "muxsecret"]);
    }
}
