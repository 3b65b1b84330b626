use crate::Client;
use serde::{Deserialize, Serialize};

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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_policy_is_kept() {
        let id: PlaybackId = serde_json::from_str(r#"{"id":"p","policy":"by_invitation"}"#).unwrap();
        assert_eq!(id.policy, Policy::Other("by_invitation".into()));
        let id: PlaybackId = serde_json::from_str(r#"{"id":"p","policy":"public"}"#).unwrap();
        assert_eq!(id.policy, Policy::Public);
    }
}
