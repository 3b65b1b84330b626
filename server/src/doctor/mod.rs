//! `everlight doctor`: looks at everything that a service needs, changes nothing, and says in words what is wrong.

mod cloud;
mod here;
mod network;
mod report;
mod storage;
#[cfg(test)]
mod tests;
mod traces;

use crate::config::{Config, ConfigError};

pub use here::{is_writable, space};
pub use report::{all_is_well, json, text};

use report::{Finding, Verdict};

pub async fn examine(config: Result<Config, ConfigError>) -> Vec<Finding> {
    let config = match config {
        Ok(config) => config,
        Err(error) => return vec![Verdict::Bad.of("settings", error.to_string())],
    };
    let mut findings = vec![Verdict::Good.of("settings", "They can be understood.")];
    findings.extend(here::disk(&config.data_dir));
    findings.push(here::database(&config).await);
    match (&config.storage, &config.s3) {
        (Some(place), _) => findings.push(storage::storage(place).await),
        (None, Some(_)) => findings.push(storage::for_backups_only()),
        (None, None) => {}
    }
    findings.push(here::secret_key(&config.secret_key_file));
    let cloud = &config.cloud;
    findings.push(here::ffmpeg(config.ffmpeg.as_deref(), cloud.cloudflare.is_some() || cloud.mux.is_some()).await);
    findings.push(network::address(&config));
    findings.extend(network::certificate(&config, crate::start::clock()()));
    findings.push(network::reach(&config).await);
    findings.extend(network::udp(&config));
    findings.push(network::tcp(&config));
    findings.push(cloud::clock(&config).await);
    if let Some(account) = &cloud.cloudflare {
        findings.extend(cloud::cloudflare(account, &config.public_url).await);
    }
    if let Some(account) = &cloud.mux {
        findings.extend(cloud::mux(account).await);
    }
    findings.extend(cloud::webhooks(&config).await);
    if let Some(to) = &config.traces {
        findings.push(traces::collector(&config, to).await);
    }
    findings
}
