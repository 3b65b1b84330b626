use serde::{Deserialize, Deserializer};

/// Is anybody publishing? Whether a WHIP publisher shows here is not documented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputState {
    /// `null`: nobody has published yet.
    Never,
    Connected,
    Reconnected,
    Reconnecting,
    Disconnected,
    ClientDisconnect,
    TtlExceeded,
    FailedToConnect,
    FailedToReconnect,
    NewConfigurationAccepted,
    Errored,
    Other(String),
}

impl From<&str> for InputState {
    fn from(text: &str) -> Self {
        match text {
            "connected" => Self::Connected,
            "reconnected" => Self::Reconnected,
            "reconnecting" => Self::Reconnecting,
            "disconnected" => Self::Disconnected,
            "client_disconnect" => Self::ClientDisconnect,
            "ttl_exceeded" => Self::TtlExceeded,
            "failed_to_connect" => Self::FailedToConnect,
            "failed_to_reconnect" => Self::FailedToReconnect,
            "new_configuration_accepted" => Self::NewConfigurationAccepted,
            "errored" => Self::Errored,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// The API reference types this as `null` or a string; the API answers with an object. Both are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputStatus {
    pub state: InputState,
    pub reason: Option<String>,
    /// RFC 3339.
    pub entered_at: Option<String>,
    /// RFC 3339.
    pub last_seen: Option<String>,
}

impl Default for InputStatus {
    fn default() -> Self {
        Self { state: InputState::Never, reason: None, entered_at: None, last_seen: None }
    }
}

impl InputStatus {
    #[must_use]
    pub fn is_connected(&self) -> bool {
        matches!(self.state, InputState::Connected | InputState::Reconnected | InputState::NewConfigurationAccepted)
    }
}

impl<'de> Deserialize<'de> for InputStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let current = value.get("current").unwrap_or(&value);
        let text = |key: &str| current.get(key).and_then(|value| value.as_str()).map(str::to_owned);
        let state = current.as_str().map(str::to_owned).or_else(|| text("state"));
        Ok(Self {
            state: state.map_or(InputState::Never, |state| InputState::from(state.as_str())),
            reason: text("reason"),
            entered_at: text("statusEnteredAt"),
            last_seen: text("statusLastSeen"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_a_status_is_read() {
        let read = |json: &str| serde_json::from_str::<InputStatus>(json).unwrap();
        for nothing in ["null", "{}", r#"{"current":null}"#, "7", "[]"] {
            assert_eq!(read(nothing), InputStatus::default(), "{nothing}");
        }
        assert!(read(r#""connected""#).is_connected());
        let object = read(r#"{"current":{"state":"disconnected","reason":"clientDisconnect","statusEnteredAt":"x"}}"#);
        assert_eq!((object.state, object.reason.as_deref()), (InputState::Disconnected, Some("clientDisconnect")));
        assert_eq!(read(r#"{"current":{"state":"new one"}}"#).state, InputState::Other("new one".into()));
        assert_eq!(read(r#"{"current":"connected"}"#).state, InputState::Connected);
    }
}
