use super::Rejected;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

/// What a notification says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notification {
    /// “Save and Test” in the dashboard.
    Ping,
    LiveInput(LiveInputEvent),
    /// A notification about something else.
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveInputEvent {
    pub input: String,
    pub news: LiveInputNews,
    /// RFC 3339, with nanoseconds: what events are ordered by.
    pub updated_at: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveInputNews {
    Connected,
    Disconnected,
    /// `code` is `ERR_…`
    Errored {
        code: String,
        message: String,
        video_codec: Option<String>,
        audio_codec: Option<String>,
    },
    Other(String),
}

impl LiveInputEvent {
    /// There is no id.
    #[must_use]
    pub fn dedupe_key(&self) -> String {
        let kind = match &self.news {
            LiveInputNews::Connected => "connected",
            LiveInputNews::Disconnected => "disconnected",
            LiveInputNews::Errored { .. } => "errored",
            LiveInputNews::Other(other) => other,
        };
        format!("{}|{kind}|{}", self.input, self.updated_at)
    }
}

/// Verifies a notification: its header `cf-webhook-auth` is one of `secrets`
/// ([documentation](https://developers.cloudflare.com/notifications/get-started/configure-webhooks/)). There is no signature:
/// whoever knows the secret can say anything, again and again.
///
/// # Errors
/// [`Rejected`]
pub fn verify_notification(
    secrets: &[SecretString],
    cf_webhook_auth: Option<&str>,
    body: &[u8],
) -> Result<Notification, Rejected> {
    if secrets.is_empty() || secrets.iter().any(|secret| secret.expose_secret().is_empty()) {
        return Err(Rejected::NoSecret);
    }
    // Of digests, so that the time does not tell the secret's length.
    let given = Sha256::digest(cf_webhook_auth.ok_or(Rejected::Malformed)?);
    let mut good = Choice::from(0);
    for secret in secrets {
        good |= Sha256::digest(secret.expose_secret()).as_slice().ct_eq(given.as_slice());
    }
    if !bool::from(good) {
        return Err(Rejected::BadSignature);
    }
    let wire: Wire = serde_json::from_slice(body).map_err(|_| Rejected::NotAsDocumented)?;
    let Some(data) = wire.data else { return Ok(Notification::Ping) };
    let (Some(input), Some(kind)) = (data.input_id.filter(|id| !id.is_empty()), data.event_type) else {
        return Ok(Notification::Other);
    };
    let news = match kind.as_str() {
        "live_input.connected" => LiveInputNews::Connected,
        "live_input.disconnected" => LiveInputNews::Disconnected,
        "live_input.errored" => data.live_input_errored.unwrap_or_default().news(),
        _ => LiveInputNews::Other(kind),
    };
    Ok(Notification::LiveInput(LiveInputEvent { input, news, updated_at: data.updated_at.unwrap_or_default() }))
}

#[derive(Deserialize)]
struct Wire {
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    input_id: Option<String>,
    event_type: Option<String>,
    updated_at: Option<String>,
    live_input_errored: Option<Errored>,
}

#[derive(Deserialize, Default)]
struct Errored {
    error: Option<ErrorText>,
    video_codec: Option<String>,
    audio_codec: Option<String>,
}

#[derive(Deserialize, Default)]
struct ErrorText {
    code: Option<String>,
    message: Option<String>,
}

impl Errored {
    fn news(self) -> LiveInputNews {
        let ErrorText { code, message } = self.error.unwrap_or_default();
        let codec = |text: Option<String>| text.filter(|text| !text.is_empty());
        LiveInputNews::Errored {
            code: code.unwrap_or_default(),
            message: message.unwrap_or_default(),
            video_codec: codec(self.video_codec),
            audio_codec: codec(self.audio_codec),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verify(secrets: &[&str], given: Option<&str>, body: &str) -> Result<Notification, Rejected> {
        let secrets: Vec<SecretString> = secrets.iter().map(|secret| SecretString::from(*secret)).collect();
        verify_notification(&secrets, given, body.as_bytes())
    }

    #[test]
    fn only_the_secret_lets_in() {
        for secrets in [&[][..], &[""], &["s", ""]] {
            assert_eq!(verify(secrets, Some(""), "{}"), Err(Rejected::NoSecret));
        }
        assert_eq!(verify(&["s"], None, "{}"), Err(Rejected::Malformed));
        for wrong in ["", "t", "ss", "S", "s "] {
            assert_eq!(verify(&["s"], Some(wrong), "{}"), Err(Rejected::BadSignature), "{wrong:?}");
        }
        assert_eq!(verify(&["t", "s"], Some("s"), "{}"), Ok(Notification::Ping));
    }

    #[test]
    fn what_is_not_about_an_input_is_something_else() {
        for body in [r#"{"data":{}}"#, r#"{"data":{"input_id":"","event_type":"x"}}"#] {
            assert_eq!(verify(&["s"], Some("s"), body), Ok(Notification::Other), "{body}");
        }
        assert_eq!(verify(&["s"], Some("s"), "<html>"), Err(Rejected::NotAsDocumented));
    }
}
