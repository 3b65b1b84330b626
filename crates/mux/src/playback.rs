use crate::Client;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    Public,
    /// Played with a signed token only.
    Signed,
    Drm,
    #[serde(untagged)]
    Other(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PlaybackId {
    pub id: String,
    pub policy: Policy,
}

/// The addresses at which a playback id is played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playback {
    /// Answers 412 before the first broadcast.
    pub hls: String,
    /// Once the static rendition `highest` is ready.
    pub mp4: String,
}

impl Client {
    #[must_use]
    pub fn playback(&self, playback_id: &str) -> Playback {
        let base = &self.playback_base_url;
        Playback { hls: format!("{base}/{playback_id}.m3u8"), mp4: format!("{base}/{playback_id}/highest.mp4") }
    }

    /// Another static rendition by its file name, `1080p.mp4` or `audio.m4a`.
    #[must_use]
    pub fn rendition_url(&self, playback_id: &str, name: &str) -> String {
        format!("{}/{playback_id}/{name}", self.playback_base_url)
    }

    /// Whether there is a key to sign with.
    #[must_use]
    pub fn signs(&self) -> bool {
        self.signing.is_some()
    }

    /// One of the addresses above, with a token that opens it until then (Unix seconds). `None` without a key.
    ///
    /// The claims are those of Mux's own libraries: the key's name is among them, not in the header
    /// ([guide](https://www.mux.com/docs/guides/secure-video-playback)).
    #[must_use]
    pub fn signed(&self, address: &str, until: i64) -> Option<String> {
        let key = self.signing.as_ref()?;
        let below = address.strip_prefix(&self.playback_base_url)?.strip_prefix('/')?;
        let first = below.split(['/', '?']).next()?;
        let playback_id = first.strip_suffix(".m3u8").unwrap_or(first);
        let claims = json!({ "kid": key.id(), "sub": playback_id, "aud": "v", "exp": until });
        let token = key.token(&json!({ "alg": "RS256", "typ": "JWT" }), &claims)?;
        let and = if below.contains('?') { '&' } else { '?' };
        Some(format!("{address}{and}token={token}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use outbound::SigningKey;

    fn client(signing: Option<SigningKey>) -> Client {
        Client::new(&Config { signing, ..Config::new("id", "secret".into()) }).unwrap()
    }

    #[test]
    fn a_token_opens_one_playback_id_until_then() {
        let pem = include_str!("../../outbound/tests/fixtures/rfc7515-a2.pem");
        let client = client(Some(SigningKey::parse("key-1", &pem.into()).unwrap()));
        let Playback { hls, mp4 } = client.playback("PID");
        for address in [hls, mp4, client.rendition_url("PID", "1080p.mp4")] {
            let signed = client.signed(&address, 1_800_000_000).unwrap();
            let (before, token) = signed.split_once("?token=").unwrap();
            assert_eq!(before, address);
            let parts: Vec<_> = token.split('.').collect();
            let read = |part: &str| -> serde_json::Value {
                serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
            };
            assert_eq!(read(parts[0]), json!({ "alg": "RS256", "typ": "JWT" }));
            assert_eq!(read(parts[1]), json!({ "kid": "key-1", "sub": "PID", "aud": "v", "exp": 1_800_000_000 }));
        }
        assert_eq!(client.signed("https://elsewhere.example/PID.m3u8", 1), None);
    }

    #[test]
    fn without_a_key_nothing_is_signed() {
        let client = client(None);
        assert_eq!((client.signs(), client.signed(&client.playback("PID").hls, 1)), (false, None));
    }

    #[test]
    fn an_unknown_policy_is_kept() {
        let id: PlaybackId = serde_json::from_str(r#"{"id":"p","policy":"by_invitation"}"#).unwrap();
        assert_eq!(id.policy, Policy::Other("by_invitation".into()));
        let id: PlaybackId = serde_json::from_str(r#"{"id":"p","policy":"public"}"#).unwrap();
        assert_eq!(id.policy, Policy::Public);
    }
}
