//! What must not be seen by whoever reads logs or traces.
//!
//! Nothing that is told there should hold a secret. This is the second line of defence: what we know to be a secret, and what
//! looks like one of our tokens, is blotted out on its way.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use crate::config::Config;

/// Our tokens are 32 bytes in hexadecimal digits.
const TOKEN_DIGITS: usize = 64;
const BLOT: &str = "[hidden]";
/// What is shorter proves nothing to anybody.
const SHORTEST: usize = 8;
/// How a token for a provider begins: with a JSON object in base64.
const SIGNED: &str = "eyJ";

/// The secrets of the settings.
#[derive(Clone)]
pub struct Secrets(Arc<[String]>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

impl Secrets {
    /// Everything in the settings that must not be seen.
    pub fn of(config: &Config) -> Self {
        let cloudflare = config.cloud.cloudflare.iter().flat_map(|account| {
            let optional = [&account.webhook_secret, &account.notification_secret];
            std::iter::once(&account.api_token).chain(optional.into_iter().flatten())
        });
        let mux =
            config.cloud.mux.iter().flat_map(|mux| std::iter::once(&mux.token_secret).chain(&mux.webhook_secrets));
        let storage = config.s3.iter().map(|access| &access.secret_access_key);
        let all = cloudflare.chain(mux).chain(storage);
        let mut secrets: Vec<String> = all.map(|secret: &SecretString| secret.expose_secret().to_owned()).collect();
        for value in config.traces.iter().flat_map(|traces| traces.headers.values()) {
            // `Bearer …`: the scheme is none. And a collector is told more than secrets, such as whose traces these are.
            let value = String::from_utf8_lossy(value.as_bytes());
            secrets.extend(value.split(' ').filter(|word| word.len() >= SHORTEST).map(str::to_owned));
        }
        if let Some(password) =
            url::Url::parse(&config.database_url).ok().and_then(|url| url.password().map(str::to_owned))
        {
            secrets.push(password);
        }
        secrets.retain(|secret| !secret.is_empty());
        Self(secrets.into())
    }

    /// The text without them, and without what looks like one.
    pub fn hide(&self, line: &str) -> String {
        let mut text = line.to_owned();
        for secret in self.0.iter() {
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
impl Secrets {
    pub(crate) fn none() -> Self {
        Self([].into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_known_secrets_are_blotted_out_and_nothing_else() {
        let token = "0123456789abcdef".repeat(4);
        let secrets = Secrets(["hunter2".to_owned()].into());
        let line =
            format!("POST /whip token={token} key=hunter2 stream=01a2046e-1b8a-7ac3-a7ba-374324a10b39 étage fade\n");
        let expected =
            "POST /whip token=[hidden] key=[hidden] stream=01a2046e-1b8a-7ac3-a7ba-374324a10b39 étage fade\n"
                .to_owned();
        assert_eq!(secrets.hide(&line), expected);
    }

    #[test]
    fn what_opens_a_copy_elsewhere_is_blotted_out() {
        let line =
            "GET https://stream.mux.com/p.m3u8?token=eyJhbGci.eyJz-dWI_.c2ln&x https://x/eyJh.eyJz.c2ln/manifest";
        assert_eq!(
            Secrets::none().hide(line),
            "GET https://stream.mux.com/p.m3u8?token=[hidden]&x https://x/[hidden]/manifest"
        );
    }

    #[test]
    fn a_line_without_secrets_is_as_it_was() {
        for line in ["", "\n", "{\"level\":\"INFO\",\"request.id\":\"4f1c\"}\n", "deadbeef", "ä", "eyJust a word"] {
            assert_eq!(Secrets::none().hide(line), line);
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
        config.traces = Some(crate::config::TracesConfig {
            address: "http://127.0.0.1:4318/v1/traces".parse().unwrap(),
            headers: [(http::header::AUTHORIZATION, http::HeaderValue::from_static("Bearer collectorsecret"))]
                .into_iter()
                .collect(),
            share: 1.0,
            service: "everlight".into(),
        });
        let mut found = Secrets::of(&config).0.to_vec();
        found.sort_unstable();
        assert_eq!(found, ["collectorsecret", "dbsecret", "hooksecret", "muxsecret"]);
    }
}
