//! From the settings to the providers that the use cases work with.

use std::sync::Arc;

use anyhow::Context as _;
use service::cloud::{Accounts, CloudflareHost, Host, MuxHost, webhooks::WebhookSecrets};

use crate::config::{CloudConfig, CloudflareAccount, Config, MuxAccount};

pub fn accounts(config: &Config) -> anyhow::Result<Accounts> {
    let Config { cloud: config, extra_ca_file, .. } = config;
    let mut hosts: Vec<Arc<dyn Host>> = Vec::new();
    if let Some(account) = &config.cloudflare {
        hosts.push(Arc::new(CloudflareHost::new(cloudflare_client(account)?, stand_in(account))));
    }
    if let Some(account) = &config.mux {
        hosts.push(Arc::new(MuxHost::new(mux_client(account)?)));
    }
    let roots = if hosts.is_empty() {
        None
    } else {
        Some(match extra_ca_file {
            Some(file) => {
                let pem = std::fs::read(file)
                    .with_context(|| format!("EVERLIGHT_EXTRA_CA_FILE: {} cannot be read", file.display()))?;
                push::TlsRoots::with_extra(&pem).context("EVERLIGHT_EXTRA_CA_FILE cannot be used")?
            }
            None => push::TlsRoots::public()?,
        })
    };
    Ok(Accounts { hosts, phone_route: config.route, backup: config.backup, patience: config.patience, roots })
}

/// The host of a Cloudflare that is none.
fn stand_in(account: &CloudflareAccount) -> Option<String> {
    let uri: axum::http::Uri = account.base_url.as_ref()?.parse().ok()?;
    uri.host().filter(|host| !host.ends_with(".cloudflare.com")).map(str::to_owned)
}

pub fn cloudflare_client(account: &CloudflareAccount) -> anyhow::Result<cloudflare::Client> {
    let mut config = cloudflare::Config::new(&account.account_id, account.api_token.clone());
    if let Some(url) = &account.base_url {
        config.base_url.clone_from(url);
    }
    config.signing.clone_from(&account.signing);
    cloudflare::Client::new(&config).context("The settings of Cloudflare (CLOUDFLARE_…) cannot be used")
}

pub fn mux_client(account: &MuxAccount) -> anyhow::Result<mux::Client> {
    let mut config = mux::Config::new(&account.token_id, account.token_secret.clone());
    if let Some(url) = &account.base_url {
        config.base_url.clone_from(url);
    }
    if let Some(url) = &account.ingest_url {
        config.ingest_url.clone_from(url);
    }
    if let Some(url) = &account.playback_url {
        config.playback_base_url.clone_from(url);
    }
    config.signing.clone_from(&account.signing);
    mux::Client::new(&config).context("The settings of Mux (MUX_…) cannot be used")
}

pub fn webhook_secrets(config: &CloudConfig) -> WebhookSecrets {
    WebhookSecrets {
        mux: config.mux.as_ref().map(|mux| mux.webhook_secrets.clone()).unwrap_or_default(),
        cloudflare_stream: config.cloudflare.as_ref().and_then(|account| account.webhook_secret.clone()),
        cloudflare_live: config.cloudflare.as_ref().and_then(|account| account.notification_secret.clone()),
    }
}
