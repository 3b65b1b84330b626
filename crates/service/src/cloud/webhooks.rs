//! Webhooks of providers: verified, stored, answered; and then only a reason to look at the provider sooner.

use std::{sync::Arc, time::Duration};

use cloudflare::webhook::Notification;
use domain::{Provider, Timestamp};
use mux::webhook::{News, Subject};
use secrecy::SecretString;
use store::InboxEntry;

use crate::{Error, Everlight};

/// What tells a provider's webhook from somebody else's. Where there is none, nothing is believed.
#[derive(Debug, Clone, Default)]
pub struct WebhookSecrets {
    /// The one in use, and the one before while it is being changed.
    pub mux: Vec<SecretString>,
    /// Of the webhook for recordings.
    pub cloudflare_stream: Option<SecretString>,
    /// Of the notifications for live inputs.
    pub cloudflare_live: Option<SecretString>,
}

/// Which address a webhook came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Webhook {
    Mux,
    CloudflareStream,
    CloudflareLive,
}

/// Why a webhook is not taken.
#[derive(Debug, thiserror::Error)]
pub enum WebhookRefusal {
    /// No secret is set: nobody could be told from anybody.
    #[error("this address is not set up")]
    NotSetUp,
    #[error("the signature is missing or wrong")]
    NotGenuine,
    #[error("this is not what the provider documents")]
    NotUnderstood,
    #[error(transparent)]
    Service(#[from] Error),
}

impl Everlight {
    /// Takes a webhook in. It is stored when this returns `Ok`, and applied soon after.
    pub async fn receive_webhook(
        &self,
        webhook: Webhook,
        signature: Option<&str>,
        body: &[u8],
    ) -> Result<(), WebhookRefusal> {
        let Some(entry) = self.verify_webhook(webhook, signature, body)? else { return Ok(()) };
        Ok(self.cloud.inbox.put(&self.store, entry, self.now()).await.map_err(Error::from)?)
    }

    /// Applies webhooks as they come, for as long as the program runs; at first those that waited when it stopped.
    pub async fn apply_webhooks_forever(self: Arc<Self>) {
        loop {
            if let Err(error) = self.apply_webhooks().await {
                // They stay in the inbox; the reconciler looks by itself meanwhile.
                tracing::error!(%error, "webhooks could not be applied");
            }
            let _ = tokio::time::timeout(self.look_at_inbox_every(), self.cloud.inbox.filled.notified()).await;
        }
    }

    /// An instance that stored a webhook may die before it applies it: then another does.
    const fn look_at_inbox_every(&self) -> Duration {
        match &self.instances {
            Some(_) => Duration::from_secs(2),
            None => Duration::from_secs(24 * 60 * 60),
        }
    }

    /// Looks at the streams that waiting webhooks are about, sooner than it would have been done.
    pub(crate) async fn apply_webhooks(&self) -> Result<(), Error> {
        const AT_ONCE: u32 = 500;
        // Providers repeat for a day.
        let kept = Duration::from_secs(7 * 24 * 60 * 60);
        let oldest = i64::try_from(kept.as_millis()).unwrap_or(i64::MAX);
        self.store.forget_applied_before(Timestamp(self.now().millis() - oldest)).await?;
        loop {
            let waiting = self.store.waiting_in_inbox(AT_ONCE).await?;
            if waiting.entries.is_empty() {
                return Ok(());
            }
            let provisions = self.store.all_provisions().await?;
            for entry in &waiting.entries {
                let about = |object: &str| {
                    let of_provider = provisions.iter().filter(|at| at.provider == entry.provider);
                    of_provider.filter(move |at| at.facts.object() == Some(object)).map(|at| at.stream_id).next()
                };
                match entry.object.as_deref().and_then(about) {
                    Some(stream) => self.wake_cloud(stream),
                    // It names something that we do not know yet, such as an MP4: whoever waits looks now.
                    None => self.wake_waiting(),
                }
            }
            waiting.applied(self.now()).await?;
        }
    }

    fn verify_webhook(
        &self,
        webhook: Webhook,
        signature: Option<&str>,
        body: &[u8],
    ) -> Result<Option<InboxEntry>, WebhookRefusal> {
        let secrets = &self.settings.webhook_secrets;
        let now = self.now().millis() / 1000;
        let auth = signature;
        let signature = signature.unwrap_or_default();
        match webhook {
            Webhook::Mux => {
                let event = mux::webhook::verify(&secrets.mux, signature, body, now)?;
                let object = match (event.subject(), &event.news) {
                    (Some(Subject::LiveStream(stream)), _) => Some(stream.to_owned()),
                    (_, News::Asset(asset)) => asset.live_stream_id.clone(),
                    _ => None,
                };
                Ok(Some(entry(Provider::Mux, event.dedupe_key(), &event.kind, object)))
            }
            Webhook::CloudflareStream => {
                let secrets: Vec<_> = secrets.cloudflare_stream.iter().cloned().collect();
                let event = cloudflare::webhook::verify_vod(&secrets, signature, body, now)?;
                Ok(Some(entry(Provider::Cloudflare, &event.dedupe_key(), "stream", event.video.live_input)))
            }
            Webhook::CloudflareLive => {
                let secrets: Vec<_> = secrets.cloudflare_live.iter().cloned().collect();
                Ok(match cloudflare::webhook::verify_notification(&secrets, auth, body)? {
                    Notification::LiveInput(event) => {
                        Some(entry(Provider::Cloudflare, &event.dedupe_key(), "live", Some(event.input)))
                    }
                    Notification::Ping | Notification::Other => None,
                })
            }
        }
    }
}

fn entry(provider: Provider, event_key: &str, kind: &str, object: Option<String>) -> InboxEntry {
    InboxEntry { provider, event_key: event_key.to_owned(), kind: kind.to_owned(), object }
}

impl From<mux::webhook::Rejected> for WebhookRefusal {
    fn from(rejected: mux::webhook::Rejected) -> Self {
        use mux::webhook::Rejected;
        match rejected {
            Rejected::NoSecret => Self::NotSetUp,
            Rejected::Malformed | Rejected::Stale | Rejected::BadSignature => Self::NotGenuine,
            Rejected::NotAsDocumented => Self::NotUnderstood,
        }
    }
}

impl From<cloudflare::webhook::Rejected> for WebhookRefusal {
    fn from(rejected: cloudflare::webhook::Rejected) -> Self {
        use cloudflare::webhook::Rejected;
        match rejected {
            Rejected::NoSecret => Self::NotSetUp,
            Rejected::Malformed | Rejected::Stale | Rejected::BadSignature => Self::NotGenuine,
            Rejected::NotAsDocumented => Self::NotUnderstood,
        }
    }
}
