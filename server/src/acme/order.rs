//! One order of a certificate, from the account to the chain (RFC 8555 §7.4).

use std::path::Path;

use anyhow::{Context as _, bail};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder, Order,
    OrderStatus, RetryPolicy,
};

use super::Authority;
use super::certificates::Certificates;
use super::kept::{self, Kept};

/// Gets a certificate and keeps it.
///
/// # Errors
///
/// In the authority's own words, where it has said any.
pub async fn order(authority: &Authority, folder: &Path, certificates: &Certificates) -> anyhow::Result<Kept> {
    let account = account(authority, folder).await?;
    let identifiers = [Identifier::Dns(authority.host.clone())];
    let mut order = account.new_order(&NewOrder::new(&identifiers)).await.context("the order was refused")?;
    let proven = prove(&mut order, &authority.host, certificates).await;
    certificates.proven();
    proven?;
    let key = order.finalize().await.context("the order was not carried out")?;
    let chain = order.poll_certificate(&RetryPolicy::default()).await.context("the certificate did not come")?;
    let kept = Kept::parse(format!("{}\n{key}", chain.trim_end()))?;
    kept.write(folder).context("the certificate cannot be kept")?;
    Ok(kept)
}

async fn account(authority: &Authority, folder: &Path) -> anyhow::Result<Account> {
    let builder = match &authority.root {
        Some(root) => Account::builder_with_root(root),
        None => Account::builder(),
    };
    let builder = builder.context("the certificates that are believed cannot be read")?;
    let file = kept::account(folder);
    if let Ok(text) = std::fs::read_to_string(&file) {
        let credentials: AccountCredentials =
            serde_json::from_str(&text).with_context(|| format!("{} is damaged: please delete it", file.display()))?;
        return builder.from_credentials(credentials).await.context("the authority cannot be reached");
    }
    let contact = authority.contact.as_ref().map(|address| format!("mailto:{address}"));
    let new = NewAccount {
        contact: &contact.iter().map(String::as_str).collect::<Vec<_>>(),
        // Said in .env.example, beside the setting that turns this on.
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let (account, credentials) =
        builder.create(&new, authority.directory.clone(), None).await.context("the authority gave no account")?;
    kept::replace_secret(&file, &serde_json::to_string(&credentials)?).context("the account cannot be kept")?;
    Ok(account)
}

/// Shows the authority, when it looks, that who serves this name is who asked.
async fn prove(order: &mut Order, host: &str, certificates: &Certificates) -> anyhow::Result<()> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.context("the authority says nothing of the name")?;
        match authorization.status {
            AuthorizationStatus::Valid => continue,
            AuthorizationStatus::Pending => {}
            status => bail!("the authority does not let us have the name ({status:?})"),
        }
        let Some(mut challenge) = authorization.challenge(ChallengeType::TlsAlpn01) else {
            bail!("the authority does not offer tls-alpn-01");
        };
        certificates.prove(host, challenge.key_authorization().digest().as_ref())?;
        challenge.set_ready().await.context("the authority does not want to look")?;
    }
    let said = match order.poll_ready(&RetryPolicy::default()).await {
        Ok(OrderStatus::Ready) => return Ok(()),
        Ok(_) => "it does not say why".to_owned(),
        Err(error) => error.to_string(),
    };
    let why = what_it_saw(order).await.unwrap_or(said);
    bail!("the authority did not find this server at {host}, port 443: {why}")
}

/// In the authority's own words, if it has looked.
async fn what_it_saw(order: &mut Order) -> Option<String> {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        // What is known of it is from before the authority looked.
        if let Ok(state) = authorization.refresh().await
            && let Some(detail) = state.challenges.iter().find_map(|challenge| challenge.error.as_ref()?.detail.clone())
        {
            return Some(detail);
        }
    }
    None
}
