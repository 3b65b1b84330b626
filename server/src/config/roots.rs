//! Whom our HTTP clients believe beside the public authorities.

use anyhow::Context as _;
use reqwest::{Certificate, ClientBuilder};

use super::Config;

impl Config {
    /// A client that believes the authorities of `EVERLIGHT_EXTRA_CA_FILE` as well.
    pub(crate) fn believing(&self, mut client: ClientBuilder) -> anyhow::Result<ClientBuilder> {
        let Some(file) = &self.extra_ca_file else { return Ok(client) };
        let of = || format!("EVERLIGHT_EXTRA_CA_FILE, {}", file.display());
        for root in Certificate::from_pem_bundle(&std::fs::read(file).with_context(of)?).with_context(of)? {
            client = client.add_root_certificate(root);
        }
        Ok(client)
    }
}
