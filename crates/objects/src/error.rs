//! Why something at the object storage was not done.

use std::{error::Error as _, io};

/// What it says holds no secret: requests are signed, and the key is in none of them.
#[derive(Debug, thiserror::Error)]
pub enum ObjectsError {
    #[error("the object storage does not accept our access key, or it may not do this: {0}")]
    Denied(String),
    #[error("there is no such bucket or object: {0}")]
    NotFound(String),
    #[error("the object storage is not answering: {0}")]
    Away(String),
    #[error("it is not wanted any more")]
    Stopped,
    #[error("the file changed while it was sent")]
    Changed,
    #[error("what came back from the object storage is not what was sent there")]
    Different,
    #[error("the certificates that are to be believed cannot be used: {0}")]
    Roots(String),
    #[error("the file cannot be read or written: {0}")]
    File(#[from] io::Error),
}

impl ObjectsError {
    /// For the people who look at a service's card.
    pub const fn in_words(&self) -> &'static str {
        match self {
            Self::Denied(_) | Self::Roots(_) => {
                "The object storage does not accept this installation's access. An administrator has to look at its settings."
            }
            Self::NotFound(_) => {
                "The object storage has no such place. An administrator has to look at this installation's settings."
            }
            Self::Away(_) => "The object storage is not answering. It is tried again by itself.",
            Self::Stopped => "It is being deleted.",
            Self::Changed => {
                "The recording changed while it was sent to the object storage. It is sent again by itself."
            }
            Self::Different => {
                "What came back from the object storage is not what was sent there. It is sent again by itself."
            }
            Self::File(_) => {
                "The recording cannot be read or written on this server. Please look at this server's log."
            }
        }
    }
}

impl From<object_store::Error> for ObjectsError {
    fn from(error: object_store::Error) -> Self {
        use object_store::Error as E;
        let said = whole_story(&error);
        match error {
            E::NotFound { .. } => Self::NotFound(said),
            E::PermissionDenied { .. } | E::Unauthenticated { .. } => Self::Denied(said),
            // A wrong signature is answered with 403, which some requests do not have a kind for; a region that is not
            // theirs with 400.
            _ if ["SignatureDoesNotMatch", "InvalidAccessKeyId", "AuthorizationHeaderMalformed"]
                .iter()
                .any(|code| said.contains(code)) =>
            {
                Self::Denied(said)
            }
            _ => Self::Away(said),
        }
    }
}

/// With what lies below, of which this library says the half only; in one line.
fn whole_story(error: &object_store::Error) -> String {
    let mut story = error.to_string();
    let mut below = error.source();
    while let Some(error) = below {
        let said = error.to_string();
        if !story.contains(&said) {
            story = format!("{story}: {said}");
        }
        below = error.source();
    }
    story.split_whitespace().collect::<Vec<_>>().join(" ")
}
