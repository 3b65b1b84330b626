use crate::Client;
use outbound::{Failure, Method};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

/// Where Cloudflare reports finished recordings to. There is one for the whole account: setting it takes it away from
/// another installation on the same account.
#[derive(Debug, Clone)]
pub struct VodSubscription {
    pub notification_url: String,
    /// Signs the reports: see [`crate::webhook::verify_vod`].
    pub secret: Option<SecretString>,
    /// RFC 3339.
    pub modified: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    notification_url: Option<String>,
    secret: Option<String>,
    modified: Option<String>,
}

impl Wire {
    fn subscription(self) -> Option<VodSubscription> {
        let notification_url = self.notification_url.filter(|url| !url.is_empty())?;
        let secret = self.secret.filter(|secret| !secret.is_empty()).map(SecretString::from);
        Some(VodSubscription { notification_url, secret, modified: self.modified })
    }
}

impl Client {
    /// # Errors
    /// [`Failure`]; [`Failure::Ignored`] if another address is registered afterwards.
    pub async fn put_webhook(&self, url: &str) -> Result<VodSubscription, Failure> {
        const WHAT: &str = "register the webhook";
        let request = self.stream(WHAT, Method::PUT, &["webhook"])?.json(&json!({ "notificationUrl": url }))?;
        let made = self.result::<Wire>(&request).await?.subscription();
        let got = made.as_ref().map(|made| made.notification_url.clone()).unwrap_or_default();
        made.filter(|_| got == url).ok_or_else(|| Failure::Ignored {
            call: self.api.call(WHAT),
            object: "webhook".to_owned(),
            setting: "notificationUrl",
            sent: url.to_owned(),
            got,
        })
    }

    /// # Errors
    /// [`Failure`]
    pub async fn webhook(&self) -> Result<Option<VodSubscription>, Failure> {
        match self.result::<Wire>(&self.stream("read the webhook", Method::GET, &["webhook"])?).await {
            Ok(wire) => Ok(wire.subscription()),
            Err(failure) if failure.is_not_found() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// # Errors
    /// [`Failure`]
    pub async fn delete_webhook(&self) -> Result<(), Failure> {
        self.delete(&self.stream("delete the webhook", Method::DELETE, &["webhook"])?).await
    }
}
