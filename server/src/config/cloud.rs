//! Accounts at providers of recordings: all of an account, or nothing. Names are those that the providers' own libraries
//! read.

use std::time::Duration;

use domain::Route;
use outbound::SigningKey;
use secrecy::SecretString;
use service::cloud::Backup;

use super::{ConfigError, wrong};

/// What the environment says of accounts, checked.
#[derive(Debug, Clone)]
pub struct CloudConfig {
    pub cloudflare: Option<CloudflareAccount>,
    pub mux: Option<MuxAccount>,
    /// For phones.
    pub route: Route,
    pub backup: Backup,
    /// How long nothing at a provider is waited for after a service.
    pub patience: Duration,
}

impl CloudConfig {
    /// The origins at which providers play what they hold, for the pages' policy.
    pub fn media_sources(&self) -> String {
        // A provider whose API is elsewhere than in the world (a stand-in) plays there too.
        let origin = |url: &String| {
            let (scheme, rest) = url.split_once("://")?;
            Some(format!("{scheme}://{}", rest.split('/').next()?))
        };
        let cloudflare = self.cloudflare.as_ref().map(|account| {
            account.base_url.as_ref().and_then(origin).unwrap_or_else(|| "https://*.cloudflarestream.com".into())
        });
        let mux = self.mux.as_ref().map(|account| {
            account
                .playback_url
                .as_ref()
                .and_then(origin)
                .unwrap_or_else(|| "https://stream.mux.com https://*.mux.com".into())
        });
        cloudflare.into_iter().chain(mux).collect::<Vec<_>>().join(" ")
    }
}

#[derive(Debug, Clone)]
pub struct CloudflareAccount {
    pub account_id: String,
    pub api_token: SecretString,
    pub base_url: Option<String>,
    /// Of the webhook for recordings; without it that address answers 503.
    pub webhook_secret: Option<SecretString>,
    /// Of the notifications for live inputs; without it that address answers 503.
    pub notification_secret: Option<SecretString>,
    /// Opens what is recorded there for some hours at a time; without it everything there plays for ever.
    pub signing: Option<SigningKey>,
}

#[derive(Debug, Clone)]
pub struct MuxAccount {
    pub token_id: String,
    pub token_secret: SecretString,
    pub base_url: Option<String>,
    pub ingest_url: Option<String>,
    pub playback_url: Option<String>,
    /// The secret in use, and the one before while it is being changed. None: that address answers 503.
    pub webhook_secrets: Vec<SecretString>,
    /// As at Cloudflare.
    pub signing: Option<SigningKey>,
}

/// What stands in the settings of `EVERLIGHT_…` about accounts.
pub(super) struct WrittenCloud<'a> {
    pub(super) route: &'a str,
    pub(super) backup: &'a str,
    pub(super) patience: Duration,
    pub(super) mux_ingest_url: &'a str,
    pub(super) mux_playback_url: &'a str,
}

pub(super) fn check(
    written: &WrittenCloud<'_>,
    environment: &impl Fn(&str) -> Option<String>,
) -> Result<CloudConfig, ConfigError> {
    let cloudflare = cloudflare(environment)?;
    let mux = mux(written, environment)?;
    let any = cloudflare.is_some() || mux.is_some();
    let route = match written.route {
        "" if any => Route::Relay,
        "" | "embedded" => Route::Embedded,
        "relay" if any => Route::Relay,
        "relay" => return Err(needs("EVERLIGHT_ROUTE=relay", "CLOUDFLARE_ACCOUNT_ID or MUX_TOKEN_ID")),
        "direct" if cloudflare.is_some() => Route::Direct,
        "direct" => return Err(needs("EVERLIGHT_ROUTE=direct", "CLOUDFLARE_ACCOUNT_ID")),
        other => return Err(wrong("EVERLIGHT_ROUTE", other, "“embedded”, “relay” or “direct”")),
    };
    let backup = match written.backup {
        "push" => Backup::Push,
        "cloudflare-output" if cloudflare.is_some() => Backup::CloudflareOutput,
        "cloudflare-output" => return Err(needs("EVERLIGHT_BACKUP=cloudflare-output", "CLOUDFLARE_ACCOUNT_ID")),
        other => return Err(wrong("EVERLIGHT_BACKUP", other, "“push” or “cloudflare-output”")),
    };
    Ok(CloudConfig { cloudflare, mux, route, backup, patience: written.patience })
}

fn cloudflare(environment: &impl Fn(&str) -> Option<String>) -> Result<Option<CloudflareAccount>, ConfigError> {
    let account = pair(environment, "CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN")?;
    let base_url = value(environment, "CLOUDFLARE_BASE_URL")?;
    let webhook_secret = secret(environment, "CLOUDFLARE_WEBHOOK_SECRET")?;
    let notification_secret = secret(environment, "CLOUDFLARE_NOTIFICATION_SECRET")?;
    let signing = signing_key(environment, "CLOUDFLARE_SIGNING_KEY_ID", "CLOUDFLARE_SIGNING_PEM")?;
    let Some((account_id, api_token)) = account else {
        let strays = [
            ("CLOUDFLARE_WEBHOOK_SECRET", webhook_secret.is_some()),
            ("CLOUDFLARE_NOTIFICATION_SECRET", notification_secret.is_some()),
            ("CLOUDFLARE_SIGNING_KEY_ID", signing.is_some()),
        ];
        return without_account(strays, "CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_API_TOKEN");
    };
    Ok(Some(CloudflareAccount { account_id, api_token, base_url, webhook_secret, notification_secret, signing }))
}

fn mux(
    written: &WrittenCloud<'_>,
    environment: &impl Fn(&str) -> Option<String>,
) -> Result<Option<MuxAccount>, ConfigError> {
    let account = pair(environment, "MUX_TOKEN_ID", "MUX_TOKEN_SECRET")?;
    let base_url = value(environment, "MUX_BASE_URL")?;
    let secret_now = secret(environment, "MUX_WEBHOOK_SECRET")?;
    let secret_before = secret(environment, "MUX_WEBHOOK_SECRET_PREVIOUS")?;
    let signing = signing_key(environment, "MUX_SIGNING_KEY", "MUX_PRIVATE_KEY")?;
    let Some((token_id, token_secret)) = account else {
        let strays = [
            ("MUX_WEBHOOK_SECRET", secret_now.is_some()),
            ("MUX_WEBHOOK_SECRET_PREVIOUS", secret_before.is_some()),
            ("MUX_SIGNING_KEY", signing.is_some()),
        ];
        return without_account(strays, "MUX_TOKEN_ID and MUX_TOKEN_SECRET");
    };
    if secret_now.is_none() && secret_before.is_some() {
        return Err(needs("MUX_WEBHOOK_SECRET_PREVIOUS", "MUX_WEBHOOK_SECRET"));
    }
    let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    Ok(Some(MuxAccount {
        token_id,
        token_secret,
        base_url,
        ingest_url: given(written.mux_ingest_url),
        playback_url: given(written.mux_playback_url),
        webhook_secrets: secret_now.into_iter().chain(secret_before).collect(),
        signing,
    }))
}

/// Both or neither.
fn pair(
    environment: &impl Fn(&str) -> Option<String>,
    id: &'static str,
    token: &'static str,
) -> Result<Option<(String, SecretString)>, ConfigError> {
    match (value(environment, id)?, secret(environment, token)?) {
        (Some(id), Some(token)) => Ok(Some((id, token))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(needs(id, token)),
        (None, Some(_)) => Err(needs(token, id)),
    }
}

/// Both halves or neither, and a key that can be signed with.
fn signing_key(
    environment: &impl Fn(&str) -> Option<String>,
    id: &'static str,
    private: &'static str,
) -> Result<Option<SigningKey>, ConfigError> {
    let Some((known_as, key)) = pair(environment, id, private)? else { return Ok(None) };
    // What was written may be a secret: it is not repeated.
    let unusable = |_| wrong(private, "…", "a private RSA key in PEM, or that in base64, as the provider showed it");
    SigningKey::parse(&known_as, &key).map(Some).map_err(unusable)
}

fn value(environment: &impl Fn(&str) -> Option<String>, name: &'static str) -> Result<Option<String>, ConfigError> {
    match environment(name) {
        Some(value) if value.trim().is_empty() => Err(ConfigError::Empty { name }),
        value => Ok(value.map(|value| value.trim().to_owned())),
    }
}

fn secret(
    environment: &impl Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<Option<SecretString>, ConfigError> {
    Ok(value(environment, name)?.map(SecretString::from))
}

/// A secret for an account that is not set up would be believed to protect something.
fn without_account<T>(strays: [(&'static str, bool); 3], needed: &'static str) -> Result<Option<T>, ConfigError> {
    match strays.into_iter().find(|(_, set)| *set) {
        Some((name, _)) => Err(needs(name, needed)),
        None => Ok(None),
    }
}

const fn needs(name: &'static str, needed: &'static str) -> ConfigError {
    ConfigError::Needs { name, needed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(route: &str, environment: &[(&str, &str)]) -> Result<CloudConfig, ConfigError> {
        let environment: std::collections::HashMap<_, _> = environment.iter().copied().collect();
        let written = WrittenCloud {
            route,
            backup: "push",
            patience: Duration::from_secs(60),
            mux_ingest_url: "",
            mux_playback_url: "",
        };
        check(&written, &|name: &str| environment.get(name).map(|value| (*value).to_owned()))
    }

    const CLOUDFLARE: [(&str, &str); 2] = [("CLOUDFLARE_ACCOUNT_ID", "a"), ("CLOUDFLARE_API_TOKEN", "hunter2")];
    const PEM: &str = include_str!("../../../crates/outbound/tests/fixtures/rfc7515-a2.pem");
    const MUX: [(&str, &str); 2] = [("MUX_TOKEN_ID", "m"), ("MUX_TOKEN_SECRET", "hunter2")];

    #[test]
    fn an_account_makes_relay_the_route() {
        assert_eq!(checked("", &[]).unwrap().route, Route::Embedded);
        assert_eq!(checked("", &CLOUDFLARE).unwrap().route, Route::Relay);
        assert_eq!(checked("", &MUX).unwrap().route, Route::Relay);
        assert_eq!(checked("direct", &CLOUDFLARE).unwrap().route, Route::Direct);
        assert_eq!(checked("embedded", &CLOUDFLARE).unwrap().route, Route::Embedded);
    }

    #[test]
    fn half_an_account_stops_the_start_with_a_sentence_that_holds_no_secret() {
        for (route, environment, named) in [
            ("", &CLOUDFLARE[..1], "CLOUDFLARE_API_TOKEN"),
            ("", &CLOUDFLARE[1..], "CLOUDFLARE_ACCOUNT_ID"),
            ("", &MUX[..1], "MUX_TOKEN_SECRET"),
            ("", &[("MUX_WEBHOOK_SECRET", "hunter2")][..], "MUX_TOKEN_ID"),
            ("", &[("CLOUDFLARE_WEBHOOK_SECRET", "hunter2")][..], "CLOUDFLARE_ACCOUNT_ID"),
            ("", &[("CLOUDFLARE_NOTIFICATION_SECRET", "hunter2")][..], "CLOUDFLARE_ACCOUNT_ID"),
            ("", &[MUX[0], MUX[1], ("MUX_SIGNING_KEY", "k")][..], "MUX_PRIVATE_KEY"),
            ("", &[MUX[0], MUX[1], ("MUX_PRIVATE_KEY", "hunter2")][..], "MUX_SIGNING_KEY"),
            ("", &[MUX[0], MUX[1], ("MUX_SIGNING_KEY", "k"), ("MUX_PRIVATE_KEY", "hunter2")][..], "MUX_PRIVATE_KEY"),
            ("", &[("MUX_SIGNING_KEY", "k"), ("MUX_PRIVATE_KEY", PEM)][..], "MUX_TOKEN_ID"),
            ("", &[CLOUDFLARE[0], CLOUDFLARE[1], ("CLOUDFLARE_SIGNING_KEY_ID", "k")][..], "CLOUDFLARE_SIGNING_PEM"),
            ("", &[("CLOUDFLARE_SIGNING_KEY_ID", "k"), ("CLOUDFLARE_SIGNING_PEM", PEM)][..], "CLOUDFLARE_ACCOUNT_ID"),
            ("relay", &[][..], "CLOUDFLARE_ACCOUNT_ID"),
            ("direct", &MUX[..], "CLOUDFLARE_ACCOUNT_ID"),
            ("", &[("MUX_TOKEN_ID", "m"), ("MUX_TOKEN_SECRET", " ")][..], "MUX_TOKEN_SECRET"),
        ] {
            let error = checked(route, environment).unwrap_err().to_string();
            assert!(error.contains(named) && !error.contains("hunter2"), "{environment:?}: {error}");
        }
    }

    #[test]
    fn a_signing_key_is_read_and_not_shown() {
        let environment = [MUX[0], MUX[1], ("MUX_SIGNING_KEY", "key-1"), ("MUX_PRIVATE_KEY", PEM)];
        let mux = checked("", &environment).unwrap().mux.unwrap();
        assert_eq!(format!("{:?}", mux.signing.unwrap()), "SigningKey(key-1)");
        let environment =
            [CLOUDFLARE[0], CLOUDFLARE[1], ("CLOUDFLARE_SIGNING_KEY_ID", "key-2"), ("CLOUDFLARE_SIGNING_PEM", PEM)];
        let cloudflare = checked("", &environment).unwrap().cloudflare.unwrap();
        assert_eq!(cloudflare.signing.unwrap().id(), "key-2");
        assert!(checked("", &MUX).unwrap().mux.unwrap().signing.is_none());
    }

    #[test]
    fn an_empty_webhook_secret_is_no_secret() {
        let environment = [MUX[0], MUX[1], ("MUX_WEBHOOK_SECRET", "")];
        assert!(matches!(checked("", &environment), Err(ConfigError::Empty { name: "MUX_WEBHOOK_SECRET" })));
        assert!(checked("", &MUX).unwrap().mux.unwrap().webhook_secrets.is_empty());
    }
}
